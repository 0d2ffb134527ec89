import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { type SeededHistory, seedLog } from "../../cli/seed/seed-log.ts";
import { dashboardJson, dashboards } from "../../grafana/index.ts";
import { ALL, type Choice, expandMacros, type Panel } from "../support/grafana.ts";
import { type LogEngine, startLog } from "../support/log-engine.ts";

let log: LogEngine;
let history: SeededHistory;
/** Every check of the history, for a plain recomputation. */
let checks: { seq: number; at: number; status: number; ms: number | null }[];
const NOW = Date.now();
const DAYS = 3;
const TARGETS = 6;

beforeAll(async () => {
  log = await startLog();
  history = await seedLog(log.sql, { targets: TARGETS, days: DAYS, rawDays: DAYS, fineDays: DAYS, outageShare: 0.9, now: NOW });
  // The Data API answers 1 MiB and 64 KB a row at most: compact, some hours a row.
  checks = [];
  for (let seq = 1; seq <= TARGETS; seq++) {
    const chunks = z.array(z.object({ at: z.string(), status: z.string(), ms: z.string() })).parse(
      await log.sql.execute(
        `select string_agg(extract(epoch from at)::bigint::text, ',' order by at) as at, string_agg(status::text, ',' order by at) as status,
                string_agg(coalesce(total_ms::numeric(8,1)::text, ''), ',' order by at) as ms
         from check_result where target = :seq group by date_bin('6 hours', at, timestamptz '2000-01-01 00:00:00+00')`,
        { seq },
      ),
    );
    for (const chunk of chunks) {
      const [at = [], status = [], ms = []] = [chunk.at, chunk.status, chunk.ms].map((text) => text.split(","));
      at.forEach((seconds, index) => {
        checks.push({ seq, at: Number(seconds), status: Number(status[index]), ms: ms[index] ? Number(ms[index]) : null });
      });
    }
  }
}, 120_000);
afterAll(() => log.close());

const panels = Object.entries(dashboards).flatMap(([name, dashboard]) =>
  ((dashboard.panels ?? []) as unknown as Panel[]).map((panel) => [`${name}: ${panel.title}`, panel] as const),
);
const lastDay = (): Choice => ({
  from: new Date(Date.parse(history.to) - 86_400_000).toISOString(),
  to: history.to,
  intervalSeconds: 60,
  variables: { target: "1", group: ALL, tag: ALL, __interval: "60s" },
});
async function rowsOf(title: string, choice: Partial<Choice["variables"]> = {}): Promise<Record<string, unknown>[]> {
  const [, panel] = panels.find(([name]) => name === title) ?? [];
  const base = lastDay();
  const variables = { ...base.variables, ...choice } as Choice["variables"];
  return (await log.sql.execute(expandMacros(panel?.targets[0]?.rawSql ?? "-", { ...base, variables }))) as Record<string, unknown>[];
}

it.each(Object.entries(dashboards))("%s.json is what the code makes: `npm run grafana` writes it", (name, dashboard) => {
  expect(readFileSync(`grafana/dashboards/${name}.json`, "utf8")).toBe(dashboardJson(dashboard));
});

