import { Duration } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { AppFunction } from "./app-function.ts";
import type { Parts } from "./parts.ts";

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
    secrets.grantRead(this.lambda);
    state.grant(this.lambda, "GetItem", "UpdateItem");
    alarms.addForFunction("authorizer", this.lambda, "ticket");
  }
}
