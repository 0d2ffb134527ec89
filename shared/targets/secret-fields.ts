import { checkTypeOf } from "../check/check-config.ts";
import { isObject } from "../text/is-object.ts";
import type { TargetConfig } from "./target.ts";

/**
 * A configuration with each of its secret texts replaced: values of headers, bodies, whatever its check type
 * names. @param change gets the text and where it stands, such as `headers.authorization`
 */
export function mapSecrets(config: TargetConfig, change: (text: string, path: string) => string): TargetConfig {
  const changed: Record<string, unknown> = { ...config };
  for (const field of checkTypeOf(config).secrets ?? []) {
    const [name = "", inner] = field.split(".");
    const value = changed[name];
    // What is not there stays so: a key without a value would be a field of a type that has it not.
    if (value === undefined) continue;
    if (inner === undefined) changed[name] = changedTexts(value, name, change);
    else if (isObject(value) && value[inner] !== undefined)
      changed[name] = { ...value, [inner]: changedTexts(value[inner], field, change) };
  }
  // The same fields with other texts.
  return changed as unknown as TargetConfig;
}

/** A text, or an object's texts, each of them replaced. @param path where the value stands */
export function changedTexts(value: unknown, path: string, change: (text: string, path: string) => string): unknown {
  if (typeof value === "string") return change(value, path);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, change(String(text), `${path}.${name}`)]));
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
