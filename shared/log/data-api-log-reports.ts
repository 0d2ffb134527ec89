import * as z from "zod";
import { STATUS_CODES } from "./codes.ts";
import type { SqlExecutor } from "./data-api.ts";
import type { LogReports } from "./log-reports.ts";
import { iso } from "./select.ts";

const reportRowSchema = z.object({
  seq: z.number(),
  id: z.string(),
  name: z.string(),
  group_name: z.string().nullable(),
  up_s: z.number(),
  degraded_s: z.number(),
  down_s: z.number(),
  maintenance_s: z.number(),
  paused_s: z.number(),
  existed_s: z.number(),
  incidents: z.number(),
  recovered: z.number(),
  detect_s: z.number().nullable(),
  recover_s: z.number().nullable(),
});

/** Of an incident that ended within the window by recovery, and not by a pause or a deletion. */
const RECOVERED = `i.ended_by in (${STATUS_CODES.up}, ${STATUS_CODES.degraded}) and i.ended_at <= :to::timestamptz`;

export function createDataApiLogReports(sql: SqlExecutor): LogReports {
  return {
    async rolledUpTo() {
      const rows = await sql.execute(`select ${iso("rolled_up_to")} as at from rollup_state`, {});
      return z.array(z.object({ at: z.string() })).parse(rows)[0]?.at ?? null;
    },

    async targets({ from, to, tag, group, after, limit }) {
      const conditions = [
        ...(tag === undefined ? [] : [":tag = any(t.tags)"]),
        ...(group === undefined ? [] : ["(t.group_name = :group or starts_with(t.group_name, :group || ' / '))"]),
      ].map((condition) => `and ${condition}`);
      const rows = await sql.execute(
        `with chosen as materialized (
           select t.seq, t.id, t.name, t.group_name, greatest(t.created_at, :from::timestamptz) as first,
                  least(coalesce(t.deleted_at, :to::timestamptz), :to::timestamptz) as last
           from target as t
           where t.seq > :after and t.created_at < :to::timestamptz and (t.deleted_at is null or t.deleted_at > :from::timestamptz)
                 ${conditions.join(" ")} order by t.seq limit :limit
         ), bounds as (
           -- Whole days of UTC, then hours, then 5 minutes around them.
           select least(h0, h1) as h0, h1, least(d0, d1) as d0, d1 from (
             select date_trunc('hour', :from::timestamptz + interval '3599.999999 seconds', 'UTC') as h0, date_trunc('hour', :to::timestamptz, 'UTC') as h1,
                    date_trunc('day', :from::timestamptz + interval '86399.999999 seconds', 'UTC') as d0, date_trunc('day', :to::timestamptz, 'UTC') as d1
           ) as b
         ), piece as (
           select r.target, r.up_s, r.degraded_s, r.down_s from bounds, rollup_day as r where r.at >= d0 and r.at < d1
           union all
           select r.target, r.up_s, r.degraded_s, r.down_s from bounds, rollup_hour as r
           where r.at >= h0 and r.at < h1 and not (r.at >= d0 and r.at < d1)
           union all
           select r.target, r.up_s, r.degraded_s, r.down_s from bounds, rollup_5m as r
           where r.at >= :from::timestamptz and r.at < :to::timestamptz and not (r.at >= h0 and r.at < h1)
         ), sums as (
           select target, sum(up_s)::bigint as up_s, sum(degraded_s)::bigint as degraded_s, sum(down_s)::bigint as down_s
           from piece where target in (select seq from chosen) group by target
         ), told as (
           -- One that goes on is of each time it goes on in; when it was seen, and when it ended, is of one.
           select i.target, count(*)::integer as incidents,
                  avg(extract(epoch from i.detected_at - i.started_at)) filter (where i.detected_at >= :from::timestamptz)::double precision as detect_s,
                  avg(extract(epoch from i.ended_at - i.started_at)) filter (where ${RECOVERED})::double precision as recover_s,
                  count(*) filter (where ${RECOVERED})::integer as recovered
           from incident as i
           where i.status = ${STATUS_CODES.down} and i.target in (select seq from chosen) and i.detected_at < :to::timestamptz
                 and (i.ended_at is null or i.ended_at > :from::timestamptz)
                 -- What lies in maintenance as a whole took nothing of the time that is counted.
                 and not exists (
                   select from maintenance_spans(i.target, i.started_at, coalesce(i.ended_at, :to::timestamptz)) as m
                   where m.at <= i.started_at and m.until >= coalesce(i.ended_at, :to::timestamptz)
                 )
           group by i.target
         )
         select c.seq, c.id, c.name, c.group_name, coalesce(s.up_s, 0) - m.up_s as up_s, coalesce(s.degraded_s, 0) - m.degraded_s as degraded_s,
                coalesce(s.down_s, 0) - m.down_s as down_s, m.maintenance_s, paused_seconds(c.seq, c.first, c.last) as paused_s,
                greatest(0, extract(epoch from c.last - c.first))::double precision as existed_s,
                coalesce(told.incidents, 0) as incidents, coalesce(told.recovered, 0) as recovered, told.detect_s, told.recover_s
         from chosen as c left join sums as s on s.target = c.seq left join told on told.target = c.seq
         cross join lateral maintenance_totals(c.seq, c.first, c.last) as m
         order by c.seq`,
        { from, to, after, limit, ...(tag !== undefined && { tag }), ...(group !== undefined && { group }) },
      );
      return z
        .array(reportRowSchema)
        .parse(rows)
        .map((row) => ({
          seq: row.seq,
          id: row.id,
          name: row.name,
          group: row.group_name,
          upSeconds: row.up_s,
          degradedSeconds: row.degraded_s,
          downSeconds: row.down_s,
          maintenanceSeconds: row.maintenance_s,
          pausedSeconds: Math.round(row.paused_s),
          existedSeconds: Math.round(row.existed_s),
          incidents: row.incidents,
          recovered: row.recovered,
          detectSeconds: row.detect_s,
          recoverSeconds: row.recover_s,
        }));
    },
  };
}
