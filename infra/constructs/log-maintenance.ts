import { Duration, Validations } from "aws-cdk-lib";
import { Stats } from "aws-cdk-lib/aws-cloudwatch";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { functions } from "../../functions/index.ts";
import { isEconomical } from "../settings.ts";
import { AppFunction } from "./app-function.ts";
import type { Parts } from "./parts.ts";

/** Every five minutes, or once an hour where the log sleeps: partitions ahead, roll-ups, retention. */
export class LogMaintenance extends Construct {
  readonly lambda: IFunction;

  constructor(scope: Construct, id: string, { settings, bundles, state, log, alarms }: Omit<Parts, "keeper" | "statusFiles">) {
    super(scope, id);
    const sleeps = isEconomical(settings);
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
      "maintenance-past": ["Query", "DeleteItem"],
      spool: sleeps ? ["Query", "GetItem", "PutItem", "DeleteItem"] : ["PutItem"],
      ...(sleeps && { "spool-rejected": ["PutItem"], recent: ["PutItem"], "log-rest": ["PutItem", "UpdateItem"] }),
    });
    this.lambda = lambda;
    log.maintainer.grant(lambda);
    const { everyMinutes, everyMinutesAsleep } = functions["maintain-log"].trigger;
    const rule = new Rule(this, "EveryFiveMinutes", {
      schedule: Schedule.rate(Duration.minutes(sleeps ? everyMinutesAsleep : everyMinutes)),
      description: "Keeps the log in shape",
    });
    // What one run leaves undone, the next one does.
    rule.addTarget(new LambdaFunction(lambda, { retryAttempts: 0, maxEventAge: Duration.minutes(5) }));
    if (sleeps) {
      // An hour is long to wait for the next; whoever looks meanwhile has asked again by then.
      lambda.configureAsyncInvoke({ maxEventAge: Duration.minutes(5), retryAttempts: 1 });
      Validations.of(lambda).acknowledge({
        id: "Serverless::Serverless-LambdaAsyncFailureDestination",
        reason: "What waits goes on waiting, and the next hour or the next look takes it. Its errors raise an alarm.",
      });
    }
    Validations.of(rule).acknowledge({
      id: "Serverless::Serverless-EventBusDLQ",
      reason: "What one run leaves undone, the next one does five minutes later; its errors raise an alarm.",
    });
    alarms.add("maintain-log-errors", {
      metric: lambda.metricErrors({ period: sleeps ? Duration.hours(1) : Duration.minutes(5), statistic: Stats.SUM }),
      threshold: 1,
      evaluationPeriods: sleeps ? 2 : 6,
      severity: "ticket",
      says: `The log has not been kept in shape for ${sleeps ? "two hours" : "half an hour"}.`,
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
