import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { dashboardJson, dashboards } from "../../grafana/index.ts";
import { checkBatch, roundBatch, targetBatch, transitionBatch } from "../../shared/log/batches.ts";
import { createDataApiLogStore } from "../../shared/log/data-api-log-store.ts";
import { configOf } from "../support/checks.ts";
import { type LogEngine, startLog } from "../support/engines.ts";
import { checkRow, targetOf } from "../support/log-rows.ts";

let log: LogEngine;
const iso = (seconds: number) => new Date(seconds * 1_000).toISOString();
// Ended long enough ago to be rolled up whole.
const FROM = Math.floor(Date.now() / 300_000) * 300 - 7_200;

beforeAll(async () => {
  log = await startLog();
  const store = createDataApiLogStore(log.sql);
  await store.maintain(Date.now(), { rawDays: 14, fiveMinuteDays: 90, hourDays: 730 });
  const named = (name: string) => ({ config: configOf({ name, url: "http://example.com/" }) });
  const [shop, blog] = [targetOf(1, named("Shop")), targetOf(2, named("Blog"))];
  const write = (batch: Parameters<typeof store.write>[0]) => store.write(batch, { timeoutMs: 10_000, late: true });
  await write(targetBatch([{ target: shop }, { target: blog }]));
  for (let mark = FROM; mark < FROM + 3_600; mark += 30) {
    const down = mark >= FROM + 1_800;
    await write(checkBatch([checkRow(1, iso(mark), { status: down ? "down" : "up", totalMs: 100 }), checkRow(2, iso(mark))]));
  }
  const change = {
    at: (FROM + 1_800) * 1_000,
    kind: "status",
    from: "up",
    to: "down",
    since: FROM + 1_800,
    previousSince: FROM,
    deliveries: {},
  } as const;
  await write(
    transitionBatch([
      { seq: 1, alert: { ...change, at: FROM * 1_000, from: "pending", to: "up", since: FROM } },
      { seq: 1, alert: change },
    ]),
  );
  await write(transitionBatch([{ seq: 2, alert: { ...change, at: FROM * 1_000, from: "pending", to: "up", since: FROM } }]));
  await write(
    roundBatch({
      round: FROM,
      planned: 2,
      checked: 2,
      up: 1,
      degraded: 0,
      down: 1,
      late: 0,
      failedShards: 0,
      transitions: 0,
      spooled: 0,
      tookMs: 9,
      loopDelayMs: 1,
    }),
  );
  await store.maintain(Date.now(), { rawDays: 14, fiveMinuteDays: 90, hourDays: 730 });
  return () => log.close();
});

interface Panel {
  readonly title: string;
  readonly targets: { rawSql: string; format: string }[];
}
const panels = Object.values(dashboards).flatMap((dashboard) => (dashboard.panels ?? []) as unknown as Panel[]);

/** Macros as Grafana expands them for PostgreSQL, over the last six hours in steps of 30 s. */
function expanded(rawSql: string): string {
  const [from, to] = [FROM - 5 * 3_600, FROM + 3_600].map((seconds) => new Date(seconds * 1_000).toISOString());
  return rawSql
    .replace(/\$__timeFilter\(([^)]+)\)/g, (_, column: string) => `${column} BETWEEN '${from}' AND '${to}'`)
    .replace(/\$__timeGroup\(([^,]+), *\$__interval\)/g, (_, column: string) => `floor(extract(epoch from ${column})/30)*30`);
}

const rowsOf = async (title: string) => {
  const panel = panels.find((candidate) => candidate.title === title);
  return (await log.sql.execute(expanded(panel?.targets[0]?.rawSql ?? "-"))) as Record<string, unknown>[];
};

it.each(Object.entries(dashboards))("%s.json is what the code makes: `npm run grafana` writes it", (name, dashboard) => {
  expect(readFileSync(`grafana/dashboards/${name}.json`, "utf8")).toBe(dashboardJson(dashboard));
});

it.each(panels.map(({ title, targets }) => [title, targets] as const))("%s reads views alone, and runs", async (_, targets) => {
  for (const { rawSql, format } of targets) {
    const tables = [...rawSql.matchAll(/\b(?:from|join) ([a-z_0-9]+)/g)].map(([, name]) => name);
    expect(tables.filter((name) => !name?.startsWith("grafana_") && !rawSql.includes(`${name} as (`) && name !== "now")).toEqual([]);
    const rows = (await log.sql.execute(expanded(rawSql))) as Record<string, unknown>[];
    expect(rows.length).toBeGreaterThan(0);
    if (format === "time_series") expect(rows[0]).toHaveProperty("time");
  }
});

describe("the numbers", () => {
  it("are what was logged", async () => {
    expect(await rowsOf("Targets by status")).toEqual([{ Up: 1, Degraded: 0, Down: 1, "Not checked": 0 }]);
    expect(await rowsOf("Down now")).toMatchObject([{ Target: "Shop" }]);
    expect(await rowsOf("Availability, 24 hours")).toEqual([
      { Target: "Shop", "Available, %": 50, "Seconds down": 1_800, Checks: 120 },
      { Target: "Blog", "Available, %": 100, "Seconds down": 0, Checks: 120 },
    ]);
  });
});
