import type * as z from "zod";
import { loadEnv, secretsPathEnv } from "../../shared/env.ts";

/**
 * A function's environment, with the secrets that stand in SSM Parameter Store under `SECRETS_PATH`:
 * webhook URLs and keys are in no template and no environment. Read once, at cold start.
 */
export async function loadSettings<Schema extends z.ZodObject>(schema: Schema): Promise<z.output<Schema>> {
  const { SECRETS_PATH } = loadEnv(secretsPathEnv);
  if (SECRETS_PATH === undefined) return loadEnv(schema);
  // Loaded where there are secrets: on a laptop there is no Parameter Store.
  const { readSecrets } = await import("./read-secrets.ts");
  return loadEnv(schema, await readSecrets(SECRETS_PATH));
}
