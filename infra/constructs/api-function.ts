import { Duration } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { AppFunction } from "./app-function.ts";
import type { Parts } from "./parts.ts";
import { reachEnvironment } from "./reach-environment.ts";

/** Every route of the API. */
export class ApiFunction extends AppFunction<"api"> {
  constructor(scope: Construct, id: string, { settings, bundles, state, log, secrets, fieldKey, alarms }: Parts) {
    super(scope, id, {
      name: "api",
      settings,
      bundles,
      environment: {
        ...state.environment,
        ...log.writer.environment,
        ...secrets.environment,
        ...fieldKey.environment,
        ROUND_SECONDS: String(settings.roundSeconds),
        ...reachEnvironment(settings),
        // Lambda sends no ICMP.
        ALLOW_PING: undefined,
        MAX_TARGETS: String(settings.maxTargets),
        RATE_LIMIT_PER_MINUTE: String(settings.requestsPerMinute),
        SWAGGER_UI_DIR: "swagger-ui",
      },
      description: "Every route of the API",
      timeout: Duration.seconds(15),
      memoryMb: 1_024,
    });
    state.grant(this.lambda, {
      target: ["Query", "GetItem", "UpdateItem", "PutItem", "DeleteItem"],
      name: ["GetItem", "PutItem", "DeleteItem"],
      counter: ["UpdateItem"],
      deletion: ["GetItem", "PutItem"],
      round: ["GetItem"],
      channel: ["Query", "UpdateItem", "DeleteItem"],
      "channel-config": ["Query", "PutItem", "DeleteItem"],
      incident: ["Query", "PutItem", "DeleteItem"],
      maintenance: ["Query", "PutItem", "DeleteItem"],
      "status-page": ["Query", "GetItem", "PutItem"],
      token: ["Query", "PutItem", "DeleteItem"],
      spool: ["Query", "PutItem"],
      "spool-rejected": ["Query"],
    });
    log.writer.grant(this.lambda);
    secrets.grantRead(this.lambda);
    fieldKey.grantRead(this.lambda);
    alarms.addForFunction("api", this.lambda, "ticket");
  }
}
