import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lambdaContext } from "../../local/api-server.ts";
import { startEngine } from "../../local/engines/start-engine.ts";
import { loadRoundMachine } from "../../local/round-machine.ts";
import { ensureStateTable } from "../../local/state-table.ts";
import type { RoundSummary } from "../../shared/round/conclude-round.ts";
import { configOf } from "../support/checks.ts";
import { measured, printTable, type Row } from "./report.ts";

const SIZES = [1, 100, 1_000, 10_000];
const TABLE_NAME = "server-tracker";

/** Whole rounds through the state machine over the engines of `npm start`, at its pace. */
export async function benchRounds(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "server-tracker-bench-"));
  const server = fork(new URL("target-server.ts", import.meta.url), { stdio: "inherit" });
  const fail = (error: Error) => {
    throw error;
  };
  const [[targets], state, log] = await Promise.all([
    once(server, "message") as Promise<[{ http: string }]>,
    startEngine("state-worker.ts", { dataDir: join(folder, "state") }, fail),
    startEngine("log-worker.ts", { dataDir: join(folder, "log") }, fail),
  ]);
  Object.assign(process.env, {
    AWS_REGION: "local",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_ENDPOINT_URL_DYNAMODB: state.url,
    AWS_ENDPOINT_URL_RDS_DATA: log.url,
    TABLE_NAME,
    LOG_RESOURCE_ARN: "arn:local",
    LOG_SECRET_ARN: "arn:local",
    LOG_DATABASE: "log",
    ALLOWED_PRIVATE_RANGES: "127.0.0.0/8",
    CHECKS_PER_SECOND: "500",
    LOG_LEVEL: "ERROR",
  });
  const { storeDeps, logExecutor } = await import("../../functions/wiring/clients.ts");
  const { migrate, readMigrations } = await import("../../shared/log/migrate.ts");
  const stores = storeDeps("bench", { TABLE_NAME, LOG_RESOURCE_ARN: "arn:local", LOG_SECRET_ARN: "arn:local", LOG_DATABASE: "log" });
  await ensureStateTable(TABLE_NAME);
  await migrate(
    logExecutor({ LOG_RESOURCE_ARN: "arn:local", LOG_SECRET_ARN: "arn:local", LOG_DATABASE: "log" }),
    await readMigrations("sql"),
  );
  await stores.log.maintain(Date.now(), { rawDays: 14, fiveMinuteDays: 90, hourDays: 730 });
  const [plan, check, conclude] = await Promise.all([
    import("../../functions/plan-round.ts"),
    import("../../functions/check-shard.ts"),
    import("../../functions/conclude-round.ts"),
  ]);
  let summary: RoundSummary | undefined;
  const machine = await loadRoundMachine({
    PlanRound: (input) => plan.handler(input, lambdaContext("plan-round")),
    CheckShard: (input) => check.handler(input, lambdaContext("check-shard")),
    ConcludeRound: async (input) => {
      summary = await conclude.handler(input, lambdaContext("conclude-round"));
      return summary;
    },
  });
  let mark = Math.floor(Date.now() / 60_000) * 60;
  const round = async () => {
    mark += 60;
    await machine.run({ minute: new Date(mark * 1_000).toISOString(), rounds: [{ offset: 0, wait: 0 }] });
    if (summary === undefined) throw new Error("the round was not concluded");
    return summary;
  };

  const rows: (Row & { wallMs: number; cpuMs: number; size: number })[] = [];
  let registered = 0;
  for (const size of SIZES) {
    for (; registered < size; registered += 50) {
      const batch = Array.from({ length: Math.min(50, size - registered) }, (_, index) => `Target ${registered + index}`);
      await Promise.all(batch.map((name) => stores.targets.create(configOf({ name, url: targets.http, retries: 0 }))));
      if (size - registered < 50) registered = size - 50;
    }
    registered = size;
    // The first round changes every state from pending to up; small ones are soon done and need more to be warm.
    for (let warmUp = 0; warmUp < Math.max(1, 20 / size); warmUp++) await round();
    const steady = [await measured(round), await measured(round), await measured(round)].sort((a, b) => a.wallMs - b.wallMs)[1];
    if (steady === undefined || steady.result.checked !== size) throw new Error(`checked ${steady?.result.checked} of ${size}`);
    // Checks start at the pace; the last one starts when all others have.
    const pacedMs = ((size - 1) / 500) * 1_000;
    rows.push({
      what: `${size.toLocaleString("en")} targets`,
      size,
      wallMs: steady.wallMs,
      cpuMs: steady.cpuMs,
      figures: {
        "wall ms": steady.wallMs,
        "paced ms": pacedMs,
        "CPU ms": steady.cpuMs,
        "CPU ms/check": steady.cpuMs / size,
        "RSS MB": process.memoryUsage().rss / 1e6,
        "loop delay p99 ms": steady.result.loopDelayMs,
        late: steady.result.late,
      },
    });
  }
  const at = (size: number) => rows.find((row) => row.size === size) ?? fail(new Error(`no row for ${size}`));
  printTable("A whole round, locally, at 500 starts a second (target server apart, engines in this process)", rows, [
    { aim: "under 20 ms fixed cost besides the checks (a round of one target)", met: at(1).wallMs < 20 },
    {
      aim: "linear: a check costs at most 1.5x as much CPU among 10,000 as among 1,000",
      met: at(10_000).cpuMs / 10_000 <= (1.5 * at(1_000).cpuMs) / 1_000,
    },
    { aim: "10,000 targets within a round of 30 s", met: at(10_000).wallMs < 30_000 },
  ]);
  server.disconnect();
  await Promise.all([state.close(), log.close()]);
  await rm(folder, { recursive: true, force: true });
}
