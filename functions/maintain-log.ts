import * as z from "zod";
import { maintenanceLister } from "../shared/alert/dynamo-maintenance.ts";
import { createDynamoPastMaintenance } from "../shared/alert/dynamo-past-maintenance.ts";
import type { MaintenanceWindow } from "../shared/alert/maintenance.ts";
import { maintenanceTimes, timesOfGone } from "../shared/alert/maintenance-time.ts";
import { loadEnv } from "../shared/env/load-env.ts";
import { maintainLogEnv } from "../shared/env/maintain-log-env.ts";
import { createDataApiLogBurns } from "../shared/log/data-api-log-burns.ts";
import { createDataApiLogKeeper } from "../shared/log/data-api-log-keeper.ts";
import { createDataApiLogOverview } from "../shared/log/data-api-log-overview.ts";
import { createDataApiLogWriter } from "../shared/log/data-api-log-writer.ts";
import { createDynamoKeptOverview } from "../shared/log/dynamo-kept-overview.ts";
import { createDynamoSpool } from "../shared/log/dynamo-spool.ts";
import { keepOverview } from "../shared/log/kept-overview.ts";
import type { Retention } from "../shared/log/log-keeper.ts";
import { writeWaiting } from "../shared/log/write-waiting.ts";
import { finishDeletions } from "../shared/targets/deletions.ts";
import { createDynamoDeletions } from "../shared/targets/dynamo-deletions.ts";
import { targetGetter, targetLister } from "../shared/targets/dynamo-target-reader.ts";
import { createDynamoTargetRounds } from "../shared/targets/dynamo-target-rounds.ts";
import { judgeSlos } from "../shared/targets/judge-slo.ts";
import { logTargets } from "../shared/targets/log-targets.ts";
import { pagesOf } from "../shared/targets/pages-of.ts";
import type { Target } from "../shared/targets/target.ts";
import { clock } from "./wiring/clients.ts";
import { storeDeps } from "./wiring/store-deps.ts";
import { taskHandler } from "./wiring/task-handler.ts";

const env = loadEnv(maintainLogEnv);
const { client, sql, rest, onUnreadable, ...stores } = storeDeps("maintain-log", env);
const deps = {
  ...stores,
  // It has woken the log, where that sleeps.
  log: createDataApiLogWriter(sql),
  targets: {
    ...createDynamoTargetRounds(client, env.TABLE_NAME, clock),
    get: targetGetter(client, env.TABLE_NAME),
    list: targetLister(client, env.TABLE_NAME, onUnreadable),
  },
  deletions: createDynamoDeletions(client, env.TABLE_NAME),
  spool: createDynamoSpool(client, env.TABLE_NAME, { keepsChecks: env.ECONOMY }),
};

const burns = createDataApiLogBurns(sql);
const keeper = createDataApiLogKeeper(sql);
const retention: Retention = {
  rawDays: env.RAW_RETENTION_DAYS,
  fiveMinuteDays: env.FIVE_MINUTE_RETENTION_DAYS,
  hourDays: env.HOUR_RETENTION_DAYS,
};

const windows = maintenanceLister(client, env.TABLE_NAME);
const past = createDynamoPastMaintenance(client, env.TABLE_NAME);

const wakeSchema = z.object({ wake: z.number() });
const overview = createDataApiLogOverview(sql);
const kept = createDynamoKeptOverview(client, env.TABLE_NAME);

/** Windows change; what was is the log's to keep. */
function recordMaintenance(planned: readonly MaintenanceWindow[], targets: readonly Target[]): Promise<void> {
  return keeper.recordMaintenance(maintenanceTimes(planned, targets, clock.now()));
}

/**
 * Every five minutes: partitions, roll-ups, retention, the names of all targets, their time in maintenance and their error budgets,
 * and deletions that a crash cut off. Where the log sleeps, once an hour, after it has written what waits; when somebody looks,
 * as `{ wake }` says, that and the time in maintenance alone.
 */
export const handler = taskHandler(stores.logger, async (event) => {
  const wokenAt = wakeSchema.safeParse(event).data?.wake;
  const own = wokenAt === undefined ? upkeep : recordAllMaintenance;
  if (rest === undefined) return upkeep();
  return { drained: await writeWaiting({ ...deps, sql, rest }, wokenAt, own) };
});

/** Who looks sees what the rows say, and what of it was maintenance. */
async function recordAllMaintenance(): Promise<void> {
  const planned = [...(await windows()), ...(await past.list(clock.now()))];
  for await (const targets of pagesOf(deps.targets)) await recordMaintenance(planned, targets);
}

async function upkeep() {
  const report = await keeper.maintain(clock.now(), retention);
  await finishDeletions(deps);
  const ended = await past.list(clock.now());
  const planned = [...(await windows()), ...ended];
  const there = new Set<string>();
  const unwell: number[] = [];
  for await (const targets of pagesOf(deps.targets)) {
    unwell.push(...targets.filter(({ state: { status } }) => status === "down" || status === "degraded").map(({ seq }) => seq));
    for (const { id } of targets) there.add(id);
    await logTargets(deps, targets);
    await recordMaintenance(planned, targets);
    await judgeSlos({ ...deps, burns }, targets);
  }
  await keeper.recordMaintenance(timesOfGone(ended, there));
  if (rest !== undefined) await keepOverview(overview, kept, unwell, clock.now());
  return report;
}
