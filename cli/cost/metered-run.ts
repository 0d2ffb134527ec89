import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import * as z from "zod";
import { lambdaContext } from "../../local/stand-ins/api-server.ts";
import { startEngine } from "../../local/stand-ins/engines/start-engine.ts";
import { createLambdaServer } from "../../local/stand-ins/lambda-server.ts";
import { listen } from "../../local/stand-ins/listen.ts";
import { ensureStateTable, STATE_TABLE as TABLE_NAME } from "../../local/stand-ins/state-table.ts";
import { shardReportSchema } from "../../shared/round/check-shard.ts";
import { parseTargetConfig } from "../../shared/targets/target.ts";
import { markOf } from "../../shared/time/marks.ts";
import { createDataApiMeter, createDynamoMeter, emptyUsage, type Usage } from "./meter.ts";
import { type MeteredPages, meterPages } from "./metered-pages.ts";

/** What one round, or one run of the maintenance, used. */
export interface MeteredRound extends Usage {
  /** Milliseconds of each of Lambda's calls, by function. */
  readonly calls: Readonly<Record<string, readonly number[]>>;
  /** Bytes that Postgres wrote to its log. */
  readonly walBytes: number;
  /** From the round's start to its end as Step Functions would run it, shards at once, in ms. */
  readonly roundMs: number;
}

export interface Metered {
  readonly round: MeteredRound;
  readonly maintenance: MeteredRound;
  readonly shards: number;
  /** Bytes of a target's item. */
  readonly itemBytes: number;
  /** Where there are status pages. */
  readonly pages?: MeteredPages | undefined;
}

export interface MeteredRunOptions {
  readonly targets: number;
  readonly intervalSeconds: number;
  readonly roundSeconds: number;
  /** What a target takes to answer, in ms. */
  readonly latencyMs: number;
  /** Share of targets that are down, 0 to 1: they answer 500, which is tried again 2 s later. */
  readonly downShare: number;
  /** Share of targets that hang until their timeout of 10 s, 0 to 1. */
  readonly hangShare: number;
  readonly shardSize: number;
  readonly checksPerSecond: number;
  /** Whether the log sleeps between its hours. */
  readonly isEconomical: boolean;
  /** Other regions that look at every target, and every how many of its checks. */
  readonly lookingRegions: number;
  readonly lookEvery: number;
  /** Status pages, of 20 targets each. */
  readonly pages: number;
}

/** Shards that are really run in a round; more of them would measure the same again. */
const SHARDS_RUN = 4;
const MAX_WARM_UPS = 500;
/** It does arithmetic. */
const NAME_ROUNDS_MS = 2;
const LOG = { LOG_RESOURCE_ARN: "arn:local", LOG_SECRET_ARN: "arn:local", LOG_DATABASE: "log" };
/** From region to region and back, in ms: Europe to the east of the United States takes 90, to Singapore 170. */
const REGION_WAY_MS = 150;
const planSchema = z.object({
  round: z.number(),
  startedAt: z.number(),
  planned: z.number(),
  hearingSince: z.number(),
  shards: z.array(z.record(z.string(), z.unknown())),
});

/**
 * Runs the real functions over engines of this machine and counts what AWS would bill. Each shard runs by
 * itself, as Lambda runs it. One per process, since functions read their settings from its environment.
 */
