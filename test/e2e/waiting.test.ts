import { createServer } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { functions } from "../../functions/index.ts";
import { listen } from "../../local/stand-ins/listen.ts";
import { type Monitor, marksFromNow, startMonitor, startSite } from "../support/monitor.ts";

/*
 * What is down and keeps its checker waiting is checked by a function of its own, through the state machine's file: each
 * target once a round, whoever checks it.
 */
let monitor: Monitor;
const calls: Record<string, { readonly ids?: readonly string[]; readonly skips?: readonly string[] }[]> = {};
const mark = marksFromNow();

/** Counts the calls of a function. */
function watched(name: "check-shard" | "check-waiting"): void {
  const definition = functions[name] as { load: () => Promise<{ handler: (input: never, context: never) => Promise<unknown> }> };
  const { load } = definition;
  calls[name] = [];
  definition.load = async () => {
    const { handler } = await load();
    return {
      handler: async (input, context) => {
        calls[name]?.push(input);
        return handler(input, context);
      },
    };
  };
}

let hangs = true;
const hanging = createServer((_, response) => {
  if (!hangs) response.end("here again");
});

beforeAll(async () => {
  watched("check-shard");
  watched("check-waiting");
  monitor = await startMonitor({ WAITS_APART: "true", SHARD_SIZE: "2" });
});
afterAll(async () => {
  hanging.closeAllConnections();
  hanging.close();
  await monitor.close();
});

it("is checked apart while it waits, once a round, and with the others again once it is back", async () => {
  const site = await startSite();
  const url = await listen(hanging);
  const made = await Promise.all([
    ...[1, 2, 3, 4].map((n) => monitor.api("POST", "/targets", { name: `Well ${n}`, url: site.url, retries: 0 })),
    monitor.api("POST", "/targets", { name: "Refuses", url: "http://127.0.0.1:1/", retries: 0 }),
    monitor.api("POST", "/targets", { name: "Hangs", url, retries: 0, timeoutMs: 1_500 }),
  ]);
  const { id } = made.at(-1) as { id: string };
  const round = async () => {
    for (const of of Object.values(calls)) of.length = 0;
    const at = mark();
    await monitor.round(at);
    const rows = (await monitor.log.sql.execute(
      `select t.name, count(*)::integer as n from check_result as c join target as t on t.seq = c.target where c.at = to_timestamp(${at}) group by 1`,
      {},
    )) as { name: string; n: number }[];
    return { apart: calls["check-waiting"]?.map(({ ids }) => ids) ?? [], rows: Object.fromEntries(rows.map(({ name, n }) => [name, n])) };
  };
  const once = { "Well 1": 1, "Well 2": 1, "Well 3": 1, "Well 4": 1, Refuses: 1, Hangs: 1 };
  // It is found down, and found to keep its checker waiting.
  expect(await round()).toEqual({ apart: [], rows: once });
  expect(await round()).toEqual({ apart: [], rows: once });
  expect(await round()).toEqual({ apart: [[id]], rows: once });
  expect(calls["check-shard"]?.flatMap(({ skips }) => skips ?? [])).toEqual([id]);
  expect(await round()).toEqual({ apart: [[id]], rows: once });
  hangs = false;
  expect(await round()).toEqual({ apart: [[id]], rows: once });
  expect(((await monitor.api("GET", `/targets/${id}`)) as { status: string }).status).toBe("up");
  expect(await round()).toEqual({ apart: [], rows: once });
  // A target that is gone is missed by nobody.
  hangs = true;
  await round();
  await round();
  await monitor.api("DELETE", `/targets/${id}`);
  const { Hangs: _, ...others } = once;
  expect((await round()).rows).toEqual(others);
});
