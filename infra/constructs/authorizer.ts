import { Duration } from "aws-cdk-lib";
import { Stats } from "aws-cdk-lib/aws-cloudwatch";
import { FilterPattern, MetricFilter } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { METRICS_NAMESPACE } from "../../functions/wiring/emit-metrics.ts";
import { AUTHORIZER_SECRETS } from "../../shared/env/authorizer-env.ts";
import { ONE_MINUTE } from "./alarms.ts";
import { AppFunction } from "./app-function.ts";
import type { Parts } from "./parts.ts";

/** Timeouts, ends of the process, and exceptions of AWS, whose names end so: not the error that stands for a 401. */
const FAILURES = FilterPattern.anyTerm(
  "Task timed out",
  "Runtime.ExitError",
  "Runtime.OutOfMemory",
  "Runtime.ImportModuleError",
  "Exception",
);

/** Tells who is calling. */
export class Authorizer extends AppFunction<"authorizer"> {
  constructor(scope: Construct, id: string, { settings, bundles, state, secrets, identity, alarms }: Parts) {
    super(scope, id, {
      name: "authorizer",
      settings,
      bundles,
      environment: {
        ...state.environment,
        ...secrets.environment,
        ...identity.environment,
        PUBLIC_READ: settings.publicRead ? "true" : "false",
      },
      description: "Tells who is calling",
      timeout: Duration.seconds(5),
      memoryMb: 512,
    });
    secrets.grantRead(this.lambda, AUTHORIZER_SECRETS);
    state.grant(this.lambda, { token: ["GetItem", "UpdateItem"] });
    // It throws for each 401, as API Gateway wants it: what anybody can cause is no alarm.
    const failures = new MetricFilter(this, "Failures", {
      logGroup: this.logGroup,
      filterPattern: FAILURES,
      metricNamespace: `${METRICS_NAMESPACE}/Functions`,
      metricName: `AuthorizerFailures-${settings.stage}`,
    });
    alarms.addForFunction("authorizer", this.lambda, "ticket", failures.metric({ period: ONE_MINUTE, statistic: Stats.SUM }));
  }
}
