import { Duration } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { AppFunction } from "./app-function.ts";
import type { Parts } from "./parts.ts";

/** Which targets are due in a round. */
export class PlanRound extends AppFunction<"plan-round"> {
  constructor(scope: Construct, id: string, { settings, bundles, state, alarms }: Parts) {
    super(scope, id, {
      name: "plan-round",
      settings,
      bundles,
      environment: {
        ...state.environment,
        ROUND_SECONDS: String(settings.roundSeconds),
        SHARD_SIZE: String(settings.shardSize),
        // A shard waits for no other's moment: that would be paid for.
        ONE_PROCESS: undefined,
        WAITS_APART: "true",
      },
      description: "Which targets are due in a round",
      timeout: Duration.seconds(20),
      memoryMb: 512,
    });
    state.grant(this.lambda, { target: ["Query"], round: ["GetItem", "PutItem"] });
    alarms.addForFunction("plan-round", this.lambda, "page");
  }
}
