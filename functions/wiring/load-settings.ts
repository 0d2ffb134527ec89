import type * as z from "zod";
import { loadEnv, secretPlacesEnv } from "../../shared/env/load-env.ts";

/** Where secrets are, as the environment tells it. */
export type SecretPlaces = z.output<typeof secretPlacesEnv>;
/** One place that keeps secret settings. */
export type SecretSource = (places: SecretPlaces) => Promise<Readonly<Record<string, string>>>;

/** A function's environment with its secrets, which are in no template and no environment. Read once, at cold start. */
export async function loadSettings<Schema extends z.ZodObject>(schema: Schema, ...sources: SecretSource[]): Promise<z.output<Schema>> {
  const places = loadEnv(secretPlacesEnv);
  const secrets = await Promise.all(sources.map((source) => source(places)));
  return loadEnv(schema, Object.assign({}, ...secrets));
}
