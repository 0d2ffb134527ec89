import * as z from "zod";
import { type DeliveryOutcome, eventKindOf, OUTCOME_CODES, statusOf } from "./codes.ts";
import type { SqlExecutor } from "./data-api.ts";
import type { ChannelDelivery, DayLatencies, LastCheck, LogOverview, SeriesPoint, SeriesStep, ToldAlert } from "./log-overview.ts";
import { iso } from "./select.ts";
import { uptimePercent } from "./summarise.ts";

const HOURS = 24;
const MAX_REASONS = 2_000;

/** Roll-ups of the hour and the day begin in UTC; this is a moment at which all of them do. */
const ORIGIN = "timestamptz '2000-01-01 00:00:00+00'";

/** The table that holds steps of that length. */
const ROLLUPS: Readonly<Record<SeriesStep, string>> = { 300: "rollup_5m", 3600: "rollup_hour", 86400: "rollup_day" };

const stripSchema = z.object({ target: z.number(), hours: z.string(), letters: z.string(), good_s: z.number(), known_s: z.number() });
const reasonSchema = z.object({ target: z.number(), error: z.string().nullable() });
const pointSchema = z.object({
  at: z.number(),
  up_s: z.number(),
  degraded_s: z.number(),
  down_s: z.number(),
  maintenance_s: z.number(),
  checks: z.number(),
  latency_sum_ms: z.number(),
  latency_max_ms: z.number().nullable(),
  buckets: z.string().nullable(),
});
const lastChecksSchema = z.object({ checks: z.string() });
const CHECKS_A_ROW = 400;
const latenciesSchema = z.object({ lines: z.string() });
/** A row may have 64 KB. */
const LATENCIES_A_ROW = 100;

const alertSchema = z.object({
  at: z.string(),
  kind: z.number(),
  from_status: z.number(),
  to_status: z.number(),
  error: z.string().nullable(),
  channel: z.string().nullable(),
  outcome: z.number().nullable(),
  attempts: z.number().nullable(),
  attempted_at: z.string().nullable(),
  next_attempt_at: z.string().nullable(),
  delivery_error: z.string().nullable(),
});

const channelUseSchema = z.object({
  channel: z.string(),
  last_sent_at: z.string().nullable(),
  sent: z.number(),
  failed: z.number(),
  last: z.string(),
});
const deliverySchema = z.object({
  at: z.string(),
  id: z.string(),
  name: z.string(),
  kind: z.number(),
  to: z.number(),
  outcome: z.number(),
  error: z.string().nullable(),
});
/** Deliveries shown of a channel: 200 channels of 5 are 200 KB. */
const LAST_DELIVERIES = 5;

