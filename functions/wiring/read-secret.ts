import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SettingError } from "../../shared/errors.ts";
import { REQUEST_LIMITS } from "./request-limits.ts";

/** The text of a secret in Secrets Manager. @throws {SettingError} when it is empty */
export async function readSecret(arn: string): Promise<string> {
  const client = new SecretsManagerClient({ maxAttempts: 4, requestHandler: REQUEST_LIMITS });
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
  if (!SecretString) throw new SettingError(`the secret ${arn} is empty`);
  return SecretString;
}
