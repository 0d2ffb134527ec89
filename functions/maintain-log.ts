import { loadEnv, maintainLogEnv } from "../shared/env.ts";
import { maintainLog } from "../shared/log/maintain-log.ts";
import { storeDeps } from "./wiring/clients.ts";
import { taskHandler } from "./wiring/task-handler.ts";

const env = loadEnv(maintainLogEnv);
const stores = storeDeps("maintain-log", env);
const retention = {
  rawDays: env.RAW_RETENTION_DAYS,
  fiveMinuteDays: env.FIVE_MINUTE_RETENTION_DAYS,
  hourDays: env.HOUR_RETENTION_DAYS,
};

/** Every five minutes: partitions, roll-ups, retention. */
export const handler = taskHandler(stores.logger, () => maintainLog({ ...stores, retention }));
