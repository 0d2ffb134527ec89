import { describe, expect, it } from "vitest";
import { MAX_ITEM_BYTES } from "./invariants.ts";
import { SABOTAGES, type Sabotage } from "./sabotage.ts";
import { report, simulate } from "./simulate.ts";
import type { Run } from "./world.ts";

const wrong = async (run: Run) => {
  const outcome = await simulate(run);
  return outcome.problems.length === 0 ? "" : report(run, outcome);
};

describe("the core, over stores that answer when they like", () => {
  it.each([1, 2, 3, 4, 5])(
    "keeps its word in 200 rounds of doubled, late and overlapping ones, outages and edits: seed %i",
    async (seed) => {
      expect(await wrong({ seed, rounds: 200 })).toBe("");
    },
  );

  it.each([1, 2, 3, 4, 5])("keeps its word in 200 rounds in which its functions die at any call: seed %i", async (seed) => {
    expect(await wrong({ seed, rounds: 200, deathRate: 0.01 })).toBe("");
  });

  it.each([1, 2, 3, 4, 5, 6])("keeps its word where the log sleeps between its hours, and somebody looks: seed %i", async (seed) => {
    expect(await wrong({ seed, rounds: 200, isResting: true, deathRate: seed % 2 === 0 ? 0.01 : 0 })).toBe("");
  });

  it("holds no item beyond what DynamoDB takes while all flaps and no channel takes anything", async () => {
    // What left an item to make room was once said to wait for ever, by a round that still tried.
    const { problems, world } = await simulate({ seed: 7, rounds: 260, isFlapping: true });
    expect(problems).toEqual([]);
    // As many as an item holds: more have left it, and are in the ledger as failed.
    expect(world.largestItem).toBeGreaterThan(60_000);
    expect(world.largestItem).toBeLessThan(MAX_ITEM_BYTES);
  });

  it("is the same run for the same seed", async () => {
    const run = { seed: 7, rounds: 60, deathRate: 0.01 };
    const [first, second] = [await simulate(run), await simulate(run)];
    expect(first.world.told.map(({ alert }) => alert.id)).toEqual(second.world.told.map(({ alert }) => alert.id));
    expect(first.world.scheduler.trace).toEqual(second.world.scheduler.trace);
    expect(first.world.scheduler.trace.length).toBeGreaterThan(20);
  });
});

/** After so many that say nothing, what is broken is not noticed: most are at the first. */
const SEEDS = 24;

describe("a simulation notices that", () => {
  it.each(Object.keys(SABOTAGES) as Sabotage[])("%s", async (sabotage) => {
    const noticed: string[] = [];
    for (let seed = 1; seed <= SEEDS && noticed.length === 0; seed++) {
      const { problems } = await simulate({ seed, rounds: 120, deathRate: seed % 2 === 0 ? 0.04 : 0, sabotage });
      noticed.push(...problems);
    }
    expect(noticed).not.toEqual([]);
  });
});
