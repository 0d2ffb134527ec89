import { afterAll, beforeAll, expect, it } from "vitest";
import { createDataApiLogHistory } from "../../../shared/log/data-api-log-history.ts";
import { createDataApiLogKeeper } from "../../../shared/log/data-api-log-keeper.ts";
import { createDataApiLogOverview } from "../../../shared/log/data-api-log-overview.ts";
import { createDataApiLogWriter } from "../../../shared/log/data-api-log-writer.ts";
import type { LogOverview } from "../../../shared/log/log-overview.ts";
import { batch, type CheckRow } from "../../../shared/log/tables.ts";
import { targetRow } from "../../../shared/targets/target-row.ts";
import { type LogEngine, startLog } from "../../support/log-engine.ts";
import { checkRow, targetOf, totalsOf } from "../../support/log-rows.ts";

const NOW = Date.parse("2026-07-10T14:07:00Z");
const HOUR_MS = 3_600_000;
const EVER = { rawDays: 3_650, fiveMinuteDays: 3_650, hourDays: 3_650 };
const iso = (ms: number) => new Date(ms).toISOString();

let engine: LogEngine;
let overview: LogOverview;

/** Target 1 is down for 10 minutes three hours ago and degraded in this hour; 2 is always up; 3 has no history. */
function rows(): CheckRow[] {
  const found: CheckRow[] = [];
  for (let at = NOW - 30 * HOUR_MS; at < NOW; at += 30_000) {
    const isDown = at >= NOW - 3 * HOUR_MS && at < NOW - 3 * HOUR_MS + 600_000;
    const isDegraded = at >= NOW - 1_200_000 && at < NOW - 900_000;
    found.push(checkRow(1, iso(at), { status: isDown ? "down" : isDegraded ? "degraded" : "up" }), checkRow(2, iso(at)));
  }
  return found;
}

beforeAll(async () => {
  engine = await startLog();
  const writer = createDataApiLogWriter(engine.sql);
  const keeper = createDataApiLogKeeper(engine.sql);
  const all = rows();
  const begin = Math.min(...all.map(({ round }) => round)) * 1_000;
  await engine.sql.execute("insert into rollup_state (rolled_up_to) values (:at::timestamptz)", { at: iso(begin) });
  await keeper.maintain(begin, EVER);
  const targets = [1, 2, 3].map((seq) => targetRow(targetOf(seq)));
  await writer.write(batch("target", targets));
  for (let at = 0; at < all.length; at += 500) await writer.write(batch("check", all.slice(at, at + 500)));
  for (let at = begin; at <= NOW; at += 2 * HOUR_MS) await keeper.maintain(at, EVER);
  await keeper.maintain(NOW, EVER);
  overview = createDataApiLogOverview(engine.sql);
});
afterAll(() => engine.close());

it("tells the last 24 hours of every target that has any, at their worst", async () => {
  const strips = new Map((await overview.strips(iso(NOW))).map((strip) => [strip.seq, strip]));
  expect([...strips.keys()].sort()).toEqual([1, 2]);
  // 14:07 now: three hours ago lies in the hour of 11, and 13:47 to 13:52 was degraded.
  expect(strips.get(1)?.hours).toBe(`${"u".repeat(20)}dugu`);
  expect(strips.get(2)).toMatchObject({ hours: "u".repeat(24), uptimePercent: 100 });
  expect(strips.get(1)?.uptimePercent).toBeCloseTo(100 - (100 * 10) / (23 * 60 + 5), 1);
});

it("counts no time in maintenance in the percentage of the last 24 hours", async () => {
  const percentOf = async (seq: number) => (await overview.strips(iso(NOW))).find((strip) => strip.seq === seq)?.uptimePercent;
  const maintain = (from: string, to: string) =>
    engine.sql.execute(
      `insert into maintenance_time (target, window_id, from_at, to_at) values (1, gen_random_uuid(), '${from}', '${to}')`,
    );
  // What was down was so from 11:07 to 11:17.
  await maintain("2026-07-10T11:05:00Z", "2026-07-10T11:20:00Z");
  expect(await percentOf(1)).toBe(100);
  expect(await percentOf(2)).toBe(100);
  await maintain("2026-07-08T00:00:00Z", "2026-07-11T00:00:00Z");
  expect(await percentOf(1)).toBeNull();
  await engine.sql.execute("delete from maintenance_time");
  expect(await percentOf(1)).toBeLessThan(100);
});

