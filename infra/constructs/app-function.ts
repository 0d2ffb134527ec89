import { type Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, Code, Function as LambdaFunction, LoggingFormat, Runtime, Tracing } from "aws-cdk-lib/aws-lambda";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type * as z from "zod";
import { type FunctionName, functions } from "../../functions/index.ts";
import { TRACING_VARIABLE } from "../../functions/wiring/tracing.ts";
import type { SecretSetting } from "../../shared/env/load-env.ts";
import type { Bundles } from "../bundle.ts";
import type { Settings } from "../settings.ts";

/** What every construct with a function is made from. */
export interface Deployment {
  readonly settings: Settings;
  readonly bundles: Bundles;
}

/**
 * What a function is told: every key of the schema that it parses its environment with. A key that infra forgets does
 * not compile; one that it means to leave out is `undefined`.
 */
export type EnvironmentOf<Name extends FunctionName> = {
  readonly [Key in Exclude<keyof z.input<(typeof functions)[Name]["schema"]>, SecretSetting>]: string | undefined;
};

export interface AppFunctionProps<Name extends FunctionName> extends Deployment {
  readonly name: Name;
  readonly environment: EnvironmentOf<Name>;
  readonly description: string;
  /** Where it is found by its name; made up when left out. */
  readonly functionName?: string;
  readonly timeout: Duration;
  readonly memoryMb: number;
  readonly reservedConcurrency?: number | undefined;
}

/** A Lambda function of ours: Node 24 on arm64, its bundle, its own role and log group. */
export class AppFunction<Name extends FunctionName> extends Construct {
  readonly lambda: LambdaFunction;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: AppFunctionProps<Name>) {
    super(scope, id);
    const { settings, bundles } = props;
    this.logGroup = new LogGroup(this, "Log", {
      retention: settings.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    }); // settings allow only CloudWatch's values
    // Instead of the managed policy, which lets a function write to every log group.
    const role = new Role(this, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    this.logGroup.grantWrite(role);
    const given: Record<string, string | undefined> = props.environment;
    const environment = Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined));
    this.lambda = new LambdaFunction(this, "Function", {
      code: Code.fromAsset(bundles.folder(props.name)),
      handler: "index.handler",
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      description: props.description,
      timeout: props.timeout,
      memorySize: props.memoryMb,
      environment: {
        NODE_OPTIONS: "--enable-source-maps",
        POWERTOOLS_SERVICE_NAME: props.name,
        ...(isTraced(props) && { [TRACING_VARIABLE]: "true" }),
        ...environment,
      },
      role,
      logGroup: this.logGroup,
      loggingFormat: LoggingFormat.TEXT,
      ...(isTraced(props) && { tracing: Tracing.ACTIVE }),
      ...(props.functionName !== undefined && { functionName: props.functionName }),
      ...(props.reservedConcurrency !== undefined && { reservedConcurrentExecutions: props.reservedConcurrency }),
    });
    if (isTraced(props)) {
      Validations.of(this).acknowledge({ id: "AwsSolutions::AwsSolutions-IAM5[Resource::*]", reason: "X-Ray has no resource to name." });
    }
    Validations.of(this.lambda).acknowledge(
      {
        id: "Serverless::Serverless-LambdaTracing",
        reason:
          "A trace of each of 10,000 calls a day costs more than the calls; rounds, coverage and durations are in the round's metrics.",
      },
      { id: "Serverless::Serverless-LambdaDLQ", reason: whyNoQueue(props.name) },
    );
  }
}

/** Where rounds are traced: their tasks, and who tells. What the API is called with holds keys of heartbeats. */
function isTraced({ name, settings }: Pick<AppFunctionProps<FunctionName>, "name" | "settings">): boolean {
  const { trigger } = functions[name];
  return settings.tracing && ("task" in trigger || "bell" in trigger);
}

/** What becomes of a call that fails, by what made it. */
function whyNoQueue(name: FunctionName): string {
  const { trigger } = functions[name];
  if ("task" in trigger) return "Invoked by the state machine and awaited: an error is caught there, and the next round comes in 30 s.";
  if ("bell" in trigger)
    return "What it leaves undone is still owed, and told at the end of the round and in each one after; its errors raise an alarm.";
  if ("opinion" in trigger) return "Invoked by check-shard and awaited: what fails is no vote.";
  if ("everyMinutes" in trigger)
    return `What one run leaves undone, the next one does ${trigger.everyMinutes} minutes later; its errors raise an alarm.`;
  if ("deploy" in trigger) return "Invoked by the deploy and awaited: its error fails the deploy.";
  return "Invoked by API Gateway and awaited: the caller gets the error.";
}
