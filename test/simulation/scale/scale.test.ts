import { describe, expect, it } from "vitest";
import { runAtScale, type ScaleOptions } from "./scale-run.ts";

const OPTIONS: ScaleOptions = {
  targets: 3_000,
  rounds: 4,
  roundSeconds: 30,
  shardSize: 250,
  width: 40,
  concurrency: 1_000,
  coldStartMs: 250,
  downShare: 0,
  latencyMs: 150,
  checksPerSecond: 500,
};
const total = <Summary>(summaries: readonly Summary[], pick: (summary: Summary) => number) =>
  summaries.reduce((sum, summary) => sum + pick(summary), 0);

describe("a large deployment, in a model of AWS", () => {
  it("checks every target in each round, in time, and reads every key once", async () => {
    const { summaries, table, functions, spooled } = await runAtScale(OPTIONS);
    expect(summaries.map(({ checked, planned, late, failedShards }) => [checked, planned, late, failedShards])).toEqual(
      Array(4).fill([3_000, 3_000, 0, 0]),
    );
    expect(functions.get("check-shard")?.calls).toBe(4 * 12);
    expect(spooled).toBe(0);
    // A target's item is read by its shard in each round, and once for the plan.
    const aRound = table.read / (4 + 1);
    expect(aRound).toBeGreaterThan((3_000 * 500) / 8_192);
    expect(aRound).toBeLessThan((3_000 * 2_000) / 8_192);
  });

  it("tells of an outage of everything within a state of Step Functions", async () => {
    const { summaries, largestState } = await runAtScale({ ...OPTIONS, targets: 10_000, downShare: 1 });
    expect(total(summaries, ({ transitions }) => transitions)).toBe(10_000);
    expect(total(summaries, ({ failedShards }) => failedShards)).toBe(0);
    // The ids that are named are what is large; 40 shards of 100 each are all that may be.
    expect(largestState).toBeGreaterThan(100_000);
    expect(largestState).toBeLessThan(262_144);
  });

  it("counts what found no instance, and loses nothing without a word", async () => {
    const { summaries, functions } = await runAtScale({ ...OPTIONS, targets: 10_000, concurrency: 3, latencyMs: 3_000 });
    expect(functions.get("check-shard")?.throttled).toBeGreaterThan(0);
    const lost = total(summaries, ({ failedShards }) => failedShards);
    expect(lost).toBeGreaterThan(0);
    for (const { planned, checked, failedShards } of summaries) {
      expect([failedShards, planned - checked]).toEqual([failedShards, failedShards * 250]);
    }
  });
});
