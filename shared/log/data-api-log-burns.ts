import * as z from "zod";
import { BURN_WINDOWS_S } from "../status/slo.ts";
import type { SqlExecutor } from "./data-api.ts";
import type { LogBurns } from "./log-burns.ts";

const rows = z.array(z.object({ target: z.number(), window_s: z.number(), down_s: z.number() }));

/** Of these on, hours are exact enough, and far fewer. */
const HOURS_FROM_S = 86_400;

export function createDataApiLogBurns(sql: SqlExecutor): LogBurns {
  return {
    async downs(seqs) {
      const found = await sql.execute(
        `with chosen as materialized (select value::integer as target from jsonb_array_elements_text(:seqs::jsonb)),
         b as (select rolled_up_to as last from rollup_state),
         w as (
           -- Long ones begin with a whole hour, and end as all do: what is taken away below lies in the same time.
           select s, s >= ${HOURS_FROM_S} as is_long, date_trunc('hour', last, 'UTC') as hour,
                  case when s >= ${HOURS_FROM_S} then date_trunc('hour', last - make_interval(secs => s) + interval '3599.999999 seconds', 'UTC')
                       else last - make_interval(secs => s) end as first
           from b, (select value::integer as s from jsonb_array_elements_text(:windows::jsonb)) as given
         ), part as (
           select w.s, r.target, r.down_s from b, w, rollup_5m as r
           where r.target in (select target from chosen) and r.at >= (case when w.is_long then w.hour else w.first end) and r.at < b.last
           union all
           select w.s, r.target, r.down_s from w, rollup_hour as r
           where w.is_long and r.target in (select target from chosen) and r.at >= w.first and r.at < w.hour
         ), sums as (
           select s, target, sum(down_s)::bigint as down_s from part group by s, target
         )
         select sums.target, sums.s as window_s, greatest(0, sums.down_s - m.down_s)::bigint as down_s
         from b, sums join w on w.s = sums.s cross join lateral maintenance_totals(sums.target, w.first, b.last) as m`,
        { seqs: JSON.stringify(seqs), windows: JSON.stringify(BURN_WINDOWS_S) },
      );
      const downs = new Map<number, Map<number, number>>();
      for (const { target, window_s, down_s } of rows.parse(found)) {
        const own = downs.get(target) ?? new Map<number, number>();
        downs.set(target, own.set(window_s, down_s));
      }
      return downs;
    },
  };
}