export function createDataApiLogOverview(sql: SqlExecutor): LogOverview {
  return {
    async strips(now) {
      const rows = await sql.execute(
        `with b as (
           select date_trunc('hour', :now::timestamptz, 'UTC') - interval '${HOURS - 1} hours' as first,
                  coalesce((select rolled_up_to from rollup_state), '-infinity') as rolled
         ), part as (
           select target, at as hour, up_s, degraded_s, down_s from b, rollup_hour
           where at >= first and at < date_trunc('hour', rolled, 'UTC')
           union all
           select target, date_trunc('hour', at, 'UTC'), up_s, degraded_s, down_s from b, rollup_5m
           where at >= greatest(first, date_trunc('hour', rolled, 'UTC')) and at < rolled
         ), hours as (
           select target, extract(epoch from hour - first)::integer / 3600 as hour, sum(up_s)::integer as up_s,
                  sum(degraded_s)::integer as degraded_s, sum(down_s)::integer as down_s
           from b, part group by 1, 2
         ), maintenance as (
           select t.target, m.up_s + m.degraded_s as good_s, m.up_s + m.degraded_s + m.down_s as known_s
           from b, (select distinct m.target from b, maintenance_time as m
                    where m.from_at < :now::timestamptz and m.to_at > b.first - interval '5 minutes') as t
           cross join lateral maintenance_totals(t.target, b.first, least(b.rolled, :now::timestamptz)) as m
           where b.rolled > b.first and m.maintenance_s > 0
         )
         select hours.target, string_agg(hour::text, ',' order by hour) as hours,
                string_agg(case when down_s > 0 then 'd' when degraded_s > 0 then 'g' when up_s > 0 then 'u' else '-' end, '' order by hour) as letters,
                (sum(up_s + degraded_s) - coalesce(max(m.good_s), 0))::integer as good_s,
                (sum(up_s + degraded_s + down_s) - coalesce(max(m.known_s), 0))::integer as known_s
         from hours left join maintenance as m using (target) group by hours.target`,
        { now },
      );
      return z
        .array(stripSchema)
        .parse(rows)
        .map(({ target, hours, letters, good_s, known_s }) => ({
          seq: target,
          hours: strip(hours, letters),
          uptimePercent: uptimePercent(good_s, known_s),
        }));
    },

    async reasons(seqs) {
      if (seqs.length === 0) return [];
      const rows = await sql.execute(
        `select w.target, l.error from jsonb_array_elements_text(:seqs::jsonb) as s(seq)
         cross join lateral (select s.seq::integer as target) as w
         cross join lateral (select error from transition as t where t.target = w.target and t.kind = 1 order by t.at desc limit 1) as l`,
        { seqs: JSON.stringify(seqs.slice(0, MAX_REASONS)) },
      );
      return z
        .array(reasonSchema)
        .parse(rows)
        .flatMap(({ target, error }) => (error === null ? [] : [{ seq: target, text: error }]));
    },

    async series(seq, step, from, to) {
      const rows = await sql.execute(
        `with b as (
           select date_bin('5 minutes', least(:to::timestamptz, coalesce((select rolled_up_to from rollup_state), :from::timestamptz)), ${ORIGIN}) as w5
         ), w as (select w5, date_bin(make_interval(secs => :step::integer), w5, ${ORIGIN}) as whole from b),
         part as materialized (
           select at, up_s, degraded_s, down_s, checks, latency_sum_ms, latency_max_ms, buckets, counts from w, ${ROLLUPS[step]}
           where target = :seq::integer and at >= :from::timestamptz and at < whole
           union all
           select at, up_s, degraded_s, down_s, checks, latency_sum_ms, latency_max_ms, buckets, counts from w, rollup_5m
           where target = :seq::integer and at >= greatest(whole, :from::timestamptz) and at < w5
           union all
           select r.at, r.up_s, r.degraded_s, r.down_s, r.checks, r.latency_sum_ms, r.latency_max_ms, r.buckets, r.counts
           from w, target_rollup(:seq::integer, greatest(w5, :from::timestamptz), :to::timestamptz) as r
         ), binned as (
           select date_bin(make_interval(secs => :step::integer), at, ${ORIGIN}) as bin, * from part
         ), h as (
           select bin, jsonb_object_agg(bucket, n)::text as buckets
           from (select bin, u.bucket, sum(u.n) as n from binned, unnest(buckets, counts) as u(bucket, n) group by 1, 2) as counted group by 1
         ), inside as (
           select x.bin, sum(extract(epoch from x.until - x.at))::integer as maintenance_s, coalesce(sum(r.up_s), 0)::integer as up_s,
                  coalesce(sum(r.degraded_s), 0)::integer as degraded_s, coalesce(sum(r.down_s), 0)::integer as down_s
           from (
             select bin, greatest(m.at, bin) as at, least(m.until, bin + make_interval(secs => :step::integer)) as until
             from maintenance_spans(:seq::integer, :from::timestamptz, :to::timestamptz) as m
             cross join lateral generate_series(date_bin(make_interval(secs => :step::integer), m.at, ${ORIGIN}),
                                                m.until - interval '1 microsecond', make_interval(secs => :step::integer)) as bin
           ) as x
           cross join lateral (
             select sum(t.up_s) as up_s, sum(t.degraded_s) as degraded_s, sum(t.down_s) as down_s
             from target_rollup(:seq::integer, x.at, x.until) as t
           ) as r group by x.bin
         )
         select extract(epoch from coalesce(s.bin, i.bin))::bigint as at,
                greatest(0, coalesce(s.up_s, 0) - coalesce(i.up_s, 0)) as up_s,
                greatest(0, coalesce(s.degraded_s, 0) - coalesce(i.degraded_s, 0)) as degraded_s,
                greatest(0, coalesce(s.down_s, 0) - coalesce(i.down_s, 0)) as down_s,
                coalesce(i.maintenance_s, 0) as maintenance_s, coalesce(s.checks, 0) as checks,
                coalesce(s.latency_sum_ms, 0) as latency_sum_ms, s.latency_max_ms, h.buckets
         from (
           select bin, sum(up_s)::integer as up_s, sum(degraded_s)::integer as degraded_s, sum(down_s)::integer as down_s,
                  sum(checks)::integer as checks, sum(latency_sum_ms)::double precision as latency_sum_ms,
                  max(latency_max_ms)::double precision as latency_max_ms
           from binned group by 1
         ) as s full join inside as i on i.bin = s.bin left join h on h.bin = s.bin order by 1`,
        { seq, step, from, to },
      );
      return z.array(pointSchema).parse(rows).map(toPoint);
    },

    async lastChecks(now) {
      // Many to a row: a row may have 64 KB and an answer 1 MB.
      const rows = await sql.execute(
        `select string_agg(concat_ws(',', c.target, extract(epoch from c.at)::bigint, coalesce(c.total_ms::text, ''), coalesce(c.dns_ms::text, ''),
                  coalesce(c.connect_ms::text, ''), coalesce(c.tls_ms::text, ''), coalesce(c.ttfb_ms::text, ''), coalesce(c.transfer_ms::text, ''),
                  coalesce(c.certificate_days::text, '')), ';') as checks
         from target as t cross join lateral (
           select * from check_result as r where r.target = t.seq and r.at > :now::timestamptz - interval '1 day' and r.at <= :now::timestamptz + interval '1 minute'
           order by r.at desc limit 1
         ) as c where t.deleted_at is null group by t.seq / ${CHECKS_A_ROW}`,
        { now },
      );
      return z
        .array(lastChecksSchema)
        .parse(rows)
        .flatMap(({ checks }) => checks.split(";").map(toLastCheck));
    },

    async latencies(now) {
      const rows = await sql.execute(
        // By the rows there are, and not by how far is rolled up: that goes back when rows come late, and a count must not.
        `with b as (
           select coalesce((select max(at) + interval '1 hour' from rollup_hour where at >= date_trunc('day', :now::timestamptz, 'UTC')),
                           date_trunc('day', :now::timestamptz, 'UTC')) as hours
         ), part as materialized (
           select target, latency_sum_ms, buckets, counts from rollup_hour where at >= date_trunc('day', :now::timestamptz, 'UTC')
           union all
           select target, latency_sum_ms, buckets, counts from b, rollup_5m
           where at >= date_trunc('day', :now::timestamptz, 'UTC') and at >= hours
         ), counted as (
           select target, string_agg(bucket || '=' || n, ',') as buckets
           from (select target, u.bucket, sum(u.n) as n from part, unnest(buckets, counts) as u(bucket, n) group by 1, 2) as n group by 1
         ), summed as (select target, sum(latency_sum_ms) as sum_ms from part group by 1)
         select string_agg(concat_ws(':', target, s.sum_ms, c.buckets), ';') as lines
         from counted as c join summed as s using (target) group by target / ${LATENCIES_A_ROW}`,
        { now },
      );
      return z
        .array(latenciesSchema)
        .parse(rows)
        .flatMap(({ lines }) => lines.split(";").map(toDayLatencies));
    },

    async channelUse(now) {
      const rows = await sql.execute(
        `select u.channel, ${iso("u.last_sent_at")} as last_sent_at, u.sent, u.failed, l.last
         from (
           select channel, max(attempted_at) filter (where outcome = ${OUTCOME_CODES.sent}) as last_sent_at,
                  count(*) filter (where outcome = ${OUTCOME_CODES.sent})::integer as sent,
                  count(*) filter (where outcome = ${OUTCOME_CODES.failed})::integer as failed
           from delivery where attempted_at > :now::timestamptz - interval '7 days' group by channel order by channel limit 200
         ) as u cross join lateral (
           select coalesce(jsonb_agg(jsonb_build_object('at', ${iso("d.attempted_at")}, 'id', d.id, 'name', d.name, 'kind', d.kind, 'to', d.to_status,
                                                        'outcome', d.outcome, 'error', d.error) order by d.attempted_at desc, d.name), '[]')::text as last
           from (
             select w.attempted_at, t.id, t.name, x.kind, x.to_status, w.outcome, w.error
             from delivery as w join target as t on t.seq = w.target join transition as x on x.target = w.target and x.at = w.at
             where w.channel = u.channel and w.attempted_at > :now::timestamptz - interval '7 days'
             order by w.attempted_at desc limit ${LAST_DELIVERIES}
           ) as d
         ) as l order by u.channel`,
        { now },
      );
      return z
        .array(channelUseSchema)
        .parse(rows)
        .map(({ channel, sent, failed, last_sent_at, last }) => ({
          channel,
          sent,
          failed,
          lastSentAt: last_sent_at,
          last: z.array(deliverySchema).parse(JSON.parse(last)).map(toChannelDelivery),
        }));
    },

    async alerts(seq, limit, within) {
      const rows = await sql.execute(
        `select ${iso("t.at")} as at, t.kind, t.from_status, t.to_status, t.error, d.channel, d.outcome, d.attempts,
                ${iso("d.attempted_at")} as attempted_at, ${iso("d.next_attempt_at")} as next_attempt_at, d.error as delivery_error
         from (select * from transition where target = :seq ${within === undefined ? "" : "and at >= :from::timestamptz and at <= :to::timestamptz"}
               order by at ${within === undefined ? "desc" : ""} limit :limit) as t
         left join delivery as d on d.target = t.target and d.at = t.at order by t.at desc, d.channel`,
        { seq, limit, ...within },
      );
      const alerts = new Map<string, Omit<ToldAlert, "deliveries"> & { deliveries: ToldAlert["deliveries"][number][] }>();
      for (const row of z.array(alertSchema).parse(rows)) {
        const { at, kind, from_status, to_status, error } = row;
        const alert = alerts.get(at) ?? {
          at,
          kind: eventKindOf(kind),
          from: statusOf(from_status),
          to: statusOf(to_status),
          error,
          deliveries: [],
        };
        const { channel, outcome, attempts, attempted_at, next_attempt_at, delivery_error } = row;
        if (channel !== null && outcome !== null && attempted_at !== null) {
          alert.deliveries.push({
            channel,
            outcome: outcomeOf(outcome),
            attempts: attempts ?? 0,
            attemptedAt: attempted_at,
            nextAttemptAt: next_attempt_at,
            error: delivery_error,
          });
        }
        alerts.set(at, alert);
      }
      return [...alerts.values()];
    },
  };
}

