import * as z from "zod";
import type { CheckResult, Opinion } from "../check/check-result.ts";
import type { ErrorClass } from "../check/check-type.ts";
import { EVENT_CODES, type EventKind } from "../status/alert-kinds.ts";
import type { Status } from "../status/next-status.ts";
import { markToIso } from "../time/marks.ts";
import {
  type DeliveryOutcome,
  errorClassCode,
  INCIDENT_EVENT_CODES,
  type IncidentEventKind,
  OUTCOME_CODES,
  STATUS_CODES,
} from "./codes.ts";

/** One check, as the log keeps it. */
export interface CheckRow {
  /** Mark of the round, epoch seconds. */
  readonly round: number;
  readonly seq: number;
  readonly intervalSeconds: number;
  readonly result: CheckResult;
}

/** What a check found that was made elsewhere, as the log keeps it. */
export interface OpinionRow {
  /** Mark of the round, epoch seconds. */
  readonly round: number;
  readonly seq: number;
  readonly opinion: Opinion;
}

/** A change of status or a warning, as the ledger keeps it. */
export interface TransitionRow {
  readonly seq: number;
  readonly alert: {
    /** Epoch ms; the key within the target. */
    readonly at: number;
    readonly kind: EventKind;
    readonly from: Status;
    readonly to: Status | "deleted";
    /** Marks, epoch seconds. */
    readonly since: number;
    readonly previousSince: number;
    readonly error?: { readonly class: ErrorClass; readonly text: string } | undefined;
    readonly httpStatus?: number | undefined;
    readonly latencyMs?: number | undefined;
    readonly certificateDaysLeft?: number | undefined;
  };
}

/** What became of one alert on one channel. */
export interface DeliveryRow {
  readonly seq: number;
  /** The alert's key: epoch ms. */
  readonly at: number;
  readonly channel: string;
  readonly delivery: {
    readonly outcome: DeliveryOutcome;
    readonly attempts: number;
    readonly attemptedAt: number;
    readonly nextAttemptAt?: number | undefined;
    readonly error?: string | undefined;
  };
}

/** What somebody did about an incident. */
export interface IncidentEventRow {
  readonly seq: number;
  /** Mark at which the incident began, epoch seconds: with the target, its identity. */
  readonly since: number;
  /** Epoch ms. */
  readonly at: number;
  /** A UUID: the same event written twice is one. */
  readonly id: string;
  readonly kind: IncidentEventKind;
  /** As `Principal` names them. */
  readonly who: string;
  readonly text?: string | undefined;
  /** Of an acknowledgement that ends by itself: epoch ms. */
  readonly until?: number | undefined;
}

/** A target as reports name it. */
export interface TargetRow {
  readonly seq: number;
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly group?: string | undefined;
  readonly tags: readonly string[];
  readonly intervalSeconds: number;
  readonly configVersion: number;
  readonly degradedIsIncident: boolean;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly deletedAt?: string | undefined;
}

/** What a round did. Counts are checks, but for `failedShards`, `transitions` and `spooled` batches. */
export interface RoundRow {
  readonly round: number;
  readonly planned: number;
  readonly checked: number;
  readonly up: number;
  readonly degraded: number;
  readonly down: number;
  readonly late: number;
  readonly failedShards: number;
  readonly transitions: number;
  readonly spooled: number;
  readonly tookMs: number;
  readonly loopDelayMs: number;
}

