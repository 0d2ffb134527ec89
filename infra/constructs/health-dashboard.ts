import { Aws, CfnOutput, Duration } from "aws-cdk-lib";
import type { RestApi } from "aws-cdk-lib/aws-apigateway";
import { Dashboard, GraphWidget, type IMetric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import type { Settings } from "../settings.ts";
import type { LogDatabase } from "./log-database.ts";
import type { RoundLoop } from "./round-loop.ts";
import { roundMetric } from "./round-metric.ts";

export interface HealthDashboardProps {
  readonly settings: Settings;
  readonly api: RestApi;
  readonly loop: RoundLoop;
  readonly log: LogDatabase;
}

const FIVE_MINUTES = Duration.minutes(5);

/** The monitor's own health in CloudWatch, where it is seen even when the monitor is not there. */
export class HealthDashboard extends Construct {
  constructor(scope: Construct, id: string, { settings, api, loop, log }: HealthDashboardProps) {
    super(scope, id);
    // Dashboards are the account's: a stage may stand in several regions.
    const dashboardName = `server-tracker-${settings.stage}-${Aws.REGION}`;
    const dashboard = new Dashboard(this, "Dashboard", {
      dashboardName,
      defaultInterval: Duration.hours(3),
    });
    const graph = (title: string, left: IMetric[], right: IMetric[] = []) => new GraphWidget({ title, left, right, width: 8, height: 6 });
    const metric = (name: Parameters<typeof roundMetric>[1], statistic: string) => roundMetric(settings.stage, name, statistic);
    dashboard.addWidgets(
      graph("Rounds a minute", [metric("RoundsConcluded", Stats.SUM)]),
      graph("Checks done, late", [metric("ChecksDone", Stats.SUM)], [metric("ChecksLate", Stats.SUM)]),
      graph("Coverage, % (least) and round duration, ms", [metric("Coverage", Stats.MINIMUM)], [metric("RoundDuration", "p95")]),
      graph("Alerts waiting and refused", [metric("AlertsWaiting", Stats.MAXIMUM), metric("AlertsFailed", Stats.SUM)]),
      graph("Rounds with log rows in the spool", [metric("SpoolWaiting", Stats.SUM)]),
      graph("Aurora capacity, % of its limit", log.capacityUtilization === undefined ? [] : [log.capacityUtilization]),
      graph(
        "Functions: errors, throttles",
        loop.functions.flatMap((lambda) => [
          lambda.metricErrors({ period: FIVE_MINUTES }),
          lambda.metricThrottles({ period: FIVE_MINUTES }),
        ]),
      ),
      graph(
        "Functions: duration p95, ms",
        loop.functions.map((lambda) => lambda.metricDuration({ period: FIVE_MINUTES, statistic: "p95" })),
      ),
      graph(
        "API: requests, errors, latency p95",
        [
          api.metricCount({ period: FIVE_MINUTES }),
          api.metricClientError({ period: FIVE_MINUTES }),
          api.metricServerError({ period: FIVE_MINUTES }),
        ],
        [api.metricLatency({ period: FIVE_MINUTES, statistic: "p95" })],
      ),
    );
    new CfnOutput(this, "Url", {
      value: `https://${Aws.REGION}.console.aws.amazon.com/cloudwatch/home?region=${Aws.REGION}#dashboards/dashboard/${dashboardName}`,
      description: "The monitor's own health",
    });
  }
}
