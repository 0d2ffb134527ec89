import { type Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, Code, Function as LambdaFunction, LoggingFormat, Runtime } from "aws-cdk-lib/aws-lambda";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type * as z from "zod";
import type { Bundles, FunctionName } from "../bundle.ts";
import type { Settings } from "../settings.ts";

/** What every construct with a function is made from. */
export interface Deployment {
  readonly settings: Settings;
  readonly bundles: Bundles;
}

/** Settings that functions fetch at run time: they stand in no environment, and so in no template. */
type SecretName = "API_KEY" | "FIELD_KEY" | "DEAD_MANS_SWITCH_URL";

export interface AppFunctionProps<Schema extends z.ZodObject> {
  readonly name: FunctionName;
  /** The schema that the function parses its environment with: what infra forgets does not compile. */
  readonly schema: Schema;
  readonly environment: Omit<z.input<Schema>, SecretName> & Record<string, string | undefined>;
  readonly description: string;
  readonly timeout: Duration;
  readonly memoryMb: number;
  readonly deployment: Deployment;
  readonly reservedConcurrency?: number | undefined;
}

/** A Lambda function of ours: Node 24 on arm64, its bundle, its own role and log group. */
export class AppFunction<Schema extends z.ZodObject> extends Construct {
  readonly lambda: LambdaFunction;

  constructor(scope: Construct, id: string, props: AppFunctionProps<Schema>) {
    super(scope, id);
    const { settings, bundles } = props.deployment;
    const logGroup = new LogGroup(this, "Log", {
      retention: settings.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    }); // settings allow only CloudWatch's values
    // Instead of the managed policy, which lets a function write to every log group.
    const role = new Role(this, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    logGroup.grantWrite(role);
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
      environment: { NODE_OPTIONS: "--enable-source-maps", POWERTOOLS_SERVICE_NAME: props.name, ...environment },
      role,
      logGroup,
      loggingFormat: LoggingFormat.TEXT,
      ...(props.reservedConcurrency !== undefined && { reservedConcurrentExecutions: props.reservedConcurrency }),
    });
    Validations.of(this.lambda).acknowledge({
      id: "Serverless::Serverless-LambdaTracing",
      reason:
        "A trace of each of 10,000 calls a day costs more than the calls; rounds, coverage and durations are in the heartbeat's metrics.",
    });
  }
}
