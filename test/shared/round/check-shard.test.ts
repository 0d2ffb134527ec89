import { afterAll, beforeAll, expect, it } from "vitest";
import { createDataApiLogHistory } from "../../../shared/log/data-api-log-history.ts";
import { createDataApiLogWriter } from "../../../shared/log/data-api-log-writer.ts";
import { createDynamoSpool } from "../../../shared/log/dynamo-spool.ts";
import { batch } from "../../../shared/log/tables.ts";
import { type CheckShardDeps, checkShard } from "../../../shared/round/check-shard.ts";
import type { LastRound } from "../../../shared/round/last-round.ts";
import { createDynamoTargetStore } from "../../../shared/targets/dynamo-target-store.ts";
import { createFieldCipher } from "../../../shared/targets/field-cipher.ts";
import type { OwedAlert } from "../../../shared/targets/owed-alert.ts";
import { pauseCommit } from "../../../shared/targets/pause-target.ts";
import type { Target } from "../../../shared/targets/target.ts";
import { targetRow } from "../../../shared/targets/target-row.ts";
import type { TargetStore } from "../../../shared/targets/target-store.ts";
import { systemClock } from "../../../shared/time/clock.ts";
import { configOf, testEngine } from "../../support/checks.ts";
import { type LogEngine, startLog } from "../../support/log-engine.ts";
import { serveHttp } from "../../support/servers.ts";
import { type StateEngine, startState, TABLE_NAME } from "../../support/state-engine.ts";

let state: StateEngine;
let engine: LogEngine;
let targets: TargetStore;
let names = 0;
const errors: string[] = [];
const MARK = 1_795_400_010;

beforeAll(async () => {
  [state, engine] = await Promise.all([startState(), startLog()]);
  targets = createDynamoTargetStore(state.client, TABLE_NAME, systemClock);
});
afterAll(async () => {
  await Promise.all([state.close(), engine.close()]);
});

function depsAt(last?: Pick<LastRound, "round">): CheckShardDeps {
  return {
    targets,
    log: createDataApiLogWriter(engine.sql),
    spool: createDynamoSpool(state.client, TABLE_NAME),
    logger: { warn: () => undefined, error: (message) => errors.push(message) },
    engine: testEngine({ clock: { ...systemClock, now: () => MARK * 1_000 + 500 } }),
    cipher: createFieldCipher("k".repeat(32)),
    roundSeconds: 30,
    lastRound: { get: async () => last && { ...last, finishedAt: 0, planned: 0, checked: 0 } },
  };
}

const made = async (more: Record<string, unknown>): Promise<Target> => {
  const target = await targets.create(configOf({ name: `Target ${++names}`, retries: 0, ...more }));
  await createDataApiLogWriter(engine.sql).write(batch("target", [targetRow(target)]));
  return target;
};
const shardOf = (...of: Target[]) => {
  const ids = of.map(({ id }) => id).sort();
  return { after: MARK - 30, hearingSince: 0, from: ids[0], to: ids.at(-1), owedLimit: 100 };
};
const alertAt = (at: number, deliveries: OwedAlert["deliveries"] = {}): OwedAlert => ({
  at,
  kind: "status",
  from: "up",
  to: "down",
  since: Math.floor(at / 1_000),
  previousSince: 0,
  deliveries,
});
const dead = () => serveHttp((_, response) => response.writeHead(503).end());

it("decides nothing of a target that a later round has checked, and keeps its row", async () => {
  const target = await made({ url: await dead() });
  const rare = await made({ url: await dead(), intervalSeconds: 60 });
  for (const one of [target, rare]) {
    const report = await checkShard(depsAt({ round: MARK + 30 }), { round: MARK, ...shardOf(one) });
    expect(report).toMatchObject({ checked: 1, down: 1 });
  }
  expect((await targets.get(target.id))?.state.status).toBe("pending");
  // Its next check is a minute away: nobody knows better.
  expect((await targets.get(rare.id))?.state.status).toBe("down");
  const { items } = await createDataApiLogHistory(engine.sql).checks(target.seq, {
    from: "2026-01-01T00:00:00Z",
    to: "2027-01-01T00:00:00Z",
    limit: 5,
  });
  expect(items).toMatchObject([{ status: "down" }]);
});

