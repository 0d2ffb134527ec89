import { expect, it } from "vitest";
import { skipSeqs } from "../../../shared/targets/dynamo-target-counter.ts";
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
