import { answerBell } from "../shared/alert/answer-bell.ts";
import { createDynamoChannels } from "../shared/alert/dynamo-channels.ts";
import { deliverAlertsEnv } from "../shared/env/deliver-alerts-env.ts";
import { createDynamoSpoolWriter } from "../shared/log/dynamo-spool.ts";
import { CHANNEL_SECRETS, channelSettings, usableChannels } from "../shared/notify/channel.ts";
import { createFieldCipher } from "../shared/targets/field-cipher.ts";
import { allChannels } from "./wiring/all-channels.ts";
import { clock } from "./wiring/clients.ts";
import { deliveryDeps } from "./wiring/delivery-deps.ts";
import { emitMetrics, isReadByCloudWatch } from "./wiring/emit-metrics.ts";
import { fieldKey } from "./wiring/field-key.ts";
import { freshSettings } from "./wiring/fresh-settings.ts";
import { parameterStore } from "./wiring/parameter-store.ts";
import { storeDeps } from "./wiring/store-deps.ts";
import { taskHandler } from "./wiring/task-handler.ts";

const { env, current } = await freshSettings(
  deliverAlertsEnv.extend(channelSettings),
  [parameterStore(CHANNEL_SECRETS), fieldKey],
  usableChannels,
  {
    clock,
    warn: (message) => stores.logger.warn(message),
  },
);
const stores = storeDeps("deliver-alerts", env);
const cipher = createFieldCipher(env.FIELD_KEY);
const channels = createDynamoChannels(stores.client, env.TABLE_NAME);
const deps = { ...deliveryDeps(env, stores), spool: createDynamoSpoolWriter(stores.client, env.TABLE_NAME) };

/** Rung by check-shard: delivers what targets owe while their round goes on. */
export const handler = taskHandler(stores.logger, async (event) => {
  const report = await answerBell({ ...deps, channels: await allChannels(await current(), channels, cipher) }, event);
  // Those that wait are counted when conclude-round sees them; what is refused for good it never sees.
  if (report.failed > 0 && isReadByCloudWatch()) emitMetrics(env.STAGE, { AlertsFailed: report.failed });
  return report;
});
