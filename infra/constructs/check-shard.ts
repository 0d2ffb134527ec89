import { ArnFormat, Duration, Stack } from "aws-cdk-lib";
import { Grant } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { probeName, probeRegionsOf } from "../settings.ts";
import { AppFunction } from "./app-function.ts";
import type { Parts } from "./parts.ts";
import { reachEnvironment } from "./reach-environment.ts";

/** Checks a shard of targets, and rings `bell` when one owes an alert. */
export class CheckShard extends AppFunction<"check-shard"> {
  constructor(scope: Construct, id: string, { settings, bundles, state, log, fieldKey, alarms }: Parts, bell: IFunction) {
    super(scope, id, {
      name: "check-shard",
      settings,
      bundles,
      environment: {
        ...state.environment,
        ...log.writer.environment,
        ...fieldKey.environment,
        ...reachEnvironment(settings),
        // Lambda sends no ICMP.
        ALLOW_PING: undefined,
        ROUND_SECONDS: String(settings.roundSeconds),
        BELL_FUNCTION: bell.functionName,
        CONTROL_TARGETS: settings.controlTargets,
        PROBES: settings.probeRegions || undefined,
        PROBE_FUNCTION: settings.probeRegions === "" ? undefined : probeName(settings),
        PROBE_HOME: settings.probeRegions === "" ? undefined : Stack.of(scope).region,
        CHECKS_PER_SECOND: String(settings.checksPerSecond),
      },
      description: "Checks a shard of targets",
      timeout: Duration.seconds(90),
      // 1,769 MB are one vCPU: less would measure our own CPU in a target's latency.
      memoryMb: 1_769,
      reservedConcurrency: settings.checkConcurrency,
    });
    state.grant(this.lambda, { target: ["Query", "GetItem", "UpdateItem"], round: ["GetItem"], spool: ["PutItem"] });
    log.writer.grant(this.lambda);
    fieldKey.grantRead(this.lambda);
    // By name: grantInvoke would add every version and alias.
    const probes = probeRegionsOf(settings).map((region) =>
      Stack.of(this).formatArn({
        service: "lambda",
        region,
        resource: "function",
        resourceName: probeName(settings),
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    );
    Grant.addToPrincipal({ grantee: this.lambda, actions: ["lambda:InvokeFunction"], resourceArns: [bell.functionArn, ...probes] });
    alarms.addForFunction("check-shard", this.lambda, "page");
  }
}
