import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SqlExecutor } from "../../../shared/log/data-api.ts";
import { createDynamoKeptOverview } from "../../../shared/log/dynamo-kept-overview.ts";
import { createDynamoLogRest } from "../../../shared/log/dynamo-log-rest.ts";
import { createDynamoRecentChecks } from "../../../shared/log/dynamo-recent-checks.ts";
import { createDynamoSpool } from "../../../shared/log/dynamo-spool.ts";
import { filledStrip, type KeptOverview, laterStrip } from "../../../shared/log/kept-overview.ts";
import { AWAKE_MS, hasMissedItsHour, isAwake, isFailing, isWarm, type LogRest, WAKING_MS } from "../../../shared/log/log-rest.ts";
import { createQuietSql, createWakingSql } from "../../../shared/log/resting-log.ts";
import { batch } from "../../../shared/log/tables.ts";
import { checkRow } from "../../support/log-rows.ts";
import { type StateEngine, startState, TABLE_NAME } from "../../support/state-engine.ts";

let state: StateEngine;
let now = Date.UTC(2026, 10, 1);
const clock = { now: () => now };
let rest: LogRest;

beforeAll(async () => {
  state = await startState();
  rest = createDynamoLogRest(state.client, TABLE_NAME, clock);
});
afterAll(() => state.close());
// A day later nothing of before is left to count.
beforeEach(() => {
  now += 86_400_000;
});

const HOUR_MS = 3_600_000;

describe("a log that sleeps", () => {
  it("is woken by one of many that look at once, and is awake when all that waited is written", async () => {
    const looks = await Promise.all(Array.from({ length: 8 }, () => rest.look()));
    expect(looks.map(({ isAwake: awake }) => awake)).toEqual(looks.map(() => false));
    expect(looks.filter(({ wakes }) => wakes === now)).toHaveLength(1);
    now += 5_000;
    expect(await rest.look()).toEqual({ isAwake: false, isFailing: false });
    await rest.written(now);
    expect(await rest.look()).toEqual({ isAwake: true, isFailing: false });
  });

  it("is not awake by what was written before it was woken", async () => {
    await rest.written(now);
    now += 1_000;
    const { wakes } = await rest.look();
    expect(wakes).toBe(now);
    expect(isAwake(await rest.state(), now)).toBe(false);
    // An hour's writing that began before, and ends now.
    await rest.written(now - 500);
    expect((await rest.look()).isAwake).toBe(false);
  });

  it("is woken again when nothing came of it, and stays awake while somebody looks", async () => {
    await rest.look();
    now += WAKING_MS + 1;
    expect((await rest.look()).wakes).toBe(now);
    await rest.written(now);
    for (let look = 0; look < 5; look++) {
      now += AWAKE_MS - 1_000;
      expect([look, (await rest.look()).isAwake]).toEqual([look, true]);
    }
    now += AWAKE_MS + 1;
    expect((await rest.look()).isAwake).toBe(false);
  });

  it("does not wake where nothing comes of it for minutes: whoever looks is not told to wait for half a minute for ever", async () => {
    await rest.written(now);
    const read = (sql: SqlExecutor) => sql.execute("select 1", {}).then(String, (error: unknown) => String(error));
    const answers = { execute: async () => [] };
    const waking = createWakingSql(answers, rest, async () => {});
    const quiet = createQuietSql(answers, rest, { now: () => now });
    now += 600_000;
    for (let minute = 0; minute < 3; minute++) {
      expect([minute, await read(waking), await read(quiet)]).toEqual([
        minute,
        expect.stringMatching(/sleeps/),
        expect.stringMatching(/sleeps/),
      ]);
      now += WAKING_MS + 1;
    }
    expect([await read(waking), await read(quiet)]).toEqual([
      expect.stringMatching(/^StoreUnavailableError: the log does not wake/),
      expect.stringMatching(/does not wake/),
    ]);
    // It is tried all the same, and what comes of it counts from then on.
    expect((await rest.look()).isFailing).toBe(true);
    await rest.written(now);
    expect([await read(waking), (await rest.look()).isFailing]).toEqual(["", false]);
    now += 600_000;
    expect(await read(waking)).toMatch(/sleeps/);
    // Nor is it sleep where its hour was missed.
    await rest.written(now);
    expect([isFailing(await rest.state(), now + 3 * HOUR_MS), isFailing(await rest.state(), now + HOUR_MS)]).toEqual([true, false]);
  });

  it("can be read by the way right after its hour, and never longer", async () => {
    await rest.written(now);
    expect(isWarm(await rest.state(), now + 60_000)).toBe(true);
    expect(isWarm(await rest.state(), now + 120_000)).toBe(false);
  });

  it("has missed its hour when nothing was written for more than two", async () => {
    await rest.written(now);
    expect(await hasMissedItsHour(rest, now + 2 * HOUR_MS)).toBe(false);
    expect(await hasMissedItsHour(rest, now + 3 * HOUR_MS)).toBe(true);
    const began: number[] = [];
    const fresh = {
      state: async () => ({ awakeUntil: 0, wokenAt: 0, wakingSince: 0, writtenAt: 0 }),
      written: async (at: number) => void began.push(at),
    };
    expect([await hasMissedItsHour(fresh, now), began]).toEqual([false, [now]]);
  });
});

