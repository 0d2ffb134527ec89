import { Duration } from "aws-cdk-lib";
import { Grant } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { USD_PER_CHECK } from "../../shared/check/usd-per-check.ts";
import { CHANNEL_SECRETS } from "../../shared/notify/channel.ts";
import { isEconomical } from "../settings.ts";
import { grantSending } from "./alert-delivery.ts";
import { AppFunction } from "./app-function.ts";
import type { Parts } from "./parts.ts";
import { reachEnvironment } from "./reach-environment.ts";

/** Every route of the API. */
export class ApiFunction extends AppFunction<"api"> {
  constructor(scope: Construct, id: string, { settings, bundles, state, log, keeper, secrets, fieldKey, alarms }: Parts) {
    const sleeps = isEconomical(settings);
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
        PROBES: settings.probeRegions || undefined,
        MAX_TARGETS: String(settings.maxTargets),
        USD_PER_CHECK: String(USD_PER_CHECK),
        RATE_LIMIT_PER_MINUTE: String(settings.requestsPerMinute),
        CORS_ORIGINS: settings.corsOrigins || undefined,
        SWAGGER_UI_DIR: "swagger-ui",
        MAINTAIN_FUNCTION: sleeps ? keeper.functionName : undefined,
      },
      description: "Every route of the API",
      timeout: Duration.seconds(15),
      memoryMb: 1_024,
    });
    state.grant(this.lambda, {
      target: ["Query", "GetItem", "UpdateItem", "PutItem", "DeleteItem"],
      name: ["GetItem", "PutItem", "DeleteItem"],
      counter: ["UpdateItem"],
      "former-key": ["GetItem", "PutItem", "DeleteItem"],
      deletion: ["GetItem", "PutItem"],
      departed: ["PutItem"],
      round: ["GetItem"],
      channel: ["Query", "UpdateItem", "DeleteItem"],
      "channel-config": ["Query", "PutItem", "DeleteItem"],
      "channel-name": ["GetItem", "PutItem", "DeleteItem"],
      incident: ["Query", "PutItem", "DeleteItem"],
      maintenance: ["Query", "PutItem", "DeleteItem"],
      "maintenance-past": ["PutItem"],
      "status-page": ["Query", "GetItem", "PutItem"],
      token: ["Query", "PutItem", "DeleteItem"],
      spool: ["Query", "PutItem"],
      "spool-rejected": ["Query"],
      ...(sleeps && { "log-rest": ["GetItem", "UpdateItem"], recent: ["Query"] }),
    });
    if (sleeps) Grant.addToPrincipal({ grantee: this.lambda, actions: ["lambda:InvokeFunction"], resourceArns: [keeper.functionArn] });
    log.writer.grant(this.lambda);
    secrets.grantRead(this.lambda, CHANNEL_SECRETS);
    // A channel is tried from here.
    grantSending(this.lambda, settings);
    fieldKey.grantRead(this.lambda);
    // What it throws is a 5xx of the API, which has an alarm of its own.
    if (!sleeps) alarms.addForFunction("api", this.lambda, "ticket");
  }
}
