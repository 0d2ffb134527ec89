import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import { METRICS_NAMESPACE } from "../../functions/wiring/emit-metrics.ts";
import type { RoundMetricName } from "../../shared/round/round-metrics.ts";
import { ONE_MINUTE } from "./alarms.ts";

/** A number that `conclude-round` emits for each round of a stage, by the minute. @param statistic such as `Sum` or `p95` */
export function roundMetric(stage: string, metricName: RoundMetricName, statistic: string): Metric {
  return new Metric({ namespace: METRICS_NAMESPACE, metricName, dimensionsMap: { Stage: stage }, statistic, period: ONE_MINUTE });
}
