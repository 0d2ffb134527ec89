import { loadEnv } from "../shared/env/load-env.ts";
import { maintainLogEnv } from "../shared/env/maintain-log-env.ts";
import { createDataApiLogKeeper } from "../shared/log/data-api-log-keeper.ts";
import { createDynamoSpoolWriter } from "../shared/log/dynamo-spool.ts";
import type { Retention } from "../shared/log/log-keeper.ts";
import { targetLister } from "../shared/targets/dynamo-target-reader.ts";
import { logTargets } from "../shared/targets/log-targets.ts";
import { clock } from "./wiring/clients.ts";
import { storeDeps } from "./wiring/store-deps.ts";
import { taskHandler } from "./wiring/task-handler.ts";

const env = loadEnv(maintainLogEnv);
const { client, sql, onUnreadable, ...stores } = storeDeps("maintain-log", env);
const deps = {
  ...stores,
  targets: { list: targetLister(client, env.TABLE_NAME, onUnreadable) },
  spool: createDynamoSpoolWriter(client, env.TABLE_NAME),
};

const keeper = createDataApiLogKeeper(sql);
const retention: Retention = {
  rawDays: env.RAW_RETENTION_DAYS,
  fiveMinuteDays: env.FIVE_MINUTE_RETENTION_DAYS,
  hourDays: env.HOUR_RETENTION_DAYS,
};

/** Every five minutes: partitions, roll-ups, retention, and the names of all targets. */
export const handler = taskHandler(stores.logger, async () => {
  const report = await keeper.maintain(clock.now(), retention);
  await logTargets(deps);
  return report;
});
