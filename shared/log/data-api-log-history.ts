import * as z from "zod";
import { StatementError, StoreUnavailableError } from "../errors.ts";
import { checkRowSchema, toCheckRecord } from "./check-record.ts";
import { errorClassOf, INCIDENT_EVENT_CODES, incidentEventOf, STATUS_CODES, statusOf } from "./codes.ts";
import type { SqlExecutor, SqlValue } from "./data-api.ts";
import { mergeHistograms } from "./histogram.ts";
import type { CheckRecord, Incident, IncidentCursor, LogHistory, OpinionRecord, Page, WindowTotals } from "./log-history.ts";
import { iso, MAX_READ_BYTES, selectOf } from "./select.ts";

const CHECK_COLUMNS = `${selectOf("check", "c").list}, t.id, t.name`;

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
  acknowledged_at: z.string().nullable(),
  acknowledged_by: z.string().nullable(),
  status: z.number(),
});

/** Incidents with their targets, and who takes care of them. */
const INCIDENTS = `
  select i.target as seq, ${iso("i.detected_at")} as key_at, t.id, t.name, ${iso("i.started_at")} as started_at,
         ${iso("i.detected_at")} as detected_at, ${iso("i.ended_at")} as ended_at, i.ended_by, i.error_class, i.error, i.http_status, i.status,
         extract(epoch from coalesce(i.ended_at, now()) - i.started_at)::double precision as duration_s,
         ${iso("a.at")} as acknowledged_at, a.who as acknowledged_by
  from incident as i join target as t on t.seq = i.target
  left join lateral (
    select e.at, e.who, e.kind from incident_event as e
    where e.target = i.target and e.incident_at = i.started_at and e.kind in (${INCIDENT_EVENT_CODES.acknowledged}, ${INCIDENT_EVENT_CODES.unacknowledged})
    order by e.at desc limit 1
  ) as a on a.kind = ${INCIDENT_EVENT_CODES.acknowledged}`;

/** What of them is wanted. */
function incidentFilter({ from, to, seq, open, tag, group, before }: Omit<Parameters<LogHistory["incidents"]>[0], "limit">): {
  conditions: string[];
  parameters: Record<string, SqlValue>;
} {
  const filters: (readonly [condition: string, values: Record<string, SqlValue>] | undefined)[] = [
    ["i.detected_at < :to::timestamptz and (i.ended_at is null or i.ended_at >= :from::timestamptz)", { from, to }],
    seq === undefined ? undefined : ["i.target = :seq", { seq }],
    open === undefined ? undefined : [`i.ended_at is ${open ? "" : "not "}null`, {}],
    tag === undefined ? undefined : [":tag = any(t.tags)", { tag }],
    group === undefined ? undefined : ["(t.group_name = :group or starts_with(t.group_name, :group || ' / '))", { group }],
    before === undefined ? undefined : [afterCursor(before), { beforeAt: before.at, beforeSeq: before.seq }],
  ];
  const set = filters.filter((filter) => filter !== undefined);
  return { conditions: set.map(([condition]) => condition), parameters: Object.assign({}, ...set.map(([, values]) => values)) };
}

/** What is open comes first. */
function afterCursor({ open }: IncidentCursor): string {
  const older = "(i.detected_at < :beforeAt::timestamptz or (i.detected_at = :beforeAt::timestamptz and i.target > :beforeSeq))";
  return open ? `(i.ended_at is not null or ${older})` : `(i.ended_at is not null and ${older})`;
}

const eventRowSchema = z.object({
  at: z.string(),
  kind: z.number(),
  who: z.string(),
  text: z.string().nullable(),
  until: z.string().nullable(),
});

const aroundSchema = z.object({
  others_count: z.number(),
  others: z.string(),
  planned: z.number().nullable(),
  checked: z.number().nullable(),
  down: z.number().nullable(),
});

const pingSchema = z.object({ read_only: z.string() });

const totalsRowSchema = z.object({
  up_s: z.number(),
  degraded_s: z.number(),
  down_s: z.number(),
  maintenance_s: z.number(),
  paused_s: z.number(),
  checks: z.number(),
  retried: z.number(),
  latency_sum_ms: z.number(),
  latency_max_ms: z.number().nullable(),
  buckets: z.string(),
});

/** Rows a read may return: 1 MiB is where the Data API ends a call, and a check row has some 400 bytes of JSON. */
const MAX_PAGE = 500;

/** How far back a search for recent checks goes, in steps, so that partitions are read newest first. */
const RECENT_WINDOWS_MINUTES = [1, 5, 60, 24 * 60];

