import { checkTypeOf } from "../check/check-config.ts";
import type { TargetConfig } from "./target.ts";

/**
 * A configuration with each of its secret texts replaced: values of headers, bodies, whatever its check type
 * names. @param change gets the text and where it stands, such as `headers.authorization`
 */
export function mapSecrets(config: TargetConfig, change: (text: string, path: string) => string): TargetConfig {
  const changed: Record<string, unknown> = {};
  for (const field of checkTypeOf(config).secrets ?? []) {
    const value: unknown = Object.entries(config).find(([name]) => name === field)?.[1];
    if (typeof value === "string") changed[field] = change(value, field);
    else if (typeof value === "object" && value !== null) {
      changed[field] = Object.fromEntries(Object.entries(value).map(([name, text]) => [name, change(String(text), `${field}.${name}`)]));
    }
  }
  // The same fields with other texts.
  return { ...config, ...changed } as TargetConfig;
}

/** The secret texts of a configuration, by where they stand. */
export function secretsOf(config: TargetConfig): Map<string, string> {
  const found = new Map<string, string>();
  mapSecrets(config, (text, path) => {
    found.set(path, text);
    return text;
  });
  return found;
}
