import { PGlite } from "@electric-sql/pglite";
import { type SqlEngine, SqlEngineError, type SqlSession } from "./sql-engine.ts";

/** WAL is not recycled and tables are not vacuumed by PGlite itself: measured. */
const CHECKPOINT_EVERY_MS = 5 * 60_000;
const VACUUM_EVERY_MS = 30 * 60_000;

/** A Postgres in WebAssembly. One connection: whoever has it, has it alone. */
export interface PgliteEngine extends SqlEngine {
  /** All it holds, as a tar archive. */
  dump(): Promise<Blob>;
}

/** How a database begins that is not there yet. */
export interface PgliteBeginning {
  /** What it begins with, of `PgliteEngine.dump`; empty without one. */
  readonly dump?: Blob | undefined;
  /** Arguments of `initdb`. */
  readonly initdb?: readonly string[];
}

/** @param dataDir folder, made when absent; in memory without one */
export async function openPglite(dataDir: string | undefined, { dump, initdb = [] }: PgliteBeginning = {}): Promise<PgliteEngine> {
  const db = new PGlite({
    ...(dataDir !== undefined && { dataDir }),
    ...(dump !== undefined && { loadDataDir: dump }),
    initDbStartParams: [...initdb],
    postgresqlconf: ["max_wal_size = '64MB'", "shared_buffers = '16MB'", "timezone = 'UTC'"],
  });
  await db.waitReady;
  // Values go on as Postgres prints them: the bridge knows the Data API's forms, PGlite knows JavaScript's.
  const { rows } = await db.query<{ oid: number }>("select oid::integer as oid from pg_type");
  const parsers = Object.fromEntries(rows.map(({ oid }) => [oid, (text: string) => text]));

  let turn: Promise<void> = Promise.resolve();
  async function session(): Promise<SqlSession> {
    const before = turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    turn = promise;
    await before;
    return {
      async query(sql, args) {
        try {
          const result = await db.query<string[]>(sql, [...args], { rowMode: "array", parsers });
          const columns = result.fields.map(({ name, dataTypeID }) => ({ name, typeId: dataTypeID }));
          return { columns, rows: result.rows, affectedRows: result.affectedRows ?? 0 };
        } catch (error) {
          throw new SqlEngineError(error);
        }
      },
      release: () => resolve(),
    };
  }

  const run = (sql: string) => async () => {
    const own = await session();
    await own
      .query(sql, [])
      .catch(() => undefined)
      .finally(() => own.release());
  };
  const timers = [setInterval(run("checkpoint"), CHECKPOINT_EVERY_MS), setInterval(run("vacuum (analyze)"), VACUUM_EVERY_MS)];
  return {
    session,
    async dump() {
      await run("checkpoint")();
      return db.dumpDataDir("none");
    },
    async close() {
      for (const timer of timers) clearInterval(timer);
      await db.close();
    },
  };
}
