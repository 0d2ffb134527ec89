import { percentile } from "./histogram.ts";
import type { WindowTotals } from "./log-history.ts";

/** Uptime and latency of a target in a window, as people read it. */
export interface WindowSummary {
  /** ISO 8601. */
  readonly from: string;
  /** Up and degraded, of the time that is known; `null` when nothing is. */
  readonly uptimePercent: number | null;
  /** Of the time neither paused nor in maintenance, the share that checks account for. */
  readonly knownPercent: number;
  readonly upSeconds: number;
  readonly degradedSeconds: number;
  readonly downSeconds: number;
  readonly unknownSeconds: number;
  /** In maintenance windows: neither up, nor down, nor unknown. */
  readonly maintenanceSeconds: number;
  readonly pausedSeconds: number;
  readonly checks: number;
  /** Checks that needed more than one attempt. */
  readonly retried: number;
  readonly latencyMs: Readonly<Record<"average" | "p50" | "p95" | "p99" | "max", number | null>>;
}

/**
 * Sums a window up. Time that no check accounts for is unknown: it is neither up nor down.
 * @param from epoch ms @param to epoch ms
 */
export function summarise(totals: WindowTotals, from: number, to: number): WindowSummary {
  const { upSeconds, degradedSeconds, downSeconds, maintenanceSeconds, pausedSeconds, latencies } = totals;
  const known = upSeconds + degradedSeconds + downSeconds;
  const unknown = (to - from) / 1_000 - maintenanceSeconds - pausedSeconds - known;
  const latencyCount = [...latencies.values()].reduce((sum, count) => sum + count, 0);
  // An estimate within a bucket may lie above what was seen.
  const quantile = (q: number) => {
    const estimate = percentile(latencies, q);
    return rounded(estimate !== null && totals.latencyMaxMs !== null ? Math.min(estimate, totals.latencyMaxMs) : estimate, 1);
  };
  return {
    from: new Date(from).toISOString(),
    uptimePercent: uptimePercent(upSeconds + degradedSeconds, known),
    knownPercent: known + unknown === 0 ? 0 : (rounded((100 * known) / (known + unknown), 2) ?? 0),
    upSeconds,
    degradedSeconds,
    downSeconds,
    unknownSeconds: Math.round(unknown),
    maintenanceSeconds,
    pausedSeconds: Math.round(pausedSeconds),
    checks: totals.checks,
    retried: totals.retried,
    latencyMs: {
      average: latencyCount === 0 ? null : rounded(totals.latencySumMs / latencyCount, 1),
      p50: quantile(0.5),
      p95: quantile(0.95),
      p99: quantile(0.99),
      max: rounded(totals.latencyMaxMs, 1),
    },
  };
}

/** Percent of what is known, to four digits; what was not all of it is never 100. `null` when nothing is known. */
export function uptimePercent(good: number, known: number): number | null {
  if (known === 0) return null;
  const percent = rounded((100 * good) / known, 4);
  return percent === null || good === known ? percent : Math.min(percent, 99.9999);
}

function rounded(value: number | null, digits: number): number | null {
  return value === null ? null : Math.round(value * 10 ** digits) / 10 ** digits;
}
