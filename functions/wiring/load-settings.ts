import type * as z from "zod";
import { loadEnv, secretsPathEnv } from "../../shared/env.ts";

/**
 * A function's environment, with the secrets that stand in SSM Parameter Store under `SECRETS_PATH`:
 * webhook URLs and keys are in no template and no environment. Read once, at cold start.
 */
export async function loadSettings<Schema extends z.ZodObject>(schema: Schema): Promise<z.output<Schema>> {
  const { SECRETS_PATH } = loadEnv(secretsPathEnv);
  return loadEnv(schema, SECRETS_PATH === undefined ? {} : await readSecrets(SECRETS_PATH));
}

async function readSecrets(path: string): Promise<Record<string, string>> {
  // Loaded where there are secrets: on a laptop there is no Parameter Store.
  const { GetParametersByPathCommand, SSMClient } = await import("@aws-sdk/client-ssm");
  const client = new SSMClient({
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 4_000, throwOnRequestTimeout: true },
  });
  const secrets: Record<string, string> = {};
  let next: string | undefined;
  do {
    const page = await client.send(new GetParametersByPathCommand({ Path: path, WithDecryption: true, NextToken: next }));
    for (const { Name = "", Value = "" } of page.Parameters ?? []) secrets[Name.slice(Name.lastIndexOf("/") + 1)] = Value;
    next = page.NextToken;
  } while (next !== undefined);
  return secrets;
}
