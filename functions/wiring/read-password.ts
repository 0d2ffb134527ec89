import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as z from "zod";

const secretSchema = z.object({ password: z.string() });

/** The password in a database secret. @param arn of a secret with `{"username", "password"}` */
export async function readPassword(arn: string): Promise<string> {
  const client = new SecretsManagerClient({
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 4_000, throwOnRequestTimeout: true },
  });
  const { SecretString = "{}" } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
  return secretSchema.parse(JSON.parse(SecretString)).password;
}