export function createDataApiLogHistory(sql: SqlExecutor): LogHistory {
  return {
    async ping(timeoutMs) {
      const [row] = await sql.execute("select current_setting('transaction_read_only') as read_only", {}, { timeoutMs });
      if (pingSchema.parse(row).read_only === "on") throw new StoreUnavailableError("the log takes no writes");
    },

    async checks(seq, { from, to, limit, before, statuses }) {
      const rows = await sql.execute(
        `select ${CHECK_COLUMNS} from check_result as c join target as t on t.seq = c.target
         where c.target = :seq and c.at >= :from::timestamptz and c.at < :to::timestamptz
         ${statuses === undefined ? "" : "and c.status = any(string_to_array(:statuses, ',')::smallint[])"}
         order by c.at desc limit :limit`,
        {
          seq,
          from,
          to: before && before.at < to ? before.at : to,
          limit: Math.min(limit, MAX_PAGE) + 1,
          ...(statuses !== undefined && { statuses: statuses.map((status) => STATUS_CODES[status]).join(",") }),
        },
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

    async incidents({ limit, ...wanted }) {
      const { conditions, parameters } = incidentFilter(wanted);
      const rows = await sql.execute(
        `${INCIDENTS} where ${conditions.join(" and ")} order by (i.ended_at is null) desc, i.detected_at desc, i.target limit :limit`,
        { ...parameters, limit: Math.min(limit, MAX_PAGE) + 1 },
      );
      return page(z.array(incidentRowSchema).parse(rows), limit, toIncident, (row) => ({
        at: row.key_at,
        seq: row.seq,
        open: row.ended_at === null,
      }));
    },

    async incident(seq, since) {
      const rows = await sql.execute(
        `${INCIDENTS} where i.target = :seq and i.started_at = to_timestamp(:since) order by i.detected_at limit 1`,
        {
          seq,
          since,
        },
      );
      return z.array(incidentRowSchema).parse(rows).map(toIncident)[0];
    },

    async opinions(seq, { from, to, limit }) {
      const rows = await sql.execute(
        `select ${iso("at")} as at, region, status, error, http_status, total_ms, dns_ms, connect_ms, tls_ms, ttfb_ms, transfer_ms, host(address) as address
         from check_opinion where target = :seq and check_opinion.at >= :from::timestamptz and check_opinion.at < :to::timestamptz
         order by check_opinion.at desc, region limit :limit`,
        { seq, from, to, limit },
      );
      return z.array(opinionRowSchema).parse(rows).map(toOpinionRecord);
    },

    async targetOf(id) {
      const rows = await sql.execute("select seq, name from target where id = :id::uuid", { id });
      return z.array(z.object({ seq: z.number(), name: z.string() })).parse(rows)[0];
    },

    async incidentContext(seq, since, detectedAt) {
      const others =
        "from transition as x join target as t on t.seq = x.target where x.at = :at::timestamptz and x.kind = 1 and x.to_status = 3 and x.target <> :seq";
      const [events, around] = await Promise.all([
        sql.execute(
          `select ${iso("e.at")} as at, kind, who, text, ${iso("until")} as until
           from (
             select *, sum(octet_length(coalesce(text, ''))) over (order by at desc, id) as bytes from incident_event
             where target = :seq and incident_at = to_timestamp(:since)
           ) as e
           where bytes <= ${MAX_READ_BYTES} order by e.at limit 500`,
          { seq, since },
        ),
        sql.execute(
          `select (select count(*) ${others})::integer as others_count,
                  (select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'name', o.name)), '[]')::text
                   from (select t.id, t.name ${others} order by t.name limit 20) as o) as others,
                  r.planned, r.checked, r.down
           from (select 1) as one left join round as r on r.at = :at::timestamptz`,
          { seq, at: detectedAt },
        ),
      ]);
      const [row] = z.array(aroundSchema).parse(around);
      if (row === undefined) throw new StatementError("an aggregate returned no row");
      return {
        events: z
          .array(eventRowSchema)
          .parse(events)
          .map((event) => ({ ...event, kind: incidentEventOf(event.kind) })),
        others: z.array(z.object({ id: z.string(), name: z.string() })).parse(JSON.parse(row.others)),
        othersCount: row.others_count,
        round: row.planned === null ? null : { planned: row.planned, checked: row.checked ?? 0, down: row.down ?? 0 },
      };
    },

    async audits({ limit, what, before }) {
      const conditions = [
        ...(what === undefined ? [] : ["what = :what"]),
        ...(before === undefined ? [] : ["(at, id) < (:at::timestamptz, :id::uuid)"]),
      ];
      const where = conditions.length === 0 ? "" : `where ${conditions.join(" and ")}`;
      const rows = await sql.execute(
        `select id, ${iso("at")} as at, who, action, what, before_json, after_json, found
         from (select *, row_number() over newest as n, count(*) over ()::integer as found,
                      sum(400 + coalesce(octet_length(before_json), 0) + coalesce(octet_length(after_json), 0)) over newest as bytes
               from (select * from audit ${where}
                     order by at desc, id desc limit :limit + 1) as a
               window newest as (order by at desc, id desc)) as page
         where n <= :limit and (n = 1 or bytes <= ${MAX_READ_BYTES}) order by at desc, id desc`,
        { limit, ...(what !== undefined && { what }), ...before },
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

    async totals(seq, windows, to) {
      const rows = await sql.execute(
        `with w as (select n, f::timestamptz as f, :to::timestamptz as t from unnest(string_to_array(:froms, ',')) with ordinality as w(f, n)),
              r as materialized (select w.n as w, t.* from w cross join lateral target_rollup(:seq::integer, w.f, w.t) as t),
              h as (select w, bucket, sum(b.n) as n from r, unnest(r.buckets, r.counts) as b(bucket, n) group by 1, 2)
         select coalesce(sum(r.up_s), 0)::bigint - m.up_s as up_s, coalesce(sum(r.degraded_s), 0)::bigint - m.degraded_s as degraded_s,
                coalesce(sum(r.down_s), 0)::bigint - m.down_s as down_s, m.maintenance_s, coalesce(sum(checks), 0)::bigint as checks,
                coalesce(sum(retried), 0)::bigint as retried, coalesce(sum(latency_sum_ms), 0)::double precision as latency_sum_ms,
                max(latency_max_ms)::double precision as latency_max_ms,
                (select coalesce(jsonb_object_agg(bucket, n), '{}')::text from h where h.w = w.n) as buckets,
                paused_seconds(:seq::integer, w.f, w.t) as paused_s
         from w cross join lateral maintenance_totals(:seq::integer, w.f, w.t) as m left join r on r.w = w.n
         group by w.n, w.f, w.t, m.maintenance_s, m.up_s, m.degraded_s, m.down_s order by w.n`,
        { seq, froms: windows.map(({ from }) => from).join(","), to },
      );
      const found = z.array(totalsRowSchema).parse(rows);
      return windows.map((window, index) => {
        const row = found[index];
        if (row === undefined) throw new StatementError("an aggregate returned too few rows");
        return { ...window, totals: toTotals(row) };
      });
    },
  };
}

function toTotals(row: z.output<typeof totalsRowSchema>): WindowTotals {
  const buckets = z.record(z.string(), z.number()).parse(JSON.parse(row.buckets));
  return {
    upSeconds: row.up_s,
    degradedSeconds: row.degraded_s,
    downSeconds: row.down_s,
    maintenanceSeconds: row.maintenance_s,
    pausedSeconds: row.paused_s,
    checks: row.checks,
    retried: row.retried,
    latencySumMs: row.latency_sum_ms,
    latencyMaxMs: row.latency_max_ms,
    latencies: mergeHistograms([new Map(Object.entries(buckets).map(([bucket, count]) => [Number(bucket), count]))]),
  };
}

function checkPage(rows: unknown[], limit: number): Page<CheckRecord> {
  return page(z.array(checkRowSchema).parse(rows), limit, toCheckRecord, (row) => ({ at: row.at, seq: row.target }));
}

function page<Row, Item, Cursor>(
  rows: Row[],
  limit: number,
  toItem: (row: Row) => Item,
  toCursor: (row: Row) => Cursor,
): { items: Item[]; next?: Cursor } {
  const shown = rows.slice(0, Math.min(limit, MAX_PAGE));
  const last = shown.at(-1);
  const items = shown.map(toItem);
  return rows.length > shown.length && last !== undefined ? { items, next: toCursor(last) } : { items };
}

const opinionRowSchema = z.object({
  at: z.string(),
  region: z.string(),
  status: z.number().nullable(),
  error: z.string().nullable(),
  http_status: z.number().nullable(),
  total_ms: z.number().nullable(),
  dns_ms: z.number().nullable(),
  connect_ms: z.number().nullable(),
  tls_ms: z.number().nullable(),
  ttfb_ms: z.number().nullable(),
  transfer_ms: z.number().nullable(),
  address: z.string().nullable(),
});

function toOpinionRecord(row: z.output<typeof opinionRowSchema>): OpinionRecord {
  const { at, region, status, error, address } = row;
  return {
    at,
    region,
    status: status === null ? null : statusOf(status),
    error,
    httpStatus: row.http_status,
    latencyMs: row.total_ms,
    phases: { dnsMs: row.dns_ms, connectMs: row.connect_ms, tlsMs: row.tls_ms, ttfbMs: row.ttfb_ms, transferMs: row.transfer_ms },
    address,
  };
}

function toIncident(row: z.output<typeof incidentRowSchema>): Incident {
  const errorClass = errorClassOf(row.error_class);
  return {
    since: Math.floor(Date.parse(row.started_at) / 1_000),
    acknowledged: row.acknowledged_at === null ? null : { at: row.acknowledged_at, by: row.acknowledged_by ?? "" },
    target: { id: row.id, name: row.name },
    startedAt: row.started_at,
    detectedAt: row.detected_at,
    endedAt: row.ended_at,
    endedBy: row.ended_by === null ? null : statusOf(row.ended_by),
    durationSeconds: Math.max(0, Math.round(row.duration_s)),
    error: errorClass === undefined ? null : { class: errorClass, text: row.error ?? "" },
    httpStatus: row.http_status,
    severity: row.status === STATUS_CODES.down ? "down" : "degraded",
  };
}
