import { type ConcludedRound, measureRound, ROUND_METRICS } from "../../shared/round/round-metrics.ts";

/** Namespace of all metrics of ours. */
export const METRICS_NAMESPACE = "ServerTracker";

/**
 * Emits a round's numbers as CloudWatch metrics of a stage in the embedded metric format: a line of JSON on
 * standard output, which CloudWatch Logs reads. The alarm on its absence says that no round runs.
 * Format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function emitRoundMetrics(stage: string, round: ConcludedRound): void {
  const { planned, failedShards, spooled } = round.row;
  const metrics = Object.entries(ROUND_METRICS).map(([Name, { unit }]) => ({ Name, Unit: unit }));
  const directive = { Namespace: METRICS_NAMESPACE, Dimensions: [["Stage"]], Metrics: metrics };
  const line = {
    _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive] },
    Stage: stage,
    ...measureRound(round),
    planned,
    failedShards,
    spooled,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Whether this process's output is read by CloudWatch: a terminal has the round's line instead. */
export function isReadByCloudWatch(): boolean {
  return process.env["AWS_LAMBDA_FUNCTION_NAME"] !== undefined;
}
