import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Cut, CutStore } from "../../../shared/round/id-ranges.ts";
import type { LastRound } from "../../../shared/round/last-round.ts";
import { type PlanRoundDeps, planRound, type Shard } from "../../../shared/round/plan-round.ts";
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
  return {
    targets,
    lastRound: { get: async () => last },
    cuts: memoryCuts(),
    clock,
    roundSeconds: 30,
    shardSize,
    logger: { warn: () => undefined },
  };
}

function memoryCuts(): CutStore {
  let kept: Cut | undefined;
  return {
    get: async () => kept,
    put: async (cut) => {
      kept = cut;
    },
  };
}

const key = fc.record({
  id: fc.uuid(),
  intervalSeconds: fc.constantFrom(30, 60, 300, 3_600),
  status: fc.constantFrom("pending", "up", "down", "paused"),
  owesAlert: fc.boolean(),
});
const keys = fc.uniqueArray(key, { selector: ({ id }) => id, maxLength: 300 });

describe("a plan", () => {
  it("has every target in exactly one shard, also one that is yet to come, and no shard larger than it may be", async () => {
    await fc.assert(
      fc.asyncProperty(keys, fc.array(fc.uuid(), { maxLength: 50 }), fc.integer({ min: 1, max: 50 }), async (targets, later, shardSize) => {
        const { shards, planned } = await planRound(depsOf(targets, shardSize), { mark: MARK });
        const checksOf = ({ status, intervalSeconds }: TargetKey) =>
          status === "paused" ? 0 : status === "pending" ? 1 : 30 / intervalSeconds;
        const all = targets.reduce((sum, target) => sum + checksOf(target), 0);
        expect(Math.abs(planned - all)).toBeLessThanOrEqual(1 + 0.01 * shards.length);
        if (targets.length === 0) {
          expect(shards).toEqual([]);
          return;
        }
        const within =
          ({ from, to }: Shard) =>
          (id: string) =>
            from <= id && id <= to;
        for (const id of [...targets.map((target) => target.id), ...later]) {
          expect(shards.filter((shard) => within(shard)(id))).toHaveLength(1);
        }
        for (const shard of shards) {
          const own = targets.filter(({ id }) => within(shard)(id));
          expect(own.length).toBeLessThanOrEqual(shardSize * 8);
          expect(own.reduce((sum, target) => sum + checksOf(target), 0)).toBeLessThanOrEqual(shardSize + 1);
        }
      }),
    );
  });

  it("reads every key once in five minutes, or when many have come since, or shards are to be of another size", async () => {
    let reads = 0;
    const made = (count: number) =>
      Array.from({ length: count }, () => ({ id: randomUUID(), intervalSeconds: 30, status: "up", owesAlert: false }));
    let there = made(100);
    const cuts = memoryCuts();
    const plan = (later: number, { planned = 100, shardSize = 10 } = {}) => {
      const now = MARK * 1_000 + later * 1_000;
      const last = { round: MARK - 30, finishedAt: now, planned, checked: planned };
      const deps = depsOf(there, shardSize, now, last);
      const targets = {
        keys: () => {
          reads++;
          return deps.targets.keys();
        },
      };
      return planRound({ ...deps, targets, cuts }, { mark: MARK + later });
    };
    const first = await plan(0);
    expect((await plan(30)).shards.map(({ from }) => from)).toEqual(first.shards.map(({ from }) => from));
    await plan(270);
    expect(reads).toBe(1);
    await plan(300);
    expect(reads).toBe(2);
    // As many again, told by what was due in the round before.
    there = [...there, ...made(100)];
    expect(await plan(330, { planned: 200 })).toMatchObject({ planned: 200, shards: { length: 20 } });
    expect(reads).toBe(3);
    expect(await plan(360, { planned: 200, shardSize: 50 })).toMatchObject({ shards: { length: 4 } });
    expect(reads).toBe(4);
  });

  it("is made without a store for its cut, and where nothing is registered yet the first target is seen at once", async () => {
    const away = {
      get: async () => {
        throw new Error("away");
      },
      put: async () => {
        throw new Error("away");
      },
    };
    const target = { id: randomUUID(), intervalSeconds: 30, status: "up", owesAlert: false };
    const cuts = memoryCuts();
    expect((await planRound({ ...depsOf([], 250), cuts }, { mark: MARK })).shards).toEqual([]);
    expect((await planRound({ ...depsOf([target], 250), cuts }, { mark: MARK })).shards).toHaveLength(1);
    expect(await planRound({ ...depsOf([target], 250), cuts: away }, { mark: MARK })).toMatchObject({
      planned: 1,
      shards: [{ isAlone: true }],
    });
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
  const plan = async (last: LastRound | undefined, now = MARK * 1_000) => {
    const made = await planRound(depsOf(hourly, 250, now, last), { mark: MARK });
    const [{ after }] = made.shards as [Shard];
    return { ...made, due: hourly.filter((target) => isDue(target, MARK, 30, after)).length };
  };

  it("what came due meanwhile is due at once, and each only once", async () => {
    const usual = await plan(lastAt(MARK - 30));
    const hour = await plan(lastAt(MARK - 3_600));
    const half = await plan(lastAt(MARK - 1_800));
    expect(hour.due).toBe(200);
    expect(usual.due).toBeLessThan(20);
    expect(half.due).toBeGreaterThan(60);
    expect(half.due).toBeLessThan(140);
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
