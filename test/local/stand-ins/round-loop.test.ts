import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { startRoundLoop } from "../../../local/stand-ins/round-loop.ts";

const START = Date.parse("2026-11-26T12:00:40Z");

/** Runs the loop on a clock of its own for some seconds; `jumps` are what the clock is put on by, in ms, at a second. */
async function run(seconds: number, jumps: Readonly<Record<number, number>> = {}) {
  let now = START;
  let slept = 0;
  const executions: { start: string; at: string; aborted: () => boolean }[] = [];
  const ended = Promise.withResolvers<void>();
  const clock = {
    now: () => now,
    sleep: async (ms: number, signal?: AbortSignal) => {
      await setImmediate();
      signal?.throwIfAborted();
      const before = Math.floor(slept / 1_000);
      slept += ms;
      now += ms;
      for (let second = before + 1; second <= slept / 1_000; second++) now += jumps[second] ?? 0;
      if (slept >= seconds * 1_000) {
        ended.resolve();
        await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason), { once: true }));
      }
    },
  };
  const machine = {
    run: ({ start }: { start: string }, signal?: AbortSignal) => {
      executions.push({ start, at: new Date(now).toISOString(), aborted: () => signal?.aborted ?? false });
      return new Promise<unknown>((resolve) => signal?.addEventListener("abort", () => resolve(undefined), { once: true }));
    },
  };
  const loop = startRoundLoop(machine, { roundSeconds: 30, clock, onError: () => undefined });
  await ended.promise;
  const seen = executions.map(({ start, at, aborted }) => ({ start: start.slice(14, 19), at: at.slice(14, 19), aborted: aborted() }));
  await loop.stop(0);
  return seen;
}

describe("executions of the round loop on a laptop", () => {
  it("start with the round that runs, and then each minute", async () => {
    expect(await run(130)).toEqual([
      { start: "00:30", at: "00:40", aborted: false },
      { start: "01:30", at: "01:30", aborted: false },
      { start: "02:30", at: "02:30", aborted: false },
    ]);
  });

  it.each([
    ["a sleep of 47 s", 47_000, "01:30"],
    ["a sleep of an hour", 3_600_000, "00:30"],
    ["a clock put back by an hour", -3_600_000, "00:30"],
  ])("after %s begin anew at once, and those that wait for marks of before end", async (_, jump, mark) => {
    const [before, after, next] = await run(75, { 10: jump });
    expect(before).toMatchObject({ start: "00:30", aborted: true });
    expect(after).toMatchObject({ start: mark, aborted: false });
    expect(Date.parse(`2026-11-26T12:${next?.start}Z`) - Date.parse(`2026-11-26T12:${mark}Z`)).toBe(60_000);
  });

  it("go on where the clock is set by less than half a round", async () => {
    expect(await run(60, { 10: 4_000 })).toEqual([
      { start: "00:30", at: "00:40", aborted: false },
      { start: "01:30", at: "01:30", aborted: false },
    ]);
  });
});
