import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDataApiLogKeeper } from "../../../shared/log/data-api-log-keeper.ts";
import { createDataApiLogPages } from "../../../shared/log/data-api-log-pages.ts";
import { createDataApiLogReports } from "../../../shared/log/data-api-log-reports.ts";
import { createDataApiLogWriter } from "../../../shared/log/data-api-log-writer.ts";
import type { DayTotals } from "../../../shared/log/log-pages.ts";
import { batch } from "../../../shared/log/tables.ts";
import { daysOf } from "../../../shared/page/page-days.ts";
import { targetRow } from "../../../shared/targets/target-row.ts";
import { type LogEngine, startLog } from "../../support/log-engine.ts";
import { checkRow, targetOf } from "../../support/log-rows.ts";

let log: LogEngine;
const HOUR_S = 3_600;
/** Noon in UTC, yesterday. */
const NOON = Math.floor(Date.now() / 86_400_000) * 86_400 - 12 * HOUR_S;
const iso = (seconds: number) => new Date(seconds * 1_000).toISOString();

beforeAll(async () => {
  log = await startLog();
  const writer = createDataApiLogWriter(log.sql);
  await writer.write(batch("target", [targetRow(targetOf(1, { createdAt: iso(NOON - 90_000) }))]));
  // Twelve hours around noon, each fifth minute, of which the last hour failed.
  const rows = Array.from({ length: 144 }, (_, index) => {
    const at = NOON - 6 * HOUR_S + index * 300;
    return { ...checkRow(1, iso(at), { status: index >= 132 ? "down" : "up" }), intervalSeconds: 300 };
  });
  await createDataApiLogKeeper(log.sql).maintain(Date.now(), { rawDays: 14, fiveMinuteDays: 90, hourDays: 730 });
  await writer.write(batch("check", rows));
  await log.sql.execute("delete from rollup_state", {});
  for (let turn = 0; turn < 40; turn++)
    await createDataApiLogKeeper(log.sql).maintain(Date.now(), { rawDays: 14, fiveMinuteDays: 90, hourDays: 730 });
});
afterAll(() => log.close());

const boundsIn = (timeZone: string) =>
  daysOf({ timeZone, historyDays: 7 }, Date.now()).map(({ date, from, to }) => ({ date, from: from / 1_000, to: to / 1_000 }));
const totalsIn = async (timeZone: string) => {
  const days = boundsIn(timeZone);
  const found = (await createDataApiLogPages(log.sql).days({ seqs: [1], days })).get(1) ?? new Map();
  return [...found.values()].filter(({ up, down }) => up + down > 0).map(({ up, down }) => [up, down]);
};

// The hours from 6 to 18 UTC, and where midnight cuts them.
it.each([
  ["UTC", [[39_600, 3_600]]],
  // Midnight is at 12:00 UTC.
  [
    "Pacific/Auckland",
    [
      [expect.any(Number), 0],
      [expect.any(Number), 3_600],
    ],
  ],
  [
    "+13:00",
    [
      [5 * HOUR_S, 0],
      [6 * HOUR_S, 3_600],
    ],
  ],
  [
    "-10:00",
    [
      [4 * HOUR_S, 0],
      [7 * HOUR_S, 3_600],
    ],
  ],
  [
    "Etc/GMT+10",
    [
      [4 * HOUR_S, 0],
      [7 * HOUR_S, 3_600],
    ],
  ],
  // Midnight is at 18:30 UTC: all of them are of one day.
  ["Asia/Kolkata", [[39_600, 3_600]]],
  ["Europe/Kyiv", [[39_600, 3_600]]],
])("days of %s are cut where its clocks show midnight", async (timeZone, expected) => {
  expect(await totalsIn(timeZone)).toEqual(expected);
});

it("knows up to when, the mean of good checks, and the times of windows", async () => {
  const pages = createDataApiLogPages(log.sql);
  expect(await pages.rolledUpTo()).toBeGreaterThan(NOON);
  await log.sql.execute("insert into maintenance_time values (1, gen_random_uuid(), to_timestamp(:from), to_timestamp(:to))", {
    from: NOON,
    to: NOON + 60,
  });
  expect(await pages.maintenance({ seqs: [1, 2], from: NOON - 10 })).toEqual(new Map([[1, [[NOON, NOON + 60]]]]));
  expect(await pages.maintenance({ seqs: [1], from: NOON + 61 })).toEqual(new Map());
  expect((await pages.latencies({ seqs: [1], now: NOON + 6 * HOUR_S })).get(1)).toBeCloseTo(12.3, 1);
});

