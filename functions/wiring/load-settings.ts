import type * as z from "zod";
import { loadEnv, secretPlacesEnv } from "../../shared/env/load-env.ts";

/** Where secrets are, as the environment tells it. */
export type SecretPlaces = z.output<typeof secretPlacesEnv>;
/** One place that keeps secret settings. */
export type SecretSource = (places: SecretPlaces) => Promise<Readonly<Record<string, string>>>;

/** A function's environment with its secrets, which are in no template and no environment. Read once, at cold start: for secrets that are not rotated. */
export async function loadSettings<Schema extends z.ZodObject>(schema: Schema, ...sources: SecretSource[]): Promise<z.output<Schema>> {
  return loadEnv(schema, await readSecrets(sources));
}

/** Secret settings by name, of all sources. */
export async function readSecrets(sources: readonly SecretSource[]): Promise<Readonly<Record<string, string>>> {
  const places = loadEnv(secretPlacesEnv);
  const secrets = await Promise.all(sources.map((source) => source(places)));
  return Object.assign({}, ...secrets);
}
