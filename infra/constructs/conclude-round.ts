import { Duration } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { publicUrlOf } from "../settings.ts";
import { AppFunction } from "./app-function.ts";
import { grantSending } from "./grant-sending.ts";
import type { Parts } from "./parts.ts";
import { reachEnvironment } from "./reach-environment.ts";

/** Delivers alerts, records the round, drains the spool. */
export class ConcludeRound extends AppFunction<"conclude-round"> {
  constructor(scope: Construct, id: string, { settings, bundles, state, log, secrets, alarms }: Parts) {
    super(scope, id, {
      name: "conclude-round",
      settings,
      bundles,
      environment: {
        ...state.environment,
        ...log.environment,
        ...reachEnvironment(settings),
        ...secrets.environment,
        STAGE: settings.stage,
        PUBLIC_URL: publicUrlOf(settings),
      },
      description: "Delivers alerts, records the round, drains the spool",
      timeout: Duration.seconds(60),
      memoryMb: 512,
    });
    state.grant(this.lambda, "Query", "GetItem", "UpdateItem", "PutItem", "DeleteItem");
    log.grantStatements(this.lambda);
    secrets.grantRead(this.lambda);
    grantSending(this.lambda, settings);
    alarms.addForFunction("conclude-round", this.lambda, "page");
  }
}
