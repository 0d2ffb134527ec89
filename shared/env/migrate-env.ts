import * as z from "zod";
import { logEnv, stateEnv } from "./fields.ts";

export const migrateEnv = z.object({
  ...stateEnv,
  ...logEnv,
  /** Folder of the migrations, from the function's own. */
  SQL_DIR: z.string().min(1),
  /** Secrets with the passwords of SQL roles: of the one that dashboards read by, where there is a Grafana, and of rounds and API. */
  GRAFANA_READER_SECRET_ARN: z.string().optional(),
  LOG_WRITER_SECRET_ARN: z.string().optional(),
});
