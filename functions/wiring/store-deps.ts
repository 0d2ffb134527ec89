import { Logger } from "@aws-lambda-powertools/logger";
import { createDataApiLogWriter } from "../../shared/log/data-api-log-writer.ts";
import type { OnUnreadable } from "../../shared/targets/dynamo-target-item.ts";
import { clock, type LogSettings, logExecutor, type StateSettings, stateClient } from "./clients.ts";

/** Both stores and a logger: what every function has that writes to the log. */
export function storeDeps(service: string, env: StateSettings & LogSettings) {
  const sql = logExecutor(env);
  const logger = new Logger({ serviceName: service });
  return { clock, client: stateClient(), sql, logger, log: createDataApiLogWriter(sql), onUnreadable: unreadable(logger) };
}

function unreadable(logger: Logger): OnUnreadable {
  return ({ target, reason }) => logger.error("a stored target cannot be read: its time is unknown", { target, reason });
}
