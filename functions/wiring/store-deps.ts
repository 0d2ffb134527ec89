import { Logger } from "@aws-lambda-powertools/logger";
import { createDataApiLogWriter } from "../../shared/log/data-api-log-writer.ts";
import { createDynamoLogRest } from "../../shared/log/dynamo-log-rest.ts";
import { createRestingWriter } from "../../shared/log/resting-log.ts";
import type { OnUnreadable } from "../../shared/targets/dynamo-target-item.ts";
import { clock, type LogSettings, logExecutor, type StateSettings, stateClient } from "./clients.ts";

/** Both stores and a logger: what every function has that writes to the log. `rest` where the log sleeps between its hours. */
export function storeDeps(service: string, env: StateSettings & LogSettings & { readonly ECONOMY?: boolean }) {
  const sql = logExecutor(env);
  const client = stateClient();
  const logger = new Logger({ serviceName: service });
  const rest = env.ECONOMY ? createDynamoLogRest(client, env.TABLE_NAME, clock) : undefined;
  const direct = createDataApiLogWriter(sql);
  const log = rest === undefined ? direct : createRestingWriter(direct, rest, clock);
  return { clock, client, sql, logger, log, rest, onUnreadable: unreadable(logger) };
}

function unreadable(logger: Logger): OnUnreadable {
  return ({ target, reason }) => logger.error("a stored target cannot be read: its time is unknown", { target, reason });
}
