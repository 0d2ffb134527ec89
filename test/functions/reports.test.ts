import { afterAll, beforeAll, expect, it } from "vitest";
import { createDataApiLogWriter } from "../../shared/log/data-api-log-writer.ts";
import { batch } from "../../shared/log/tables.ts";
import { createDynamoTargetRegistry } from "../../shared/targets/dynamo-target-registry.ts";
import { targetRow } from "../../shared/targets/target-row.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { configOf } from "../support/checks.ts";
import { checkRow, targetOf } from "../support/log-rows.ts";
import { type Monitor, startMonitor } from "../support/monitor.ts";
import { TABLE_NAME } from "../support/state-engine.ts";

let monitor: Monitor;
const DAY_S = 86_400;
/** Midnight in UTC, two days ago. */
const START = (Math.floor(Date.now() / 1_000 / DAY_S) - 2) * DAY_S;
const iso = (seconds: number) => new Date(seconds * 1_000).toISOString();

beforeAll(async () => {
  monitor = await startMonitor();
  const log = createDataApiLogWriter(monitor.log.sql);
  const createdAt = iso(START - 10 * DAY_S);
  const names = ["=HYPERLINK(1)", 'Shop, "old"', "Blog", "Mixed 1", "Mixed 2"];
  const targets = names.map((name, index) =>
    targetOf(index + 1, {
      createdAt,
      config: configOf({
        name,
        url: "http://example.com/",
        group: ["Shop", "Shop", "Other"][index] ?? "Mixed",
        degradedIsIncident: true,
        ...(index < 2 && { slo: { objectivePercent: [95, 99][index] ?? 0, windowDays: 30 } }),
      }),
    }),
  );
  const registry = createDynamoTargetRegistry(monitor.state.client, TABLE_NAME, systemClock);
  for (const { id, config } of targets) await registry.create(config, { id });
  await log.write(
    batch(
      "target",
      targets.map((target) => targetRow(target)),
    ),
  );
  // A day of checks: the first is down for an hour, which was found after a minute.
  const rows = targets.slice(0, 3).flatMap(({ seq }) =>
    Array.from({ length: DAY_S / 60 }, (_, minute) => {
      const status = seq === 1 && minute >= 600 && minute < 660 ? ("down" as const) : ("up" as const);
      return { ...checkRow(seq, iso(START + minute * 60), { status }), intervalSeconds: 60 };
    }),
  );
  for (let index = 0; index < rows.length; index += 2_000) await log.write(batch("check", rows.slice(index, index + 2_000)));
  const [down, up] = [START + 36_000, START + 39_600];
  const alerts = [
    { at: (down + 60) * 1_000, kind: "status", from: "up", to: "down", since: down, previousSince: START } as const,
    { at: up * 1_000, kind: "status", from: "down", to: "up", since: up, previousSince: down } as const,
    // An incident, and no outage: neither counts nor means have it.
    { at: (up + 600) * 1_000, kind: "status", from: "up", to: "degraded", since: up + 60, previousSince: up } as const,
    { at: (up + 1_200) * 1_000, kind: "status", from: "degraded", to: "up", since: up + 1_200, previousSince: up + 60 } as const,
  ];
  await log.write(
    batch(
      "transition",
      alerts.map((alert) => ({ seq: 1, alert })),
    ),
  );
  // Two more were down: one for 100 s, one for 1,000 s, and once again until it was paused. The blog was down in a window.
  const incident = (seq: number, began: number, ended: number, end: "up" | "paused") => [
    {
      seq,
      alert: { at: began * 1_000, kind: "status", from: "up", to: "down", since: began, previousSince: START, deliveries: {} } as const,
    },
    {
      seq,
      alert: { at: ended * 1_000, kind: "status", from: "down", to: end, since: ended, previousSince: began, deliveries: {} } as const,
    },
  ];
  await log.write(
    batch("transition", [
      ...incident(4, START + 3_600, START + 3_700, "up"),
      ...incident(5, START + 3_600, START + 4_600, "up"),
      ...incident(5, START + 7_200, START + 7_300, "paused"),
      ...incident(3, START + 7_500, START + 8_000, "up"),
    ]),
  );
  // The blog was in two windows that overlap, for 70 minutes in all, of which the second begins within 5 minutes.
  await monitor.log.sql.execute(
    `insert into maintenance_time select 3, gen_random_uuid(), t.f::timestamptz, t.u::timestamptz
     from (values (:a, :b), (:c, :d)) as t(f, u)`,
    { a: iso(START + 7_200), b: iso(START + 9_000), c: iso(START + 8_520), d: iso(START + 11_400) },
  );
  for (let turn = 0; turn < 60; turn++) await monitor.maintain();
}, 120_000);
afterAll(() => monitor.close());

