import { ROUND_METRICS, type RoundMetricName } from "../../shared/round/round-metrics.ts";

/** Namespace of all metrics of ours. */
export const METRICS_NAMESPACE = "ServerTracker";

/**
 * Emits numbers as CloudWatch metrics of a stage in the embedded metric format: a line of JSON on standard output, which
 * CloudWatch Logs reads. The alarm on the absence of a round's says that no round runs.
 * Format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 * @param values by the metrics' names @param details that stand beside them in the log
 */
export function emitMetrics(
  stage: string,
  values: Partial<Readonly<Record<RoundMetricName, number>>>,
  details: Readonly<Record<string, number>> = {},
): void {
  const Metrics = Object.entries(ROUND_METRICS)
    .filter(([name]) => name in values)
    .map(([Name, { unit }]) => ({ Name, Unit: unit }));
  const directive = { Namespace: METRICS_NAMESPACE, Dimensions: [["Stage"]], Metrics };
  const line = { _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive] }, Stage: stage, ...values, ...details };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Whether this process's output is read by CloudWatch: a terminal has the round's line instead. */
export function isReadByCloudWatch(): boolean {
  return process.env["AWS_LAMBDA_FUNCTION_NAME"] !== undefined;
}
