import pg from "pg";
import { type SqlEngine, SqlEngineError } from "./sql-engine.ts";

/** The Data API's own limit for a statement. */
const STATEMENT_TIMEOUT_MS = 45_000;

/** A Postgres server. @param url `postgres://user:password@host:port/database`; what it leaves out, PGUSER and its like have */
export function openPostgres(url: string): SqlEngine {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 3_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    options: "-c timezone=UTC",
  });
  // An idle connection that breaks is replaced at its next use.
  pool.on("error", () => undefined);
  const asText = { getTypeParser: () => (text: string) => text } as unknown as pg.CustomTypesConfig; // pg hands text in text mode
  return {
    async session() {
      const client = await pool.connect().catch((error: unknown) => {
        throw new SqlEngineError(error);
      });
      let lost = false;
      const onError = () => {
        lost = true;
      };
      client.on("error", onError);
      return {
        async query(sql, args) {
          try {
            // The simple protocol would take several statements in one call, which the Data API does not.
            const query = { text: sql, values: [...args], rowMode: "array" as const, types: asText, queryMode: "extended" };
            const result = await client.query(query);
            const columns = result.fields.map(({ name, dataTypeID }) => ({ name, typeId: dataTypeID }));
            return { columns, rows: result.rows, affectedRows: result.rowCount ?? 0 };
          } catch (error) {
            throw new SqlEngineError(error);
          }
        },
        release(broken) {
          client.off("error", onError);
          client.release(broken || lost);
        },
      };
    },
    close: () => pool.end(),
  };
}
