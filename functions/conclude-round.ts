import { createDynamoChannels } from "../shared/alert/dynamo-channels.ts";
import { concludeRoundEnv } from "../shared/env/conclude-round-env.ts";
import { createDynamoSpool } from "../shared/log/dynamo-spool.ts";
import { channelSettings, usableChannels } from "../shared/notify/channel.ts";
import { type ConcludeRoundDeps, concludeRound } from "../shared/round/conclude-round.ts";
import { createDynamoLastRound } from "../shared/round/dynamo-last-round.ts";
import { measureRound } from "../shared/round/round-metrics.ts";
import { createDynamoDeparted } from "../shared/targets/dynamo-departed.ts";
import { createFieldCipher } from "../shared/targets/field-cipher.ts";
import { allChannels } from "./wiring/all-channels.ts";
import { clock } from "./wiring/clients.ts";
import { CONCLUDE_SECRETS } from "./wiring/conclude-secrets.ts";
import { deadMansSwitch } from "./wiring/dead-mans-switch.ts";
import { deliveryDeps } from "./wiring/delivery-deps.ts";
import { emitMetrics, isReadByCloudWatch } from "./wiring/emit-metrics.ts";
import { fieldKey } from "./wiring/field-key.ts";
import { freshSettings } from "./wiring/fresh-settings.ts";
import { parameterStore } from "./wiring/parameter-store.ts";
import { storeDeps } from "./wiring/store-deps.ts";
import { taskHandler } from "./wiring/task-handler.ts";

const { env, current } = await freshSettings(
  concludeRoundEnv.extend(channelSettings),
  [parameterStore(CONCLUDE_SECRETS), fieldKey],
  (latest) => ({ channels: usableChannels(latest), watcherUrl: latest.DEAD_MANS_SWITCH_URL }),
  { clock, warn: (message) => stores.logger.warn(message) },
);
const stores = storeDeps("conclude-round", env);
const cipher = createFieldCipher(env.FIELD_KEY);
const channelStore = createDynamoChannels(stores.client, env.TABLE_NAME);
const deps: Omit<ConcludeRoundDeps, "channels" | "publish"> = {
  ...deliveryDeps(env, stores),
  departed: createDynamoDeparted(stores.client, env.TABLE_NAME, clock, stores.onUnreadable),
  spool: createDynamoSpool(stores.client, env.TABLE_NAME, { keepsChecks: env.ECONOMY }),
  lastRound: createDynamoLastRound(stores.client, env.TABLE_NAME),
};

/** Last task of a round: alerts, coverage, metrics, spool. */
export const handler = taskHandler(stores.logger, async (event) => {
  const { channels, watcherUrl } = await current();
  const tellWatcher = deadMansSwitch(watcherUrl, { ...deps, logger: stores.logger });
  const publish: ConcludeRoundDeps["publish"] = async (round) => {
    const { planned, failedShards, spooled } = round.row;
    if (isReadByCloudWatch()) emitMetrics(env.STAGE, measureRound(round, env.DASHBOARD), { planned, failedShards, spooled });
    await tellWatcher();
  };
  return concludeRound({ ...deps, channels: await allChannels(channels, channelStore, cipher), publish }, event);
});