it("checks each target at the same moment of every round where all shards share a process, and at once where they do not", async () => {
  const url = await serveHttp((_, response) => response.end());
  const some = await Promise.all(Array.from({ length: 6 }, () => made({ url, timeoutMs: 1_000 })));
  const waits = async (mark: number, planned?: number) => {
    const slept: number[] = [];
    const clock = { now: () => mark * 1_000, sleep: async (ms: number) => void slept.push(Math.round(ms)) };
    await checkShard({ ...depsAt(), engine: testEngine({ clock }) }, { round: mark, ...shardOf(...some), ...(planned && { planned }) });
    return slept;
  };
  const first = await waits(MARK + 300, 1_000);
  // Each its own, by its id: two of them may be the same millisecond.
  expect(new Set(first).size).toBeGreaterThanOrEqual(first.length - 2);
  expect(first.length).toBeGreaterThanOrEqual(6);
  for (const wait of first) expect(wait).toBeGreaterThan(600);
  expect(await waits(MARK + 330, 1_000)).toEqual(first);
  // What is too much for the time there is takes a little less than the half round after which a check is late.
  expect(Math.max(...(await waits(MARK + 360, 50_000)))).toBeLessThanOrEqual(12_000);
  expect(await waits(MARK + 390)).toEqual([]);
});

it("gives a job its whole time again after one in which no ping could be heard", async () => {
  const job = await made({ type: "heartbeat", periodSeconds: 60, graceSeconds: 0 });
  const shard = (hearingSince: number) => checkShard(depsAt(), { round: MARK, ...shardOf(job), hearingSince });
  // Made long ago, as this clock has it, and never heard of.
  await targets.commitState(job, { state: job.state, owed: [], certificateWarnings: {} });
  const age = Date.parse(job.createdAt) - MARK * 1_000;
  expect(Math.abs(age)).toBeGreaterThan(0);
  const overdue = { ...depsAt(), engine: testEngine({ clock: { ...systemClock, now: () => Date.parse(job.createdAt) + 600_000 } }) };
  const at = Math.floor((Date.parse(job.createdAt) + 600_000) / 30_000) * 30;
  const report = (hearingSince: number) => checkShard(overdue, { ...shardOf(job), round: at, after: at - 30, hearingSince });
  expect(await report(Date.parse(job.createdAt) + 590_000)).toMatchObject({ down: 0 });
  expect(await report(0)).toMatchObject({ down: 1 });
  expect(await shard(0)).toBeDefined();
});

it("counts a check as late that begins after half of its round", async () => {
  const url = await serveHttp((_, response) => response.end());
  const target = await made({ url });
  const lateAt = async (ms: number) => {
    const clock = { ...systemClock, now: () => MARK * 1_000 + ms };
    return (await checkShard({ ...depsAt(), engine: testEngine({ clock }) }, { round: MARK, ...shardOf(target) })).late;
  };
  expect([await lateAt(14_900), await lateAt(15_100)]).toEqual([0, 1]);
});

it("decides nothing of a round that is over: done again, it looks again", async () => {
  const target = await made({ url: await dead() });
  expect(await checkShard(depsAt({ round: MARK }), { round: MARK, ...shardOf(target) })).toMatchObject({ checked: 1, down: 1, owed: [] });
  expect((await targets.get(target.id))?.state.status).toBe("pending");
});

it("decides nothing from a round that was under way when a target was resumed: the ledger stays in order", async () => {
  const target = await made({ url: await dead(), paused: true });
  const config = configOf({ ...target.config, paused: false });
  const resumed = await targets.updateConfig(target, config, pauseCommit(target, config, MARK * 1_000 + 200));
  await checkShard(depsAt(), { round: MARK, ...shardOf(target) });
  expect((await targets.get(target.id))?.state.status).toBe("pending");
  await checkShard(depsAt(), { round: MARK + 30, ...shardOf(target) });
  const after = await targets.get(target.id);
  expect(after?.state.status).toBe("down");
  expect(after?.owed.map(({ to, at }) => [to, at])).toEqual([
    ["pending", resumed.owed[0]?.at],
    ["down", (MARK + 30) * 1_000],
  ]);
});

