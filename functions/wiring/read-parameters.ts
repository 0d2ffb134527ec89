import { GetParametersByPathCommand, SSMClient } from "@aws-sdk/client-ssm";
import { REQUEST_LIMITS } from "./request-limits.ts";

/** Parameters under `path`, decrypted, by the last part of their names. */
export async function readParameters(path: string): Promise<Record<string, string>> {
  const client = new SSMClient({ maxAttempts: 4, requestHandler: REQUEST_LIMITS });
  const secrets: Record<string, string> = {};
  let next: string | undefined;
  do {
    const page = await client.send(new GetParametersByPathCommand({ Path: path, WithDecryption: true, NextToken: next }));
    for (const { Name = "", Value = "" } of page.Parameters ?? []) secrets[Name.slice(Name.lastIndexOf("/") + 1)] = Value;
    next = page.NextToken;
  } while (next !== undefined);
  return secrets;
}
