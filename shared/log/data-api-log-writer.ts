import { StatementError } from "../errors.ts";
import type { SqlExecutor } from "./data-api.ts";
import type { LogWriter } from "./log-writer.ts";
import { type LogBatch, TABLES } from "./tables.ts";

export function createDataApiLogWriter(sql: SqlExecutor): LogWriter {
  return {
    async write({ kind, rows }, { timeoutMs, late = false } = {}) {
      if (rows.length === 0) return;
      const { statement, parameters } = writeOf({ kind, rows });
      const options = timeoutMs === undefined ? {} : { timeoutMs };
      try {
        await sql.execute(statement, parameters, options);
      } catch (error) {
        // A day nobody made a partition for: after a long sleep, or drained long after.
        if (!(error instanceof StatementError && /no partition of relation/.test(error.message))) throw error;
        await sql.execute("select ensure_log_partitions(:first::timestamptz, :last::timestamptz)", timeSpan(rows), options);
        await sql.execute(statement, parameters, options);
      }
      // A pause ends what the check before it accounts for.
      if (late && (kind === "check" || kind === "transition")) {
        await sql.execute("select roll_up_again_from(:first::timestamptz)", { first: timeSpan(rows).first }, options);
      }
    },
  };
}

/** The one statement that writes a batch: rows travel as one JSON text, since the Data API takes no arrays. */
function writeOf({ kind, rows }: LogBatch): { statement: string; parameters: { rows: string } } {
  const { name: table, columns, conflict } = TABLES[kind];
  const names = Object.keys(columns).join(", ");
  const typed = Object.entries(columns).map(([name, { sql }]) => `${name} ${sql}`);
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

function timeSpan(rows: LogBatch["rows"]): { first: string; last: string } {
  const times = rows.map((row) => String(row["at"])).sort();
  return { first: times[0] ?? "", last: times.at(-1) ?? "" };
}
