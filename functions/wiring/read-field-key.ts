import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SettingError } from "../../shared/errors.ts";

/** The key of encrypted fields, which the deployment made. @param arn of its secret */
export async function readFieldKey(arn: string): Promise<string> {
  const client = new SecretsManagerClient({
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 4_000, throwOnRequestTimeout: true },
  });
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
  if (!SecretString) throw new SettingError("the secret of FIELD_KEY is empty");
  return SecretString;
}
