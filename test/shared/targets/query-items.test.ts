import { setImmediate } from "node:timers/promises";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, it } from "vitest";
import { queryItems } from "../../../shared/targets/query-items.ts";
import { type StateEngine, startState, TABLE_NAME } from "../../support/state-engine.ts";

let state: StateEngine;

beforeAll(async () => {
  state = await startState();
  for (const sk of ["a", "b", "c", "d", "e"])
    for (const [pk, more] of [
      ["letters", ""],
      // Two of these are a page of a megabyte, a bound of DynamoDB's own.
      ["large", "x".repeat(390_000)],
    ])
      await state.client.send(new PutCommand({ TableName: TABLE_NAME, Item: { pk, sk, more } }));
});
afterAll(() => state.close());

/** Pages of two or three, and how many were asked for; from the `failsAt`th on, nothing answers. */
function pages(pk: "letters" | "large", { failsAt = Number.POSITIVE_INFINITY } = {}) {
  const asked = { pages: 0 };
  const client = Object.assign(Object.create(state.client) as typeof state.client, {
    send: (command: never) => (++asked.pages >= failsAt ? Promise.reject(new Error("is away")) : state.client.send(command)),
  });
  return {
    asked,
    items: queryItems(client, TABLE_NAME, "pk = :pk", { ":pk": pk }, { consistent: true, ...(pk === "letters" && { limit: 2 }) }),
  };
}

it.each(["letters", "large"] as const)("yields every item once, in order, over all pages of %s", async (pk) => {
  const { asked, items } = pages(pk);
  const found: unknown[] = [];
  for await (const { sk } of items) found.push(sk);
  expect(found).toEqual(["a", "b", "c", "d", "e"]);
  expect(asked.pages).toBeGreaterThan(1);
});

it("has the next page on its way while one is looked at, and never more than that", async () => {
  const { asked, items } = pages("large");
  for await (const _ of items) break;
  expect(asked.pages).toBe(2);
});

it("asks for no page that comes after as many as were wanted", async () => {
  const { asked, items } = pages("letters");
  const found: unknown[] = [];
  for await (const { sk } of items) if (found.push(sk) === 2) break;
  expect(found).toEqual(["a", "b"]);
  expect(asked.pages).toBe(1);
});

it.each(["letters", "large"] as const)("tells of a page of %s that did not come, after what came before it", async (pk) => {
  const { items } = pages(pk, { failsAt: 2 });
  const found: unknown[] = [];
  const read = async () => {
    for await (const { sk } of items) {
      found.push(sk);
      // It fails while nobody waits for it yet.
      await setImmediate();
    }
  };
  await expect(read()).rejects.toThrow("is away");
  expect(found.slice(0, 2)).toEqual(["a", "b"]);
  expect(found.length).toBeLessThan(5);
});
