/** What of JSON Schema the API's description uses. */
export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined };
export type JsonObject = { [key: string]: Json | undefined };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The kinds of an object that come in several, by the constant that tells them apart. */
export function variantsOf({ anyOf = [], oneOf = [] }: Schema, discriminator: string): Map<string, Schema> {
  const variants = [...anyOf, ...oneOf].flatMap((variant): [string, Schema][] => {
    const name = variant.properties?.[discriminator]?.const;
    return typeof name === "string" ? [[name, variant]] : [];
  });
  return new Map(variants);
}

/** What may be chosen, where it is a choice. */
export function choicesOf({ enum: values, anyOf = [] }: Schema): readonly (string | number)[] | undefined {
  const all =
    values ?? (anyOf.length > 0 && anyOf.every((option) => option.const !== undefined) ? anyOf.map((option) => option.const) : undefined);
  return all?.filter((value) => typeof value === "string" || typeof value === "number");
}

/** JSON merge patch (RFC 7396) that makes `after` of `before`. */
export function mergePatchOf(before: JsonObject, after: JsonObject): JsonObject {
  const patch: JsonObject = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, now] = [before[name], after[name]];
    if (now === undefined) {
      if (old !== undefined) patch[name] = null;
    } else if (isObject(old) && isObject(now)) {
      const inner = mergePatchOf(old, now);
      if (Object.keys(inner).length > 0) patch[name] = inner;
    } else if (JSON.stringify(old) !== JSON.stringify(now)) patch[name] = now;
  }
  return patch;
}

const UNITS: Readonly<Record<string, string>> = { Seconds: " (s)", Ms: " (ms)", Days: " (days)" };
const WORDS: Readonly<Record<string, string>> = {
  Tls: "TLS",
  Url: "URL",
  Ip: "IP",
  Http: "HTTP",
  Rcode: "RCODE",
  Oauth2: "OAuth 2",
  Id: "ID",
  Slo: "SLO",
};

/** `intervalSeconds` as people read it. */
export function labelOf(name: string): string {
  const [, stem = name, unit = ""] = /^(.+?)(Seconds|Ms|Days)?$/.exec(name) ?? [];
  const words = stem
    .replace(/^./, (letter) => letter.toUpperCase())
    .split(/(?=[A-Z])/)
    .map((word, index) => WORDS[word] ?? (index === 0 ? word : word.toLowerCase()));
  return words.join(" ") + (UNITS[unit] ?? "");
}
