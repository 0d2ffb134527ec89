import type { ConcludeRoundDeps } from "../../shared/round/conclude-round.ts";

/** What a round tells CloudWatch, and in which unit. */
const UNITS = {
  RoundsConcluded: "Count",
  ChecksPlanned: "Count",
  ChecksDone: "Count",
  ChecksLate: "Count",
  Coverage: "Percent",
  ShardsFailed: "Count",
  BatchesSpooled: "Count",
  SpoolWaiting: "Count",
  RoundDuration: "Milliseconds",
  AlertsWaiting: "Count",
  AlertsFailed: "Count",
} as const;

export type HeartbeatMetricName = keyof typeof UNITS;

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
      ChecksPlanned: row.planned,
      ChecksDone: row.checked,
      ChecksLate: row.late,
      Coverage: row.planned === 0 ? 100 : (100 * row.checked) / row.planned,
      ShardsFailed: row.failedShards,
      BatchesSpooled: row.spooled,
      SpoolWaiting: spoolWaits ? 1 : 0,
      RoundDuration: row.tookMs,
      AlertsWaiting: alerts.waiting,
      AlertsFailed: alerts.failed,
    };
    const metrics = Object.entries(UNITS).map(([Name, Unit]) => ({ Name, Unit }));
    const directive = { Namespace: "ServerTracker", Dimensions: [["Stage"]], Metrics: metrics };
    process.stdout.write(
      `${JSON.stringify({ _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive] }, Stage: stage, ...values })}\n`,
    );
  };
