import { describe, expect, it, onTestFinished } from "vitest";
import { runCheck } from "../../../shared/check/run-check.ts";
import { createPacer } from "../../../shared/round/pacer.ts";
import { createLoopLag } from "../../../shared/time/loop-lag.ts";
import { configOf, testEngine } from "../../support/checks.ts";
import { serveHttp } from "../../support/servers.ts";

/* What is measured in a process that is late says so: a target is neither slow nor away for that. */

/** Keeps the process from everything. */
function block(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

function watched() {
  const lag = createLoopLag();
  onTestFinished(lag.watch());
  return lag;
}

const job = (input: Record<string, unknown>) => ({ config: configOf({ retries: 0, ...input }), heartbeat: { awaitedSince: 0 } });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("a process that is late", () => {
  it("knows for how long, also before its own timer has told, and forgets what was before", async () => {
    const lag = createLoopLag();
    expect(lag.lostMs()).toBe(0);
    const unwatch = lag.watch();
    block(200);
    const seen = lag.lostMs();
    expect(seen).toBeGreaterThan(150);
    await pause(30);
    // Counted once.
    expect(lag.lostMs() - seen).toBeLessThan(150);
    unwatch();
    const after = lag.lostMs();
    block(100);
    await pause(20);
    expect(lag.lostMs()).toBe(after);
  });

  it("makes no target slow by its own delay, and says how much of the time may be its own", async () => {
    // Answers at once, as soon as anybody listens.
    const url = await serveHttp((_, response) => response.end("fine"));
    const limits = { latencyLimitMs: 200, assertions: [{ kind: "responseTime", maxMs: 200 }] };
    const checking = runCheck(job({ url, ...limits }), testEngine({ lag: watched() }));
    setTimeout(() => block(500), 1);
    const result = await checking;
    expect(result).toMatchObject({ status: "up", note: expect.stringMatching(/^the monitor was busy for up to \d+ of these \d+ ms$/) });
    expect(result?.totalMs).toBeGreaterThan(400);
  });

  it("still tells a target that is slow by itself", async () => {
    const url = await serveHttp((_, response) => void setTimeout(() => response.end("late"), 700));
    const result = await runCheck(job({ url, latencyLimitMs: 100 }), testEngine({ lag: watched() }));
    expect(result).toMatchObject({ status: "degraded", error: { text: expect.stringMatching(/^took \d+ ms, limit 100 ms$/) } });
  });

  it("times no target out for time in which it did not listen", async () => {
    const url = await serveHttp((_, response) => void setTimeout(() => response.end("fine"), 50));
    const checking = runCheck(job({ url, timeoutMs: 400 }), testEngine({ lag: watched() }));
    setTimeout(() => block(700), 1);
    expect(await checking).toMatchObject({ status: "up" });
    // Without, the timer comes before what has long arrived.
    const blamed = runCheck(job({ url, timeoutMs: 400 }), testEngine());
    setTimeout(() => block(700), 1);
    expect(await blamed).toMatchObject({ status: "down", error: { class: "timeout" } });
  });

  it("still times out what does not answer, once its own delay is made good", async () => {
    const url = await serveHttp(() => undefined);
    const start = performance.now();
    const checking = runCheck(job({ url, timeoutMs: 300 }), testEngine({ lag: watched() }));
    setTimeout(() => block(400), 1);
    expect(await checking).toMatchObject({ status: "down", error: { class: "timeout", text: expect.stringContaining("0.3 s") } });
    expect(performance.now() - start).toBeGreaterThan(550);
  });

  it("starts fewer checks the later it is, a quarter at least", async () => {
    const timeFor = async (busy: number) => {
      const pacer = createPacer(400, () => busy);
      const start = performance.now();
      for (let turn = 0; turn < 60; turn++) await pacer.turn();
      return performance.now() - start;
    };
    const [idle, half, full] = [await timeFor(0), await timeFor(0.5), await timeFor(1)];
    expect(half / idle).toBeGreaterThan(1.4);
    expect(full / idle).toBeGreaterThan(2.5);
    expect(full / idle).toBeLessThan(8);
  });

  it("is as busy as it was late", async () => {
    const lag = watched();
    for (let slice = 0; slice < 25; slice++) {
      block(40);
      await pause(0);
    }
    expect(lag.busy()).toBeGreaterThan(0.4);
  });
});
