import { resolve } from "node:path";
import { Logger } from "@aws-lambda-powertools/logger";
import { loadEnv, migrateEnv } from "../shared/env.ts";
import { migrate, readMigrations } from "../shared/log/migrate.ts";
import { migrationExecutor } from "./wiring/clients.ts";
import { taskHandler } from "./wiring/task-handler.ts";

const env = loadEnv(migrateEnv);

/** Run by each deploy that changes `sql/`: applies what has not been applied. Its error fails the deploy. */
export const handler = taskHandler(new Logger({ serviceName: "migrate" }), async () =>
  migrate(migrationExecutor(env), await readMigrations(resolve(import.meta.dirname, env.SQL_DIR))),
);
