import { afterAll, beforeAll, expect, it } from "vitest";
import { takeTurn } from "../../../shared/alert/channel-turns.ts";
import { createDynamoChannelTurns } from "../../../shared/alert/dynamo-channel-turns.ts";
import { systemClock } from "../../../shared/time/clock.ts";
import { type StateEngine, startState, TABLE_NAME } from "../../support/state-engine.ts";

let state: StateEngine;
beforeAll(async () => {
  state = await startState();
});
afterAll(() => state.close());

const turnsOf = () => createDynamoChannelTurns(state.client, TABLE_NAME, systemClock);

it("gives a channel to one at a time, and another channel meanwhile", async () => {
  const turns = turnsOf();
  const deadline = Date.now() + 5_000;
  const first = await takeTurn(turns, systemClock, "discord-one", deadline);
  expect(first).toBeDefined();
  expect(await takeTurn(turns, systemClock, "discord-two", deadline)).toBeDefined();
  let isSecond = false;
  const second = takeTurn(turns, systemClock, "discord-one", deadline).then((release) => {
    isSecond = true;
    return release;
  });
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(isSecond).toBe(false);
  await first?.();
  expect(await second).toBeDefined();
});

it("gives up at the deadline, and a turn of one that died ends by itself", async () => {
  const turns = turnsOf();
  expect(await turns.claim("dead", 600)).toBeDefined();
  expect(await takeTurn(turns, systemClock, "dead", Date.now() + 300)).toBeUndefined();
  expect(await takeTurn(turns, systemClock, "dead", Date.now() + 5_000)).toBeDefined();
});

it("a release that comes too late takes nothing from who has the turn now", async () => {
  const turns = turnsOf();
  const late = await turns.claim("late", 1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await turns.claim("late", 60_000)).toBeDefined();
  await late?.();
  expect(await turns.claim("late", 60_000)).toBeUndefined();
});

it("a store that does not answer gives no turn, and fails nothing", async () => {
  const away = { claim: () => Promise.reject(new Error("throttled")) };
  expect(await takeTurn(away, systemClock, "any", Date.now() + 300)).toBeUndefined();
  const stuck = { claim: () => Promise.resolve(() => Promise.reject(new Error("throttled"))) };
  const release = await takeTurn(stuck, systemClock, "any", Date.now() + 300);
  await expect(release?.()).resolves.toBeUndefined();
});
