import { randomUUID } from "node:crypto";
import { RDSDataClient } from "@aws-sdk/client-rds-data";
import pg from "pg";
import { createDataApiServer } from "../../local/stand-ins/data-api.ts";
import { openPglite } from "../../local/stand-ins/engines/pglite-engine.ts";
import { openPostgres } from "../../local/stand-ins/engines/postgres-engine.ts";
import type { SqlEngine } from "../../local/stand-ins/engines/sql-engine.ts";
import { listen } from "../../local/stand-ins/listen.ts";
import { createTransactionalDataApi, type TransactionalSql } from "../../shared/log/data-api.ts";
import { migrate, readMigrations } from "../../shared/log/migrate.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { snapshotOf } from "./log-snapshots.ts";

Object.assign(process.env, { AWS_REGION: "local", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" });

export interface LogEngine {
  readonly url: string;
  readonly sql: TransactionalSql;
  readonly client: RDSDataClient;
  /** Stops answering, as a database that is away; `back` answers again at the same address. */
  goAway(): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** The secret of the SQL role of rounds and API; any other is the owner's. */
export const WRITER_SECRET = "arn:local:log_writer";
const roleOf = (secretArn: string) => (secretArn === WRITER_SECRET ? "log_writer" : undefined);

/** A Postgres behind the Data API bridge: PGlite in memory, or a database of its own on `TEST_DATABASE_URL`'s server. */
export async function startLog({ migrated = true } = {}): Promise<LogEngine> {
  const log = await serveLog(await openEngine(migrated));
  if (migrated) await migrate(log.sql, await readMigrations("sql"));
  return log;
}

/** @param engine closed with what is returned */
export async function serveLog(engine: SqlEngine): Promise<LogEngine> {
  let server = createDataApiServer(engine, roleOf);
  const url = await listen(server);
  process.env["AWS_ENDPOINT_URL_RDS_DATA"] = url;
  const client = new RDSDataClient({ endpoint: url, maxAttempts: 1 });
  const sql = createTransactionalDataApi(client, { resourceArn: "arn:local", secretArn: "arn:local", database: "log" }, systemClock);
  return {
    url,
    sql,
    client,
    async goAway() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      return async () => {
        server = createDataApiServer(engine, roleOf);
        await listen(server, Number(new URL(url).port));
      };
    },
    async close() {
      client.destroy();
      server.closeAllConnections();
      server.close();
      await engine.close();
    },
  };
}

async function openEngine(migrated: boolean): Promise<SqlEngine> {
  const url = process.env["TEST_DATABASE_URL"];
  return url === undefined ? openPglite(undefined, { dump: await snapshotOf(migrated ? "migrated" : "bare") }) : openDatabase(url);
}

/** A database of its own on a server, dropped with it. @param url of the server, as who may make one */
export async function openDatabase(url: string): Promise<SqlEngine> {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query(`create database ${name}`);
  const engine = openPostgres(Object.assign(new URL(url), { pathname: `/${name}` }).href);
  return {
    session: engine.session,
    async close() {
      await engine.close();
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}