function toLastCheck(text: string): LastCheck {
  const [seq = 0, at = 0, ...rest] = text.split(",").map((part) => (part === "" ? null : Number(part)));
  const [totalMs = null, dnsMs = null, connectMs = null, tlsMs = null, ttfbMs = null, transferMs = null, certificateDays = null] = rest;
  return { seq: seq ?? 0, at: at ?? 0, totalMs, phases: { dnsMs, connectMs, tlsMs, ttfbMs, transferMs }, certificateDays };
}

/** @param hours numbers of the hours that `letters` stand for, with commas */
function strip(hours: string, letters: string): string {
  const found = Array<string>(HOURS).fill("-");
  for (const [index, hour] of hours.split(",").entries()) found[Number(hour)] = letters[index] ?? "-";
  return found.slice(0, HOURS).join("");
}

function toPoint(row: z.output<typeof pointSchema>): SeriesPoint {
  const buckets = row.buckets === null ? {} : z.record(z.string(), z.number()).parse(JSON.parse(row.buckets));
  return {
    at: row.at,
    upSeconds: row.up_s,
    degradedSeconds: row.degraded_s,
    downSeconds: row.down_s,
    maintenanceSeconds: row.maintenance_s,
    checks: row.checks,
    latencySumMs: row.latency_sum_ms,
    latencyMaxMs: row.latency_max_ms,
    latencies: new Map(Object.entries(buckets).map(([bucket, count]) => [Number(bucket), count])),
  };
}

function outcomeOf(code: number): DeliveryOutcome {
  const found = Object.entries(OUTCOME_CODES).find(([, value]) => value === code);
  return found === undefined ? "waiting" : (found[0] as DeliveryOutcome); // the keys of the codes
}

/** `seq:sum:bucket=count,bucket=count` */
function toDayLatencies(line: string): DayLatencies {
  const [seq, sumMs, buckets = ""] = line.split(":");
  const counts = buckets.split(",").map((each) => each.split("=").map(Number) as [bucket: number, count: number]); // two numbers each
  return { seq: Number(seq), sumMs: Number(sumMs), latencies: new Map(counts) };
}

function toChannelDelivery({ at, id, name, kind, to, outcome, error }: z.output<typeof deliverySchema>): ChannelDelivery {
  return { at, target: { id, name }, kind: eventKindOf(kind), to: statusOf(to), outcome: outcomeOf(outcome), error };
}