it("takes maintenance out of days as reports do, and counts the incidents that touch each", async () => {
  await log.sql.execute("delete from maintenance_time", {});
  // 50 minutes in whole steps, of which 20 lie in the hour that failed.
  const [from, to] = [NOON + 4 * HOUR_S + 1_800, NOON + 5 * HOUR_S + 1_200];
  await log.sql.execute("insert into maintenance_time values (1, gen_random_uuid(), to_timestamp(:from), to_timestamp(:to))", { from, to });
  const began = NOON + 5 * HOUR_S;
  const alert = { kind: "status", from: "up", to: "down", at: began * 1_000, since: began, previousSince: NOON } as const;
  await createDataApiLogWriter(log.sql).write(batch("transition", [{ seq: 1, alert }]));
  const pages = createDataApiLogPages(log.sql);
  const sumOf = (days: ReadonlyMap<string, DayTotals> | undefined) => {
    const sum = (pick: (day: DayTotals) => number) => [...(days?.values() ?? [])].reduce((total, day) => total + pick(day), 0);
    return { up: sum(({ up }) => up), down: sum(({ down }) => down), maintenance: sum(({ maintenance }) => maintenance) };
  };
  // Midnight is within the window there: each day has its part.
  const cut = (await pages.days({ seqs: [1], days: boundsIn("+07:00") })).get(1);
  expect([...(cut?.values() ?? [])].filter(({ maintenance }) => maintenance > 0).map(({ maintenance }) => maintenance)).toEqual([
    1_800, 1_200,
  ]);
  expect(sumOf(cut)).toEqual({ up: 39_600 - 1_800, down: 3_600 - 1_200, maintenance: 3_000 });
  const window = { from: iso(NOON - 12 * HOUR_S), to: iso(NOON + 8 * HOUR_S), after: 0, limit: 10 };
  const [report] = await createDataApiLogReports(log.sql).targets(window);
  expect(report).toMatchObject({ upSeconds: 37_800, downSeconds: 2_400, maintenanceSeconds: 3_000 });
  // It began yesterday, and goes on: each day since has it.
  const touched = (await pages.days({ seqs: [1, 2], days: boundsIn("UTC") })).get(1);
  expect([...(touched ?? [])].map(([date, { incidents }]) => [date, incidents])).toEqual([
    [iso(NOON).slice(0, 10), 1],
    [iso(Date.now() / 1_000).slice(0, 10), 1],
  ]);
  // What was said to the public of it, and not what was said within, nor of another one.
  const event = (kind: "identified" | "monitoring" | "commented", at: number, since = began) => ({
    seq: 1,
    since,
    at: at * 1_000,
    id: randomUUID(),
    kind,
    who: "token:ann",
    text: `${kind} at ${at - NOON}`,
  });
  const events = [
    event("monitoring", NOON + 120),
    event("identified", NOON + 60),
    event("commented", NOON + 90),
    event("monitoring", NOON + 99, 7),
  ];
  await createDataApiLogWriter(log.sql).write(batch("incidentEvent", events));
  const said = [
    { at: NOON + 60, status: "identified", text: "identified at 60" },
    { at: NOON + 120, status: "monitoring", text: "monitoring at 120" },
  ];
  const incident = { seq: 1, since: began, until: null, isRecovered: false, errorClass: null, said };
  expect(await pages.incidents({ seqs: [1], from: NOON, limit: 1 })).toEqual([incident]);
  // As many of the newest words as one answer holds.
  const long = Array.from({ length: 100 }, (_, index) => ({ ...event("monitoring", NOON + 200 + index), text: "漢".repeat(5_000) }));
  for (let index = 0; index < long.length; index += 20)
    await createDataApiLogWriter(log.sql).write(batch("incidentEvent", long.slice(index, index + 20)));
  const [{ said: kept } = { said: [] }] = await pages.incidents({ seqs: [1], from: NOON, limit: 1 });
  expect([kept.length, kept.at(-1)?.at]).toEqual([30, NOON + 299]);
});
