import { createDynamoChannelHealth } from "../shared/alert/dynamo-channel-health.ts";
import { concludeRoundEnv } from "../shared/env/conclude-round-env.ts";
import { createDynamoSpool } from "../shared/log/dynamo-spool.ts";
import { createAddressGuard } from "../shared/net/address-guard.ts";
import { channelSettings, usableChannels } from "../shared/notify/channel.ts";
import { type ConcludeRoundDeps, concludeRound } from "../shared/round/conclude-round.ts";
import { createDynamoLastRound } from "../shared/round/dynamo-last-round.ts";
import { createDynamoTargetRounds } from "../shared/targets/dynamo-target-rounds.ts";
import { clock } from "./wiring/clients.ts";
import { deadMansSwitch } from "./wiring/dead-mans-switch.ts";
import { emitRoundMetrics, isReadByCloudWatch } from "./wiring/emit-round-metrics.ts";
import { freshSettings } from "./wiring/fresh-settings.ts";
import { linkTo } from "./wiring/link-to.ts";
import { parameterStore } from "./wiring/parameter-store.ts";
import { storeDeps } from "./wiring/store-deps.ts";
import { taskHandler } from "./wiring/task-handler.ts";
import { userAgent } from "./wiring/user-agent.ts";

const { env, current } = await freshSettings(
  concludeRoundEnv.extend(channelSettings),
  [parameterStore],
  (latest) => ({ channels: usableChannels(latest), watcherUrl: latest.DEAD_MANS_SWITCH_URL }),
  { clock, warn: (message) => stores.logger.warn(message) },
);
const { client, ...stores } = storeDeps("conclude-round", env);
const reach = { guard: createAddressGuard(env.ALLOWED_PRIVATE_RANGES, env.ALLOWED_PORTS), userAgent: userAgent(env) };
const deps: Omit<ConcludeRoundDeps, "channels" | "publish"> = {
  ...stores,
  targets: createDynamoTargetRounds(client, env.TABLE_NAME, clock),
  spool: createDynamoSpool(client, env.TABLE_NAME),
  channelHealth: createDynamoChannelHealth(client, env.TABLE_NAME, clock),
  lastRound: createDynamoLastRound(client, env.TABLE_NAME),
  ...reach,
  linkTo: linkTo(env.PUBLIC_URL),
};

/** Last task of a round: alerts, coverage, metrics, spool. */
export const handler = taskHandler(stores.logger, async (event) => {
  const { channels, watcherUrl } = await current();
  const tellWatcher = deadMansSwitch(watcherUrl, { ...reach, logger: stores.logger });
  const publish: ConcludeRoundDeps["publish"] = async (round) => {
    if (isReadByCloudWatch()) emitRoundMetrics(env.STAGE, round);
    await tellWatcher();
  };
  return concludeRound({ ...deps, channels, publish }, event);
});
