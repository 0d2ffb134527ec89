import { readFileSync } from "node:fs";
import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import { ComparisonOperator, Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { EventField, Rule, RuleTargetInput, Schedule } from "aws-cdk-lib/aws-events";
import { SfnStateMachine } from "aws-cdk-lib/aws-events-targets";
import { Grant } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import type { RoundMetricName } from "../../shared/round/round-metrics.ts";
import { isEconomical, type Settings } from "../settings.ts";
import { ONE_MINUTE } from "./alarms.ts";
import { CheckShard, CheckWaiting } from "./check-shard.ts";
import { ConcludeRound } from "./conclude-round.ts";
import { DeliverAlerts } from "./deliver-alerts.ts";
import { NameRounds } from "./name-rounds.ts";
import type { Parts } from "./parts.ts";
import { PlanRound } from "./plan-round.ts";
import { PublishPages } from "./publish-pages.ts";
import { roundMetric } from "./round-metric.ts";

const DEFINITION = new URL("../round.asl.json", import.meta.url);

/** The file that laptops run; as wide as the owner says that the account's concurrency allows. */
function definition({ checkConcurrency }: Settings): string {
  const text = readFileSync(DEFINITION, "utf8");
  return checkConcurrency === undefined
    ? text
    : text.replace(/"MaxConcurrency": 8\b/, `"MaxConcurrency": ${Math.min(checkConcurrency, MAX_WIDTH)}`);
}

/** Of an inline Map. https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html */
const MAX_WIDTH = 40;

/** The round loop: rule → state machine → plan-round, check-shard, conclude-round. */
export class RoundLoop extends Construct {
  readonly stateMachine: StateMachine;
  /** Its functions, for those who watch them. */
  readonly functions: readonly IFunction[];

  constructor(scope: Construct, id: string, parts: Parts) {
    super(scope, id);
    const { settings } = parts;
    const bell = new DeliverAlerts(this, "DeliverAlerts", parts);
    const tasks = {
      NameRounds: new NameRounds(this, "NameRounds", parts),
      PlanRound: new PlanRound(this, "PlanRound", parts),
      CheckShard: new CheckShard(this, "CheckShard", parts, bell.lambda),
      CheckWaiting: new CheckWaiting(this, "CheckWaiting", parts, bell.lambda),
      ConcludeRound: new ConcludeRound(this, "ConcludeRound", parts),
      PublishPages: new PublishPages(this, "PublishPages", parts),
    };
    const taskFunctions = Object.values(tasks).map(({ lambda }) => lambda);
    this.functions = [...taskFunctions, bell.lambda];

    this.stateMachine = new StateMachine(this, "Rounds", {
      // EXPRESS: a lost execution costs a minute, and 44,000 a month cost cents.
      stateMachineType: StateMachineType.EXPRESS,
      definitionBody: DefinitionBody.fromString(definition(settings)),
      definitionSubstitutions: Object.fromEntries(Object.entries(tasks).map(([state, { lambda }]) => [`${state}Arn`, lambda.functionArn])),
      tracingEnabled: settings.tracing,
      logs: {
        destination: new LogGroup(this, "RoundsLog", {
          retention: settings.logRetentionDays as RetentionDays,
          removalPolicy: RemovalPolicy.DESTROY,
        }), // checked by CloudWatch
        level: LogLevel.ERROR,
        includeExecutionData: false,
      },
    });
    for (const lambda of taskFunctions) {
      // By name: grantInvoke would add every version and alias.
      Grant.addToPrincipal({ grantee: this.stateMachine, actions: ["lambda:InvokeFunction"], resourceArns: [lambda.functionArn] });
    }

    const missed = new Queue(this, "MissedMinutes", {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    const minute = new Rule(this, "EveryMinute", {
      schedule: Schedule.cron({ minute: "*" }),
      description: "Starts the rounds of a minute",
    });
    minute.addTarget(
      new SfnStateMachine(this.stateMachine, {
        input: RuleTargetInput.fromObject({ start: EventField.time }),
        // A minute that comes later than this is over.
        maxEventAge: Duration.seconds(60),
        retryAttempts: 1,
        deadLetterQueue: missed,
      }),
    );
    Validations.of(this.stateMachine).acknowledge(
      {
        id: "AwsSolutions::AwsSolutions-SF1",
        reason: "Every step of every round would be 40 million log lines a month; errors are logged, rounds are in the log's own table.",
      },
      {
        id: "AwsSolutions::AwsSolutions-SF2",
        reason: "A trace of each round costs more than the round; durations are in the round's metrics.",
      },
      {
        id: "Serverless::Serverless-StepFunctionStateMachineXray",
        reason: "A trace of each round costs more than the round; durations are in the round's metrics.",
      },
      { id: "AwsSolutions::AwsSolutions-IAM5[Resource::*]", reason: "Log delivery of Step Functions has no resource to name." },
    );
    Validations.of(missed).acknowledge(
      { id: "AwsSolutions::AwsSolutions-SQS3", reason: "This queue is the dead-letter queue." },
      { id: "Serverless::Serverless-SQSRedrivePolicy", reason: "This queue is the dead-letter queue." },
    );
    this.addAlarms(parts, minute);
  }

  private addAlarms({ alarms, settings }: Parts, minute: Rule): void {
    const { stage, roundSeconds } = settings;
    const metric = (name: RoundMetricName, statistic: string) => roundMetric(stage, name, statistic);
    const notRunning = alarms.add("rounds-not-running", {
      metric: metric("RoundsConcluded", Stats.SUM),
      threshold: 1,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 3,
      missingIsBreaching: true,
      severity: "page",
      says: "No round has finished for three minutes: nothing is being watched.",
      runbook: "rounds-not-running",
    });
    // It takes silence for bad news: a deploy goes on for minutes before there can be a round.
    notRunning.node.addDependency(minute);
    // Lost and stale rounds end their execution well. A round may end in the next five minutes: one is let go.
    alarms.add("rounds-missing", {
      metric: metric("RoundsConcluded", Stats.SUM).with({ period: Duration.minutes(5) }),
      threshold: 300 / roundSeconds - 1,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 2,
      severity: "page",
      says: "Some rounds of the last ten minutes were not finished: targets are checked less often than they should be.",
      runbook: "rounds-missing",
    });
    alarms.add("checks-late", {
      metric: metric("ChecksLate", Stats.SUM),
      threshold: 1,
      evaluationPeriods: 10,
      severity: "ticket",
      says: "Checks have started late for ten minutes.",
      runbook: "checks-late",
    });
    alarms.add("coverage-low", {
      metric: metric("Coverage", Stats.MINIMUM),
      threshold: 100,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 5,
      severity: "page",
      says: "Targets that were due have not been checked for five minutes.",
      runbook: "coverage-low",
    });
    // A shard that dies before it writes loses its rows: once is worth a word too.
    alarms.add("coverage-gap", {
      metric: metric("Coverage", Stats.MINIMUM),
      threshold: 100,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 15,
      datapointsToAlarm: 1,
      severity: "ticket",
      says: "A round within the last quarter of an hour did not check all that was due: that time is unknown.",
      runbook: "coverage-low",
    });
    alarms.add("alerts-waiting", {
      metric: metric("AlertsWaiting", Stats.MAXIMUM),
      threshold: 1,
      evaluationPeriods: 5,
      severity: "page",
      says: "A channel has not taken alerts for five minutes.",
      runbook: "alerts-not-delivered",
    });
    alarms.add("alerts-failed", {
      metric: metric("AlertsFailed", Stats.SUM),
      threshold: 1,
      evaluationPeriods: 1,
      severity: "page",
      says: "A channel refuses alerts for good.",
      runbook: "alerts-not-delivered",
    });
    alarms.add("log-spooling", {
      metric: metric("SpoolWaiting", Stats.MINIMUM),
      threshold: 1,
      evaluationPeriods: 10,
      severity: "ticket",
      says: isEconomical(settings)
        ? "The log, which is written once an hour, has not been for 2½ hours: rows wait in the spool."
        : "Log rows have waited in the spool for ten minutes.",
      runbook: "log-spooling",
    });
    alarms.add("rounds-failing", {
      metric: this.stateMachine.metricFailed({ period: ONE_MINUTE, statistic: Stats.SUM }),
      threshold: 1,
      evaluationPeriods: 3,
      severity: "page",
      says: "Executions of the round loop fail.",
      runbook: "rounds-failing",
    });
    alarms.add("rounds-timed-out", {
      metric: this.stateMachine.metricTimedOut({ period: ONE_MINUTE, statistic: Stats.SUM }),
      threshold: 1,
      evaluationPeriods: 3,
      severity: "page",
      says: "Executions of the round loop run out of time.",
      runbook: "rounds-failing",
    });
    alarms.add("minutes-missed", {
      // Of EventBridge, and not of the queue: one that nobody uses is minutes behind with its first number, which is late then.
      metric: new Metric({
        namespace: "AWS/Events",
        metricName: "InvocationsSentToDlq",
        dimensionsMap: { RuleName: minute.ruleName },
        period: ONE_MINUTE,
        statistic: Stats.SUM,
      }),
      threshold: 1,
      evaluationPeriods: 1,
      severity: "ticket",
      says: "EventBridge could not start the rounds of a minute.",
      runbook: "minutes-missed",
    });
  }
}
