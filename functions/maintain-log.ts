import { maintenanceLister } from "../shared/alert/dynamo-maintenance.ts";
import { maintenanceTimes } from "../shared/alert/maintenance-time.ts";
import { loadEnv } from "../shared/env/load-env.ts";
import { maintainLogEnv } from "../shared/env/maintain-log-env.ts";
import { createDataApiLogBurns } from "../shared/log/data-api-log-burns.ts";
import { createDataApiLogKeeper } from "../shared/log/data-api-log-keeper.ts";
import { createDynamoSpoolWriter } from "../shared/log/dynamo-spool.ts";
import type { Retention } from "../shared/log/log-keeper.ts";
import { finishDeletions } from "../shared/targets/deletions.ts";
import { createDynamoDeletions } from "../shared/targets/dynamo-deletions.ts";
import { targetGetter, targetLister } from "../shared/targets/dynamo-target-reader.ts";
import { createDynamoTargetRounds } from "../shared/targets/dynamo-target-rounds.ts";
import { judgeSlos } from "../shared/targets/judge-slo.ts";
import { logTargets } from "../shared/targets/log-targets.ts";
import { pagesOf } from "../shared/targets/pages-of.ts";
import { clock } from "./wiring/clients.ts";
import { storeDeps } from "./wiring/store-deps.ts";
import { taskHandler } from "./wiring/task-handler.ts";

const env = loadEnv(maintainLogEnv);
const { client, sql, onUnreadable, ...stores } = storeDeps("maintain-log", env);
const deps = {
  ...stores,
  targets: {
    ...createDynamoTargetRounds(client, env.TABLE_NAME, clock),
    get: targetGetter(client, env.TABLE_NAME),
    list: targetLister(client, env.TABLE_NAME, onUnreadable),
  },
  deletions: createDynamoDeletions(client, env.TABLE_NAME),
  spool: createDynamoSpoolWriter(client, env.TABLE_NAME),
};

const burns = createDataApiLogBurns(sql);
const keeper = createDataApiLogKeeper(sql);
const retention: Retention = {
  rawDays: env.RAW_RETENTION_DAYS,
  fiveMinuteDays: env.FIVE_MINUTE_RETENTION_DAYS,
  hourDays: env.HOUR_RETENTION_DAYS,
};

const windows = maintenanceLister(client, env.TABLE_NAME);

/** Every five minutes: partitions, roll-ups, retention, the names of all targets, their time in maintenance and their error budgets, and deletions that a crash cut off. */
export const handler = taskHandler(stores.logger, async () => {
  const report = await keeper.maintain(clock.now(), retention);
  await finishDeletions(deps);
  const planned = await windows();
  for await (const targets of pagesOf(deps.targets)) {
    await logTargets(deps, targets);
    // Windows change; what was is the log's to keep.
    await keeper.recordMaintenance(maintenanceTimes(planned, targets, clock.now()));
    await judgeSlos({ ...deps, burns }, targets);
  }
  return report;
});
