import { Duration, Validations } from "aws-cdk-lib";
import { Stats } from "aws-cdk-lib/aws-cloudwatch";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { Construct } from "constructs";
import { functions } from "../../functions/index.ts";
import { AppFunction } from "./app-function.ts";
import type { Parts } from "./parts.ts";

/** Every five minutes: partitions ahead, roll-ups, retention. */
export class LogMaintenance extends Construct {
  constructor(scope: Construct, id: string, { settings, bundles, state, log, alarms }: Parts) {
    super(scope, id);
    const { lambda } = new AppFunction(this, "MaintainLog", {
      name: "maintain-log",
      settings,
      bundles,
      environment: {
        ...state.environment,
        ...log.maintainer.environment,
        RAW_RETENTION_DAYS: String(settings.rawRetentionDays),
        FIVE_MINUTE_RETENTION_DAYS: String(settings.fiveMinuteRetentionDays),
        HOUR_RETENTION_DAYS: String(settings.hourRetentionDays),
      },
      description: "Partitions, roll-ups, retention",
      timeout: Duration.minutes(5),
      memoryMb: 512,
    });
    state.grant(lambda, {
      target: ["Query", "GetItem", "UpdateItem"],
      deletion: ["Query", "PutItem", "DeleteItem"],
      maintenance: ["Query"],
      spool: ["PutItem"],
    });
    log.maintainer.grant(lambda);
    const rule = new Rule(this, "EveryFiveMinutes", {
      schedule: Schedule.rate(Duration.minutes(functions["maintain-log"].trigger.everyMinutes)),
      description: "Keeps the log in shape",
    });
    // What one run leaves undone, the next one does.
    rule.addTarget(new LambdaFunction(lambda, { retryAttempts: 0, maxEventAge: Duration.minutes(5) }));
    Validations.of(rule).acknowledge({
      id: "Serverless::Serverless-EventBusDLQ",
      reason: "What one run leaves undone, the next one does five minutes later; its errors raise an alarm.",
    });
    alarms.add("maintain-log-errors", {
      metric: lambda.metricErrors({ period: Duration.minutes(5), statistic: Stats.SUM }),
      threshold: 1,
      evaluationPeriods: 6,
      severity: "ticket",
      says: "The log has not been kept in shape for half an hour.",
      runbook: "log-not-maintained",
    });
    if (log.capacityUtilization === undefined) return;
    alarms.add("aurora-at-its-limit", {
      metric: log.capacityUtilization,
      threshold: 95,
      evaluationPeriods: 6,
      severity: "ticket",
      says: "Aurora has been at its capacity limit for half an hour.",
      runbook: "aurora-at-its-limit",
    });
  }
}
