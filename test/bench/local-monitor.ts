import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadFunctions } from "../../local/load-functions.ts";
import { startEngine } from "../../local/stand-ins/engines/start-engine.ts";
import { createLambdaServer, type InvokedFunctions } from "../../local/stand-ins/lambda-server.ts";
import { listen } from "../../local/stand-ins/listen.ts";
import { loadRoundMachine } from "../../local/stand-ins/round-machine.ts";
import { ensureStateTable } from "../../local/stand-ins/state-table.ts";
import type { RoundSummary } from "../../shared/round/conclude-round.ts";
import { configOf } from "../support/checks.ts";

const TABLE_NAME = "server-tracker";
/** How long a close waits for functions that were called as events. */
const LAST_CALLS_MS = 60_000;

/** The round loop over the engines of `npm start`, on disk, with a target server in a process of its own. */
export interface LocalMonitor {
  readonly folder: string;
  /** Registers targets until there are `count`. */
  register(count: number): Promise<void>;
  /** Registers one target. @param fields of its configuration */
  registerOne(fields: Record<string, unknown>): Promise<void>;
  /** Runs the next round, whatever the clock says. */
  round(): Promise<RoundSummary>;
  maintain(): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * One per process: functions read their settings from its environment.
 * @param checksPerSecond the pace of starts @param environment further settings
 */
export async function startLocalMonitor(checksPerSecond: number, environment: Record<string, string> = {}): Promise<LocalMonitor> {
  const folder = await mkdtemp(join(tmpdir(), "server-tracker-bench-"));
  const server = fork(new URL("target-server.ts", import.meta.url), { stdio: "inherit" });
  const fail = (error: unknown) => {
    throw error;
  };
  const [[targets], state, log] = await Promise.all([
    once(server, "message") as Promise<[{ http: string }]>,
    startEngine("state-worker.ts", { dataDir: join(folder, "state") }, fail),
    startEngine("log-worker.ts", { dataDir: join(folder, "log") }, fail),
  ]);
  const logSettings = { LOG_RESOURCE_ARN: "arn:local", LOG_SECRET_ARN: "arn:local", LOG_DATABASE: "log" };
  const invoked = Promise.withResolvers<InvokedFunctions>();
  const lambda = createLambdaServer(invoked.promise, fail);
  Object.assign(process.env, logSettings, {
    AWS_ENDPOINT_URL_LAMBDA: await listen(lambda.server),
    AWS_REGION: "local",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_ENDPOINT_URL_DYNAMODB: state.url,
    AWS_ENDPOINT_URL_RDS_DATA: log.url,
    TABLE_NAME,
    ALLOWED_PRIVATE_RANGES: "127.0.0.0/8",
    CHECKS_PER_SECOND: String(checksPerSecond),
    FIELD_KEY: "0123456789abcdef0123456789abcdef",
    LOG_LEVEL: "ERROR",
    ...environment,
  });
  const { migrationExecutor } = await import("../../functions/wiring/clients.ts");
  const { storeDeps } = await import("../../functions/wiring/store-deps.ts");
  const { createDynamoTargetStore } = await import("../../shared/targets/dynamo-target-store.ts");
  const { migrate, readMigrations } = await import("../../shared/log/migrate.ts");
  const { createDataApiLogKeeper } = await import("../../shared/log/data-api-log-keeper.ts");
  const stores = storeDeps("bench", { TABLE_NAME, ...logSettings });
  const targetStore = createDynamoTargetStore(stores.client, TABLE_NAME, stores.clock);
  await ensureStateTable(TABLE_NAME);
  await migrate(migrationExecutor(logSettings), await readMigrations("sql"));
  const retention = { rawDays: 14, fiveMinuteDays: 90, hourDays: 730 };
  const keeper = createDataApiLogKeeper(stores.sql);
  await keeper.maintain(Date.now(), retention);
  const functions = await loadFunctions();
  invoked.resolve(functions.invoked(() => undefined));
  let summary: RoundSummary | undefined;
  let mark = Math.floor(Date.now() / 60_000) * 60;
  const machine = await loadRoundMachine({
    ...functions.roundTasks((concluded) => {
      summary = concluded;
    }),
    // One round, without waiting for its time.
    NameRounds: async () => ({ rounds: [{ mark, at: new Date(0).toISOString() }] }),
  });
  let registered = 0;
  return {
    folder,
    async register(count) {
      while (registered < count) {
        const batch = Array.from({ length: Math.min(50, count - registered) }, (_, index) => `Target ${registered + index}`);
        await Promise.all(batch.map((name) => targetStore.create(configOf({ name, url: targets.http, retries: 0 }))));
        registered += batch.length;
      }
    },
    async registerOne(fields) {
      await targetStore.create(configOf({ retries: 0, ...fields }));
    },
    async round() {
      mark += 30;
      await machine.run({ start: new Date(mark * 1_000).toISOString() });
      if (summary === undefined) throw new Error("the round was not concluded");
      return summary;
    },
    maintain: () => keeper.maintain(mark * 1_000, retention),
    async close() {
      server.disconnect();
      await lambda.idle(LAST_CALLS_MS);
      lambda.server.close();
      lambda.server.closeAllConnections();
      await Promise.all([state.close(), log.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
