import { resolve } from "node:path";
import { Logger } from "@aws-lambda-powertools/logger";
import { loadEnv, migrateEnv } from "../shared/env.ts";
import { letGrafanaIn } from "../shared/log/grafana-reader.ts";
import { lastLoggedSeq } from "../shared/log/last-seq.ts";
import { migrate, readMigrations } from "../shared/log/migrate.ts";
import { skipSeqs } from "../shared/target/dynamo-target-counter.ts";
import { migrationExecutor, stateClient } from "./wiring/clients.ts";
import { readPassword } from "./wiring/read-password.ts";
import { taskHandler } from "./wiring/task-handler.ts";

const env = loadEnv(migrateEnv);

/** Run by each deploy that changes `sql/`: applies what has not been applied. Its error fails the deploy. */
export const handler = taskHandler(new Logger({ serviceName: "migrate" }), async () => {
  const sql = migrationExecutor(env);
  const applied = await migrate(sql, await readMigrations(resolve(import.meta.dirname, env.SQL_DIR)));
  await skipSeqs(stateClient(), env.TABLE_NAME, await lastLoggedSeq(sql));
  if (env.GRAFANA_READER_SECRET_ARN !== undefined) await letGrafanaIn(sql, await readPassword(env.GRAFANA_READER_SECRET_ARN));
  return applied;
});