describe("what is shown while it sleeps", () => {
  it("is what was kept, an hour later by hours, and filled by the target's own state", () => {
    const at = Date.UTC(2026, 10, 1, 12, 59);
    const strip = { seq: 1, hours: `${"-".repeat(20)}uudu`, uptimePercent: 99 };
    expect(laterStrip(strip, at, at).hours).toBe(strip.hours);
    const later = laterStrip(strip, at, at + 2 * HOUR_MS).hours;
    expect(later).toBe(`${"-".repeat(18)}uudu--`);
    expect(laterStrip(strip, at, at + 48 * HOUR_MS).hours).toBe("-".repeat(24));
    const seconds = (hour: number, minute: number) => Date.UTC(2026, 10, 1, hour, minute) / 1_000;
    const filled = (status: string, since: number) => filledStrip(later, { status, since }, at + 2 * HOUR_MS).slice(-6);
    expect(filled("up", seconds(12, 0))).toBe("uuduuu");
    // Up again since the middle of the last hour: what the one before was, nobody knows here.
    expect(filled("up", seconds(14, 30))).toBe("uudu--");
    expect(filled("down", seconds(13, 30))).toBe("uududd");
    expect(filled("paused", seconds(1, 0))).toBe("uudu--");
  });

  it("is kept whole, and without what scrapes alone read where it is too much", async () => {
    const store = createDynamoKeptOverview(state.client, TABLE_NAME);
    const kept: KeptOverview = {
      at: now,
      strips: [{ seq: 1, hours: "u".repeat(24), uptimePercent: null }],
      reasons: [{ seq: 1, text: "status 500" }],
      lastChecks: [
        { seq: 1, at: 1, totalMs: 5, phases: { dnsMs: null, connectMs: 1, tlsMs: null, ttfbMs: 2, transferMs: 3 }, certificateDays: null },
      ],
    };
    await store.put(kept);
    expect(await store.get()).toEqual(kept);
    const many = Array.from({ length: 40_000 }, (_, seq) => ({
      ...(kept.lastChecks[0] as KeptOverview["lastChecks"][0]),
      seq,
      totalMs: Math.random(),
    }));
    await store.put({ ...kept, lastChecks: many });
    expect(await store.get()).toEqual({ ...kept, lastChecks: [] });
  });

  it("are the checks of the last hour, those that wait and those that were written, once each", async () => {
    const spool = createDynamoSpool(state.client, TABLE_NAME, { keepsChecks: true });
    const recent = createDynamoRecentChecks(state.client, TABLE_NAME);
    const mark = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
    const put = async (minutes: number) => {
      const key = `${mark(minutes)}#shard#check#x`;
      const of = batch("check", [checkRow(1, mark(minutes)), checkRow(2, mark(minutes), { status: "down" })]);
      await spool.put(key, of);
      return { key, batch: of };
    };
    const written = [await put(70), await put(30)];
    for (const spooled of written) await spool.settle(spooled);
    await put(1);
    // Half moved: in both places.
    const moving = await put(10);
    await spool.settle(moving);
    await spool.put(moving.key, moving.batch);
    const found = await recent.since(now - HOUR_MS);
    expect(found.map(({ at, target }) => [at, target])).toEqual(
      [1, 10, 30].flatMap((minutes) => [1, 2].map((target) => [mark(minutes).replace(".000Z", "Z"), target])),
    );
    expect(await spool.oldest(10)).toHaveLength(2);
    // Without, what is written is gone.
    const plain = createDynamoSpool(state.client, TABLE_NAME);
    for (const spooled of await plain.oldest(10)) if ("batch" in spooled) await plain.settle(spooled);
    expect((await recent.since(now - HOUR_MS)).map(({ target }) => target)).toEqual([1, 2, 1, 2]);
  });
});
