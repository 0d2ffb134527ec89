import { expect, it } from "vitest";
import { skipSeqs } from "../../../shared/targets/dynamo-target-counter.ts";
import { createDynamoTargetRegistry } from "../../../shared/targets/dynamo-target-registry.ts";
import { createDynamoTargetStore } from "../../../shared/targets/dynamo-target-store.ts";
import { systemClock } from "../../../shared/time/clock.ts";
import { configOf } from "../../support/checks.ts";
import { startState, TABLE_NAME } from "../../support/state-engine.ts";
import { untilTestEnds } from "../../support/until-test-ends.ts";

it("numbers targets above those that the log knows already, and never backwards", async () => {
  const { client } = untilTestEnds(await startState());
  const store = createDynamoTargetStore(client, TABLE_NAME, systemClock);
  const create = async (name: string) => (await store.create(configOf({ name, url: "http://example.com/" }))).seq;
  await skipSeqs(client, TABLE_NAME, 40);
  expect(await create("a")).toBe(41);
  await skipSeqs(client, TABLE_NAME, 7);
  expect(await create("b")).toBe(42);
});

it("knows from one count for how many more there is room, however many were made and removed before", async () => {
  const { client } = untilTestEnds(await startState());
  let counts = 0;
  client.middlewareStack.add(
    (next) => (call) => {
      if ((call.input as { Select?: string }).Select === "COUNT") counts++;
      return next(call);
    },
    { step: "initialize" },
  );
  const registry = createDynamoTargetRegistry(client, TABLE_NAME, systemClock);
  const create = (name: string) => registry.create(configOf({ name, url: "http://example.com/" }), { maxTargets: 10 });
  for (let index = 0; index < 12; index++) await registry.remove(await create(`Gone ${index}`));
  expect(counts).toBe(1);
  for (let index = 0; index < 10; index++) await create(`There ${index}`);
  await expect(create("One more")).rejects.toThrow("as many as this deployment allows");
  expect(counts).toBeLessThanOrEqual(4);
});

it("lets no more in after many came at once, whom no count had", async () => {
  const { client } = untilTestEnds(await startState());
  client.middlewareStack.add(
    (next) => async (call) => {
      if (JSON.stringify((call.input as { Item?: { pk?: unknown } }).Item?.pk)?.includes('"target"')) await systemClock.sleep(200);
      return next(call);
    },
    { step: "initialize" },
  );
  const registry = createDynamoTargetRegistry(client, TABLE_NAME, systemClock);
  const create = (name: string) => registry.create(configOf({ name, url: "http://example.com/" }), { maxTargets: 10 });
  await Promise.allSettled(Array.from({ length: 25 }, (_, index) => create(`At once ${index}`)));
  for (let index = 0; index < 5; index++) await expect(create(`Later ${index}`)).rejects.toThrow("as many as this deployment allows");
});
