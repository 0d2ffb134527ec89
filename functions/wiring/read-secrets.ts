import { GetParametersByPathCommand, SSMClient } from "@aws-sdk/client-ssm";

/** Parameters under `path`, decrypted, by the last part of their names. */
export async function readSecrets(path: string): Promise<Record<string, string>> {
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
