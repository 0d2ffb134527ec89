import { expect, it } from "vitest";
import { type MaintenanceWindow, parseMaintenance } from "../../../shared/alert/maintenance.ts";
import { maintenanceTimes } from "../../../shared/alert/maintenance-time.ts";
import { targetOf } from "../../support/log-rows.ts";

const NOW = Date.parse("2026-11-27T10:00:00Z");
const iso = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString();
const once = { from: iso(-60), to: iso(60) };
const windowOf = (input: object, createdAt: number): MaintenanceWindow => ({
  ...parseMaintenance({ name: "Disk", all: true, ...input }),
  id: "00000000-0000-4000-8000-0000000000aa",
  version: 1,
  createdAt: iso(createdAt),
});
const timesOf = (window: MaintenanceWindow, createdAt = iso(-10_000)) =>
  maintenanceTimes([window], [targetOf(1, { createdAt })], NOW).map(({ from, to }) => [from, to]);

it("is what has passed of a window, also of one that was written down later", () => {
  expect(timesOf(windowOf({ once }, -90))).toEqual([[iso(-60), iso(0)]]);
  expect(timesOf(windowOf({ once }, -5))).toEqual([[iso(-60), iso(0)]]);
  expect(timesOf(windowOf({ once: { from: iso(1), to: iso(60) } }, -90))).toEqual([]);
});

it("is none of a target before that was made, and none in a silence", () => {
  expect(timesOf(windowOf({ once }, -90), iso(-10))).toEqual([[iso(-10), iso(0)]]);
  expect(timesOf(windowOf({ once, kind: "silence" }, -90))).toEqual([]);
});

it("of a window that repeats begins when that was made", () => {
  const weekly = { days: ["friday"], at: "09:00", durationMinutes: 180 };
  expect(timesOf(windowOf({ weekly }, -30))).toEqual([[iso(-30), iso(0)]]);
  expect(timesOf(windowOf({ weekly }, -20_000))).toEqual([[iso(-60), iso(0)]]);
});
