import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Clock as FakeClock, install } from "@sinonjs/fake-timers";
import { loadRoundMachine, ROUND_DEFINITION } from "../../../local/stand-ins/round-machine.ts";
import type { CheckResult } from "../../../shared/check/check-result.ts";
import type { CheckJob } from "../../../shared/check/run-check.ts";
import type { LogBatch } from "../../../shared/log/tables.ts";
import { createAddressGuard } from "../../../shared/net/address-guard.ts";
import { checkShard } from "../../../shared/round/check-shard.ts";
import { concludeRound, type RoundSummary } from "../../../shared/round/conclude-round.ts";
import type { Cut } from "../../../shared/round/id-ranges.ts";
import type { LastRound } from "../../../shared/round/last-round.ts";
import { createRoundNamer } from "../../../shared/round/name-rounds.ts";
import { planRound } from "../../../shared/round/plan-round.ts";
import type { DepartedTargets } from "../../../shared/targets/departed.ts";
import { createFieldCipher } from "../../../shared/targets/field-cipher.ts";
import { parseTargetConfig, type Target } from "../../../shared/targets/target.ts";
import { bytesOf, createDataApi, createLambda, createTable, type FunctionUse, type LambdaModel } from "./model.ts";

export interface ScaleOptions extends LambdaModel {
  readonly targets: number;
  readonly rounds: number;
  readonly roundSeconds: 10 | 15 | 20 | 30 | 60;
  readonly shardSize: number;
  /** Shards at once, as the state machine's Map is told. */
  readonly width: number;
  /** Share of the targets that are down from the third round on, 0 to 1. */
  readonly downShare: number;
  /** Of a check, in ms. */
  readonly latencyMs: number;
  readonly checksPerSecond: number;
}

export interface ScaleReport {
  readonly summaries: readonly RoundSummary[];
  readonly functions: ReadonlyMap<string, FunctionUse>;
  readonly table: { readonly read: number; readonly write: number; readonly longestWaitMs: number };
  readonly dataApi: { readonly calls: number; readonly largestBytes: number; readonly rows: number; readonly busyMs: number };
  /** Bytes of the largest state: the plan, or what its shards reported. */
  readonly largestState: number;
  readonly spooled: number;
  /** From a round's mark to its end, the longest, in ms. */
  readonly longestRoundMs: number;
}

/** A mark. */
const START_S = 1_800_000_000;
const CIPHER = createFieldCipher("a key of a simulation, 32 characters and more");
const GUARD = createAddressGuard([]);
const NONE_DEPARTED: DepartedTargets = {
  list: async () => [],
  forget: async () => undefined,
  claimOwed: async () => undefined,
  recordDeliveries: async () => false,
  releaseOwed: async () => undefined,
};

/** Runs rounds of many targets through the real state machine and the real functions, in a model of AWS and time of its own. */
export async function runAtScale(options: ScaleOptions): Promise<ScaleReport> {
  const folder = await mkdtemp(join(tmpdir(), "scale-"));
  const definition = pathToFileURL(join(folder, "round.asl.json"));
  const text = await readFile(ROUND_DEFINITION, "utf8");
  await writeFile(definition, text.replace(/"MaxConcurrency": 8\b/, `"MaxConcurrency": ${options.width}`));
  const fake = install({
    now: START_S * 1_000 - 5_000,
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"],
    ignoreMissingTimers: true,
  });
  try {
    return await inTime(fake, options, definition);
  } finally {
    fake.uninstall();
    await rm(folder, { recursive: true });
  }
}

