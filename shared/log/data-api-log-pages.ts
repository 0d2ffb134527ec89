import * as z from "zod";
import { errorClassOf, incidentEventOf, isPublished, PUBLISHED_CODES, STATUS_CODES } from "./codes.ts";
import type { SqlExecutor } from "./data-api.ts";
import type { DayBounds, DayTotals, LogPages } from "./log-pages.ts";
import { MAX_READ_BYTES } from "./select.ts";

const rolledSchema = z.array(z.object({ at: z.number().nullable() }));
const dayRows = z.array(z.object({ target: z.number(), days: z.string() }));
const incidentRows = z.array(
  z.object({
    target: z.number(),
    since: z.number(),
    until: z.number().nullable(),
    ended_by: z.number().nullable(),
    error_class: z.number().nullable(),
  }),
);
const saidRows = z.array(z.object({ target: z.number(), since: z.number(), at: z.number(), kind: z.number(), text: z.string() }));
/** Of the newest words for the public. */
const MAX_SAID = 500;
const timeRows = z.array(z.object({ target: z.number(), times: z.string() }));
const latencyRows = z.array(z.object({ target: z.number(), mean_ms: z.number() }));

/** Of a read of days: a target's 90 have some 2.5 KB, and the Data API ends an answer at 1 MiB. */
const TARGETS_A_READ = 200;

const CHOSEN = "(select value::integer from jsonb_array_elements_text(:seqs::jsonb))";

/*
 * By the begins of days, and not by a zone's name: the database knows other zones than we do. Maintenance is looked for
 * where there was some.
 */
const DAYS = `
with b as (select coalesce((select rolled_up_to from rollup_state), '-infinity') as last),
chosen as materialized (select * from ${CHOSEN} as c(target)),
d as materialized (select day, to_timestamp("from") as first, to_timestamp("to") as next from jsonb_to_recordset(:bounds::jsonb) as d(day integer, "from" bigint, "to" bigint)),
w as materialized (select min(first) as first, max(next) as next, array_agg(first order by day) as begins from d),
part as (
  select r.target, r.at, r.up_s, r.degraded_s, r.down_s from b, w, rollup_hour as r
  where r.target in (select target from chosen) and r.at >= w.first and r.at < least(w.next, date_trunc('hour', b.last, 'UTC'))
  union all
  select r.target, r.at, r.up_s, r.degraded_s, r.down_s from b, w, rollup_5m as r
  where r.target in (select target from chosen) and r.at >= greatest(w.first, date_trunc('hour', b.last, 'UTC')) and r.at < w.next
), found as (
  select part.target, width_bucket(part.at, w.begins) as day, part.up_s, part.degraded_s, part.down_s, 0 as maintenance_s, 0 as incidents from part, w
  union all
  select t.target, d.day, -m.up_s, -m.degraded_s, -m.down_s, m.maintenance_s, 0
  from (select distinct m.target from w, maintenance_time as m
        where m.target in (select target from chosen) and m.from_at < w.next and m.to_at > w.first - interval '5 minutes') as t
  cross join b cross join d cross join lateral maintenance_totals(t.target, d.first, least(d.next, b.last)) as m
  where d.first < b.last and m.maintenance_s > 0
  union all
  select i.target, d.day, 0, 0, 0, 0, 1 from incident as i join d on i.started_at < d.next and (i.ended_at is null or i.ended_at > d.first)
  where i.status = ${STATUS_CODES.down} and i.target in (select target from chosen)
), day as (
  select target, day, sum(up_s) as up_s, sum(degraded_s) as degraded_s, sum(down_s) as down_s, sum(maintenance_s) as maintenance_s,
         sum(incidents) as incidents
  from found group by target, day
)
select target, string_agg(concat_ws(',', day, up_s, degraded_s, down_s, maintenance_s, incidents), ';') as days from day group by target`;

export function createDataApiLogPages(sql: SqlExecutor): LogPages {
  return {
    async rolledUpTo() {
      return (
        rolledSchema.parse(await sql.execute("select extract(epoch from rolled_up_to)::bigint as at from rollup_state", {}))[0]?.at ?? null
      );
    },

    async days({ seqs, days }) {
      const found = new Map<number, Map<string, DayTotals>>();
      const bounds = JSON.stringify(days.map(({ from, to }, day) => ({ day: day + 1, from, to })));
      for (let start = 0; start < seqs.length && days.length > 0; start += TARGETS_A_READ) {
        const rows = await sql.execute(DAYS, { seqs: JSON.stringify(seqs.slice(start, start + TARGETS_A_READ)), bounds });
        for (const { target, days: told } of dayRows.parse(rows))
          found.set(target, new Map(told.split(";").flatMap((text) => toDay(text, days))));
      }
      return found;
    },

    async incidents({ seqs, from, limit }) {
      const chosen = JSON.stringify(seqs);
      const [rows, said] = await Promise.all([
        sql.execute(
          `select i.target, extract(epoch from i.started_at)::bigint as since, extract(epoch from i.ended_at)::bigint as until, i.ended_by, i.error_class
           from incident as i
           where i.status = ${STATUS_CODES.down} and i.target in ${CHOSEN} and (i.ended_at is null or i.ended_at > to_timestamp(:from))
           order by i.started_at desc, i.target limit :limit`,
          { seqs: chosen, from, limit },
        ),
        sql.execute(
          `select target, extract(epoch from incident_at)::bigint as since, extract(epoch from at)::bigint as at, kind, text
           from (
             select *, sum(octet_length(text)) over (order by at desc, id) as bytes from incident_event
             where target in ${CHOSEN} and kind in (${Object.values(PUBLISHED_CODES).join(", ")}) and at > to_timestamp(:from)
           ) as e
           where bytes <= ${MAX_READ_BYTES} order by e.at desc limit ${MAX_SAID}`,
          { seqs: chosen, from },
        ),
      ]);
      const words = saidRows.parse(said).toReversed();
      return incidentRows.parse(rows).map(({ target, since, until, ended_by, error_class }) => ({
        seq: target,
        since,
        until,
        isRecovered: ended_by === STATUS_CODES.up || ended_by === STATUS_CODES.degraded,
        errorClass: errorClassOf(error_class) ?? null,
        said: words.flatMap((word) => {
          const status = incidentEventOf(word.kind);
          return word.target === target && word.since === since && isPublished(status) ? [{ at: word.at, status, text: word.text }] : [];
        }),
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

/** @param text number of the day, and its figures */
function toDay(text: string, days: readonly DayBounds[]): [string, DayTotals][] {
  const [day = 0, ...figures] = text.split(",").map(Number);
  const date = days[day - 1]?.date;
  // What a window took may have been dropped from the finest rows, at the very begin of their time.
  const [up = 0, degraded = 0, down = 0, maintenance = 0, incidents = 0] = figures.map((figure) => Math.max(0, figure));
  return date === undefined ? [] : [[date, { up, degraded, down, maintenance, incidents }]];
}
