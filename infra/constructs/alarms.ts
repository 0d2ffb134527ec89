import { Duration, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { Alarm, type AlarmProps, ComparisonOperator, type IMetric, Stats, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import { isEconomical, type Settings } from "../settings.ts";

export interface AlarmDefinition extends Pick<AlarmProps, "threshold" | "evaluationPeriods"> {
  readonly metric: IMetric;
  /** What is wrong, in a sentence. */
  readonly says: string;
  /** `page`: somebody must look now. `ticket`: this week. */
  readonly severity: "page" | "ticket";
  /** Heading of `RUNBOOK.md`, as its anchor. */
  readonly runbook: string;
  readonly comparison?: ComparisonOperator;
  /** Whether silence is bad news. Default false. */
  readonly missingIsBreaching?: boolean;
  /** Of the evaluated periods, how many must breach. Default all. */
  readonly datapointsToAlarm?: number;
}

/**
 * The one door for alarms of the monitor about itself. They go by SNS e-mail, which shares no code
 * with our notifiers.
 */
export class Alarms extends Construct {
  private readonly topic: Topic;
  private readonly stage: string;

  private readonly isSparing: boolean;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    const { alarmEmail, stage } = settings;
    this.stage = stage;
    this.isSparing = isEconomical(settings);
    const key = this.isSparing ? undefined : this.ownKey();
    // A topic with any policy of its own has lost the default one: without this, no alarm arrives.
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    const conditions = { StringEquals: { "aws:SourceAccount": Stack.of(this).account } };
    const cloudWatch = new ServicePrincipal("cloudwatch.amazonaws.com", { conditions });
    key?.grantEncryptDecrypt(cloudWatch);
    this.topic = new Topic(this, "Topic", {
      enforceSSL: true,
      displayName: "Server Tracker alarms",
      ...(key !== undefined && { masterKey: key }),
    });
    this.topic.grantPublish(cloudWatch);
    if (key === undefined) {
      Validations.of(this.topic).acknowledge({
        id: "AwsSolutions::AwsSolutions-SNS2",
        reason: "In economy: what alarms say is what RUNBOOK.md says, and a key costs $1 a month.",
      });
    }
    if (alarmEmail === undefined) return;
    const subscription = this.topic.addSubscription(new EmailSubscription(alarmEmail));
    Validations.of(subscription).acknowledge({
      id: "Serverless::Serverless-SNSRedrivePolicy",
      reason: "An e-mail that is not taken leaves nothing to do again later: the alarm stays red in CloudWatch.",
    });
  }

  private ownKey(): Key {
    return new Key(this, "Key", {
      enableKeyRotation: true,
      description: "Encrypts alarms of Server Tracker on their way",
      // Nothing lies under it for longer than a message is on its way.
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  /** @param name unique in the deployment, kebab-case */
  add(name: string, definition: AlarmDefinition): Alarm {
    const { metric, says, severity, runbook, comparison, missingIsBreaching = false, ...rest } = definition;
    const alarm = new Alarm(this, name, {
      alarmName: `server-tracker-${this.stage}-${name}`,
      alarmDescription: `[${severity}] ${says} RUNBOOK.md#${runbook}`,
      metric,
      comparisonOperator: comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: missingIsBreaching ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
      ...rest,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    alarm.addOkAction(new SnsAction(this.topic));
    return alarm;
  }

  /**
   * Errors and throttles of a function. In economy, errors of those alone that are no part of a round: rounds that fail,
   * are missing or not whole have alarms of their own.
   * @param errors what counts as one; everything that it throws when left out
   */
  addForFunction(name: string, lambda: IFunction, severity: AlarmDefinition["severity"], errors?: IMetric): void {
    if (this.isSparing && severity === "page") return;
    // Not in a row: what is called now and then fails now and then.
    const common = { threshold: 1, evaluationPeriods: 15, datapointsToAlarm: 3, severity } as const;
    const options = { period: ONE_MINUTE, statistic: Stats.SUM };
    const metric = errors ?? lambda.metricErrors(options);
    this.add(`${name}-errors`, { ...common, metric, says: `${name} throws.`, runbook: "function-errors" });
    if (this.isSparing) return;
    this.add(`${name}-throttled`, {
      ...common,
      metric: lambda.metricThrottles(options),
      says: `${name} is throttled.`,
      runbook: "function-throttles",
    });
  }
}

/** Metrics of the heartbeat are a minute apart at most. */
export const ONE_MINUTE = Duration.minutes(1);
