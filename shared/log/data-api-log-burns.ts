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
         w as (select value::integer as s from jsonb_array_elements_text(:windows::jsonb)),
         part as (
           select w.s, r.target, r.down_s from b, w, rollup_5m as r
           where w.s < ${HOURS_FROM_S} and r.target in (select target from chosen) and r.at >= b.last - make_interval(secs => w.s) and r.at < b.last
           union all
           select w.s, r.target, r.down_s from b, w, rollup_hour as r
           where w.s >= ${HOURS_FROM_S} and r.target in (select target from chosen) and r.at >= b.last - make_interval(secs => w.s) and r.at < b.last
         ), sums as (
           select s, target, sum(down_s)::bigint as down_s from part group by s, target
         )
         select sums.target, sums.s as window_s, greatest(0, sums.down_s - m.down_s)::bigint as down_s
         from b, sums cross join lateral maintenance_totals(sums.target, b.last - make_interval(secs => sums.s), b.last) as m`,
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
