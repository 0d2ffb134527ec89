import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { HeartbeatMetricName } from "../../functions/wiring/heartbeat-metric.ts";
import { ONE_MINUTE } from "./alarms.ts";

/** A number that `conclude-round` emits for each round of a stage, by the minute. @param statistic such as `Sum` or `p95` */
export function heartbeatMetric(stage: string, metricName: HeartbeatMetricName, statistic: string): Metric {
  return new Metric({ namespace: "ServerTracker", metricName, dimensionsMap: { Stage: stage }, statistic, period: ONE_MINUTE });
}
