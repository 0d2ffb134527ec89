import { afterAll, beforeAll, expect, it } from "vitest";
import { createDynamoTargetStore } from "../../shared/targets/dynamo-target-store.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { configOf } from "../support/checks.ts";
import { type Monitor, marksFromNow, startMonitor, startSite, titles } from "../support/monitor.ts";
import { serveHttp, serveTcp } from "../support/servers.ts";
import { TABLE_NAME } from "../support/state-engine.ts";

let monitor: Monitor;
beforeAll(async () => {
  monitor = await startMonitor({ BELL_FUNCTION: "deliver-alerts" });
});
afterAll(() => monitor.close());

const nextMark = marksFromNow();
const HANGING_MS = 8_000;

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  // As long as the hanging check of the round: longer would prove nothing.
  for (const end = performance.now() + HANGING_MS; performance.now() < end; ) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("it did not happen while the round's slowest check was under way");
}

it("tells a change while the round's slowest check still hangs, once, and leaves the rest to the end of the round", async () => {
  const silent = await serveTcp(() => undefined);
  const site = await startSite();
  const hanging = { url: `http://127.0.0.1:${silent}/`, timeoutMs: 200, retries: 0, failureThreshold: 20 };
  const { id } = (await monitor.api("POST", "/targets", { name: "Hanging", ...hanging })) as { id: string };
  const shop = (await monitor.api("POST", "/targets", { name: "Shop", url: site.url, retries: 0 })) as { id: string };
  for (const name of ["A", "B", "C"]) await monitor.api("POST", "/targets", { name, url: site.url, retries: 0 });
  await monitor.round(nextMark());
  const before = monitor.discord.length;

  await monitor.api("PATCH", `/targets/${id}`, { timeoutMs: HANGING_MS });
  site.answerWith(503);
  let ended = false;
  const round = monitor.round(nextMark()).finally(() => {
    ended = true;
  });
  const told = () => titles(monitor.discord.slice(before));
  await until(() => told().includes("🔴 Shop is down"));
  expect(ended).toBe(false);
  expect(await round).toMatchObject({ transitions: 4 });
  const all = ["🔴 A is down", "🔴 B is down", "🔴 C is down", "🔴 Shop is down"];
  expect(told().sort()).toEqual(all);
  await monitor.api("PATCH", `/targets/${id}`, { timeoutMs: 200 });
  await monitor.round(nextMark());
  expect(told().sort()).toEqual(all);
  const { items } = (await monitor.api("GET", `/incidents?target=${shop.id}`)) as { items: unknown[] };
  expect(items).toHaveLength(1);
});

it("tells all of more targets than the end of a round can name in the round that finds them", async () => {
  let status = 200;
  // The second half answers after the bell has rung for the first, and is fewer than would ring it again.
  const url = await serveHttp((request, response) => {
    setTimeout(() => response.writeHead(status).end(), request.url === "/late" ? 700 : 0);
  });
  const store = createDynamoTargetStore(monitor.state.client, TABLE_NAME, systemClock);
  const configs = Array.from({ length: 160 }, (_, index) =>
    configOf({ name: `Storm ${index}`, url: `${url}/${index < 80 ? "soon" : "late"}`, retries: 0 }),
  );
  for (let from = 0; from < configs.length; from += 40)
    await Promise.all(configs.slice(from, from + 40).map((config) => store.create(config)));
  await monitor.round(nextMark());
  status = 503;
  await monitor.round(nextMark());
  const owing = async () => {
    let count = 0;
    for await (const { owesAlert } of store.keys()) count += owesAlert ? 1 : 0;
    return count;
  };
  await expect.poll(owing, { timeout: 30_000 }).toBe(0);
}, 60_000);

it("counts in an ancestor's message those that hang where it refuses at once", async () => {
  const router = await startSite();
  let isHanging = false;
  const url = await serveHttp((_, response) => void (isHanging || response.end()));
  const make = async (body: object) => (await monitor.api("POST", "/targets", { retries: 0, timeoutMs: 1_500, ...body })) as { id: string };
  const parent = await make({ name: "Router", url: router.url });
  const child = await make({ name: "Till", url, dependsOn: [parent.id] });
  const below = await make({ name: "Cart", url, dependsOn: [child.id] });
  await monitor.round(nextMark());
  const before = monitor.discord.length;
  router.answerWith(500);
  isHanging = true;
  await monitor.round(nextMark());
  const told = monitor.discord.slice(before);
  expect(titles(told)).toEqual(["🔴 Router is down"]);
  expect(JSON.stringify(told)).toMatch(/2 targets that depend on it: (?:Till, Cart|Cart, Till)/);
  for (const { id } of [parent, child, below]) await monitor.api("DELETE", `/targets/${id}`);
});

it("a storm that trickles in is a few messages and digests, and none is told twice", async () => {
  let status = 200;
  const url = await serveHttp((request, response) => {
    setTimeout(() => response.writeHead(status).end(), Number(request.url?.slice(1)) * 120);
  });
  const made = await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      monitor.api("POST", "/targets", { name: `Drip ${index}`, url: `${url}/${index}`, retries: 0, timeoutMs: 5_000 }),
    ),
  );
  await monitor.round(nextMark());
  const before = monitor.discord.length;
  status = 500;
  await monitor.round(nextMark());
  const told = titles(monitor.discord.slice(before));
  const digests = told.filter((title) => !title.includes("Drip"));
  expect(digests.length).toBeGreaterThan(0);
  // Those before it was a storm, by name.
  expect(told.length).toBeLessThan(made.length);
  for (const { id } of made as { id: string }[]) await monitor.api("DELETE", `/targets/${id}`);
});
