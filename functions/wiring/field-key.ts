import type { SecretSource } from "./load-settings.ts";

/** The key of encrypted fields, which the deployment made. Its client is loaded where there is one. */
export const fieldKey: SecretSource = async ({ FIELD_KEY_SECRET_ARN: arn }) =>
  arn === undefined ? {} : { FIELD_KEY: await (await import("./read-secret.ts")).readSecret(arn) };
