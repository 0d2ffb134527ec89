import { readFileSync } from "node:fs";
import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import { ComparisonOperator, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { EventField, Rule, RuleTargetInput, Schedule } from "aws-cdk-lib/aws-events";
import { SfnStateMachine } from "aws-cdk-lib/aws-events-targets";
import { Grant, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import type { HeartbeatMetricName } from "../../functions/wiring/heartbeat-metric.ts";
import { concludeRoundEnv } from "../../shared/channel-env.ts";
import { checkShardEnv, planRoundEnv } from "../../shared/env.ts";
import { roundsOfMinute } from "../../shared/round/rounds-of-minute.ts";
import { type Alarms, ONE_MINUTE } from "./alarms.ts";
import { AppFunction, type Deployment } from "./app-function.ts";
import type { FieldKey } from "./field-key.ts";
import { heartbeatMetric } from "./heartbeat-metrics.ts";
import type { LogDatabase } from "./log-database.ts";
import type { Secrets } from "./secrets.ts";
import type { StateTable } from "./state-table.ts";

export interface RoundLoopProps extends Deployment {
  readonly state: StateTable;
  readonly log: LogDatabase;
  readonly secrets: Secrets;
  readonly fieldKey: FieldKey;
  readonly alarms: Alarms;
}

const DEFINITION = new URL("../round.asl.json", import.meta.url);

/** The round loop: rule → state machine → plan-round, check-shard, conclude-round. */
export class RoundLoop extends Construct {
  readonly stateMachine: StateMachine;
  /** Its functions, for those who watch them. */
  readonly functions: readonly IFunction[];

  constructor(scope: Construct, id: string, props: RoundLoopProps) {
    super(scope, id);
    const { settings, state, log } = props;
    const stateEnvironment = { TABLE_NAME: state.table.tableName };
    const reach = {
      ALLOWED_PRIVATE_RANGES: settings.allowedPrivateRanges || undefined,
      ALLOWED_PORTS: settings.allowedPorts || undefined,
      USER_AGENT_URL: settings.userAgentUrl,
    };
    const ROUND_SECONDS = String(settings.roundSeconds);

    const plan = new AppFunction(this, "PlanRound", {
      name: "plan-round",
      schema: planRoundEnv,
      environment: { ...stateEnvironment, ROUND_SECONDS, SHARD_SIZE: String(settings.shardSize) },
      description: "Which targets are due in a round",
      timeout: Duration.seconds(20),
      memoryMb: 512,
      deployment: props,
    });
    state.grant(plan.lambda, "Query");

    const check = new AppFunction(this, "CheckShard", {
      name: "check-shard",
      schema: checkShardEnv,
      environment: {
        ...stateEnvironment,
        ...log.environment,
        ...props.fieldKey.environment,
        ...reach,
        ROUND_SECONDS,
        CHECKS_PER_SECOND: String(settings.checksPerSecond),
        DNS_SERVERS: undefined,
      },
      description: "Checks a shard of targets",
      timeout: Duration.seconds(90),
      // 1,769 MB are one vCPU: less would measure our own CPU in a target's latency.
      memoryMb: 1_769,
      deployment: props,
      reservedConcurrency: settings.checkConcurrency,
    });
    state.grant(check.lambda, "Query", "GetItem", "UpdateItem", "PutItem");
    log.grantStatements(check.lambda);
    props.fieldKey.grantRead(check.lambda);

    const conclude = new AppFunction(this, "ConcludeRound", {
      name: "conclude-round",
      schema: concludeRoundEnv,
      environment: {
        ...stateEnvironment,
        ...log.environment,
        ...reach,
        ...props.secrets.environment,
        STAGE: settings.stage,
        PUBLIC_URL: undefined,
      },
      description: "Delivers alerts, records the round, drains the spool",
      timeout: Duration.seconds(60),
      memoryMb: 512,
      deployment: props,
    });
    state.grant(conclude.lambda, "Query", "GetItem", "UpdateItem", "PutItem", "DeleteItem");
    log.grantStatements(conclude.lambda);
    props.secrets.grantRead(conclude.lambda);
    if (settings.emailIdentity !== undefined) {
      const identity = `arn:aws:ses:${conclude.lambda.stack.region}:${conclude.lambda.stack.account}:identity/${settings.emailIdentity}`;
      conclude.lambda.addToRolePolicy(new PolicyStatement({ actions: ["ses:SendEmail"], resources: [identity] }));
    }

    this.stateMachine = new StateMachine(this, "Rounds", {
      // EXPRESS: a lost execution costs a minute, and 44,000 a month cost cents.
      stateMachineType: StateMachineType.EXPRESS,
      definitionBody: DefinitionBody.fromString(readFileSync(DEFINITION, "utf8")),
      definitionSubstitutions: {
        PlanRoundArn: plan.lambda.functionArn,
        CheckShardArn: check.lambda.functionArn,
        ConcludeRoundArn: conclude.lambda.functionArn,
      },
      timeout: Duration.minutes(4),
      logs: {
        destination: new LogGroup(this, "RoundsLog", {
          retention: settings.logRetentionDays as RetentionDays,
          removalPolicy: RemovalPolicy.DESTROY,
        }), // checked by CloudWatch
        level: LogLevel.ERROR,
        includeExecutionData: false,
      },
    });
    for (const { lambda } of [plan, check, conclude]) {
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
        input: RuleTargetInput.fromObject({ minute: EventField.time, rounds: roundsOfMinute(settings.roundSeconds) }),
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
        reason: "A trace of each round costs more than the round; durations are in the heartbeat's metrics.",
      },
      {
        id: "Serverless::Serverless-StepFunctionStateMachineXray",
        reason: "A trace of each round costs more than the round; durations are in the heartbeat's metrics.",
      },
      { id: "AwsSolutions::AwsSolutions-IAM5[Resource::*]", reason: "Log delivery of Step Functions has no resource to name." },
    );
    Validations.of(missed).acknowledge(
      { id: "AwsSolutions::AwsSolutions-SQS3", reason: "This queue is the dead-letter queue." },
      { id: "Serverless::Serverless-SQSRedrivePolicy", reason: "This queue is the dead-letter queue." },
    );
    for (const { lambda } of [plan, check, conclude]) {
      Validations.of(lambda).acknowledge({
        id: "Serverless::Serverless-LambdaDLQ",
        reason: "Invoked by the state machine and awaited: an error is caught there, and the next round comes in 30 s.",
      });
    }
    this.functions = [plan, check, conclude].map(({ lambda }) => lambda);
    this.addAlarms(props, { "plan-round": plan, "check-shard": check, "conclude-round": conclude }, missed);
  }

  private addAlarms({ alarms, settings: { stage } }: RoundLoopProps, functions: Record<string, AppFunction<never>>, missed: Queue): void {
    const heartbeat = (name: HeartbeatMetricName, statistic: string) => heartbeatMetric(stage, name, statistic);
    alarms.add("rounds-not-running", {
      metric: heartbeat("RoundsConcluded", Stats.SUM),
      threshold: 1,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 3,
      missingIsBreaching: true,
      severity: "page",
      says: "No round has finished for three minutes: nothing is being watched.",
      runbook: "rounds-not-running",
    });
    alarms.add("checks-late", {
      metric: heartbeat("ChecksLate", Stats.SUM),
      threshold: 1,
      evaluationPeriods: 10,
      severity: "ticket",
      says: "Checks have started late for ten minutes.",
      runbook: "checks-late",
    });
    alarms.add("coverage-low", {
      metric: heartbeat("Coverage", Stats.MINIMUM),
      threshold: 100,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 5,
      severity: "page",
      says: "Targets that were due have not been checked for five minutes.",
      runbook: "coverage-low",
    });
    alarms.add("alerts-waiting", {
      metric: heartbeat("AlertsWaiting", Stats.MAXIMUM),
      threshold: 1,
      evaluationPeriods: 5,
      severity: "page",
      says: "A channel has not taken alerts for five minutes.",
      runbook: "alerts-not-delivered",
    });
    alarms.add("alerts-failed", {
      metric: heartbeat("AlertsFailed", Stats.SUM),
      threshold: 1,
      evaluationPeriods: 1,
      severity: "page",
      says: "A channel refuses alerts for good.",
      runbook: "alerts-not-delivered",
    });
    alarms.add("log-spooling", {
      metric: heartbeat("SpoolWaiting", Stats.MINIMUM),
      threshold: 1,
      evaluationPeriods: 10,
      severity: "ticket",
      says: "Log rows have waited in the spool for ten minutes.",
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
    alarms.add("minutes-missed", {
      metric: missed.metricApproximateNumberOfMessagesVisible({ period: ONE_MINUTE, statistic: Stats.MAXIMUM }),
      threshold: 1,
      evaluationPeriods: 1,
      severity: "ticket",
      says: "EventBridge could not start the rounds of a minute.",
      runbook: "minutes-missed",
    });
    for (const [name, { lambda }] of Object.entries(functions)) alarms.addForFunction(name, lambda, "page");
  }
}
