import * as z from "zod";
import { StatementError, StoreUnavailableError } from "../errors.ts";
import { errorClassOf, STATUS_CODES, statusOf } from "./codes.ts";
import type { SqlExecutor, SqlValue } from "./data-api.ts";
import { mergeHistograms } from "./histogram.ts";
import type { CheckRecord, Incident, LogHistory, Page, TimeCursor } from "./log-history.ts";
import { iso, selectOf } from "./select.ts";

const CHECK = selectOf("check", "c");
const CHECK_COLUMNS = `${CHECK.list}, t.id, t.name`;
const checkRowSchema = z.object({ ...CHECK.shape, id: z.string(), name: z.string() });
type ReadCheck = z.output<typeof checkRowSchema>;

const auditRowSchema = z.object({
  id: z.string(),
  at: z.string(),
  who: z.string(),
  action: z.string(),
  what: z.string(),
  before_json: z.string().nullable(),
  after_json: z.string().nullable(),
  found: z.number(),
});

/** What the audit was given. */
function parsed(json: string | null): unknown {
  return json === null ? null : JSON.parse(json);
}

const incidentRowSchema = z.object({
  seq: z.number(),
  key_at: z.string(),
  id: z.string(),
  name: z.string(),
  started_at: z.string(),
  detected_at: z.string(),
  ended_at: z.string().nullable(),
  ended_by: z.number().nullable(),
  duration_s: z.number(),
  error_class: z.number().nullable(),
  error: z.string().nullable(),
  http_status: z.number().nullable(),
});

const pingSchema = z.object({ read_only: z.string() });

const totalsRowSchema = z.object({
  up_s: z.number(),
  degraded_s: z.number(),
  down_s: z.number(),
  paused_s: z.number(),
  checks: z.number(),
  retried: z.number(),
  latency_sum_ms: z.number(),
  latency_max_ms: z.number().nullable(),
  buckets: z.string(),
});

/** Rows a read may return: 1 MiB is where the Data API ends a call, and a check row has some 400 bytes of JSON. */
const MAX_PAGE = 500;

/** Of long texts in one read: beyond 1 MiB the Data API ends the call, and JSON makes two characters of some. */
const MAX_READ_BYTES = 450_000;

/** How far back a search for recent checks goes, in steps, so that partitions are read newest first. */
const RECENT_WINDOWS_MINUTES = [1, 5, 60, 24 * 60];

