import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { runCheck } from "../../shared/check/run-check.ts";
import { runChecks } from "../../shared/round/run-checks.ts";
import { configOf, testEngine } from "../support/checks.ts";
import { checkFloods } from "./check-floods.ts";
import { printTable, quantile, type Row } from "./report.ts";

const AIM_MB = 64;
/** Copies of each server: a shard may hold several. */
const COPIES = 4;

/** Of a healthy neighbour's p95, beside every hostile server at once. */
const AIM_SLOWER = 1.1;
const NEIGHBOUR_CHECKS = 400;
const ROUNDS = 5;

/** p95 of a target that answers in 5 ms, in ms, with as many checks a second as a shard of 200 has. */
async function neighbourP95(url: string): Promise<number> {
  const engine = testEngine();
  const job = { config: configOf({ url, retries: 0 }), heartbeat: { awaitedSince: 0 } };
  const results = await Promise.all(
    Array.from({ length: NEIGHBOUR_CHECKS }, async (_, index) => {
      await delay(index * 5);
      return runCheck(job, engine);
    }),
  );
  const failed = results.find((result) => result?.status !== "up");
  if (failed !== undefined) throw new Error(`a healthy neighbour was told as ${JSON.stringify(failed)}`);
  return quantile(
    results.map((result) => result?.totalMs ?? Number.NaN),
    0.95,
  );
}

/** How much slower a healthy target looks while every hostile server is checked in the same process. */
async function benchNeighbours(hostile: readonly string[]): Promise<void> {
  const child = fork(new URL("target-server.ts", import.meta.url), { stdio: "inherit" });
  const [{ slow }] = (await once(child, "message")) as [{ slow: string }];
  // The floods take the machine's cores from everybody: what they take where another process is flooded is not our doing.
  const other = fork(new URL("flooded-process.ts", import.meta.url), { stdio: "inherit" });
  // Code is compiled once it has run.
  await Promise.all([neighbourP95(slow), checkFloods(hostile)]);
  const pairs: { alone: number; elsewhere: number; beside: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const alone = await neighbourP95(slow);
    other.send(hostile);
    const elsewhere = await neighbourP95(slow);
    await once(other, "message");
    const floods = checkFloods(hostile);
    const beside = await neighbourP95(slow);
    await floods;
    pairs.push({ alone, elsewhere, beside });
  }
  child.disconnect();
  other.disconnect();
  const ratio = quantile(
    pairs.map(({ elsewhere, beside }) => beside / elsewhere),
    0.5,
  );
  printTable(
    "A healthy neighbour of hostile servers",
    pairs.map(({ alone, elsewhere, beside }, index) => ({
      what: `round ${index + 1}, ${NEIGHBOUR_CHECKS} checks each`,
      figures: { "p95 alone ms": alone, "floods elsewhere": elsewhere, "floods in its process": beside, ratio: beside / elsewhere },
    })),
    [
      {
        aim: `p95 at most ${AIM_SLOWER} of what it is where another process is flooded (median ${ratio.toFixed(2)})`,
        met: ratio <= AIM_SLOWER,
      },
    ],
  );
}

/** How far the memory of a checking process grows while every hostile server is checked at once. */
export async function benchHostile(): Promise<void> {
  const child = fork(new URL("hostile-process.ts", import.meta.url), { stdio: "inherit" });
  const [servers] = (await once(child, "message")) as [{ what: string; url: string }[]];
  const job = (url: string) => ({
    config: configOf({ url, retries: 0, timeoutMs: 2_000, verifyTls: false }),
    heartbeat: { awaitedSince: 0 },
  });
  const engine = testEngine();
  // Code is compiled and buffers are there once it has run.
  await runChecks(
    servers.slice(0, 5).map(({ url }) => job(url)),
    engine,
  );
  const rows: Row[] = [];
  let grownMb = 0;
  for (const [index, copies] of [1, 1, COPIES].entries()) {
    const before = process.memoryUsage().rss;
    let peak = before;
    const sampler = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 20);
    const jobs = Array.from({ length: copies }, () => servers.map(({ url }) => job(url))).flat();
    const start = performance.now();
    const { loopDelayMs } = await runChecks(jobs, engine);
    clearInterval(sampler);
    const grown = (peak - before) / 1024 / 1024;
    // The first time, the heap grows to its working size: a shard of healthy targets does that too.
    if (index === 1) grownMb = grown;
    rows.push({
      what: `${jobs.length} hostile targets at once${index === 0 ? ", the first time" : ""}`,
      figures: { "took s": (performance.now() - start) / 1_000, "grown MB": grown, "loop delay ms": loopDelayMs },
    });
  }
  await benchNeighbours(servers.map(({ url }) => url));
  child.disconnect();
  printTable("Hostile servers", rows, [{ aim: `memory grows by at most ${AIM_MB} MB with one of each at once`, met: grownMb <= AIM_MB }]);
}
