import { resolve } from "node:path";
import { Logger } from "@aws-lambda-powertools/logger";
import * as z from "zod";
import { loadEnv } from "../shared/env/load-env.ts";
import { migrateEnv } from "../shared/env/migrate-env.ts";
import { lastLoggedSeq } from "../shared/log/last-seq.ts";
import { migrate, readMigrations } from "../shared/log/migrate.ts";
import { letIn, type SqlRole } from "../shared/log/sql-roles.ts";
import { skipSeqs } from "../shared/targets/dynamo-target-counter.ts";
import { migrationExecutor, stateClient } from "./wiring/clients.ts";
import { readSecret } from "./wiring/read-secret.ts";
import { taskHandler } from "./wiring/task-handler.ts";

const env = loadEnv(migrateEnv);
/** As `infra/constructs/sql-role-secret.ts` makes it. */
const databaseSecretSchema = z.object({ password: z.string() });

/** Run by each deploy that changes `sql/`: applies what has not been applied. Its error fails the deploy. */
export const handler = taskHandler(new Logger({ serviceName: "migrate" }), async () => {
  const sql = migrationExecutor(env);
  // A log that sleeps resumes in half a minute at most.
  await sql.execute("select 1", {}, { timeoutMs: 90_000 });
  const applied = await migrate(sql, await readMigrations(resolve(import.meta.dirname, env.SQL_DIR)));
  await skipSeqs(stateClient(), env.TABLE_NAME, await lastLoggedSeq(sql));
  const secrets = { grafana_reader: env.GRAFANA_READER_SECRET_ARN, log_writer: env.LOG_WRITER_SECRET_ARN } satisfies Record<
    SqlRole,
    unknown
  >;
  for (const [role, arn] of Object.entries(secrets)) {
    if (arn === undefined) continue;
    const { password } = databaseSecretSchema.parse(JSON.parse(await readSecret(arn)));
    await letIn(sql, role as SqlRole, password); // a key of the above
  }
  return applied;
});