export async function meteredRun(options: MeteredRunOptions): Promise<Metered> {
  const fail = (error: Error) => {
    throw error;
  };
  const [state, log] = await Promise.all([startEngine("state-worker.ts", {}, fail), startEngine("log-worker.ts", {}, fail)]);
  const dynamo = createDynamoMeter(state.url);
  const dataApi = createDataApiMeter(log.url);
  const { latencyMs, downShare, hangShare } = options;
  const site = createServer((request, response) => {
    const place = Number(request.url?.slice(1)) / options.targets;
    if (place >= 1 - hangShare) return;
    const isDown = place < downShare;
    setTimeout(() => response.writeHead(isDown ? 500 : 200, { connection: "close" }).end("all is well"), latencyMs);
  });
  const siteUrl = await listen(site);
  const regions = Array.from({ length: options.lookingRegions }, (_, index) => `region-${index + 1}`);
  const probes = await startProbes();
  Object.assign(process.env, LOG, {
    AWS_REGION: "local",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_ENDPOINT_URL_DYNAMODB: await listen(dynamo.server),
    AWS_ENDPOINT_URL_RDS_DATA: await listen(dataApi.server),
    TABLE_NAME,
    ROUND_SECONDS: String(options.roundSeconds),
    SHARD_SIZE: String(options.shardSize),
    CHECKS_PER_SECOND: String(options.checksPerSecond),
    ALLOWED_PRIVATE_RANGES: "127.0.0.0/8",
    FIELD_KEY: "0123456789abcdef0123456789abcdef",
    LOG_LEVEL: "ERROR",
    ECONOMY: String(options.isEconomical),
    WAITS_APART: "true",
    PROBES: regions.map((name) => `${name}=${probes.url}`).join(","),
  });
  const stores = await prepare();
  for (let registered = 0; registered < options.targets; registered += 50) {
    const batch = Array.from({ length: Math.min(50, options.targets - registered) }, (_, index) => registered + index);
    await Promise.all(
      batch.map((index) =>
        stores.targets.create(
          parseTargetConfig(
            {
              name: `Target ${index}`,
              url: `${siteUrl}/${index}`,
              intervalSeconds: options.intervalSeconds,
              tags: ["production"],
              ...(regions.length > 0 && { from: regions, fromEvery: options.lookEvery }),
            },
            options.roundSeconds,
          ),
        ),
      ),
    );
  }

  const snapshot = async () => ({ dynamo: { ...dynamo.usage }, dataApi: { ...dataApi.usage }, wal: await stores.walPosition() });
  type Snapshot = Awaited<ReturnType<typeof snapshot>>;
  const between = (before: Snapshot, after: Snapshot): Usage & { walBytes: number } => ({
    ...emptyUsage(),
    readUnits: after.dynamo.readUnits - before.dynamo.readUnits,
    writeUnits: after.dynamo.writeUnits - before.dynamo.writeUnits,
    dynamoCalls: after.dynamo.dynamoCalls - before.dynamo.dynamoCalls,
    // Asking for the position is a call too.
    dataApiRequests: after.dataApi.dataApiRequests - before.dataApi.dataApiRequests - 1,
    dataApiMs: after.dataApi.dataApiMs - before.dataApi.dataApiMs,
    walBytes: after.wal - before.wal,
  });

  const timed = async <T>(work: Promise<T>): Promise<{ result: T; ms: number }> => {
    const start = performance.now();
    const result = await work;
    return { result, ms: performance.now() - start };
  };
  const { plan, check, conclude, maintain } = stores.handlers;
  async function round(mark: number) {
    const planStart = await snapshot();
    const planned = await timed(plan({ mark }, lambdaContext("plan-round")));
    const { shards: all, ...head } = planSchema.parse(planned.result);
    const shards = all.filter(({ ids }) => ids === undefined);
    const waitStart = await snapshot();
    const waiting = await Promise.all(
      all.filter(({ ids }) => ids !== undefined).map((shard) => timed(check(shard, lambdaContext("check-waiting")))),
    );
    const checkStart = await snapshot();
    const run = shards.slice(0, SHARDS_RUN);
    probes.calls.length = 0;
    const ran: { result: unknown; ms: number }[] = [];
    for (const shard of run) ran.push(await timed(check(shard, lambdaContext("check-shard"))));
    const concludeStart = await snapshot();
    const reports = [...waiting, ...shards.map((_, index) => ran[index % ran.length])].map((done) => shardReportSchema.parse(done?.result));
    const owing = reports.reduce((total, { owed }) => total + owed.length, 0);
    const concluded = await timed(conclude({ plan: head, shards: reports }, lambdaContext("conclude-round")));
    const end = await snapshot();
    // Shards that were not run are taken for such as were.
    const scale = run.length === 0 ? 0 : shards.length / run.length;
    const checkMs = ran.map(({ ms }) => ms);
    const waitingMs = waiting.map(({ ms }) => ms);
    const looked = Array.from(
      { length: Math.round(probes.calls.length * scale) },
      (_, index) => probes.calls[index % probes.calls.length] ?? 0,
    );
    return {
      shards: shards.length,
      owing,
      isSettled: owing === 0 && waiting.length === expectedApart(options),
      usage: sum([
        between(planStart, waitStart),
        between(waitStart, checkStart),
        scaled(between(checkStart, concludeStart), scale),
        between(concludeStart, end),
      ]),
      calls: {
        // One a minute; counted for each round, it is cents.
        "name-rounds": [NAME_ROUNDS_MS],
        "plan-round": [planned.ms],
        ...(waiting.length > 0 && { "check-waiting": waitingMs }),
        "check-shard": shards.map((_, index) => checkMs[index % checkMs.length] ?? 0),
        ...(looked.length > 0 && { probe: looked }),
        "conclude-round": [concluded.ms],
      },
      roundMs: planned.ms + Math.max(0, ...checkMs, ...waitingMs) + concluded.ms,
    };
  }

  // First checks change every target's status, which is settled over the next rounds: metered is what comes after.
  // Metered rounds are ahead of the clock, so that each has all its time.
  let mark = markOf(Date.now(), options.roundSeconds) + options.roundSeconds;
  let metered = await round(mark);
  for (let warmUps = 0; !metered.isSettled; warmUps++) {
    if (warmUps === MAX_WARM_UPS) throw new Error(`${metered.owing} alerts are still owed after ${warmUps} rounds`);
    mark += options.roundSeconds;
    metered = await round(mark);
  }

  async function maintenanceNow(): Promise<MeteredRound> {
    const start = await snapshot();
    const { ms } = await timed(maintain({}, lambdaContext("maintain-log")));
    return { ...between(start, await snapshot()), calls: { "maintain-log": [ms] }, roundMs: ms };
  }
  const isWaiting = options.isEconomical;
  // What the warm-ups left is taken first.
  if (isWaiting) await maintenanceNow();
  const idle = await maintenanceNow();
  // An hour's rounds wait: some of them are run, and the rest is taken to cost as much.
  for (let waiting = 0; isWaiting && waiting < ROUNDS_WAITING; waiting++) {
    mark += options.roundSeconds;
    await round(mark);
  }
  const hour = 3_600 / options.roundSeconds;
  const notRun = Math.max(1, metered.shards / SHARDS_RUN);
  const maintenance = isWaiting ? hourOf(idle, await maintenanceNow(), (hour / ROUNDS_WAITING) * notRun) : idle;
  const itemBytes = await stores.itemBytes();
  const measured = async (work: () => Promise<unknown>) => {
    const start = await snapshot();
    const { ms } = await timed(work());
    return { ...between(start, await snapshot()), ms };
  };
  const ids = (await stores.targets.list({ limit: 100 })).map(({ id }) => id);
  const pages = options.pages === 0 ? undefined : await meterPages(options.pages, ids, measured);
  probes.close();
  site.closeAllConnections();
  site.close();
  for (const { server } of [dynamo, dataApi]) {
    server.closeAllConnections();
    server.close();
  }
  await Promise.all([state.close(), log.close()]);
  return {
    round: { ...metered.usage, calls: metered.calls, roundMs: metered.roundMs },
    maintenance,
    shards: metered.shards,
    itemBytes,
    pages,
  };
}

