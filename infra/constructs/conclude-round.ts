import { Duration } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { CONCLUDE_SECRETS } from "../../functions/wiring/conclude-secrets.ts";
import { isEconomical } from "../settings.ts";
import { deliveryEnvironment, grantSending } from "./alert-delivery.ts";
import { AppFunction } from "./app-function.ts";
import type { Parts } from "./parts.ts";

/** Delivers alerts, records the round, drains the spool. */
export class ConcludeRound extends AppFunction<"conclude-round"> {
  constructor(scope: Construct, id: string, parts: Parts) {
    const { settings, bundles, state, log, secrets, fieldKey, alarms } = parts;
    super(scope, id, {
      name: "conclude-round",
      settings,
      bundles,
      environment: { ...deliveryEnvironment(parts), DASHBOARD: settings.dashboard ? "true" : undefined },
      description: "Delivers alerts, records the round, drains the spool",
      timeout: Duration.seconds(60),
      memoryMb: 512,
    });
    state.grant(this.lambda, {
      target: ["GetItem", "UpdateItem"],
      departed: ["Query", "GetItem", "UpdateItem", "DeleteItem"],
      round: ["PutItem"],
      channel: ["UpdateItem", "DeleteItem"],
      "channel-config": ["Query"],
      "channel-turn": ["UpdateItem"],
      maintenance: ["Query"],
      spool: ["Query", "GetItem", "PutItem", "DeleteItem"],
      "spool-rejected": ["PutItem"],
      ...(isEconomical(settings) && { "log-rest": ["GetItem", "UpdateItem"], recent: ["PutItem"] }),
    });
    log.writer.grant(this.lambda);
    secrets.grantRead(this.lambda, CONCLUDE_SECRETS);
    fieldKey.grantRead(this.lambda);
    grantSending(this.lambda, settings);
    alarms.addForFunction("conclude-round", this.lambda, "page");
  }
}
