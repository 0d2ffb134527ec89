import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { REQUEST_LIMITS } from "./request-limits.ts";

/** Names in one call. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html */
const MAX_NAMES = 10;

/** Those of the named parameters under `path` that there are, decrypted. One by one by name: a role may read no other. */
export async function readParameters(path: string, names: readonly string[]): Promise<Record<string, string>> {
  const client = new SSMClient({ maxAttempts: 4, requestHandler: REQUEST_LIMITS });
  const parts = Array.from({ length: Math.ceil(names.length / MAX_NAMES) }, (_, index) =>
    names.slice(index * MAX_NAMES, (index + 1) * MAX_NAMES),
  );
  const read = await Promise.all(
    parts.map((part) => client.send(new GetParametersCommand({ Names: part.map((name) => `${path}/${name}`), WithDecryption: true }))),
  );
  const parameters = read.flatMap(({ Parameters = [] }) => Parameters);
  return Object.fromEntries(parameters.map(({ Name = "", Value = "" }) => [Name.slice(Name.lastIndexOf("/") + 1), Value]));
}
