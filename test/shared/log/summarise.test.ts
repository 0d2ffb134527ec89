import { expect, it } from "vitest";
import type { WindowTotals } from "../../../shared/log/log-history.ts";
import { summarise, uptimePercent } from "../../../shared/log/summarise.ts";

const nothing: WindowTotals = {
  upSeconds: 0,
  degradedSeconds: 0,
  downSeconds: 0,
  maintenanceSeconds: 0,
  pausedSeconds: 0,
  checks: 0,
  retried: 0,
  latencySumMs: 0,
  latencyMaxMs: null,
  latencies: new Map(),
};
const day = 86_400;
const of = (totals: Partial<WindowTotals>) => summarise({ ...nothing, ...totals }, 0, day * 1_000);

it("counts degraded as up, and unknown time as neither up nor down", () => {
  expect(of({ upSeconds: day / 2 - 900, degradedSeconds: 450, downSeconds: 450 })).toMatchObject({
    uptimePercent: 98.9583,
    unknownSeconds: day / 2,
    knownPercent: 50,
  });
});

it("has no uptime where nothing is known", () => {
  expect(of({})).toMatchObject({ uptimePercent: null, knownPercent: 0, unknownSeconds: day, latencyMs: { average: null, p95: null } });
});

it.each([
  [1, 1, 100],
  [9_999_999, 10_000_000, 99.9999],
  [99_999, 100_000, 99.999],
  [0, 1, 0],
  [0, 0, null],
])("calls %i of %i seconds %s percent, and 100 only what was all of it", (good, known, percent) => {
  expect(uptimePercent(good, known)).toBe(percent);
});

it("leaves paused time out", () => {
  expect(of({ upSeconds: day / 4, pausedSeconds: day / 2 })).toMatchObject({
    uptimePercent: 100,
    unknownSeconds: day / 4,
    knownPercent: 50,
  });
});

it("tells latencies of the checks that had one", () => {
  expect(of({ checks: 10, latencySumMs: 40, latencyMaxMs: 10.04, latencies: new Map([[8, 8]]) }).latencyMs).toEqual({
    average: 5,
    p50: 4.4,
    p95: 4.7,
    p99: 4.7,
    max: 10,
  });
});