async function inTime(fake: FakeClock, options: ScaleOptions, definition: URL): Promise<ScaleReport> {
  const { targets: count, roundSeconds, shardSize, latencyMs } = options;
  const clock = { now: () => Date.now(), sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)) };
  const lambda = createLambda(options, clock.now, clock.sleep);
  const table = createTable(clock.now, clock.sleep);
  const dataApi = createDataApi(clock.sleep);
  const all = targetsOf(count, roundSeconds);
  const itemBytes = bytesOf(all[0]);
  const isDown = new Set<string>();
  const kept: { last?: LastRound; cut?: Cut } = {};
  const summaries: RoundSummary[] = [];
  let largestState = 0;
  let spooled = 0;
  let longestRoundMs = 0;

  const place = (id: string) => lowerBound(all, id);
  const store = {
    get: async (id: string) => {
      await table.get(itemBytes);
      return all[place(id)];
    },
    list: async () => all.slice(0, 1),
    async *keys() {
      await table.query(count * itemBytes);
      for (const { id, config, state, owed, updatedAt } of all) {
        yield { id, intervalSeconds: config.intervalSeconds, status: state.status, updatedAt, owesAlert: owed.length > 0 };
      }
    },
    async range(from: string, to: string) {
      const found = all.slice(place(from), lowerBound(all, to));
      await table.query(found.length * itemBytes);
      return found;
    },
    async commitState(
      read: Target,
      {
        state,
        owed,
        certificateWarnings,
      }: { state: Target["state"]; owed: Target["owed"]; certificateWarnings: Target["certificateWarnings"] },
    ) {
      await table.write(itemBytes);
      const at = place(read.id);
      const now = all[at];
      if (now === undefined || now.stateVersion !== read.stateVersion) return false;
      all[at] = { ...now, state, owed: [...now.owed, ...owed], certificateWarnings, stateVersion: now.stateVersion + 1 };
      return true;
    },
    async claimOwed(id: string) {
      await table.write(itemBytes);
      const target = all[place(id)];
      return target === undefined || target.owed.length === 0 ? undefined : { target, leaseId: "x" };
    },
    recordDeliveries: async () => true,
    async releaseOwed({ target }: { target: Target }, settled: readonly number[]) {
      await table.write(itemBytes);
      const at = place(target.id);
      const now = all[at];
      if (now !== undefined) all[at] = { ...now, owed: now.owed.filter((alert) => !settled.includes(alert.at)) };
    },
  };
  const shared = {
    targets: store,
    log: { write: ({ rows }: LogBatch) => dataApi.write(rows) },
    spool: {
      put: async () => {
        spooled++;
      },
      oldest: async () => [],
      remove: async () => undefined,
      settle: async () => undefined,
      reject: async () => undefined,
    },
    lastRound: {
      get: async () => kept.last,
      put: async (last: LastRound) => {
        kept.last = last;
      },
    },
    cuts: {
      get: async () => {
        if (kept.cut !== undefined) await table.get(bytesOf(kept.cut));
        return kept.cut;
      },
      put: async (cut: Cut) => {
        kept.cut = cut;
        await table.write(bytesOf(cut));
      },
    },
    logger: { warn: () => undefined, error: () => undefined },
    clock,
    roundSeconds,
    cipher: CIPHER,
  };
  const check = async ({ config }: CheckJob): Promise<CheckResult> => {
    const startedAt = clock.now();
    await clock.sleep(latencyMs);
    const failed = isDown.has((config as { name?: string }).name ?? ""); // a target is a configuration with a name
    return {
      status: failed ? "down" : "up",
      ...(failed && { error: { class: "status" as const, text: "500 Internal Server Error" }, httpStatus: 500 }),
      attempts: 1,
      startedAt,
      totalMs: latencyMs,
      phases: {},
    };
  };
  const noted = <Output>(output: Output): Output => {
    largestState = Math.max(largestState, bytesOf(output));
    return output;
  };

  const nameRounds = createRoundNamer({ roundSeconds, clock });
  const machine = await loadRoundMachine(
    {
      NameRounds: (input) => lambda.call("name-rounds", input, async () => nameRounds(input)),
      PlanRound: (input) => lambda.call("plan-round", input, async () => noted(await planRound({ ...shared, shardSize }, input))),
      CheckShard: (input) =>
        lambda.call("check-shard", input, () =>
          checkShard(
            { ...shared, engine: { clock, guard: GUARD, userAgent: "scale", pacer: pacerOf(options, clock.sleep), check } },
            input,
          ),
        ),
      ConcludeRound: (input) =>
        lambda.call("conclude-round", input, async () => {
          // What it is given is the state: head, and what shards reported.
          noted(input);
          const summary = await concludeRound(
            {
              ...shared,
              channels: [],
              departed: NONE_DEPARTED,
              channelHealth: { markHealthy: async () => undefined, markUnhealthy: async () => undefined, unhealthy: async () => [] },
              maintenance: { list: async () => [] },
              turns: { claim: async () => async () => undefined },
              guard: GUARD,
              userAgent: "scale",
              linkTo: () => undefined,
              acknowledgeAt: () => undefined,
              publish: () => undefined,
            },
            input,
          );
          longestRoundMs = Math.max(longestRoundMs, clock.now() - summary.round * 1_000);
          summaries.push(summary);
          return summary;
        }),
      PublishPages: async () => ({}),
    },
    definition,
  );

  const minutes = Math.ceil((options.rounds * roundSeconds) / 60);
  const work = (async () => {
    const executions: Promise<unknown>[] = [];
    for (let minute = 0; minute < minutes; minute++) {
      const start = START_S + minute * 60;
      await clock.sleep(start * 1_000 - clock.now());
      if (minute === 1) for (const { config } of all.slice(0, Math.round(count * options.downShare))) isDown.add(config.name);
      executions.push(machine.run({ start: new Date(start * 1_000).toISOString() }));
    }
    await Promise.all(executions);
  })();
  await untilDone(fake, work);
  return {
    summaries,
    functions: lambda.uses,
    table: table.used,
    dataApi: dataApi.used,
    largestState,
    spooled,
    longestRoundMs,
  };
}

/** Lets time go on, whenever nothing is to be done at once, until `work` has ended. */
async function untilDone(fake: FakeClock, work: Promise<unknown>): Promise<void> {
  let isDone = false;
  const end = () => {
    isDone = true;
  };
  work.then(end, end);
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    if (isDone) break;
    if (fake.countTimers() > 0) fake.next();
  }
  await work;
}

/** The pace of one instance, in the simulation's time. */
function pacerOf({ checksPerSecond }: ScaleOptions, sleep: (ms: number) => Promise<void>) {
  let started = 0;
  const burst = Math.max(1, Math.round(checksPerSecond / 20));
  return { turn: () => sleep(Math.floor(started++ / burst) * ((burst * 1_000) / checksPerSecond)) };
}

function targetsOf(count: number, roundSeconds: number): Target[] {
  const made = Array.from({ length: count }, (_, seq): Target => {
    const hex = createHash("sha256").update(String(seq)).digest("hex");
    const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
    const config = parseTargetConfig(
      { name: `Target ${seq}`, url: `https://${seq}.example.com/health`, tags: ["production"], intervalSeconds: roundSeconds },
      roundSeconds,
    );
    const at = new Date(START_S * 1_000 - 86_400_000).toISOString();
    return {
      id,
      seq,
      config,
      configVersion: 1,
      stateVersion: 1,
      deliveryVersion: 0,
      state: { status: "up", since: START_S - 86_400, round: START_S - 60, recent: "uuu", runSince: START_S - 86_400 },
      owed: [],
      known: {},
      messages: {},
      certificateWarnings: {},
      createdAt: at,
      updatedAt: at,
    };
  });
  return made.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Index of the first target whose id is not below. */
function lowerBound(all: readonly Target[], id: string): number {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((all[middle]?.id ?? "") < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
