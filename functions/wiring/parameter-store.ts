import type { SecretSource } from "./load-settings.ts";

/**
 * Settings that the owner put into SSM Parameter Store under `SECRETS_PATH`. Its client is loaded where there is one.
 * @param names as the function's role has them
 */
export function parameterStore(names: readonly string[]): SecretSource {
  return async ({ SECRETS_PATH: path }) => (path === undefined ? {} : (await import("./read-parameters.ts")).readParameters(path, names));
}
