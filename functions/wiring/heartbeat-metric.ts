import type { ConcludeRoundDeps } from "../../shared/round/conclude-round.ts";

/**
 * Emits the round's numbers as a CloudWatch metric in the embedded metric format: a line of JSON on
 * standard output, which CloudWatch Logs reads. The alarm on its absence says that no round runs.
 * Format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export const emitHeartbeat: ConcludeRoundDeps["heartbeat"] = (row, alerts) => {
  // Only Lambda's log is read by CloudWatch; a terminal has the round's line.
  if (process.env["AWS_LAMBDA_FUNCTION_NAME"] === undefined) return;
  const values = {
    RoundsConcluded: 1,
    ChecksPlanned: row.planned,
    ChecksDone: row.checked,
    ChecksLate: row.late,
    Coverage: row.planned === 0 ? 100 : (100 * row.checked) / row.planned,
    ShardsFailed: row.failedShards,
    BatchesSpooled: row.spooled,
    RoundDuration: row.tookMs,
    AlertsWaiting: alerts.waiting,
    AlertsFailed: alerts.failed,
  };
  const unit = (name: string) => (name === "RoundDuration" ? "Milliseconds" : name === "Coverage" ? "Percent" : "Count");
  const metrics = Object.keys(values).map((name) => ({ Name: name, Unit: unit(name) }));
  const directive = { Namespace: "ServerTracker", Dimensions: [[]], Metrics: metrics };
  process.stdout.write(`${JSON.stringify({ _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive] }, ...values })}\n`);
};