const window = `from=${iso(START)}&to=${iso(START + DAY_S)}`;

it("says of each target and group how long it was up, and how soon it was found and mended", async () => {
  const report = (await monitor.api("GET", `/reports/uptime?${window}`)) as { targets: object[]; groups: object[]; rules: object };
  expect(report.targets).toMatchObject([
    {
      uptimePercent: 95.8333,
      downSeconds: 3_600,
      upSeconds: 82_800,
      unknownSeconds: 0,
      incidents: 1,
      detectSeconds: 60,
      recoverSeconds: 3_600,
    },
    { uptimePercent: 100, incidents: 0, detectSeconds: null, recoverSeconds: null },
    { uptimePercent: 100, maintenanceSeconds: 4_200, upSeconds: 82_200, unknownSeconds: 0, incidents: 0 },
    { incidents: 1, recoverSeconds: 100 },
    { incidents: 2, recoverSeconds: 1_000 },
  ]);
  expect(report.groups).toMatchObject([
    // Of the three, two recovered.
    { group: "Mixed", incidents: 3, recoverSeconds: 550 },
    { group: "Other", targets: 1, uptimePercent: 100 },
    { group: "Shop", targets: 2, uptimePercent: 97.9167, incidents: 1, detectSeconds: 60 },
  ]);
  expect(report.rules).toMatchObject({ unknown: expect.stringContaining("neither up nor down") });
  expect(await monitor.api("GET", `/reports/uptime?${window}&group=Other`)).toMatchObject({ targets: [{ name: "Blog" }] });
});

it("has what the objective of each target allows, of that time, and what is left of it", async () => {
  const report = (await monitor.api("GET", `/reports/uptime?${window}`)) as { targets: object[]; groups: object[]; rules: object };
  // A day and 95 % allow 4,320 s, a day and 99 % 864 s; the first was down for 3,600 s.
  expect(report.targets.slice(0, 3)).toMatchObject([
    { objectivePercent: 95, budgetSeconds: 4_320, budgetLeftPercent: 16.7 },
    { objectivePercent: 99, budgetSeconds: 864, budgetLeftPercent: 100 },
    { objectivePercent: null, budgetSeconds: null, budgetLeftPercent: null },
  ]);
  expect(report.groups).toMatchObject([
    { group: "Mixed", budgetSeconds: null },
    { group: "Other", budgetSeconds: null },
    { group: "Shop", objectivePercent: null, budgetSeconds: 5_184, budgetLeftPercent: 30.6 },
  ]);
  expect(report.rules).toMatchObject({ budget: expect.stringContaining("objectives of today") });
  expect((await monitor.request("GET", `/reports/uptime?${window}&format=csv`)).text).toMatch(/,95,4320,16\.7\r?\n/);
});

it("as CSV is a table in which nothing is a formula", async () => {
  const { text, headers } = await monitor.request("GET", `/reports/uptime?${window}&format=csv`);
  expect(headers.get("content-type")).toBe("text/csv; charset=utf-8");
  const lines = text.split("\n");
  expect(lines[0]).toMatch(/^\uFEFF?id,name,group,uptimePercent,/);
  expect(lines[1]).toContain(",'=HYPERLINK(1),Shop,95.8333,");
  expect(lines[2]).toContain(',"Shop, ""old""",Shop,100,');
});

