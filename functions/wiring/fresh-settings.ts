import { isDeepStrictEqual } from "node:util";
import type * as z from "zod";
import { loadEnv, secretPlacesEnv } from "../../shared/env/load-env.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Clock } from "../../shared/time/clock.ts";
import { readSecrets, type SecretSource } from "./load-settings.ts";

/** How long secrets are used before they are read again: a rotated one counts within this. */
export const SECRETS_LAST_MS = 5 * 60_000;
/** After a reading that failed, how long until the next. */
const RETRY_MS = 30_000;
/** How long a call waits for secrets to be read again; with a slow store it goes on with those it has. */
const PATIENCE_MS = 1_000;

/** A function's settings, and what it builds of those that an owner may rotate. */
export interface FreshSettings<Env, Built> {
  /** As of the cold start. */
  readonly env: Env;
  /** Built of the newest secrets; the same object while they are the same. Takes a second at most. */
  readonly current: () => Promise<Built>;
}

/**
 * As `loadSettings`, for functions that live longer than a secret: an instance that is called each half a minute is
 * seldom recycled, and a deploy that changes nothing recycles none. A new secret that does not fit leaves the old one in use.
 * @param build called again when a secret has changed
 * @param warn told of secrets that could not be read again, or do not fit
 * @throws {SettingError} at the cold start
 */
export async function freshSettings<Schema extends z.ZodObject, Built>(
  schema: Schema,
  sources: readonly SecretSource[],
  build: (env: z.output<Schema>) => Built,
  { clock, warn }: { readonly clock: Clock; readonly warn: (message: string) => void },
): Promise<FreshSettings<z.output<Schema>, Built>> {
  let secrets = await readSecrets(sources);
  const env = loadEnv(schema, secrets);
  let built = build(env);
  let readAgainAt = clock.now() + SECRETS_LAST_MS;
  let reading: Promise<void> | undefined;

  const readAgain = async () => {
    readAgainAt = clock.now() + RETRY_MS;
    try {
      const read = await readSecrets(sources);
      if (!isDeepStrictEqual(read, secrets)) {
        built = build(loadEnv(schema, read));
        secrets = read;
      }
      readAgainAt = clock.now() + SECRETS_LAST_MS;
    } catch (error) {
      warn(`secrets could not be read again: ${messageOf(error)}`);
    } finally {
      reading = undefined;
    }
  };
  // Elsewhere secrets are in the environment, which does not change.
  const rotates = loadEnv(secretPlacesEnv).SECRETS_PATH !== undefined;
  return {
    env,
    async current() {
      if (rotates && reading === undefined && clock.now() >= readAgainAt) reading = readAgain();
      if (reading !== undefined) {
        const enough = new AbortController();
        await Promise.race([reading, clock.sleep(PATIENCE_MS, enough.signal).catch(() => undefined)]);
        enough.abort();
      }
      return built;
    },
  };
}
