import * as z from "zod";
import { logEnv, stateEnv } from "./fields.ts";

export const migrateEnv = z.object({
  ...stateEnv,
  ...logEnv,
  /** Folder of the migrations, from the function's own. */
  SQL_DIR: z.string().min(1),
  /** Secret with the password of the SQL role that dashboards read by, where there is a Grafana. */
  GRAFANA_READER_SECRET_ARN: z.string().optional(),
});
