import { afterAll, beforeAll, expect, it } from "vitest";
import { createDynamoClaims } from "../../../shared/targets/dynamo-claims.ts";
import { createFieldCipher } from "../../../shared/targets/field-cipher.ts";
import { createFormerKeys } from "../../../shared/targets/former-keys.ts";
import { configOf } from "../../support/checks.ts";
import { targetOf } from "../../support/log-rows.ts";
import { type StateEngine, startState, TABLE_NAME } from "../../support/state-engine.ts";

let state: StateEngine;
beforeAll(async () => {
  state = await startState();
});
afterAll(() => state.close());

it("finds a key by any capitals, and as releases kept it that knew none", async () => {
  const clock = { now: Date.now, sleep: async () => undefined };
  const cipher = createFieldCipher("0123456789abcdef0123456789abcdef");
  const key = "0B0E7A4C-1111-4222-8333-ABCDEFABCDEF";
  const config = { ...configOf({ type: "heartbeat", name: "Job", formerKey: key }), formerKey: cipher.encrypt(key) } as never; // as it is stored
  const target = targetOf(1, { config });
  const get = async () => target;
  const keys = createFormerKeys(state.client, TABLE_NAME, { clock, cipher, get });
  const before = createDynamoClaims(state.client, TABLE_NAME, clock, { pk: "former-key", holds: async () => true });
  await before.claim(cipher.digest(key), target.id);
  expect(await keys.targetOf(key)).toBe(target.id);
  expect(await keys.targetOf(key.toLowerCase())).toBeUndefined();
  await keys.claim(config, target.id);
  expect(await keys.targetOf(key.toLowerCase())).toBe(target.id);
  expect(await keys.targetOf("another")).toBeUndefined();
});