it("of a month begins and ends where the asker's does", async () => {
  const month = iso(START).slice(0, 7);
  const { from, to } = (await monitor.api("GET", `/reports/uptime?month=2026-07&timeZone=Europe/Berlin`)) as { from: string; to: string };
  expect([from, to]).toEqual(["2026-06-30T22:00:00.000Z", "2026-07-31T22:00:00.000Z"]);
  expect((await monitor.request("GET", `/reports/uptime?month=${month}&from=${iso(START)}`)).status).toBe(400);
  expect((await monitor.request("GET", `/reports/uptime?from=${iso(START)}&to=${iso(START)}`)).status).toBe(400);
  expect((await monitor.request("GET", "/reports/uptime?from=2020-01-01&to=2026-01-01")).status).toBe(400);
  expect((await monitor.request("GET", "/reports/uptime?timeZone=Mars")).status).toBe(400);
});

it("keeps the time of a window in the log, also when the window is taken back", async () => {
  const { id } = (await monitor.api("POST", "/targets", { name: "In work", url: "http://127.0.0.1:1/", retries: 0 })) as { id: string };
  const once = { from: new Date(Date.now() - 3_600_000).toISOString(), to: new Date(Date.now() + 3_600_000).toISOString() };
  const window = (await monitor.api("POST", "/maintenance", { name: "Disk", targets: [id], once })) as { id: string };
  const silence = { name: "Quiet", kind: "silence", all: true, once };
  await monitor.api("POST", "/maintenance", silence);
  // Taken back before anybody looked: it was, all the same.
  await monitor.api("DELETE", `/maintenance/${window.id}`);
  await monitor.maintain();
  const rows = (await monitor.log.sql.execute(
    "select t.name, extract(epoch from to_at - from_at)::integer as seconds from maintenance_time join target as t on t.seq = target where t.name = 'In work'",
    {},
  )) as { seconds: number }[];
  expect(rows).toHaveLength(1);
  // The target has been there for a moment, of the hour that the window has lasted.
  expect(rows[0]?.seconds).toBeLessThan(120);
  const { windows } = (await monitor.api("GET", `/targets/${id}/summary`)) as { windows: Record<string, Record<string, number | null>> };
  const { maintenanceSeconds, unknownSeconds, downSeconds, uptimePercent } = windows["24h"] ?? {};
  expect({ unknownSeconds, downSeconds, uptimePercent }).toEqual({ unknownSeconds: 0, downSeconds: 0, uptimePercent: null });
  expect(maintenanceSeconds).toBeGreaterThanOrEqual(0);
});

it("a target that is paused from the first is paused, and not unknown", async () => {
  const { id } = (await monitor.api("POST", "/targets", { name: "Later", url: "http://example.com/", paused: true })) as { id: string };
  const [row] = await monitor.log.sql.execute(
    "select paused_seconds(seq, created_at, created_at + interval '100 seconds') as paused from target where id = :id::uuid",
    { id },
  );
  expect(row).toEqual({ paused: 100 });
});

it.each([
  ["lost its tag", "PATCH", { tags: [] }],
  ["was deleted", "DELETE", undefined],
])("maintenance of a target that %s before the log was kept is kept", async (what, method, patch) => {
  const now = Date.now();
  const once = { from: new Date(now - 3_600_000).toISOString(), to: new Date(now + 3_600_000).toISOString() };
  const tag = what.replaceAll(" ", "-");
  await monitor.api("POST", "/maintenance", { name: what, tags: [tag], once });
  const { id } = (await monitor.api("POST", "/targets", { name: what, url: "http://example.com/", tags: [tag] })) as { id: string };
  // Some of it must have passed.
  await new Promise((resolve) => setTimeout(resolve, 20));
  await monitor.api(method, `/targets/${id}`, patch);
  await monitor.maintain();
  const times = await monitor.log.sql.execute(
    "select m.from_at < m.to_at as passed from maintenance_time as m join target as t on t.seq = m.target where t.id = :id::uuid",
    { id },
  );
  expect(times).toEqual([{ passed: true }]);
});
