import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { takingAll } from "../../../shared/alert/channel-object.ts";
import { deliverOwed } from "../../../shared/alert/deliver-owed.ts";
import { createDynamoChannelHealth } from "../../../shared/alert/dynamo-channel-health.ts";
import { createDynamoChannelTurns } from "../../../shared/alert/dynamo-channel-turns.ts";
import { createDynamoMaintenance } from "../../../shared/alert/dynamo-maintenance.ts";
import { type DepartedDeps, tellOfDeparted } from "../../../shared/alert/tell-of-departed.ts";
import { createDataApiLogWriter } from "../../../shared/log/data-api-log-writer.ts";
import { createDynamoSpool } from "../../../shared/log/dynamo-spool.ts";
import { createAddressGuard } from "../../../shared/net/address-guard.ts";
import { type Alert, DeliveryError } from "../../../shared/notify/notifier.ts";
import { alsoDeparted } from "../../../shared/targets/departed.ts";
import { createDynamoDeletions } from "../../../shared/targets/dynamo-deletions.ts";
import { createDynamoDeparted } from "../../../shared/targets/dynamo-departed.ts";
import { createDynamoTargetStore } from "../../../shared/targets/dynamo-target-store.ts";
import type { OwedAlert } from "../../../shared/targets/owed-alert.ts";
import { removeTarget } from "../../../shared/targets/remove-target.ts";
import type { Target } from "../../../shared/targets/target.ts";
import type { TargetStore } from "../../../shared/targets/target-store.ts";
import { configOf } from "../../support/checks.ts";
import { type LogEngine, startLog } from "../../support/log-engine.ts";
import { type StateEngine, startState, TABLE_NAME } from "../../support/state-engine.ts";

let state: StateEngine;
let engine: LogEngine;
let now: number;
let names = 0;
/** What the on-call service was told; it answers by `take`. */
let told: string[];
let take: (alerts: readonly Alert[]) => Promise<void>;

const clock = {
  now: () => now,
  sleep: async (ms: number) => {
    now += ms;
  },
};

beforeAll(async () => {
  [state, engine] = await Promise.all([startState(), startLog()]);
});
afterAll(async () => {
  await Promise.all([state.close(), engine.close()]);
});
beforeEach(() => {
  now = 1_795_400_000_000;
  told = [];
  take = async () => undefined;
});

function deps() {
  const watched = createDynamoTargetStore(state.client, TABLE_NAME, clock);
  const departed = createDynamoDeparted(state.client, TABLE_NAME, clock, () => undefined);
  const pager = {
    id: "pager",
    type: "pagerduty" as const,
    maxAlertsPerMessage: 1,
    takesEach: true as const,
    takesAcknowledgements: true as const,
    async send(alerts: readonly Alert[]) {
      await take(alerts);
      told.push(...alerts.map(({ kind }) => kind));
    },
  };
  return {
    targets: alsoDeparted(watched, departed),
    departed,
    formerKeys: { release: async () => undefined },
    deletions: createDynamoDeletions(state.client, TABLE_NAME),
    log: createDataApiLogWriter(engine.sql),
    spool: createDynamoSpool(state.client, TABLE_NAME),
    channels: [takingAll(pager)],
    roundSeconds: 30,
    channelHealth: createDynamoChannelHealth(state.client, TABLE_NAME, clock),
    turns: createDynamoChannelTurns(state.client, TABLE_NAME, clock),
    maintenance: createDynamoMaintenance(state.client, TABLE_NAME),
    guard: createAddressGuard([]),
    clock,
    userAgent: "server-tracker/test",
    linkTo: () => undefined,
    acknowledgeAt: () => undefined,
    logger: { warn: () => undefined, error: () => undefined },
  } satisfies DepartedDeps & { readonly targets: TargetStore } & Record<string, unknown>;
}

/** A target that changed to a status a minute ago, and owes that. */
async function changed(to: OwedAlert["to"]): Promise<Target> {
  const { targets } = deps();
  const { id } = await targets.create(configOf({ name: `Departs ${++names}`, url: "http://example.com/" }));
  const read = (await targets.get(id))!;
  const since = now / 1_000 - 60;
  const alert: OwedAlert = { at: since * 1_000, kind: "status", from: "up", to, since, previousSince: since - 600, deliveries: {} };
  await targets.commitState(read, { state: { ...read.state, status: to, since }, owed: [alert], certificateWarnings: {} });
  return (await targets.get(id))!;
}

async function round(): Promise<void> {
  now += 30_000;
  await tellOfDeparted(deps(), now / 1_000);
}

const departedIds = async () => (await deps().departed.list()).map(({ id }) => id);
const ledger = ({ seq }: Target) =>
  engine.sql.execute("select outcome, error from delivery where target = :seq and channel = 'pager' order by at", { seq });

