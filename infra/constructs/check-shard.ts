import { ArnFormat, Duration, Stack } from "aws-cdk-lib";
import { Grant } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { probeName, probeRegionsOf, type Settings } from "../settings.ts";
import { AppFunction, type EnvironmentOf } from "./app-function.ts";
import type { Parts } from "./parts.ts";
import { reachEnvironment } from "./reach-environment.ts";

/** Checks a shard of targets, and rings `bell` when one owes an alert. */
export class CheckShard extends AppFunction<"check-shard"> {
  constructor(scope: Construct, id: string, parts: Parts, bell: IFunction) {
    const { settings, bundles, alarms } = parts;
    super(scope, id, {
      name: "check-shard",
      settings,
      bundles,
      environment: checkerEnvironment(scope, parts, bell),
      description: "Checks a shard of targets",
      timeout: Duration.seconds(90),
      // 1,769 MB are one vCPU: less would measure our own CPU in a target's latency.
      memoryMb: 1_769,
      reservedConcurrency: settings.reservedConcurrency,
    });
    grantChecking(this, parts, bell);
    alarms.addForFunction("check-shard", this.lambda, "page");
  }
}

/** Checks what is down and keeps its checker waiting: a small machine, since waiting is billed by its size. */
export class CheckWaiting extends AppFunction<"check-waiting"> {
  constructor(scope: Construct, id: string, parts: Parts, bell: IFunction) {
    const { settings, bundles } = parts;
    super(scope, id, {
      name: "check-waiting",
      settings,
      bundles,
      environment: checkerEnvironment(scope, parts, bell),
      description: "Checks targets that are down and answer late or never",
      timeout: Duration.seconds(90),
      // Of what comes back, the first latency is measured on less than a third of a vCPU.
      memoryMb: 512,
    });
    // What it fails to check is missing in the round's coverage, which has alarms.
    grantChecking(this, parts, bell);
  }
}

function checkerEnvironment(scope: Construct, { settings, state, log, fieldKey }: Parts, bell: IFunction): EnvironmentOf<"check-shard"> {
  const hasProbes = settings.probeRegions !== "";
  return {
    ...state.environment,
    ...log.writer.environment,
    ...fieldKey.environment,
    ...reachEnvironment(settings),
    // Lambda sends no ICMP.
    ALLOW_PING: undefined,
    ROUND_SECONDS: String(settings.roundSeconds),
    BELL_FUNCTION: bell.functionName,
    CONTROL_TARGETS: settings.controlTargets,
    CHECKS_PER_SECOND: String(settings.checksPerSecond),
    PROBES: settings.probeRegions || undefined,
    PROBE_FUNCTION: hasProbes ? probeName(settings) : undefined,
    PROBE_HOME: hasProbes ? Stack.of(scope).region : undefined,
  };
}

function grantChecking(
  { lambda }: AppFunction<"check-shard" | "check-waiting">,
  { state, log, fieldKey, settings }: Parts,
  bell: IFunction,
): void {
  state.grant(lambda, { target: ["Query", "GetItem", "UpdateItem"], round: ["GetItem"], spool: ["PutItem"] });
  log.writer.grant(lambda);
  fieldKey.grantRead(lambda);
  // By name: grantInvoke would add every version and alias.
  const called = [bell.functionArn, ...probeArns(lambda, settings)];
  Grant.addToPrincipal({ grantee: lambda, actions: ["lambda:InvokeFunction"], resourceArns: called });
}

function probeArns(scope: Construct, settings: Settings): string[] {
  return probeRegionsOf(settings).map((region) =>
    Stack.of(scope).formatArn({
      service: "lambda",
      region,
      resource: "function",
      resourceName: probeName(settings),
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
  );
}
