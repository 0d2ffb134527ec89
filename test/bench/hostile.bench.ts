import { fork } from "node:child_process";
import { once } from "node:events";
import { runChecks } from "../../shared/round/run-checks.ts";
import { configOf, testEngine } from "../support/checks.ts";
import { printTable, type Row } from "./report.ts";

const AIM_MB = 64;
/** Copies of each server: a shard may hold several. */
const COPIES = 4;

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
  child.disconnect();
  printTable("Hostile servers", rows, [{ aim: `memory grows by at most ${AIM_MB} MB with one of each at once`, met: grownMb <= AIM_MB }]);
}
