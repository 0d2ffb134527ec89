import { stringify } from "yaml";
import { checkTypeOf } from "../../shared/check/check-config.ts";
import { checkTypes } from "../../shared/check/index.ts";
import { SHOWN_FIELDS } from "../../shared/targets/shown-fields.ts";
import { parseTargetConfig } from "../../shared/targets/target.ts";
import { isObject } from "../../shared/text/is-object.ts";
import { MASK } from "../../shared/text/mask.ts";

/** Whether a field is of the configuration: not what the API adds when it shows it, nor whose it is. */
export function isConfigured(name: string): boolean {
  return !SHOWN_FIELDS.has(name) && name !== "managed";
}

/** Names of fields that may hold secrets, whatever the type: they stand as variables in a file. */
const SECRET_FIELDS: ReadonlySet<string> = new Set(
  checkTypes.flatMap(({ type }) => checkTypeOf({ type }).secrets ?? []).map((path) => path.slice(path.lastIndexOf(".") + 1)),
);

/**
 * Targets as a file that `plan` and `apply` read: names in order, no secrets, stable byte for byte.
 * @param project that owns what the file describes @param roundSeconds of the deployment: what a default depends on
 */
export function exportedFile(targets: readonly Readonly<Record<string, unknown>>[], project: string, roundSeconds: number): string {
  const keys = new Set<string>();
  const keyed = [...targets]
    .sort((a, b) => String(a["name"]).localeCompare(String(b["name"]), "en"))
    .map((target) => {
      const managed = isObject(target["managed"]) ? String(target["managed"]["key"]) : undefined;
      return { target, key: uniqueKey(managed ?? slug(String(target["name"])), keys) };
    });
  const keyById = new Map(keyed.map(({ target, key }) => [target["id"], key]));
  const entries = keyed.map(({ target, key }) => {
    const fields = Object.entries(withoutDefaults(target, roundSeconds)).filter(([name]) => name !== "name" || target["name"] !== key);
    const shown = (name: string, value: unknown) =>
      name === "dependsOn" && Array.isArray(value)
        ? value.map((id) => keyById.get(id) ?? id)
        : withoutSecrets(value, [key, name], SECRET_FIELDS.has(name));
    return [key, Object.fromEntries(fields.map(([name, value]) => [name, shown(name, value)]))] as const;
  });
  return stringify({ version: 1, project, targets: Object.fromEntries(entries) }, { lineWidth: 0 });
}

/** The fields that say something: what would be so without them is left out. */
function withoutDefaults(target: Readonly<Record<string, unknown>>, roundSeconds: number): Record<string, unknown> {
  let fields = Object.fromEntries(Object.entries(target).filter(([name]) => isConfigured(name)));
  const whole = parsed(fields, roundSeconds);
  if (whole === undefined) return fields;
  for (const name of Object.keys(fields)) {
    const { [name]: _, ...rest } = fields;
    if (name !== "name" && parsed(rest, roundSeconds) === whole) fields = rest;
  }
  return fields;
}

/** What the API makes of fields, to compare; `undefined` for what this release does not take. */
function parsed(fields: Record<string, unknown>, roundSeconds: number): string | undefined {
  try {
    return JSON.stringify(Object.entries(parseTargetConfig(fields, roundSeconds)).sort(([a], [b]) => (a < b ? -1 : 1)));
  } catch {
    return undefined;
  }
}

/** @param path of the value, its key first @param isSecret whether every text in it may be one */
function withoutSecrets(value: unknown, path: readonly string[], isSecret: boolean): unknown {
  if (typeof value === "string") {
    const isHidden = value === MASK || (isSecret && isCredential(path.join("_"), value));
    return isHidden ? `\${${variable(`${path[0]}_${path.at(-1)}`)}}` : value;
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, withoutSecrets(inner, [...path, name], isSecret || SECRET_FIELDS.has(name))]),
  );
}

/** What stands in a source in the open stays, unless it looks like what signs in. */
function isCredential(name: string, value: string): boolean {
  return /authorization|token|secret|password|api[-_]?key|cookie|clientKey/i.test(name) && !/\$\{\w+\}/.test(value);
}

function variable(name: string): string {
  return name
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
}

function slug(name: string): string {
  const text = name
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return text === "" ? "target" : text.slice(0, 80);
}

function uniqueKey(wanted: string, taken: Set<string>): string {
  let key = wanted;
  for (let count = 2; taken.has(key); count++) key = `${wanted}-${count}`;
  taken.add(key);
  return key;
}