/** A change through the API: who changed what, from what to what. Secrets are masked before they get here. */
export interface AuditEntry {
  /** ISO 8601. */
  readonly at: string;
  /** Unique, so that the same entry written twice is one. */
  readonly id: string;
  /** The caller, as `Principal` names it. */
  readonly who: string;
  /** The route's id, such as `updateTarget`. */
  readonly action: string;
  /** What was changed, such as `target:<id>`. */
  readonly what: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** One column: its SQL type, what it holds when it is read, and where it comes from when it is written. */
export interface Column<Source, Schema extends z.ZodType = z.ZodType> {
  readonly sql: string;
  /** Of the value as a read returns it. */
  readonly schema: Schema;
  readonly of: (source: Source) => unknown;
}

type Make<Schema extends z.ZodType> = <Source>(of: (source: Source) => unknown) => Column<Source, Schema>;

const type =
  <Schema extends z.ZodType>(sql: string, schema: Schema): Make<Schema> =>
  (of) => ({ sql, schema, of });

const timestamptz = type("timestamptz", z.string());
const timestamptzOrNull = type("timestamptz", z.string().nullable());
const integer = type("integer", z.number());
const smallint = type("smallint", z.number());
const smallintOrNull = type("smallint", z.number().nullable());
const real = type("real", z.number());
const realOrNull = type("real", z.number().nullable());
const text = type("text", z.string());
const textOrNull = type("text", z.string().nullable());
const texts = type("text[]", z.array(z.string()));
/** Rows of releases without the column wait without it. */
const flag = type("boolean", z.boolean().default(false));
const uuid = type("uuid", z.string());
const inetOrNull = type("inet", z.string().nullable());

/** Describes a table whose rows are made from `Source`. @param conflict what happens to a row that is there already */
const tableOf =
  <Source>() =>
  <Columns extends Record<string, Column<Source>>>(name: string, conflict: string, columns: Columns) => ({ name, conflict, columns });

/**
 * Every table that is written in batches: what writes, reads and validates its rows. A new column is a migration and
 * a line here.
 */
export const TABLES = {
  check: tableOf<CheckRow>()("check_result", "do nothing", {
    at: timestamptz(({ round }) => markToIso(round)),
    target: integer(({ seq }) => seq),
    interval_s: integer(({ intervalSeconds }) => intervalSeconds),
    total_ms: realOrNull(({ result }) => tenths(result.totalMs)),
    dns_ms: realOrNull(({ result }) => tenths(result.phases.dnsMs)),
    connect_ms: realOrNull(({ result }) => tenths(result.phases.connectMs)),
    tls_ms: realOrNull(({ result }) => tenths(result.phases.tlsMs)),
    ttfb_ms: realOrNull(({ result }) => tenths(result.phases.ttfbMs)),
    transfer_ms: realOrNull(({ result }) => tenths(result.phases.transferMs)),
    status: smallint(({ result }) => STATUS_CODES[result.status]),
    attempts: smallint(({ result }) => result.attempts),
    http_status: smallintOrNull(({ result }) => result.httpStatus),
    error_class: smallintOrNull(({ result }) => errorClassCode(result.error?.class)),
    certificate_days: smallintOrNull(({ result }) => smallintOf(result.certificate?.daysLeft)),
    address: inetOrNull(({ result }) => result.address),
    error: textOrNull(({ result: { error, note } }) => (error && note ? `${error.text} (${note})` : (error?.text ?? note))),
  }),
  opinion: tableOf<OpinionRow>()("check_opinion", "do nothing", {
    at: timestamptz(({ round }) => markToIso(round)),
    target: integer(({ seq }) => seq),
    region: text(({ opinion }) => opinion.from),
    status: smallintOrNull(({ opinion: { result } }) => result && STATUS_CODES[result.status]),
    error_class: smallintOrNull(({ opinion: { result } }) => errorClassCode(result?.error?.class)),
    error: textOrNull(({ opinion: { result, reason } }) => result?.error?.text ?? reason),
    http_status: smallintOrNull(({ opinion: { result } }) => result?.httpStatus),
    total_ms: realOrNull(({ opinion: { result } }) => tenths(result?.totalMs)),
    dns_ms: realOrNull(({ opinion: { result } }) => tenths(result?.phases.dnsMs)),
    connect_ms: realOrNull(({ opinion: { result } }) => tenths(result?.phases.connectMs)),
    tls_ms: realOrNull(({ opinion: { result } }) => tenths(result?.phases.tlsMs)),
    ttfb_ms: realOrNull(({ opinion: { result } }) => tenths(result?.phases.ttfbMs)),
    transfer_ms: realOrNull(({ opinion: { result } }) => tenths(result?.phases.transferMs)),
    address: inetOrNull(({ opinion: { result } }) => result?.address),
  }),
  transition: tableOf<TransitionRow>()("transition", "do nothing", {
    target: integer(({ seq }) => seq),
    at: timestamptz(({ alert }) => iso(alert.at)),
    kind: smallint(({ alert }) => EVENT_CODES[alert.kind]),
    from_status: smallint(({ alert }) => STATUS_CODES[alert.from]),
    to_status: smallint(({ alert }) => STATUS_CODES[alert.to]),
    since: timestamptz(({ alert }) => markToIso(alert.since)),
    previous_since: timestamptz(({ alert }) => markToIso(alert.previousSince)),
    http_status: smallintOrNull(({ alert }) => alert.httpStatus),
    error_class: smallintOrNull(({ alert }) => errorClassCode(alert.error?.class)),
    certificate_days: smallintOrNull(({ alert }) => smallintOf(alert.certificateDaysLeft)),
    latency_ms: realOrNull(({ alert }) => tenths(alert.latencyMs)),
    error: textOrNull(({ alert }) => alert.error?.text),
  }),
  // What is final waits no more, whichever of both is written first: who still tried may say so later, and a spool is slow.
  delivery: tableOf<DeliveryRow>()(
    "delivery",
    `(target, at, channel) do update set outcome = excluded.outcome, attempts = excluded.attempts,
      attempted_at = excluded.attempted_at, next_attempt_at = excluded.next_attempt_at, error = excluded.error
      where (delivery.outcome = 1 and excluded.outcome <> 1)
        or (delivery.attempted_at <= excluded.attempted_at and (excluded.outcome <> 1 or delivery.outcome = 1))`,
    {
      target: integer(({ seq }) => seq),
      at: timestamptz(({ at }) => iso(at)),
      channel: text(({ channel }) => channel),
      outcome: smallint(({ delivery }) => OUTCOME_CODES[delivery.outcome]),
      attempts: integer(({ delivery }) => delivery.attempts),
      attempted_at: timestamptz(({ delivery }) => iso(delivery.attemptedAt)),
      next_attempt_at: timestamptzOrNull(({ delivery }) => delivery.nextAttemptAt && iso(delivery.nextAttemptAt)),
      error: textOrNull(({ delivery }) => delivery.error),
    },
  ),
  incidentEvent: tableOf<IncidentEventRow>()("incident_event", "do nothing", {
    target: integer(({ seq }) => seq),
    incident_at: timestamptz(({ since }) => markToIso(since)),
    at: timestamptz(({ at }) => iso(at)),
    id: uuid(({ id }) => id),
    kind: smallint(({ kind }) => INCIDENT_EVENT_CODES[kind]),
    who: text(({ who }) => who),
    text: textOrNull((event) => event.text),
    until: timestamptzOrNull(({ until }) => until && iso(until)),
  }),
  target: tableOf<TargetRow>()(
    "target",
    `(seq) do update set name = excluded.name, label = excluded.label, type = excluded.type,
      group_name = excluded.group_name, tags = excluded.tags, interval_s = excluded.interval_s,
      config_version = excluded.config_version, degraded_is_incident = excluded.degraded_is_incident, deleted_at = coalesce(excluded.deleted_at, target.deleted_at)
      where target.config_version <= excluded.config_version`,
    {
      seq: integer(({ seq }) => seq),
      id: uuid(({ id }) => id),
      name: text(({ name }) => name),
      label: text(({ label }) => label),
      type: text((target) => target.type),
      group_name: textOrNull(({ group }) => group),
      tags: texts(({ tags }) => tags),
      interval_s: integer(({ intervalSeconds }) => intervalSeconds),
      config_version: integer(({ configVersion }) => configVersion),
      created_at: timestamptz(({ createdAt }) => createdAt),
      deleted_at: timestamptzOrNull(({ deletedAt }) => deletedAt),
      degraded_is_incident: flag(({ degradedIsIncident }) => degradedIsIncident),
    },
  ),
  round: tableOf<RoundRow>()("round", "do nothing", {
    at: timestamptz(({ round }) => markToIso(round)),
    planned: integer(({ planned }) => planned),
    checked: integer(({ checked }) => checked),
    up: integer(({ up }) => up),
    degraded: integer(({ degraded }) => degraded),
    down: integer(({ down }) => down),
    late: integer(({ late }) => late),
    failed_shards: integer(({ failedShards }) => failedShards),
    transitions: integer(({ transitions }) => transitions),
    spooled: integer(({ spooled }) => spooled),
    took_ms: integer(({ tookMs }) => Math.round(tookMs)),
    loop_delay_ms: real(({ loopDelayMs }) => tenths(loopDelayMs)),
  }),
  audit: tableOf<AuditEntry>()("audit", "do nothing", {
    id: uuid(({ id }) => id),
    at: timestamptz(({ at }) => at),
    who: text(({ who }) => who),
    action: text(({ action }) => action),
    what: text(({ what }) => what),
    before_json: textOrNull(({ before }) => json(before)),
    after_json: textOrNull(({ after }) => json(after)),
  }),
};

export type TableName = keyof typeof TABLES;

/** Whether this release has a table of that name: what waits may be of a later one. */
export function isTableName(name: string): name is TableName {
  return Object.hasOwn(TABLES, name);
}

/** What a row of a table is made from. */
export type SourceOf<Name extends TableName> =
  (typeof TABLES)[Name]["columns"] extends Record<string, Column<infer Source>> ? Source : never;

/** Rows for one table: plain JSON, so that they can wait in the spool while the log is away. */
export interface LogBatch {
  readonly kind: TableName;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** Rows as their table has them: what is written and what waits in the spool are the same JSON. */
export function batch<Name extends TableName>(kind: Name, sources: readonly SourceOf<Name>[]): LogBatch {
  const columns = Object.entries(TABLES[kind].columns) as [string, Column<unknown>][]; // of the sources that this table takes
  return { kind, rows: sources.map((source) => Object.fromEntries(columns.map(([name, { of }]) => [name, of(source)]))) };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function tenths(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms * 10) / 10;
}

// Certificates of private authorities may be valid for centuries.
function smallintOf(days: number | undefined): number | undefined {
  return days === undefined ? undefined : Math.max(-32_768, Math.min(32_767, days));
}

/** A text column holds it. */
const MAX_JSON = 20_000;
/** What single texts are cut to, one step after the other, until all fits: every field stays. */
const TEXT_LIMITS = [4_000, 1_000, 200, 40];

function json(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const whole = JSON.stringify(value);
  if (whole.length <= MAX_JSON) return whole;
  for (const limit of TEXT_LIMITS) {
    const cut = JSON.stringify(value, (_key, field) => shortened(field, limit));
    if (cut.length <= MAX_JSON) return cut;
  }
  return JSON.stringify({ note: `cut: ${whole.length} characters` });
}

function shortened(field: unknown, limit: number): unknown {
  if (typeof field === "string" && field.length > limit) return `${field.slice(0, limit).toWellFormed()}… (${field.length} characters)`;
  if (Array.isArray(field) && field.length > limit) return [...field.slice(0, limit), `… (${field.length} items)`];
  return field;
}
