import { stringify } from "yaml";
import { checkTypeOf } from "../../shared/check/check-config.ts";
import { checkTypes } from "../../shared/check/index.ts";
import { isObject } from "../../shared/text/is-object.ts";
import { MASK } from "../../shared/text/mask.ts";
import { KINDS, type Kind } from "./kinds.ts";

type View = Readonly<Record<string, unknown>>;

/** Whether a field is of the configuration: not what the API adds when it shows it, nor whose it is. */
export function isConfigured({ shown }: Kind, name: string): boolean {
  return !shown.has(name) && name !== "managed";
}

/** Names of fields that may hold secrets, whatever the type: they stand as variables in a file. */
const SECRET_FIELDS: ReadonlySet<string> = new Set(
  checkTypes.flatMap(({ type }) => checkTypeOf({ type }).secrets ?? []).map((path) => path.slice(path.lastIndexOf(".") + 1)),
);

/** What is there, by kind; what is left out has none in the file. */
export type Described = Readonly<Partial<Record<Kind["field"], readonly View[]>>>;

/**
 * What is there as a file that `plan` and `apply` read: names in order, no secrets, stable byte for byte.
 * @param project that owns what the file describes @param roundSeconds of the deployment: what a default depends on
 */
export function exportedFile(described: Described, project: string, roundSeconds: number): string {
  const keyed = new Map(KINDS.map((kind) => [kind, keyedOf(kind, described[kind.field] ?? [])]));
  const keyById = new Map(
    [...keyed].flatMap(([{ field }, things]) => (field === "targets" ? things.map(([key, { id }]) => [id, key]) : [])),
  );
  const maps = [...keyed].flatMap(([kind, things]) => {
    if (things.length === 0 && kind.field !== "targets") return [];
    const entries = things.map(([key, view]) => {
      const shown = kind.mapTargets(withoutDefaults(kind, key, view, roundSeconds), (id) => String(keyById.get(id) ?? id));
      const fields = Object.entries(shown).map(([name, value]) => [name, withoutSecrets(value, [key, name], SECRET_FIELDS.has(name))]);
      return [key, Object.fromEntries(fields)];
    });
    return [[kind.field, Object.fromEntries(entries)]];
  });
  return stringify({ version: 1, project, ...Object.fromEntries(maps) }, { lineWidth: 0 });
}

function keyedOf({ keyField, titleField }: Kind, views: readonly View[]): [key: string, view: View][] {
  const keys = new Set<string>();
  return [...views]
    .sort((a, b) => String(a[titleField]).localeCompare(String(b[titleField]), "en"))
    .map((view) => {
      const managed = isObject(view["managed"]) ? String(view["managed"]["key"]) : undefined;
      const given = keyField === undefined ? managed : String(view[keyField]);
      return [uniqueKey(given ?? slug(String(view[titleField])), keys), view];
    });
}

/** The fields that say something: what would be so without them is left out. */
function withoutDefaults(kind: Kind, key: string, view: View, roundSeconds: number): Record<string, unknown> {
  let fields = Object.fromEntries(Object.entries(kind.trimmed?.(view) ?? view).filter(([name]) => isConfigured(kind, name)));
  const own = kind.keyField === undefined ? {} : { [kind.keyField]: key };
  const whole = parsed(kind, { ...fields, ...own }, roundSeconds);
  const isTitle = (name: string) => name === kind.titleField;
  if (whole !== undefined) {
    const isSame = (rest: Record<string, unknown>) => parsed(kind, { ...rest, ...own }, roundSeconds) === whole;
    for (const name of Object.keys(fields)) {
      const { [name]: value, ...rest } = fields;
      if (!isTitle(name) && isSame(rest)) fields = rest;
      else fields = { ...fields, [name]: trimmed(value, (less) => isSame({ ...rest, [name]: less })) };
    }
  }
  // What names none is called by its key.
  return Object.fromEntries(Object.entries(fields).filter(([name, value]) => !isTitle(name) || value !== key));
}

/** A value without what says nothing deep in it. @param isSame whether another value in its place would be the same */
function trimmed(value: unknown, isSame: (less: unknown) => boolean): unknown {
  if (Array.isArray(value)) {
    return value.reduce<unknown[]>(
      (list, item, index) =>
        list.with(
          index,
          trimmed(item, (less) => isSame(list.with(index, less))),
        ),
      value,
    );
  }
  if (!isObject(value)) return value;
  let fields = value;
  for (const [name, inner] of Object.entries(value)) {
    const { [name]: _, ...rest } = fields;
    fields = isSame(rest) ? rest : { ...fields, [name]: trimmed(inner, (less) => isSame({ ...rest, [name]: less })) };
  }
  return fields;
}

/** What the API makes of fields, to compare; `undefined` for what this release does not take. */
function parsed(kind: Kind, fields: Record<string, unknown>, roundSeconds: number): string | undefined {
  try {
    return JSON.stringify(
      Object.entries(kind.parseShown?.(fields) ?? kind.parse(fields, roundSeconds)).sort(([a], [b]) => (a < b ? -1 : 1)),
    );
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
  return text === "" ? "unnamed" : text.slice(0, 80);
}

function uniqueKey(wanted: string, taken: Set<string>): string {
  let key = wanted;
  for (let count = 2; taken.has(key); count++) key = `${wanted}-${count}`;
  taken.add(key);
  return key;
}
