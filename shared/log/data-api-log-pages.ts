import * as z from "zod";
import { errorClassOf } from "./codes.ts";
import type { SqlExecutor } from "./data-api.ts";
import type { DaySeconds, LogPages } from "./log-pages.ts";

const rolledSchema = z.array(z.object({ at: z.number().nullable() }));
const dayRows = z.array(z.object({ target: z.number(), days: z.string() }));
const incidentRows = z.array(
  z.object({ target: z.number(), since: z.number(), until: z.number().nullable(), error_class: z.number().nullable() }),
);
const timeRows = z.array(z.object({ target: z.number(), times: z.string() }));
const latencyRows = z.array(z.object({ target: z.number(), mean_ms: z.number() }));

/** Of a read of days: a target's 90 have some 2.5 KB, and the Data API ends an answer at 1 MiB. */
const TARGETS_A_READ = 200;
const MAX_INCIDENTS = 500;
const HOUR_S = 3_600;

const CHOSEN = "(select value::integer from jsonb_array_elements_text(:seqs::jsonb))";

export function createDataApiLogPages(sql: SqlExecutor): LogPages {
  return {
    async rolledUpTo() {
      return (
        rolledSchema.parse(await sql.execute("select extract(epoch from rolled_up_to)::bigint as at from rollup_state", {}))[0]?.at ?? null
      );
    },

    async days({ seqs, days }) {
      const found = new Map<number, Map<string, DaySeconds>>();
      const [first] = days;
      if (first === undefined) return found;
      // By their begins, and not by a zone's name: the database knows other zones than we do.
      const bounds = JSON.stringify(days.map(({ from }) => from));
      for (let start = 0; start < seqs.length; start += TARGETS_A_READ) {
        const rows = await sql.execute(
          `with b as (select date_trunc('hour', coalesce((select rolled_up_to from rollup_state), '-infinity'), 'UTC') as whole),
           chosen as materialized (select * from ${CHOSEN} as c(target)), part as (
             select r.target, r.at, r.up_s, r.degraded_s, r.down_s from b, rollup_hour as r
             where r.target in (select target from chosen) and r.at >= to_timestamp(:from) and r.at < b.whole
             union all
             select r.target, r.at, r.up_s, r.degraded_s, r.down_s from b, rollup_5m as r
             where r.target in (select target from chosen) and r.at >= greatest(to_timestamp(:from), b.whole)
           ), bounds as materialized (
             select array_agg(value::bigint order by place) as begins from jsonb_array_elements_text(:bounds::jsonb) with ordinality as b(value, place)
           ), day as (
             select target, width_bucket(extract(epoch from at)::bigint, begins) as day, sum(up_s)::integer as up_s, sum(degraded_s)::integer as degraded_s,
                    sum(down_s)::integer as down_s
             from part, bounds group by 1, 2
           )
           select target, string_agg(concat_ws(',', day, up_s, degraded_s, down_s), ';') as days from day group by target`,
          { seqs: JSON.stringify(seqs.slice(start, start + TARGETS_A_READ)), from: Math.floor(first.from / HOUR_S) * HOUR_S, bounds },
        );
        for (const { target, days: told } of dayRows.parse(rows))
          found.set(target, new Map(told.split(";").flatMap((text) => toDay(text, days))));
      }
      return found;
    },

    async incidents({ seqs, from }) {
      const rows = await sql.execute(
        `select i.target, extract(epoch from i.started_at)::bigint as since, extract(epoch from i.ended_at)::bigint as until, i.error_class
         from incident as i
         where i.target in ${CHOSEN} and (i.ended_at is null or i.ended_at > to_timestamp(:from))
         order by i.started_at desc, i.target limit ${MAX_INCIDENTS}`,
        { seqs: JSON.stringify(seqs), from },
      );
      return incidentRows.parse(rows).map(({ target, since, until, error_class }) => ({
        seq: target,
        since,
        until,
        errorClass: errorClassOf(error_class) ?? null,
      }));
    },

    async maintenance({ seqs, from }) {
      const rows = await sql.execute(
        `select target, string_agg(concat_ws(',', extract(epoch from from_at)::bigint, extract(epoch from to_at)::bigint), ';' order by from_at) as times
         from maintenance_time where target in ${CHOSEN} and to_at > to_timestamp(:from) group by target`,
        { seqs: JSON.stringify(seqs), from },
      );
      return new Map(timeRows.parse(rows).map(({ target, times }) => [target, times.split(";").map(toTime)]));
    },

    async latencies({ seqs, now }) {
      const rows = await sql.execute(
        `select target, sum(latency_sum_ms)::double precision / sum(n)::double precision as mean_ms
         from (select target, latency_sum_ms, (select sum(c) from unnest(counts) as c) as n from rollup_hour
               where target in ${CHOSEN} and at > to_timestamp(:now) - interval '24 hours') as r
         group by target having sum(n) > 0`,
        { seqs: JSON.stringify(seqs), now },
      );
      return new Map(latencyRows.parse(rows).map(({ target, mean_ms }) => [target, mean_ms]));
    },
  };
}

function toTime(text: string): [number, number] {
  const [from, to] = text.split(",").map(Number);
  return [from ?? 0, to ?? 0];
}

/** @param text number of the day, and its seconds */
function toDay(text: string, days: readonly { date: string }[]): [string, DaySeconds][] {
  const [day = 0, up = 0, degraded = 0, down = 0] = text.split(",").map(Number);
  // The part of an hour before the first day is of none.
  const date = days[day - 1]?.date;
  return date === undefined ? [] : [[date, { up, degraded, down }]];
}