describe("every panel", () => {
  it.each(panels)("%s reads grafana_ views alone, and answers what its kind of panel needs", async (_, { type, targets }) => {
    const choices: Choice["variables"][] = [
      { target: "1", group: ALL, tag: ALL },
      { target: "3", group: ["shop", "api"], tag: ["production"] },
      { target: "2", group: ["it's not there"], tag: ALL },
    ];
    for (const { rawSql, format } of targets) {
      const own = [...rawSql.matchAll(/\b(\w+) as (?:materialized )?\(/g)].map(([, name]) => name);
      const read = [...rawSql.matchAll(/\b(?:from|join) ([a-z_0-9]+)/g)].map(([, name = ""]) => name);
      expect(read.filter((name) => !name.startsWith("grafana_") && !own.includes(name) && !["now", "interval"].includes(name))).toEqual(
        // "unnest(…)" and time spans such as "epoch from now()".
        read.filter((name) => ["unnest", "i", "d"].includes(name)),
      );
      for (const variables of choices) {
        const rows = (await log.sql.execute(expandMacros(rawSql, { ...lastDay(), variables }))) as Record<string, unknown>[];
        const [first] = rows;
        if (first === undefined || format !== "time_series") continue;
        expect(first).toHaveProperty("time");
        if ("metric" in first) expect(Object.keys(first).sort()).toEqual(["metric", "time", "value"]);
        else expect(Object.keys(first).length).toBeGreaterThan(1);
        if (type === "heatmap") for (const { metric } of rows) expect(Number(metric)).toBeGreaterThan(0);
        const times = rows.map(({ time }) => (typeof time === "number" ? time : Date.parse(String(time))));
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }
    }
  });

  it.each(panels)("%s answers an empty log without an error", async (_, { targets }) => {
    for (const { rawSql } of targets) {
      const empty = {
        ...lastDay(),
        from: "2001-01-01T00:00:00Z",
        to: "2001-01-02T00:00:00Z",
        variables: { target: "999", group: ALL, tag: ALL },
      };
      await expect(log.sql.execute(expandMacros(rawSql, empty))).resolves.toBeInstanceOf(Array);
    }
  });
});

describe("the numbers are those of a plain recomputation", () => {
  const percent = (rows: typeof checks) => {
    const good = rows.filter(({ status }) => status < 3).length;
    return rows.length === 0 ? null : Math.round((100_000 * good) / rows.length) / 1_000;
  };
  const seqOf = (name: unknown) => Number(String(name).slice("Target ".length));

  it("are of a history in which something happened, today too", () => {
    const midnight = Math.floor(NOW / 86_400_000) * 86_400;
    const failing = checks.filter(({ status }) => status === 3);
    expect(new Set(failing.map(({ seq }) => seq)).size).toBeGreaterThan(TARGETS / 2);
    // Just after midnight, today is too short for that.
    if (NOW / 1_000 - midnight > 3_600) expect(percent(checks.filter(({ at }) => at >= midnight))).not.toBe(percent(checks));
  });

  it("availability over 24 hours and over all days", async () => {
    const rows = await rowsOf("overview: Availability");
    // The last target is deleted, and not shown.
    expect(rows).toHaveLength(TARGETS - 1);
    // Whole hours within the last 24; what is not rolled up to hours yet is there in steps of 5 minutes.
    const dayStart = Math.ceil((Date.now() / 1_000 - 86_400) / 3_600) * 3_600;
    for (const row of rows) {
      const own = checks.filter(({ seq }) => seq === seqOf(row["Target"]));
      expect([row["Target"], row["24 h, %"]]).toEqual([row["Target"], percent(own.filter(({ at }) => at >= dayStart))]);
      expect([row["Target"], row["90 d, %"]]).toEqual([row["Target"], percent(own)]);
    }
  });

  it("the month's error budget", async () => {
    for (const target of ["1", "4"]) {
      const own = checks.filter(({ seq }) => seq === Number(target));
      const down = own.filter(({ status }) => status === 3).length;
      const [row] = await rowsOf("target: Error budget of 99.9 % over 30 days", { target });
      expect(row?.["Availability, %"]).toBe(percent(own));
      expect(row?.["Budget left, %"]).toBeCloseTo(100 - (100 * down) / (own.length * 0.001), 0);
    }
  });

  it("availability and percentiles by the hour, but for what is unknown", async () => {
    const rows = await rowsOf("target: Availability");
    const latencies = await rowsOf("target: Latency, p50, p95, p99");
    let compared = 0;
    for (const [index, row] of rows.entries()) {
      const start = Date.parse(String(row["time"])) / 1_000;
      const hour = checks.filter(({ seq, at }) => seq === 1 && at >= start && at < start + 3_600);
      // The last hour is still in steps of 5 minutes.
      if (start % 3_600 !== 0 || start + 3_600 > Date.parse(history.to) / 1_000) continue;
      compared++;
      expect(Number(row["Available"])).toBeCloseTo((100 * hour.filter(({ status }) => status < 3).length) / hour.length, 6);
      const sorted = hour.flatMap(({ ms, status }) => (status < 3 && ms !== null ? [ms] : [])).sort((a, b) => a - b);
      const p95 = sorted[Math.ceil(0.95 * sorted.length) - 1] ?? 0;
      // Buckets are 19 % wide.
      expect(Number(latencies[index]?.["p95"]) / p95).toBeGreaterThan(0.8);
      expect(Number(latencies[index]?.["p95"]) / p95).toBeLessThan(1.25);
    }
    expect(compared).toBeGreaterThan(20);
  });

  it("rounds: a gap of the monitor shows as no rounds, and not as checks that failed", async () => {
    const [row] = await rowsOf("health: Rounds");
    expect(row).toMatchObject({ Rounds: 2_880 - 50 + 1 - 1, "Coverage, %": 100 });
  });

  it("incidents and who was told", async () => {
    const [row] = await rowsOf("incidents: Incidents");
    const from = (Date.parse(history.to) - 86_400_000) / 1_000;
    // An incident is a run of failing checks, but where the monitor did not look.
    const began = z
      .array(z.object({ n: z.number() }))
      .parse(
        await log.sql.execute(
          "select count(*)::integer as n from transition where to_status = 3 and target < :last and at >= to_timestamp(:from)",
          { last: TARGETS, from },
        ),
      );
    expect(row?.["Began"]).toBe(began[0]?.n);
    const channels = await rowsOf("incidents: Alerts by channel");
    for (const channel of channels) expect(channel).toMatchObject({ Channel: "discord", Waiting: 0, Folded: 0 });
  });
});

it("marks a target's incidents in its graphs", async () => {
  const [annotation] = (dashboards.target.annotations?.list ?? []) as unknown as { target: { rawSql: string } }[];
  const month = { ...lastDay(), from: history.from };
  const found: unknown[] = [];
  for (let target = 1; target <= TARGETS; target++) {
    const sql = expandMacros(annotation?.target.rawSql ?? "-", { ...month, variables: { target: String(target) } });
    found.push(...(await log.sql.execute(sql)));
  }
  expect(found.length).toBeGreaterThan(0);
  expect(Object.keys(found[0] as object)).toEqual(["time", "timeend", "text"]);
});

it("has alert rules whose queries run", async () => {
  const file = parse(readFileSync("grafana/provisioning/alerting/server-tracker.yaml", "utf8")) as {
    groups: { rules: { title: string; data: { model: { rawSql?: string } }[] }[] }[];
  };
  const queries = file.groups.flatMap(({ rules }) => rules.flatMap(({ data }) => data.flatMap(({ model }) => model.rawSql ?? [])));
  expect(queries).toHaveLength(2);
  for (const query of queries) expect(Object.keys((await log.sql.execute(query))[0] ?? { value: 0 })).toContain("value");
});

it("lets Grafana's role read the views, and nothing else", async () => {
  const may = z.array(z.object({ name: z.string(), may: z.boolean() })).parse(
    await log.sql.execute(
      `select c.relname::text as name, has_table_privilege('grafana_reader', c.oid, 'select') as may from pg_class as c
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'p')`,
    ),
  );
  for (const { name, may: allowed } of may) expect([name, allowed]).toEqual([name, name.startsWith("grafana_")]);
  expect(may.filter(({ may: allowed }) => allowed).length).toBeGreaterThanOrEqual(10);
});

it("counts no time in maintenance as up or down", async () => {
  const seq = 4;
  const sums = async () =>
    z
      .array(z.object({ view: z.string(), known: z.number() }))
      .parse(
        await log.sql.execute(
          `select v.view, sum(v.known)::integer as known from (
             select '5m' as view, up_s + degraded_s + down_s as known, time, seq from grafana_availability_5m
             union all select 'hour', up_s + degraded_s + down_s, time, seq from grafana_availability_hour
             union all select 'day', up_s + degraded_s + down_s, time, seq from grafana_availability_day
           ) as v where seq = :seq group by v.view order by v.view`,
          { seq },
        ),
      )
      .map(({ view, known }) => [view, known] as const);
  const before = await sums();
  const [last] = z
    .array(z.object({ at: z.number() }))
    .parse(await log.sql.execute("select extract(epoch from max(at))::double precision as at from rollup_5m where target = :seq", { seq }));
  const [from, to] = [3 * 3_600, 2 * 3_600].map((before) => new Date(((last?.at ?? 0) - before) * 1_000).toISOString()) as [string, string];
  // Two that overlap count once.
  for (const until of [to, to])
    await log.sql.execute(
      "insert into maintenance_time (target, window_id, from_at, to_at) values (:seq, gen_random_uuid(), :from::timestamptz, :until::timestamptz)",
      { seq, from, until },
    );
  const [row] = z.array(z.object({ known: z.number() })).parse(
    await log.sql.execute(
      `select coalesce(sum(up_s + degraded_s + down_s), 0)::integer as known from rollup_5m
         where target = :seq and at > :from::timestamptz - interval '5 minutes' and at < :to::timestamptz`,
      { seq, from, to },
    ),
  );
  expect(row?.known).toBeGreaterThan(3_000);
  expect(await sums()).toEqual(before.map(([view, known]) => [view, known - (row?.known ?? 0)]));
  await log.sql.execute("delete from maintenance_time where target = :seq", { seq });
});

it("shades maintenance, for who reads dashboards", async () => {
  await log.sql.execute(
    "insert into maintenance_time (target, window_id, from_at, to_at) values (4, gen_random_uuid(), :from::timestamptz, :to::timestamptz)",
    { from: history.rawFrom, to: history.to },
  );
  await log.sql.execute("set role grafana_reader", {});
  try {
    expect(await log.sql.execute("select target, seq from grafana_maintenance", {})).toEqual([{ target: "Target 0004", seq: 4 }]);
  } finally {
    await log.sql.execute("reset role", {});
  }
});
