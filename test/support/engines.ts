import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { RDSDataClient } from "@aws-sdk/client-rds-data";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import pg from "pg";
import { onTestFinished } from "vitest";
import { createDataApiServer } from "../../local/stand-ins/data-api.ts";
import { createDynalite } from "../../local/stand-ins/engines/dynalite.ts";
import { openPglite } from "../../local/stand-ins/engines/pglite-engine.ts";
import { openPostgres } from "../../local/stand-ins/engines/postgres-engine.ts";
import type { SqlEngine } from "../../local/stand-ins/engines/sql-engine.ts";
import { listen } from "../../local/stand-ins/listen.ts";
import { ensureStateTable } from "../../local/stand-ins/state-table.ts";
import { createTransactionalDataApi, type TransactionalSql } from "../../shared/log/data-api.ts";
import { migrate, readMigrations } from "../../shared/log/migrate.ts";
import { systemClock } from "../../shared/time/clock.ts";

Object.assign(process.env, { AWS_REGION: "local", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" });

export const TABLE_NAME = "server-tracker";

/** Bytes. Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_EXPRESSION = 4_096;

export interface StateEngine {
  readonly url: string;
  readonly client: DynamoDBDocumentClient;
  close(): Promise<void>;
}

/** A DynamoDB in memory, with the state table. */
export async function startState(): Promise<StateEngine> {
  const server = createDynalite();
  const url = await listen(server);
  process.env["AWS_ENDPOINT_URL_DYNAMODB"] = url;
  await ensureStateTable(TABLE_NAME);
  const raw = new DynamoDBClient({ endpoint: url });
  // dynalite knows the limit of items, and not that of expressions.
  raw.middlewareStack.add(
    (next) => (call) => {
      const long = Object.entries(call.input).find(([name, value]) => name.endsWith("Expression") && String(value).length > MAX_EXPRESSION);
      if (long !== undefined) throw new Error(`${long[0]} has ${String(long[1]).length} bytes, DynamoDB takes ${MAX_EXPRESSION}`);
      return next(call);
    },
    { step: "initialize" },
  );
  const client = DynamoDBDocumentClient.from(raw, { marshallOptions: { removeUndefinedValues: true } });
  return {
    url,
    client,
    async close() {
      raw.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}

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
  const engine = await openEngine();
  let server = createDataApiServer(engine, roleOf);
  const url = await listen(server);
  process.env["AWS_ENDPOINT_URL_RDS_DATA"] = url;
  const client = new RDSDataClient({ endpoint: url, maxAttempts: 1 });
  const sql = createTransactionalDataApi(client, { resourceArn: "arn:local", secretArn: "arn:local", database: "log" }, systemClock);
  if (migrated) await migrate(sql, await readMigrations("sql"));
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

async function openEngine(): Promise<SqlEngine> {
  const url = process.env["TEST_DATABASE_URL"];
  if (url === undefined) return openPglite(undefined);
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

/** Closes `closable` at the end of the running test. */
export function untilTestEnds<T extends { close(): Promise<void> }>(closable: T): T {
  onTestFinished(() => closable.close());
  return closable;
}