it.each([300, 3_600, 86_400] as const)("adds a series of %i s up to the same as the summary's totals", async (step) => {
  const from = Math.floor((NOW - 48 * HOUR_MS) / (step * 1_000)) * step * 1_000;
  const points = await overview.series(1, step, iso(from), iso(NOW));
  const totals = await totalsOf(createDataApiLogHistory(engine.sql), 1, iso(from), iso(NOW));
  const sum = (field: "upSeconds" | "degradedSeconds" | "downSeconds" | "checks") =>
    points.reduce((total, point) => total + point[field], 0);
  expect([sum("upSeconds"), sum("degradedSeconds"), sum("downSeconds"), sum("checks")]).toEqual([
    totals.upSeconds,
    totals.degradedSeconds,
    totals.downSeconds,
    totals.checks,
  ]);
  expect(sum("downSeconds")).toBe(600);
  expect(points.every(({ at }) => at % step === 0)).toBe(true);
  expect(points.every(({ latencies, checks, downSeconds }) => checks === 0 || downSeconds > 0 || latencies.size > 0)).toBe(true);
});

it.each([300, 3_600, 86_400] as const)("counts no time in maintenance in a series of %i s, as the summary does", async (step) => {
  const from = Math.floor((NOW - 48 * HOUR_MS) / (step * 1_000)) * step * 1_000;
  const sums = async () => {
    const points = await overview.series(2, step, iso(from), iso(NOW));
    const totals = await totalsOf(createDataApiLogHistory(engine.sql), 2, iso(from), iso(NOW));
    const sum = (field: "upSeconds" | "downSeconds" | "maintenanceSeconds" | "checks") =>
      points.reduce((total, point) => total + point[field], 0);
    expect([sum("upSeconds"), sum("downSeconds"), sum("maintenanceSeconds"), sum("checks")]).toEqual([
      totals.upSeconds,
      totals.downSeconds,
      totals.maintenanceSeconds,
      totals.checks,
    ]);
    return { up: sum("upSeconds"), maintenance: sum("maintenanceSeconds") };
  };
  const before = await sums();
  // One over midnight, one that touches parts of two steps of five minutes, and one before there were any checks.
  for (const [begin, end] of [
    ["2026-07-09T23:30:00Z", "2026-07-10T01:10:00Z"],
    ["2026-07-10T09:03:00Z", "2026-07-10T09:08:00Z"],
    ["2026-07-08T20:00:00Z", "2026-07-08T21:00:00Z"],
  ])
    await engine.sql.execute(
      `insert into maintenance_time (target, window_id, from_at, to_at) values (2, gen_random_uuid(), '${begin}', '${end}')`,
    );
  const after = await sums();
  expect(after.maintenance).toBe(6_000 + 600 + 3_600);
  expect(before.up - after.up).toBe(6_600);
  await engine.sql.execute("delete from maintenance_time");
});

it("counts today's latencies of every target, as far as they are rolled up, and they only grow", async () => {
  // 14:07 now, so rolled up to 14:05: 14 h 5 min of checks every 30 s, less those that were down.
  const day = new Map((await overview.latencies(iso(NOW))).map((each) => [each.seq, each]));
  expect([...day.keys()].sort()).toEqual([1, 2]);
  const count = (seq: number) => [...(day.get(seq)?.latencies.values() ?? [])].reduce((sum, each) => sum + each, 0);
  expect([count(1), count(2)]).toEqual([1_690 - 20, 1_690]);
  expect(day.get(2)?.sumMs).toBeGreaterThan(0);
  // Rows that come late set back how far is rolled up, and nothing that was counted.
  await engine.sql.execute("select roll_up_again_from(:at::timestamptz)", { at: iso(NOW - 2 * HOUR_MS) });
  expect(new Map((await overview.latencies(iso(NOW))).map((each) => [each.seq, each]))).toEqual(day);
  await createDataApiLogKeeper(engine.sql).maintain(NOW, EVER);
  expect(await overview.latencies("2026-07-11T00:00:00Z")).toEqual([]);
});

it("has no points of a target without a history", async () => {
  expect(await overview.series(3, 3_600, iso(Math.floor(NOW / HOUR_MS) * HOUR_MS - 24 * HOUR_MS), iso(NOW))).toEqual([]);
});
