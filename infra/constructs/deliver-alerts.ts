import { Duration, Validations } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { publicUrlOf } from "../settings.ts";
import { AppFunction } from "./app-function.ts";
import { grantSending } from "./grant-sending.ts";
import type { Parts } from "./parts.ts";
import { reachEnvironment } from "./reach-environment.ts";

/** Delivers what targets owe while their round goes on: the bell that check-shard rings. */
export class DeliverAlerts extends AppFunction<"deliver-alerts"> {
  constructor(scope: Construct, id: string, { settings, bundles, state, log, secrets, alarms }: Parts) {
    super(scope, id, {
      name: "deliver-alerts",
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
      description: "Delivers alerts while their round goes on",
      // Shorter than the claim on what it delivers.
      timeout: Duration.seconds(45),
      memoryMb: 512,
    });
    // What it misses, conclude-round tells: a second try would come when that is done.
    this.lambda.configureAsyncInvoke({ maxEventAge: Duration.seconds(60), retryAttempts: 0 });
    Validations.of(this.lambda).acknowledge({
      id: "Serverless::Serverless-LambdaAsyncFailureDestination",
      reason: "What a failed call leaves undone is still owed: the end of the round tells it. Its errors raise an alarm.",
    });
    state.grant(this.lambda, "GetItem", "UpdateItem", "PutItem", "DeleteItem");
    log.grantStatements(this.lambda);
    secrets.grantRead(this.lambda);
    grantSending(this.lambda, settings);
    alarms.addForFunction("deliver-alerts", this.lambda, "ticket");
  }
}
