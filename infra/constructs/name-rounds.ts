import { Duration } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { AppFunction } from "./app-function.ts";
import type { Parts } from "./parts.ts";

/** Which rounds an execution runs. */
export class NameRounds extends AppFunction<"name-rounds"> {
  constructor(scope: Construct, id: string, { settings, bundles, alarms }: Parts) {
    super(scope, id, {
      name: "name-rounds",
      settings,
      bundles,
      environment: { ROUND_SECONDS: String(settings.roundSeconds) },
      description: "Which rounds an execution runs",
      timeout: Duration.seconds(5),
      memoryMb: 256,
    });
    alarms.addForFunction("name-rounds", this.lambda, "page");
  }
}