export function createDataApiLogHistory(sql: SqlExecutor): LogHistory {
  return {
    async ping(timeoutMs) {
      const [row] = await sql.execute("select current_setting('transaction_read_only') as read_only", {}, { timeoutMs });
      if (pingSchema.parse(row).read_only === "on") throw new StoreUnavailableError("the log takes no writes");
    },

    async checks(seq, { from, to, limit, before }) {
      const rows = await sql.execute(
        `select ${CHECK_COLUMNS} from check_result as c join target as t on t.seq = c.target
         where c.target = :seq and c.at >= :from::timestamptz and c.at < :to::timestamptz
         order by c.at desc limit :limit`,
        { seq, from, to: before && before.at < to ? before.at : to, limit: Math.min(limit, MAX_PAGE) + 1 },
      );
      return checkPage(rows, limit);
    },

    async recentChecks({ limit, before, now }) {
      const last = before ?? { at: new Date(now + 60_000).toISOString(), seq: 0 };
      for (const minutes of RECENT_WINDOWS_MINUTES) {
        const first = new Date(Date.parse(last.at) - minutes * 60_000).toISOString();
        const rows = await sql.execute(
          `select ${CHECK_COLUMNS}
           from (select * from check_result
                 where at >= :first::timestamptz and at <= :last::timestamptz and (at < :last::timestamptz or target > :seq)
                 order by at desc, target limit :limit) as c
           join target as t on t.seq = c.target order by c.at desc, c.target`,
          { first, last: last.at, seq: last.seq, limit: Math.min(limit, MAX_PAGE) + 1 },
        );
        if (rows.length > limit || minutes === RECENT_WINDOWS_MINUTES.at(-1)) return checkPage(rows, limit);
      }
      return { items: [] };
    },

    async incidents({ from, to, limit, seq, open, before }) {
      const parameters: Record<string, SqlValue> = { from, to, limit: Math.min(limit, MAX_PAGE) + 1 };
      const conditions = ["i.detected_at < :to::timestamptz", "(i.ended_at is null or i.ended_at >= :from::timestamptz)"];
      if (seq !== undefined) {
        conditions.push("i.target = :seq");
        parameters["seq"] = seq;
      }
      if (open !== undefined) conditions.push(`i.ended_at is ${open ? "" : "not "}null`);
      if (before !== undefined) {
        conditions.push("(i.detected_at < :beforeAt::timestamptz or (i.detected_at = :beforeAt::timestamptz and i.target > :beforeSeq))");
        parameters["beforeAt"] = before.at;
        parameters["beforeSeq"] = before.seq;
      }
      const rows = await sql.execute(
        `select i.target as seq, ${iso("i.detected_at")} as key_at, t.id, t.name, ${iso("i.started_at")} as started_at,
                ${iso("i.detected_at")} as detected_at, ${iso("i.ended_at")} as ended_at, i.ended_by, i.error_class, i.error, i.http_status,
                extract(epoch from coalesce(i.ended_at, now()) - i.started_at)::double precision as duration_s
         from incident as i join target as t on t.seq = i.target
         where ${conditions.join(" and ")} order by i.detected_at desc, i.target limit :limit`,
        parameters,
      );
      return page(z.array(incidentRowSchema).parse(rows), limit, toIncident, (row) => ({ at: row.key_at, seq: row.seq }));
    },

    async audits({ limit, before }) {
      const rows = await sql.execute(
        `select id, ${iso("at")} as at, who, action, what, before_json, after_json, found
         from (select *, row_number() over newest as n, count(*) over ()::integer as found,
                      sum(400 + coalesce(octet_length(before_json), 0) + coalesce(octet_length(after_json), 0)) over newest as bytes
               from (select * from audit ${before === undefined ? "" : "where (at, id) < (:at::timestamptz, :id::uuid)"}
                     order by at desc, id desc limit :limit + 1) as a
               window newest as (order by at desc, id desc)) as page
         where n <= :limit and (n = 1 or bytes <= ${MAX_READ_BYTES}) order by at desc, id desc`,
        { limit, ...before },
      );
      const items = z
        .array(auditRowSchema)
        .parse(rows)
        .map(({ before_json, after_json, found, ...row }) => ({
          found,
          entry: { ...row, before: parsed(before_json), after: parsed(after_json) },
        }));
      return { items: items.map(({ entry }) => entry), hasMore: (items[0]?.found ?? 0) > items.length };
    },

    async totals(seq, from, to) {
      const rows = await sql.execute(
        `with r as materialized (select * from target_rollup(:seq::integer, :from::timestamptz, :to::timestamptz)),
              h as (select b.bucket, sum(b.n) as n from r, unnest(r.buckets, r.counts) as b(bucket, n) group by 1)
         select coalesce(sum(up_s), 0)::bigint as up_s, coalesce(sum(degraded_s), 0)::bigint as degraded_s,
                coalesce(sum(down_s), 0)::bigint as down_s, coalesce(sum(checks), 0)::bigint as checks,
                coalesce(sum(retried), 0)::bigint as retried, coalesce(sum(latency_sum_ms), 0)::double precision as latency_sum_ms,
                max(latency_max_ms)::double precision as latency_max_ms,
                (select coalesce(jsonb_object_agg(bucket, n), '{}')::text from h) as buckets,
                (select coalesce(sum(extract(epoch from least(coalesce(ended, :to::timestamptz), :to::timestamptz) - greatest(at, :from::timestamptz))), 0)::double precision
                 from (select at, to_status, lead(at) over (order by at) as ended from transition where target = :seq and kind = 1) as p
                 where to_status = ${STATUS_CODES.paused} and at < :to::timestamptz and (ended is null or ended > :from::timestamptz)) as paused_s
         from r`,
        { seq, from, to },
      );
      const [row] = z.array(totalsRowSchema).parse(rows);
      if (row === undefined) throw new StatementError("an aggregate returned no row");
      const buckets = z.record(z.string(), z.number()).parse(JSON.parse(row.buckets));
      return {
        upSeconds: row.up_s,
        degradedSeconds: row.degraded_s,
        downSeconds: row.down_s,
        pausedSeconds: row.paused_s,
        checks: row.checks,
        retried: row.retried,
        latencySumMs: row.latency_sum_ms,
        latencyMaxMs: row.latency_max_ms,
        latencies: mergeHistograms([new Map(Object.entries(buckets).map(([bucket, count]) => [Number(bucket), count]))]),
      };
    },
  };
}

function checkPage(rows: unknown[], limit: number): Page<CheckRecord> {
  return page(z.array(checkRowSchema).parse(rows), limit, toCheckRecord, (row) => ({ at: row.at, seq: row.target }));
}

function page<Row, Item>(rows: Row[], limit: number, toItem: (row: Row) => Item, toCursor: (row: Row) => TimeCursor): Page<Item> {
  const shown = rows.slice(0, Math.min(limit, MAX_PAGE));
  const last = shown.at(-1);
  const items = shown.map(toItem);
  return rows.length > shown.length && last !== undefined ? { items, next: toCursor(last) } : { items };
}

function toCheckRecord(row: ReadCheck): CheckRecord {
  const errorClass = errorClassOf(row.error_class);
  return {
    at: row.at,
    target: { id: row.id, name: row.name },
    status: statusOf(row.status),
    attempts: row.attempts,
    passedAfterRetry: row.attempts > 1 && row.status !== STATUS_CODES.down,
    httpStatus: row.http_status,
    error: errorClass === undefined ? null : { class: errorClass, text: row.error ?? "" },
    // A check without an error has the column for what else there is to say.
    note: errorClass === undefined ? row.error : null,
    latencyMs: row.total_ms,
    phases: { dnsMs: row.dns_ms, connectMs: row.connect_ms, tlsMs: row.tls_ms, ttfbMs: row.ttfb_ms, transferMs: row.transfer_ms },
    address: row.address,
    certificateDaysLeft: row.certificate_days,
  };
}

function toIncident(row: z.output<typeof incidentRowSchema>): Incident {
  const errorClass = errorClassOf(row.error_class);
  return {
    target: { id: row.id, name: row.name },
    startedAt: row.started_at,
    detectedAt: row.detected_at,
    endedAt: row.ended_at,
    endedBy: row.ended_by === null ? null : statusOf(row.ended_by),
    durationSeconds: Math.max(0, Math.round(row.duration_s)),
    error: errorClass === undefined ? null : { class: errorClass, text: row.error ?? "" },
    httpStatus: row.http_status,
  };
}