it("names those that owe an alert for which something can be done before those that wait, and none of these always last", async () => {
  for (const other of await targets.list({ limit: 100 })) await targets.remove(other);
  const paused = await Promise.all(Array.from({ length: 12 }, () => made({ url: "http://127.0.0.1:9/", paused: true })));
  const sorted = paused.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const waiting = { webhook: { outcome: "waiting" as const, attempts: 3, attemptedAt: 0, nextAttemptAt: MARK * 1_000 + 60_000 } };
  for (const [index, target] of sorted.entries()) {
    const owed = [alertAt(MARK * 1_000 - 1_000, index < 8 ? waiting : {})];
    await targets.commitState(target, { state: { ...target.state, round: 1 }, owed, certificateWarnings: {} });
  }
  const named = async (round: number) => (await checkShard(depsAt(), { round, ...shardOf(...sorted), owedLimit: 5 })).owed;
  const ready = sorted.slice(8).map(({ id }) => id);
  const seen = new Set<string>();
  for (let round = MARK; round < MARK + 40 * 30; round += 30) {
    const ids = await named(round);
    expect(ids).toHaveLength(5);
    expect(ids.slice(0, 4).sort()).toEqual([...ready].sort());
    for (const id of ids) seen.add(id);
  }
  expect(seen.size).toBe(12);
});

it("keeps in the ledger what leaves an item to make room, and says that nobody was told", async () => {
  const target = await made({ url: await dead() });
  const waiting = { webhook: { outcome: "waiting" as const, attempts: 3, attemptedAt: 0, nextAttemptAt: MARK * 1_000 + 60_000 } };
  let read = target;
  for (let part = 0; part < 10; part++) {
    const owed = Array.from({ length: 20 }, (_, index) => alertAt((MARK - 900) * 1_000 + part * 20 + index, waiting));
    await targets.commitState(read, { state: { ...read.state, round: 1 }, owed, certificateWarnings: {} });
    read = (await targets.get(target.id)) as Target;
  }
  expect(read.owed).toHaveLength(200);
  errors.length = 0;
  await checkShard(depsAt(), { round: MARK, ...shardOf(target) });
  const after = (await targets.get(target.id)) as Target;
  expect(after.owed).toHaveLength(200);
  expect(after.owed.at(-1)).toMatchObject({ to: "down", at: MARK * 1_000 });
  expect(errors).toEqual([expect.stringContaining("given up")]);
  expect(await engine.sql.execute("select channel, outcome, error from delivery where target = :seq", { seq: target.seq })).toEqual([
    { channel: "webhook", outcome: 3, error: expect.stringContaining("given up") },
  ]);
  expect(await engine.sql.execute("select to_status from transition where target = :seq", { seq: target.seq })).toEqual([{ to_status: 3 }]);
});

it("settles as many alerts as an item holds, one of which has left it meanwhile", async () => {
  const target = await made({ url: "http://127.0.0.1:9/", paused: true });
  const alerts = Array.from({ length: 120 }, (_, index) => alertAt(1_000 + index));
  await targets.commitState(target, { state: { ...target.state, round: 1 }, owed: alerts.slice(0, 60), certificateWarnings: {} });
  await targets.commitState((await targets.get(target.id)) as Target, {
    state: { ...target.state, round: 2 },
    owed: alerts.slice(60),
    certificateWarnings: {},
  });
  const claim = await targets.claimOwed(target.id, 60_000);
  if (claim === undefined) throw new Error("it owes nothing");
  // What a later round drops to make room.
  await targets.commitState(claim.target, {
    state: { ...target.state, round: 3 },
    owed: [],
    dropped: alerts.slice(0, 1),
    certificateWarnings: {},
  });
  const delivery = { outcome: "sent" as const, attempts: 1, attemptedAt: 5 };
  expect(
    await targets.recordDeliveries(
      claim,
      alerts.map(({ at }) => ({ at, channel: "webhook", delivery })),
    ),
  ).toBe(true);
  const recorded = (await targets.get(target.id))?.owed ?? [];
  expect(recorded.filter(({ deliveries }) => deliveries["webhook"]?.outcome === "sent")).toHaveLength(119);
  await targets.releaseOwed(
    claim,
    alerts.slice(1).map(({ at }) => at),
  );
  expect((await targets.get(target.id))?.owed).toEqual([]);
  expect(await targets.claimOwed(target.id, 60_000)).toBeUndefined();
});
