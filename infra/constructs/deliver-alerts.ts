import { Duration, Validations } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { CHANNEL_SECRETS } from "../../shared/notify/channel.ts";
import { isEconomical } from "../settings.ts";
import { deliveryEnvironment, grantSending } from "./alert-delivery.ts";
import { AppFunction } from "./app-function.ts";
import type { Parts } from "./parts.ts";

/** Delivers what targets owe while their round goes on: the bell that check-shard rings. */
export class DeliverAlerts extends AppFunction<"deliver-alerts"> {
  constructor(scope: Construct, id: string, parts: Parts) {
    const { settings, bundles, state, log, secrets, fieldKey, alarms } = parts;
    super(scope, id, {
      name: "deliver-alerts",
      settings,
      bundles,
      environment: deliveryEnvironment(parts),
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
    state.grant(this.lambda, {
      target: ["GetItem", "UpdateItem"],
      departed: ["UpdateItem"],
      channel: ["UpdateItem", "DeleteItem"],
      "channel-config": ["Query"],
      "channel-turn": ["UpdateItem"],
      maintenance: ["Query"],
      spool: ["PutItem"],
      ...(isEconomical(settings) && { "log-rest": ["GetItem"] }),
    });
    log.writer.grant(this.lambda);
    secrets.grantRead(this.lambda, CHANNEL_SECRETS);
    fieldKey.grantRead(this.lambda);
    grantSending(this.lambda, settings);
    alarms.addForFunction("deliver-alerts", this.lambda, "ticket");
  }
}
