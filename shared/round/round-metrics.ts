import type { RoundRow } from "../log/tables.ts";

/** What a concluded round is measured by. */
export interface ConcludedRound {
  readonly row: RoundRow;
  readonly alerts: { readonly sent: number; readonly waiting: number; readonly failed: number };
  /** Whether log batches still wait in the spool that should not. */
  readonly spoolWaits: boolean;
}

interface RoundMetric {
  /** CloudWatch's word. */
  readonly unit: "Count" | "Percent" | "Milliseconds";
  /** What it says, in a sentence. */
  readonly help: string;
  readonly value: (round: ConcludedRound) => number;
  /** Only a graph reads it, and no alarm. */
  readonly isGraphed?: true;
}

/**
 * The numbers of a round, for whoever watches the monitor: CloudWatch's alarms and dashboard read them by these names.
 * Each costs $0.30 a month there, so what no alarm or graph needs is not among them.
 */
export const ROUND_METRICS = {
  RoundsConcluded: { unit: "Count", help: "Rounds that came to their end.", value: () => 1 },
  ChecksDone: { unit: "Count", help: "Checks done.", value: ({ row }) => row.checked, isGraphed: true },
  ChecksLate: { unit: "Count", help: "Checks that started more than half a round after their mark.", value: ({ row }) => row.late },
  Coverage: {
    unit: "Percent",
    help: "Share of the due targets that were checked.",
    value: ({ row }) => (row.planned === 0 ? 100 : (100 * row.checked) / row.planned),
  },
  SpoolWaiting: {
    unit: "Count",
    help: "1 while log rows wait in the spool, beyond their hour where the log sleeps.",
    value: ({ spoolWaits }) => (spoolWaits ? 1 : 0),
  },
  RoundDuration: { unit: "Milliseconds", help: "From the plan to the end.", value: ({ row }) => row.tookMs, isGraphed: true },
  AlertsWaiting: { unit: "Count", help: "Alerts that a channel has not taken yet.", value: ({ alerts }) => alerts.waiting },
  AlertsFailed: { unit: "Count", help: "Alerts that a channel refused for good.", value: ({ alerts }) => alerts.failed },
} as const satisfies Record<string, RoundMetric>;

export type RoundMetricName = keyof typeof ROUND_METRICS;

/** Of the metrics, those that are measured. @param isGraphed whether there is a graph of them: each costs as much as three alarms */
export function measuredMetrics(isGraphed: boolean): RoundMetricName[] {
  const all = Object.entries(ROUND_METRICS) as [RoundMetricName, RoundMetric][]; // the same names
  return all.filter(([, metric]) => isGraphed || metric.isGraphed !== true).map(([name]) => name);
}

/** A round's numbers, by name. */
export function measureRound(round: ConcludedRound, isGraphed = true): Partial<Record<RoundMetricName, number>> {
  return Object.fromEntries(measuredMetrics(isGraphed).map((name) => [name, ROUND_METRICS[name].value(round)]));
}
