import type * as z from "zod";
import type { DeliveryDeps } from "../../shared/alert/deliver-owed.ts";
import { createDynamoChannelHealth } from "../../shared/alert/dynamo-channel-health.ts";
import { createDynamoChannelTurns } from "../../shared/alert/dynamo-channel-turns.ts";
import { createDynamoMaintenance } from "../../shared/alert/dynamo-maintenance.ts";
import type { deliverAlertsEnv } from "../../shared/env/deliver-alerts-env.ts";
import { apiUrlOf } from "../../shared/env/fields.ts";
import { createAddressGuard } from "../../shared/net/address-guard.ts";
import { alsoDeparted } from "../../shared/targets/departed.ts";
import { DEPARTED } from "../../shared/targets/dynamo-departed.ts";
import { targetGetter } from "../../shared/targets/dynamo-target-reader.ts";
import { createDynamoTargetRounds } from "../../shared/targets/dynamo-target-rounds.ts";
import { clock } from "./clients.ts";
import { acknowledgeAt, linkTo } from "./link-to.ts";
import type { storeDeps } from "./store-deps.ts";
import { userAgent } from "./user-agent.ts";

/** All that delivering takes, but for the spool and the channels, whose secrets may change. */
export function deliveryDeps(
  env: z.output<typeof deliverAlertsEnv>,
  { client, ...stores }: ReturnType<typeof storeDeps>,
): Omit<DeliveryDeps, "channels" | "spool"> {
  return {
    ...stores,
    targets: alsoDeparted(
      { ...createDynamoTargetRounds(client, env.TABLE_NAME, clock), get: targetGetter(client, env.TABLE_NAME) },
      createDynamoTargetRounds(client, env.TABLE_NAME, clock, DEPARTED),
    ),
    roundSeconds: env.ROUND_SECONDS,
    channelHealth: createDynamoChannelHealth(client, env.TABLE_NAME, clock),
    turns: createDynamoChannelTurns(client, env.TABLE_NAME, clock),
    maintenance: createDynamoMaintenance(client, env.TABLE_NAME),
    guard: createAddressGuard(env.ALLOWED_PRIVATE_RANGES, env.ALLOWED_PORTS),
    userAgent: userAgent(env),
    linkTo: linkTo(env.PUBLIC_URL),
    acknowledgeAt: acknowledgeAt(apiUrlOf(env), env.FIELD_KEY, clock),
  };
}