it("ends, once, where it is kept open what was deleted while it was down", async () => {
  const target = await changed("down");
  await deliverOwed(deps(), [target.id], now / 1_000);
  await removeTarget(deps(), target.id, undefined);
  expect(told).toEqual(["down"]);
  for (const _ of [1, 2, 3]) await round();
  expect(told).toEqual(["down", "unwatched"]);
  expect(await departedIds()).toEqual([]);
  expect(await ledger(target)).toEqual([
    { outcome: 2, error: null },
    { outcome: 2, error: null },
  ]);
});

it("leaves what was up, or told to be up again, without a word", async () => {
  const { targets } = deps();
  const { id } = await targets.create(configOf({ name: "Up", url: "http://example.com/" }));
  await removeTarget(deps(), id, undefined);
  expect(await departedIds()).toEqual([]);
  await round();
  expect(told).toEqual([]);
});

it("tells of a recovery that the service had not taken when its target was deleted", async () => {
  const target = await changed("down");
  await deliverOwed(deps(), [target.id], now / 1_000);
  take = () => Promise.reject(new DeliveryError("is away"));
  const read = (await deps().targets.get(target.id))!;
  const since = now / 1_000;
  const up: OwedAlert = { ...target.owed[0]!, at: now, from: "down", to: "up", since, previousSince: read.state.since };
  await deps().targets.commitState(read, { state: { ...read.state, status: "up", since }, owed: [up], certificateWarnings: {} });
  await deliverOwed(deps(), [target.id], since);
  await removeTarget(deps(), target.id, undefined);
  take = async () => undefined;
  for (const _ of [1, 2, 3]) await round();
  expect(told).toEqual(["down", "recovered"]);
  expect(await departedIds()).toEqual([]);
});

it("records what was on its way when its target was deleted, and ends that too", async () => {
  const target = await changed("down");
  const arrived = Promise.withResolvers<void>();
  const deleted = Promise.withResolvers<void>();
  take = () => {
    arrived.resolve();
    return deleted.promise;
  };
  const delivering = deliverOwed(deps(), [target.id], now / 1_000);
  await arrived.promise;
  await removeTarget(deps(), target.id, undefined);
  // Whoever delivers has the claim, also on what departed.
  await round();
  expect(told).toEqual([]);
  deleted.resolve();
  await delivering;
  expect((await deps().departed.list())[0]?.known).toEqual({ pager: "down" });
  now += 60_000;
  take = async () => undefined;
  for (const _ of [1, 2]) await round();
  expect(told).toEqual(["down", "unwatched"]);
});

it("says nothing of a target that is still there, since its deletion came to nothing", async () => {
  const target = await changed("down");
  await deliverOwed(deps(), [target.id], now / 1_000);
  const { targets } = deps();
  const read = (await targets.get(target.id))!;
  // Changed since it was read.
  await expect(
    targets.remove({ ...read, stateVersion: 0 }, { ...read, owed: target.owed.map((alert) => ({ ...alert, at: now })) }),
  ).rejects.toThrow("changed");
  await round();
  expect(await departedIds()).toEqual([target.id]);
  await round();
  await round();
  expect(told).toEqual(["down"]);
  expect(await departedIds()).toEqual([]);
  expect(await targets.get(target.id)).toBeDefined();
});

it("is told of the others where one was stored by another release and is still there", async () => {
  const [other, target] = [await changed("down"), await changed("down")];
  await deliverOwed(deps(), [other.id, target.id], now / 1_000);
  const item = { pk: "target", sk: other.id, config: '{"type":"later"}' };
  await removeTarget(deps(), other.id, undefined);
  await state.client.send(new PutCommand({ TableName: TABLE_NAME, Item: item }));
  await removeTarget(deps(), target.id, undefined);
  for (const _ of [1, 2, 3, 4]) await round();
  expect(told).toEqual(["down", "down", "unwatched"]);
  expect(await departedIds()).toEqual([]);
  await expect(deps().targets.get(other.id)).rejects.toThrow("another release");
});

it("is given up after a day, and the ledger says so", async () => {
  const target = await changed("down");
  await deliverOwed(deps(), [target.id], now / 1_000);
  take = () => Promise.reject(new DeliveryError("is away"));
  await removeTarget(deps(), target.id, undefined);
  await round();
  expect(await departedIds()).toEqual([target.id]);
  now += 86_400_000;
  await round();
  expect(await departedIds()).toEqual([]);
  expect(await ledger(target)).toEqual([
    { outcome: 2, error: null },
    { outcome: 3, error: "given up a day after the target was deleted: is away" },
  ]);
});
