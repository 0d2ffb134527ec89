import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LastRound } from "../../../shared/round/last-round.ts";
import { type PlanRoundDeps, planRound } from "../../../shared/round/plan-round.ts";
import { isDue } from "../../../shared/targets/schedule.ts";
import type { TargetKey } from "../../../shared/targets/target.ts";
import type { TargetStore } from "../../../shared/targets/target-store.ts";
import type { Clock } from "../../../shared/time/clock.ts";

const MARK = 1_795_400_040;

function depsOf(keys: readonly TargetKey[], shardSize: number, now = MARK * 1_000, last?: LastRound): PlanRoundDeps {
  const clock: Clock = { now: () => now, sleep: async () => undefined };
  const sorted = [...keys].sort((a, b) => (a.id < b.id ? -1 : 1));
  // Planning reads keys and nothing else.
  const targets = {
    async *keys() {
      yield* sorted;
    },
  } as unknown as TargetStore;
  return { targets, lastRound: { get: async () => last }, clock, roundSeconds: 30, shardSize };
}

const key = fc.record({
  id: fc.uuid(),
  intervalSeconds: fc.constantFrom(30, 60, 300, 3_600),
  status: fc.constantFrom("pending", "up", "down", "paused"),
  owesAlert: fc.boolean(),
});
const keys = fc.uniqueArray(key, { selector: ({ id }) => id, maxLength: 300 });

describe("a plan", () => {
  it("has every due or owing target in exactly one shard, and no shard larger than it may be", async () => {
    await fc.assert(
      fc.asyncProperty(keys, fc.integer({ min: 1, max: 50 }), async (targets, shardSize) => {
        const { shards, planned } = await planRound(depsOf(targets, shardSize), { mark: MARK });
        const due = targets.filter((target) => isDue(target, MARK, 30));
        expect(planned).toBe(due.length);
        const shardsOf = (id: string) => shards.filter(({ from, to }) => from <= id && id <= to).length;
        for (const target of targets) {
          const wanted = target.owesAlert || isDue(target, MARK, 30);
          expect(shardsOf(target.id)).toBeLessThanOrEqual(1);
          if (wanted) expect(shardsOf(target.id)).toBe(1);
        }
        for (const { from, to } of shards) expect(due.filter(({ id }) => from <= id && id <= to).length).toBeLessThanOrEqual(shardSize);
      }),
    );
  });

  it("leaves room in the state for the targets that shards name", async () => {
    const many = Array.from({ length: 20_000 }, () => ({ id: randomUUID(), intervalSeconds: 30, status: "up", owesAlert: false }));
    const { shards } = await planRound(depsOf(many, 250), { mark: MARK });
    expect(shards).toHaveLength(80);
    const named = shards.reduce((sum, { owedLimit }) => sum + owedLimit, 0);
    // 256 KiB a state: ids with quotes and comma, and some 300 bytes a shard.
    expect(named * 39 + shards.length * 300).toBeLessThan(256 * 1_024);
    expect(JSON.stringify(shards).length).toBeLessThan(256 * 1_024);
  });

  it("is empty when the round's time is over", async () => {
    const target = { id: randomUUID(), intervalSeconds: 30, status: "up", owesAlert: false };
    const late = await planRound(depsOf([target], 250, (MARK + 30) * 1_000), { mark: MARK });
    expect(late).toMatchObject({ stale: true, shards: [], planned: 0 });
    expect((await planRound(depsOf([target], 250, (MARK + 29.9) * 1_000), { mark: MARK })).stale).toBe(false);
  });

  it("is of the round of 30 s that the minute and offset name", async () => {
    expect(await planRound(depsOf([], 250), { mark: MARK })).toMatchObject({ round: MARK - (MARK % 30) });
    await expect(planRound(depsOf([], 250), { mark: "now" })).rejects.toThrow(/mark/);
  });
});

describe("after a time in which no round ran", () => {
  const lastAt = (round: number, hearingSince = 1): LastRound => ({
    round,
    finishedAt: round * 1_000,
    planned: 1,
    checked: 1,
    hearingSince,
  });
  const hourly = Array.from({ length: 200 }, () => ({ id: randomUUID(), intervalSeconds: 3_600, status: "up", owesAlert: false }));
  const plan = (last: LastRound | undefined, now = MARK * 1_000) => planRound(depsOf(hourly, 250, now, last), { mark: MARK });

  it("what came due meanwhile is due at once, and each only once", async () => {
    const usual = await plan(lastAt(MARK - 30));
    const hour = await plan(lastAt(MARK - 3_600));
    const half = await plan(lastAt(MARK - 1_800));
    expect(hour.planned).toBe(200);
    expect(usual.planned).toBeLessThan(20);
    expect(half.planned).toBeGreaterThan(60);
    expect(half.planned).toBeLessThan(140);
    expect(half.shards[0]).toMatchObject({ after: MARK - 1_800 });
  });

  it("pings are awaited anew, and a round or two that are missing change nothing", async () => {
    const now = MARK * 1_000 + 7;
    expect((await plan(lastAt(MARK - 3_600, 5), now)).hearingSince).toBe(now);
    expect((await plan(undefined, now)).hearingSince).toBe(now);
    for (const missing of [30, 60, 90]) expect((await plan(lastAt(MARK - missing, 5), now)).hearingSince).toBe(5);
    // Of the same round, done twice, and of a later one.
    for (const ahead of [0, 30]) expect((await plan(lastAt(MARK + ahead, 5), now)).hearingSince).toBe(5);
  });
});

describe("a target", () => {
  it("whose configuration was changed is checked in the next round, once", () => {
    fc.assert(
      fc.property(fc.uuid(), fc.integer({ min: 0, max: 29_999 }), (id, ms) => {
        const target = { id, intervalSeconds: 86_400, status: "up", updatedAt: new Date((MARK - 30) * 1_000 + 1 + ms).toISOString() };
        const due = [-30, 0, 30, 60].map((later) => isDue(target, MARK + later, 30));
        const byPhase = [-30, 0, 30, 60].map((later) => isDue({ ...target, updatedAt: undefined }, MARK + later, 30));
        expect(due).toEqual(byPhase.map((phase, index) => phase || index === 1));
      }),
    );
  });
});
