import { loadEnv, maintainLogEnv } from "../shared/env.ts";
import { createDynamoSpoolWriter } from "../shared/log/dynamo-spool.ts";
import { maintainLog } from "../shared/log/maintain-log.ts";
import { targetLister } from "../shared/target/dynamo-target-reader.ts";
import { storeDeps } from "./wiring/clients.ts";
import { taskHandler } from "./wiring/task-handler.ts";

const env = loadEnv(maintainLogEnv);
const { client, ...stores } = storeDeps("maintain-log", env);
const deps = {
  ...stores,
  targets: { list: targetLister(client, env.TABLE_NAME) },
  spool: createDynamoSpoolWriter(client, env.TABLE_NAME),
  retention: {
    rawDays: env.RAW_RETENTION_DAYS,
    fiveMinuteDays: env.FIVE_MINUTE_RETENTION_DAYS,
    hourDays: env.HOUR_RETENTION_DAYS,
  },
};

/** Every five minutes: partitions, roll-ups, retention. */
export const handler = taskHandler(stores.logger, () => maintainLog(deps));