/** A region's probe, as far away as regions are; `calls` has the ms of each that it answered, as Lambda bills them. */
async function startProbes(): Promise<{ url: string; calls: number[]; close(): void }> {
  const calls: number[] = [];
  const probe = async (input: unknown) => {
    await delay(REGION_WAY_MS / 2);
    const start = performance.now();
    const { handler } = await import("../../functions/probe.ts");
    const answer = await handler(input);
    calls.push(performance.now() - start);
    await delay(REGION_WAY_MS / 2);
    return answer;
  };
  const { server } = createLambdaServer(Promise.resolve({ probe }), (error) => {
    throw error;
  });
  const url = await listen(server);
  return {
    url,
    calls,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Shards of what hangs: one, where anything does. */
function expectedApart({ targets, hangShare }: MeteredRunOptions): number {
  return Math.floor(targets * hangShare) > 0 ? 1 : 0;
}

/** Rounds that wait while the writing of them is metered. */
const ROUNDS_WAITING = 12;

/** What an hour's maintenance uses, by one with nothing to write and one with a part of its rounds. @param times that part in an hour */
function hourOf(idle: MeteredRound, some: MeteredRound, times: number): MeteredRound {
  const more = (pick: (part: MeteredRound) => number) => pick(idle) + Math.max(0, pick(some) - pick(idle)) * times;
  const ms = more(({ roundMs }) => roundMs);
  return {
    readUnits: more(({ readUnits }) => readUnits),
    writeUnits: more(({ writeUnits }) => writeUnits),
    dynamoCalls: more(({ dynamoCalls }) => dynamoCalls),
    dataApiRequests: more(({ dataApiRequests }) => dataApiRequests),
    dataApiMs: more(({ dataApiMs }) => dataApiMs),
    walBytes: more(({ walBytes }) => walBytes),
    calls: { "maintain-log": [ms] },
    roundMs: ms,
  };
}

/** The functions, as Lambda loads them, with the stores behind them. */
async function prepare() {
  const { migrationExecutor } = await import("../../functions/wiring/clients.ts");
  const { storeDeps } = await import("../../functions/wiring/store-deps.ts");
  const { createDynamoTargetStore } = await import("../../shared/targets/dynamo-target-store.ts");
  const { migrate, readMigrations } = await import("../../shared/log/migrate.ts");
  const { MIGRATIONS } = await import("../../local/stand-ins/migrations.ts");
  await ensureStateTable(TABLE_NAME);
  const sql = migrationExecutor(LOG);
  await migrate(sql, await readMigrations(MIGRATIONS));
  const { client, clock } = storeDeps("cost", { TABLE_NAME, ...LOG });
  const targets = createDynamoTargetStore(client, TABLE_NAME, clock);
  const handlers = {
    plan: (await import("../../functions/plan-round.ts")).handler,
    check: (await import("../../functions/check-shard.ts")).handler,
    conclude: (await import("../../functions/conclude-round.ts")).handler,
    maintain: (await import("../../functions/maintain-log.ts")).handler,
  };
  await handlers.maintain({}, lambdaContext("maintain-log"));
  const number = async (statement: string) =>
    z.array(z.object({ value: z.coerce.number() })).parse(await sql.execute(statement))[0]?.value ?? 0;
  return {
    targets,
    handlers,
    walPosition: () => number("select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint as value"),
    itemBytes: async () => Buffer.byteLength(JSON.stringify((await targets.list({ limit: 1 }))[0] ?? {})),
  };
}

function scaled(usage: Usage & { walBytes: number }, factor: number): Usage & { walBytes: number } {
  return Object.fromEntries(Object.entries(usage).map(([name, value]) => [name, value * factor])) as unknown as Usage & {
    walBytes: number;
  }; // same keys
}

function sum(usages: readonly (Usage & { walBytes: number })[]): Usage & { walBytes: number } {
  const total = { ...emptyUsage(), walBytes: 0 };
  for (const usage of usages) for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += usage[name];
  return total;
}
