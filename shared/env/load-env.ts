import * as z from "zod";
import { SettingError } from "../errors.ts";
import { fieldKeyEnv, secretsEnv } from "./fields.ts";

/** Settings that functions fetch at run time, where they are not given: they stand in no environment, and so in no template. */
export type SecretSetting = "API_KEY" | "FIELD_KEY" | "DEAD_MANS_SWITCH_URL";

/** What is read before a function's secrets can be. */
export const secretPlacesEnv = z.object({ ...secretsEnv, FIELD_KEY_SECRET_ARN: fieldKeyEnv.FIELD_KEY_SECRET_ARN });

/**
 * Parses a function's environment, once, at cold start. The one place that reads `process.env`.
 * @param secrets settings that are not in the environment in clear, by the same names
 * @throws {SettingError} naming every variable that is missing or wrong, and what fits
 */
export function loadEnv<Schema extends z.ZodObject>(schema: Schema, secrets: Readonly<Record<string, string>> = {}): z.output<Schema> {
  // An empty variable is one that is not set: `.env` files list names without values.
  const given = Object.fromEntries(Object.entries({ ...process.env, ...secrets }).filter(([, value]) => value !== ""));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => {
    const name = String(path[0] ?? "");
    return given[name] === undefined ? `${name} must be set` : `${name} ${message}`;
  });
  throw new SettingError([...new Set(problems)].join("; "));
}
