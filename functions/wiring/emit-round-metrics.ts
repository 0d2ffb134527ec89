import type { ConcludeRoundDeps } from "../../shared/round/conclude-round.ts";

/** What a round tells CloudWatch as metrics, and in which unit. Each costs $0.30 a month: what no alarm or graph needs is in the line alone. */
const UNITS = {
  RoundsConcluded: "Count",
  ChecksDone: "Count",
  ChecksLate: "Count",
  Coverage: "Percent",
  SpoolWaiting: "Count",
  RoundDuration: "Milliseconds",
  AlertsWaiting: "Count",
  AlertsFailed: "Count",
} as const;

export type HeartbeatMetricName = keyof typeof UNITS;

/** The names of all metrics of a stage. */
export const HEARTBEAT_METRICS = Object.keys(UNITS) as HeartbeatMetricName[];

/**
 * Emits the round's numbers as CloudWatch metrics of a stage in the embedded metric format: a line of JSON on
 * standard output, which CloudWatch Logs reads. The alarm on its absence says that no round runs.
 * Format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export const emitHeartbeat =
  (stage: string): ConcludeRoundDeps["heartbeat"] =>
  (row, { alerts, spoolWaits }) => {
    // Only Lambda's log is read by CloudWatch; a terminal has the round's line.
    if (process.env["AWS_LAMBDA_FUNCTION_NAME"] === undefined) return;
    const values: Record<HeartbeatMetricName, number> = {
      RoundsConcluded: 1,
      ChecksDone: row.checked,
      ChecksLate: row.late,
      Coverage: row.planned === 0 ? 100 : (100 * row.checked) / row.planned,
      SpoolWaiting: spoolWaits ? 1 : 0,
      RoundDuration: row.tookMs,
      AlertsWaiting: alerts.waiting,
      AlertsFailed: alerts.failed,
    };
    const metrics = Object.entries(UNITS).map(([Name, Unit]) => ({ Name, Unit }));
    const directive = { Namespace: "ServerTracker", Dimensions: [["Stage"]], Metrics: metrics };
    process.stdout.write(
      `${JSON.stringify({ _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive] }, Stage: stage, ...values, planned: row.planned, failedShards: row.failedShards, spooled: row.spooled })}\n`,
    );
  };
