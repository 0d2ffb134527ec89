import type { LogBatch } from "./log-store.ts";

/* Which table a batch goes into, its columns, and what happens to a row that is there already. */
const WRITES: Record<LogBatch["kind"], { table: string; columns: Record<string, string>; conflict: string }> = {
  check: {
    table: "check_result",
    columns: {
      at: "timestamptz",
      target: "integer",
      interval_s: "integer",
      total_ms: "real",
      dns_ms: "real",
      connect_ms: "real",
      tls_ms: "real",
      ttfb_ms: "real",
      transfer_ms: "real",
      status: "smallint",
      attempts: "smallint",
      http_status: "smallint",
      error_class: "smallint",
      certificate_days: "smallint",
      address: "inet",
      error: "text",
    },
    conflict: "do nothing",
  },
  transition: {
    table: "transition",
    columns: {
      target: "integer",
      at: "timestamptz",
      kind: "smallint",
      from_status: "smallint",
      to_status: "smallint",
      since: "timestamptz",
      previous_since: "timestamptz",
      http_status: "smallint",
      error_class: "smallint",
      certificate_days: "smallint",
      latency_ms: "real",
      error: "text",
    },
    conflict: "do nothing",
  },
  delivery: {
    table: "delivery",
    columns: {
      target: "integer",
      at: "timestamptz",
      channel: "text",
      outcome: "smallint",
      attempts: "integer",
      attempted_at: "timestamptz",
      next_attempt_at: "timestamptz",
      error: "text",
    },
    conflict: `(target, at, channel) do update set outcome = excluded.outcome, attempts = excluded.attempts,
      attempted_at = excluded.attempted_at, next_attempt_at = excluded.next_attempt_at, error = excluded.error
      where delivery.attempted_at <= excluded.attempted_at`,
  },
  target: {
    table: "target",
    columns: {
      seq: "integer",
      id: "uuid",
      name: "text",
      label: "text",
      type: "text",
      group_name: "text",
      tags: "text[]",
      interval_s: "integer",
      config_version: "integer",
      created_at: "timestamptz",
      deleted_at: "timestamptz",
    },
    conflict: `(seq) do update set name = excluded.name, label = excluded.label, type = excluded.type,
      group_name = excluded.group_name, tags = excluded.tags, interval_s = excluded.interval_s,
      config_version = excluded.config_version, deleted_at = coalesce(excluded.deleted_at, target.deleted_at)
      where target.config_version <= excluded.config_version`,
  },
  round: {
    table: "round",
    columns: {
      at: "timestamptz",
      planned: "integer",
      checked: "integer",
      up: "integer",
      degraded: "integer",
      down: "integer",
      late: "integer",
      failed_shards: "integer",
      transitions: "integer",
      spooled: "integer",
      took_ms: "integer",
      loop_delay_ms: "real",
    },
    conflict: "do nothing",
  },
  audit: {
    table: "audit",
    columns: { id: "uuid", at: "timestamptz", who: "text", action: "text", what: "text", before_json: "text", after_json: "text" },
    conflict: "do nothing",
  },
};

/** The one statement that writes a batch: rows travel as one JSON text, since the Data API takes no arrays. */
export function writeOf({ kind, rows }: LogBatch): { statement: string; parameters: { rows: string } } {
  const { table, columns, conflict } = WRITES[kind];
  const names = Object.keys(columns).join(", ");
  const typed = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
  const source = `jsonb_to_recordset(:rows::jsonb) as r(${typed.join(", ")})`;
  return {
    statement: `insert into ${table} (${names}) select ${names} from ${source} on conflict ${conflict}`,
    parameters: { rows: JSON.stringify(rows, (_key, value) => (typeof value === "string" ? storable(value) : value)) },
  };
}

// Texts may come from targets. Postgres takes neither NUL nor half a character, and refuses the whole batch for one.
function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\ufffd");
}
