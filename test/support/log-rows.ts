import type { CheckResult } from "../../shared/check/check-result.ts";
import type { LogHistory, WindowTotals } from "../../shared/log/log-history.ts";
import type { CheckRow } from "../../shared/log/tables.ts";
import { pendingState } from "../../shared/status/next-status.ts";
import type { Target } from "../../shared/targets/target.ts";
import { configOf } from "./checks.ts";

/** A target as the log knows it. */
export function targetOf(seq: number, overrides: Partial<Target> = {}): Target {
  return {
    id: `00000000-0000-4000-8000-${String(seq).padStart(12, "0")}`,
    seq,
    config: configOf({ name: `Target ${seq}`, url: "http://example.com/" }),
    configVersion: 1,
    state: pendingState(0),
    stateVersion: 1,
    deliveryVersion: 0,
    owed: [],
    certificateWarnings: {},
    known: {},
    messages: {},
    createdAt: "2026-01-01T00:00:00.000Z",
    updatedAt: "2026-01-01T00:00:00.000Z",
    ...overrides,
  };
}

export function resultOf(overrides: Partial<CheckResult> = {}): CheckResult {
  return {
    status: "up",
    attempts: 1,
    startedAt: 0,
    totalMs: 12.3,
    phases: { connectMs: 1, ttfbMs: 10, transferMs: 1.3 },
    address: "127.0.0.1",
    httpStatus: 200,
    ...overrides,
  };
}

/** @param at ISO 8601, a mark */
export function checkRow(seq: number, at: string, result: Partial<CheckResult> = {}): CheckRow {
  return { round: Date.parse(at) / 1_000, seq, intervalSeconds: 30, result: resultOf(result) };
}

/** Totals of one window. @param from ISO 8601 @param to ISO 8601 */
export async function totalsOf(history: Pick<LogHistory, "totals">, seq: number, from: string, to: string): Promise<WindowTotals> {
  const [window] = await history.totals(seq, [{ from }], to);
  if (window === undefined) throw new Error("one window gives one total");
  return window.totals;
}
