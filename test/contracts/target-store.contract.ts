import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { OwedAlert } from "../../shared/targets/owed-alert.ts";
import type { Target } from "../../shared/targets/target.ts";
import {
  type DeliveryClaim,
  NameTakenError,
  type StateCommit,
  type TargetStore,
  VersionConflictError,
} from "../../shared/targets/target-store.ts";
import type { Clock } from "../../shared/time/clock.ts";
import { configOf } from "../support/checks.ts";

const http = (name: string, more: Record<string, unknown> = {}) => configOf({ name, url: "http://example.com/", ...more });

/** @param open a store on empty storage, with the given clock */
export function targetStoreContract(open: (clock: Clock) => Promise<TargetStore>): void {
  let store: TargetStore;
  let now: number;
  const clock: Clock = { now: () => now, sleep: async () => undefined };

  beforeEach(async () => {
    now = 1_795_400_000_000;
    store = await open(clock);
  });

  const owed = (at: number): OwedAlert => ({ at, kind: "status", from: "up", to: "down", since: 0, previousSince: 0, deliveries: {} });
  const commitOf = (target: Target, ...alerts: OwedAlert[]): StateCommit => ({
    state: { ...target.state, status: "down", round: target.state.round + 30, recent: "d" },
    owed: alerts,
    certificateWarnings: target.certificateWarnings,
  });

  describe("targets", () => {
    it("are read back as created", async () => {
      const created = await store.create(
        http("Shop", { tags: ["a"], headers: { "x-a": "1" }, assertions: [{ kind: "jsonPath", path: "$.a", value: null }] }),
      );
      expect(await store.get(created.id)).toEqual(created);
      expect(created).toMatchObject({ configVersion: 1, state: { status: "pending" }, owed: [] });
      expect(await store.get(randomUUID())).toBeUndefined();
    });

    it("have small integers of their own", async () => {
      const targets = await Promise.all(Array.from({ length: 20 }, (_, index) => store.create(http(`t${index}`))));
      expect(new Set(targets.map(({ seq }) => seq)).size).toBe(20);
    });

    it("are listed once each, in order of id, whatever the size of a page", async () => {
      const created = await Promise.all(Array.from({ length: 25 }, (_, index) => store.create(http(`t${index}`))));
      const sorted = created.map(({ id }) => id).sort();
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 30 }), async (limit) => {
          const listed: string[] = [];
          for (let after: string | undefined; ; after = listed.at(-1)) {
            const page = await store.list({ after, limit });
            listed.push(...page.map(({ id }) => id));
            if (page.length < limit) break;
          }
          expect(listed).toEqual(sorted);
        }),
        { numRuns: 15 },
      );
    });

    it("are planned by key and loaded by range, both ends included", async () => {
      const created = await Promise.all(Array.from({ length: 10 }, (_, index) => store.create(http(`t${index}`, { intervalSeconds: 60 }))));
      const keys = [];
      for await (const key of store.keys()) keys.push(key);
      const ids = created.map(({ id }) => id).sort();
      expect(keys).toEqual(
        ids.map((id) => ({ id, intervalSeconds: 60, status: "pending", owesAlert: false, updatedAt: expect.any(String) })),
      );
      expect((await store.range(ids[2]!, ids[5]!)).map(({ id }) => id)).toEqual(ids.slice(2, 6));
    });
  });

  describe("names", () => {
    it("are unique, whatever the case", async () => {
      await store.create(http("Shop"));
      await expect(store.create(http("SHOP"))).rejects.toThrow(NameTakenError);
    });

    it("are given to one of many that ask at once", async () => {
      const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => store.create(http("Shop"))));
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const outcome of outcomes) if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(NameTakenError);
    });

    it("are free again after a rename or removal", async () => {
      const first = await store.create(http("Shop"));
      const renamed = await store.updateConfig(first, http("Store"));
      const second = await store.create(http("Shop"));
      await expect(store.updateConfig(renamed, http("shop"))).rejects.toThrow(NameTakenError);
      await store.remove(second);
      await expect(store.updateConfig(renamed, http("shop"))).resolves.toMatchObject({ config: { name: "shop" } });
    });

    it("change without its tags and group being others: when those change is kept", async () => {
      const first = await store.create(http("Shop"));
      const renamed = await store.updateConfig(first, http("Store"));
      expect(renamed.groupedAt).toBeUndefined();
      const tagged = await store.updateConfig(renamed, { ...http("Store"), tags: ["prod"] });
      expect(tagged.groupedAt).toBe(tagged.updatedAt);
      expect((await store.get(first.id))?.groupedAt).toBe(tagged.updatedAt);
      const again = await store.updateConfig(tagged, { ...http("Stores"), tags: ["prod"] });
      expect(again.groupedAt).toBe(tagged.groupedAt);
    });

    it("stay with the target when only their case changes", async () => {
      const first = await store.create(http("Shop"));
      await store.updateConfig(first, http("SHOP"));
      await expect(store.create(http("shop"))).rejects.toThrow(NameTakenError);
    });

    it("are taken over from a creation that died before its target was written", async () => {
      const target = await store.create(http("Shop"));
      // What such a crash leaves: the claim of "Shop", and no target.
      await store.remove({ ...target, config: http("Other") });
      await expect(store.create(http("Shop"))).rejects.toThrow(NameTakenError);
      now += 61_000;
      await expect(store.create(http("Shop"))).resolves.toMatchObject({ config: { name: "Shop" } });
    });
  });

  describe("configurations", () => {
    it("change only from the version that was read", async () => {
      const read = await store.create(http("Shop"));
      const changed = await store.updateConfig(read, http("Shop", { timeoutMs: 5_000 }));
      expect(changed.configVersion).toBe(2);
      await expect(store.updateConfig(read, http("Shop", { timeoutMs: 1_000 }))).rejects.toThrow(VersionConflictError);
      await expect(store.remove(read)).rejects.toThrow(VersionConflictError);
      expect(await store.get(read.id)).toEqual(changed);
    });

    it("go only with all that is known of their alerts: a claim, a record and a release are changes", async () => {
      const { id } = await store.create(http("Shop"));
      const alert = owed(1_000);
      const target = (await store.get(id))!;
      await store.commitState(target, commitOf(target, alert));
      const stale = async (change: () => Promise<unknown>) => {
        const read = (await store.get(id))!;
        await change();
        await expect(store.remove(read)).rejects.toThrow(VersionConflictError);
      };
      let claim: DeliveryClaim | undefined;
      await stale(async () => {
        claim = await store.claimOwed(id, 60_000);
      });
      await stale(() =>
        store.recordDeliveries(claim!, [{ at: alert.at, channel: "c", delivery: { outcome: "sent", attempts: 1, attemptedAt: now } }]),
      );
      await stale(() => store.releaseOwed(claim!, []));
      await store.remove((await store.get(id))!);
      expect(await store.get(id)).toBeUndefined();
    });

    it("leave a name to others when a rename loses, after a minute", async () => {
      const read = await store.create(http("Shop"));
      await store.updateConfig(read, http("Shop", { timeoutMs: 5_000 }));
      await expect(store.updateConfig(read, http("Store"))).rejects.toThrow(VersionConflictError);
      now += 61_000;
      await expect(store.create(http("Store"))).resolves.toBeDefined();
    });
  });

  describe("states", () => {
    it("are committed once, with what is owed, by one of many that decide at once", async () => {
      const read = await store.create(http("Shop"));
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => store.commitState(read, commitOf(read, owed(1_000)))));
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await store.get(read.id)).toMatchObject({ state: { status: "down" }, owed: [{ at: 1_000 }] });
    });

    it("are not committed over a changed configuration", async () => {
      const read = await store.create(http("Shop"));
      await store.updateConfig(read, http("Shop", { paused: true }));
      expect(await store.commitState(read, commitOf(read))).toBe(false);
    });

    it("keep and forget the certificate's warning", async () => {
      const read = await store.create(http("Shop"));
      await store.commitState(read, { ...commitOf(read), certificateWarnings: { abc: 14 } });
      const warned = (await store.get(read.id)) as Target;
      expect(warned.certificateWarnings).toEqual({ abc: 14 });
      await store.commitState(warned, { ...commitOf(warned), certificateWarnings: { abc: 14, def: 7 } });
      expect((await store.get(read.id))?.certificateWarnings).toEqual({ abc: 14, def: 7 });
    });

    it("let go of alerts that make room for a later one, in the same write", async () => {
      const target = await store.create(http("Shop"));
      await store.commitState(target, commitOf(target, owed(1), owed(2), owed(3)));
      const read = (await store.get(target.id))!;
      await store.commitState(read, { ...commitOf(read, owed(4)), dropped: read.owed.slice(0, 2) });
      expect((await store.get(target.id))?.owed.map(({ at }) => at)).toEqual([3, 4]);
    });
  });

  describe("owed alerts", () => {
    async function owing(): Promise<Target> {
      const read = await store.create(http("Shop"));
      await store.commitState(read, commitOf(read, owed(1_000), owed(2_000)));
      return (await store.get(read.id))!;
    }

    it("are claimed by one of many, until the claim is given back or runs out", async () => {
      const { id } = await owing();
      const claims = (await Promise.all(Array.from({ length: 8 }, () => store.claimOwed(id, 10_000)))).filter(
        (claim) => claim !== undefined,
      );
      expect(claims).toHaveLength(1);
      await store.releaseOwed(claims[0]!, []);
      expect(await store.claimOwed(id, 10_000)).toBeDefined();
      expect(await store.claimOwed(id, 10_000)).toBeUndefined();
      now += 10_001;
      expect(await store.claimOwed(id, 10_000)).toBeDefined();
    });

    it("keep what became of each delivery, and go when settled", async () => {
      const { id } = await owing();
      const claim = (await store.claimOwed(id, 10_000))!;
      const waiting = { outcome: "waiting", attempts: 1, attemptedAt: now, nextAttemptAt: now + 5, error: "429" } as const;
      expect(await store.recordDeliveries(claim, [{ at: 1_000, channel: "disc.ord", delivery: waiting }])).toBe(true);
      await store.releaseOwed(claim, [2_000]);
      expect((await store.get(id))?.owed).toEqual([{ ...owed(1_000), deliveries: { "disc.ord": waiting } }]);
    });

    it("survive a change that comes in between", async () => {
      const { id } = await owing();
      const claim = (await store.claimOwed(id, 10_000))!;
      const target = (await store.get(id))!;
      expect(await store.commitState(target, commitOf(target, owed(3_000)))).toBe(true);
      await store.releaseOwed(claim, [1_000, 2_000]);
      expect((await store.get(id))?.owed.map(({ at }) => at)).toEqual([3_000]);
    });

    it("are not touched by a claim that was lost", async () => {
      const { id } = await owing();
      const lost = (await store.claimOwed(id, 10_000))!;
      now += 10_001;
      await store.claimOwed(id, 10_000);
      expect(
        await store.recordDeliveries(lost, [{ at: 1_000, channel: "d", delivery: { outcome: "sent", attempts: 1, attemptedAt: now } }]),
      ).toBe(false);
      await store.releaseOwed(lost, [1_000]);
      expect((await store.get(id))?.owed).toHaveLength(2);
    });

    it("are not claimed where nothing is owed", async () => {
      const { id } = await store.create(http("Shop"));
      expect(await store.claimOwed(id, 10_000)).toBeUndefined();
      expect(await store.claimOwed(randomUUID(), 10_000)).toBeUndefined();
    });
  });

  describe("heartbeats", () => {
    it("keep the last ping and what it said", async () => {
      const { id } = await store.create(configOf({ name: "Job", type: "heartbeat" }), { heartbeatKeyHash: "abc" });
      await store.recordPing(id, { lastPingAt: 5, reported: { status: "down", message: "disk full" } });
      expect((await store.get(id))?.heartbeat).toEqual({
        keyHash: "abc",
        awaitedSince: now,
        lastPingAt: 5,
        reported: { status: "down", message: "disk full" },
      });
      await store.recordPing(id, { lastPingAt: 6 });
      expect((await store.get(id))?.heartbeat).toEqual({ keyHash: "abc", awaitedSince: now, lastPingAt: 6 });
    });

    it("belong to heartbeat targets alone", async () => {
      const { id } = await store.create(http("Shop"));
      expect(await store.recordPing(id, { lastPingAt: 5 })).toBe(false);
      expect(await store.setHeartbeatKey(randomUUID(), "x")).toBe(false);
    });
  });
}
