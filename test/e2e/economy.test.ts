import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Monitor, marksFromNow, startMonitor, startSite, titles } from "../support/monitor.ts";
import { type SleepyLog, startSleepyLog } from "../support/sleepy-log.ts";
import { TABLE_NAME } from "../support/state-engine.ts";

let monitor: Monitor;
let log: SleepyLog;
const mark = marksFromNow();

beforeEach(async () => {
  log = await startSleepyLog(1_200);
  monitor = await startMonitor({ ECONOMY: "true", AWS_ENDPOINT_URL_RDS_DATA: log.url });
  log.upstream = monitor.log.url;
});
afterEach(() => monitor.close());

const MINUTE_MS = 60_000;
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * MINUTE_MS).toISOString();

/** As if nobody had looked for a while, and the last hour was some minutes ago. */
async function fallAsleep(): Promise<void> {
  await monitor.state.client.send(
    new UpdateCommand({
      TableName: TABLE_NAME,
      Key: { pk: "log-rest", sk: "log-rest" },
      UpdateExpression: "SET writtenAt = :then, wokenAt = :then, awakeUntil = :then",
      ExpressionAttributeValues: { ":then": Date.now() - 10 * MINUTE_MS },
    }),
  );
  log.fallAsleep();
  log.calls();
}

interface Checks {
  readonly items: readonly { readonly at: string; readonly status: string }[];
}
const rows = async (table: string) => (await monitor.log.sql.execute(`select count(*)::integer as n from ${table}`)) as [{ n: number }];

it("checks, tells and shows without waking the log, which a look at history wakes, and each hour", async () => {
  const site = await startSite();
  await monitor.maintain();
  await fallAsleep();

  // Asleep: not a call, whatever happens.
  const target = { name: "Shop", url: site.url, retries: 0, tags: ["shown"] };
  const { id } = (await monitor.api("POST", "/targets", target)) as { id: string };
  await monitor.api("POST", "/status-pages", { slug: "acme", title: "Acme", sections: [{ name: "All", tags: ["shown"] }] });
  await monitor.round(mark());
  site.answerWith(500);
  expect(await monitor.round(mark())).toMatchObject({ checked: 1, down: 1, transitions: 1, spooled: 0 });
  expect(titles(monitor.discord)).toEqual([expect.stringContaining("Shop is down")]);
  expect(await monitor.api("GET", "/overview")).toMatchObject({
    monitor: { log: "ok", historyUntil: expect.any(Number) },
    targets: [{ status: "down", reason: expect.stringContaining("500") }],
  });
  expect(await monitor.api("GET", "/health")).toMatchObject({ status: "ok", stores: { state: "ok", log: "asleep" } });
  expect((await monitor.request("GET", "/metrics")).text).toMatch(
    /server_tracker_target_latency_seconds\{id="[^"]+",name="Shop",.*phase="total"\} 0\.\d/,
  );
  expect(await monitor.api("GET", "/channels")).toMatchObject({ items: [{ sent: null }] });
  expect((await monitor.request("GET", "/status/acme/", { headers: { accept: "text/html" } })).text).toContain("Shop");
  const recent = (await monitor.api("GET", `/targets/${id}/checks?from=${minutesAgo(60)}`)) as Checks;
  expect(recent.items.map(({ status }) => status)).toEqual(["down", "up"]);
  const second = (await monitor.api("GET", `/targets/${id}/checks?from=${minutesAgo(50)}&limit=1`)) as Checks & { next: string };
  expect(await monitor.api("GET", `/targets/${id}/checks?from=${minutesAgo(50)}&limit=1&cursor=${second.next}`)).toEqual({
    items: [recent.items[1]],
    next: null,
  });
  expect(((await monitor.api("GET", "/checks/recent?limit=1")) as Checks).items).toEqual([recent.items[0]]);
  expect([log.calls(), await rows("check_result")]).toEqual([0, [{ n: 0 }]]);

  // Somebody looks: told at once that it wakes, by each that asks.
  const looks = await Promise.all([1, 2, 3].map(() => monitor.request("GET", `/targets/${id}/summary`)));
  for (const look of looks) {
    expect([look.status, look.headers.get("retry-after"), look.json]).toEqual([
      202,
      "5",
      expect.objectContaining({ type: "urn:server-tracker:log-asleep", title: "The log sleeps, and is being woken" }),
    ]);
  }
  await vi.waitFor(async () => expect((await monitor.request("GET", `/targets/${id}/summary`)).status).toBe(200), {
    timeout: 30_000,
    interval: 200,
  });
  // The same checks, read from the log.
  expect(await monitor.api("GET", `/targets/${id}/checks`)).toEqual(recent);
  expect(await monitor.api("GET", `/targets/${id}/alerts`)).toMatchObject({
    items: [{ to: "down", deliveries: [{ outcome: "sent" }] }, {}],
  });

  // Awake: what is done is seen at once, and what is checked after its round.
  const { items } = (await monitor.api("GET", "/incidents")) as { items: [{ id: string }] };
  await monitor.api("POST", `/incidents/${items[0].id}/comment`, { text: "We look." });
  expect(JSON.stringify(await monitor.api("GET", `/incidents/${items[0].id}`))).toContain("We look.");
  await monitor.round(mark());
  expect(((await monitor.api("GET", `/targets/${id}/checks`)) as Checks).items).toHaveLength(3);

  // Its hour: it takes what waits and sleeps on, and what it told is shown until the next.
  await fallAsleep();
  site.answerWith(200);
  await monitor.round(mark());
  expect([log.calls(), await rows("check_result")]).toEqual([0, [{ n: 3 }]]);
  await monitor.maintain();
  expect([await rows("check_result"), await rows("round")]).toEqual([[{ n: 4 }], [{ n: 4 }]]);
  expect((await monitor.request("GET", `/targets/${id}/summary`)).status).toBe(202);
  const { items: still } = (await monitor.api("GET", `/targets/${id}/checks?from=${minutesAgo(50)}`)) as Checks;
  expect(still.map(({ status }) => status)).toEqual(["up", "down", "down", "up"]);

  // It does not wake: all goes on, and nothing is lost.
  await fallAsleep();
  const comeBack = await monitor.log.goAway();
  await monitor.round(mark());
  await expect(monitor.maintain()).rejects.toThrow(/does not answer/);
  expect((await monitor.request("GET", "/reports/uptime")).status).toBe(202);
  await comeBack();
  await monitor.maintain();
  expect(await rows("check_result")).toEqual([{ n: 5 }]);
}, 120_000);
