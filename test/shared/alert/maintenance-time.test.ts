import { describe, expect, it } from "vitest";
import { type MaintenanceWindow, parseMaintenance } from "../../../shared/alert/maintenance.ts";
import { maintenanceTimes, pastOf, pastOfTarget, timesOfGone } from "../../../shared/alert/maintenance-time.ts";
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

it("of a window that repeats begins when that was made another: what was before stays what it was", () => {
  const weekly = { days: ["friday"], at: "09:00", durationMinutes: 180 };
  const changed = { ...windowOf({ weekly }, -20_000), effectiveFrom: iso(-10) };
  expect(timesOf(changed)).toEqual([[iso(-10), iso(0)]]);
  expect(pastOf(changed, NOW).map(({ once }) => [once?.from, once?.to])).toEqual([[iso(-10), iso(0)]]);
});

describe("what a window was when it is changed or taken back", () => {
  const NOON = Date.parse("2026-11-26T12:00:00Z");
  const iso = (ms: number) => new Date(ms).toISOString();
  const made = { id: "0198f1aa-1111-4222-8333-444455556666", version: 3, createdAt: iso(NOON - 3_600_000) };
  const times = (input: object) =>
    pastOf({ ...made, ...parseMaintenance({ name: "W", all: true, ...input }) }, NOON).map(({ once, weekly }) => [
      once?.from,
      once?.to,
      weekly,
    ]);

  it("is its time of the last day, up to now", () => {
    const once = (from: number, to: number) => ({ once: { from: iso(NOON + from), to: iso(NOON + to) } });
    expect(times(once(-600_000, 600_000))).toEqual([[iso(NOON - 600_000), iso(NOON), undefined]]);
    expect(times(once(-600_000, -300_000))).toEqual([[iso(NOON - 600_000), iso(NOON - 300_000), undefined]]);
    expect(times(once(60_000, 600_000))).toEqual([]);
    // One that says so of a time before it was made, by mistake, is taken back.
    expect(times(once(-7_200_000, 600_000))).toEqual([[made.createdAt, iso(NOON), undefined]]);
    expect(times(once(-3 * 86_400_000, -2 * 86_400_000))).toEqual([]);
    expect(times({ ...once(-600_000, 600_000), kind: "silence" })).toEqual([]);
  });

  it("of one that repeats is each of its times since it was made, as one of its own", () => {
    const weekly = { days: ["wednesday", "thursday"], at: "11:30", durationMinutes: 15 };
    expect(times({ weekly })).toEqual([["2026-11-26T11:30:00.000Z", "2026-11-26T11:45:00.000Z", undefined]]);
  });
});

describe("of a target whose tags change", () => {
  const window = windowOf({ all: false, tags: ["prod"], once }, -90);
  const tagged = (tags: string[], groupedAt: string) => {
    const target = targetOf(1, { createdAt: iso(-10_000), groupedAt });
    return { ...target, config: { ...target.config, tags } };
  };
  const timesIn = (windows: MaintenanceWindow[], target: ReturnType<typeof tagged>) =>
    maintenanceTimes(windows, [target], NOW).map(({ from, to }) => [from, to]);

  it("begins when it got the tag: what was before stays what it was", () => {
    expect(timesIn([window], tagged(["prod"], iso(-15)))).toEqual([[iso(-15), iso(0)]]);
    expect(timesIn([{ ...window, all: true, tags: [] }], tagged([], iso(-15)))).toEqual([[iso(-60), iso(0)]]);
  });

  it("stays what it was until it lost the tag, and when it goes", () => {
    const before = tagged(["prod"], iso(-40));
    const kept = pastOfTarget([window], before, false, NOW);
    expect(timesIn(kept, tagged([], iso(0)))).toEqual([[iso(-40), iso(0)]]);
    // What is its by name or by all goes on by itself.
    expect(pastOfTarget([windowOf({ once }, -90)], before, false, NOW)).toEqual([]);
    const gone = pastOfTarget([windowOf({ once }, -90)], before, true, NOW);
    expect(timesOfGone(gone, new Set())).toEqual([{ id: before.id, window: window.id, from: iso(-60), to: iso(0) }]);
    expect(timesOfGone(gone, new Set([before.id]))).toEqual([]);
  });
});
