import { createHash } from "node:crypto";
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

/** How {@link exportedFile} takes texts. */
export interface ExportOptions {
  /** Of the deployment: what a default depends on. */
  readonly roundSeconds: number;
  /** Whether `${NAME}` stands for a variable: another monitor's file may have some, what an API shows is meant as it stands. */
  readonly hasVariables: boolean;
}

/**
 * What is there as a file that `plan` and `apply` read: names in order, no secrets, stable byte for byte.
 * @param project that owns what the file describes
 * @returns the file, and the variables that stand in it for secrets
 */
export function exportedFile(
  described: Described,
  project: string,
  { roundSeconds, hasVariables }: ExportOptions,
): { readonly text: string; readonly variables: readonly string[] } {
  const secrets = new Secrets();
  const keyed = new Map(KINDS.map((kind) => [kind, keyedOf(kind, described[kind.field] ?? [])]));
  const keyById = new Map(
    [...keyed].flatMap(([{ field }, things]) => (field === "targets" ? things.map(([key, { id }]) => [id, key]) : [])),
  );
  const maps = [...keyed].flatMap(([kind, things]) => {
    if (things.length === 0 && kind.field !== "targets") return [];
    const entries = things.map(([key, view]) => {
      const shown = kind.mapTargets(withoutDefaults(kind, key, view, roundSeconds), (id) => String(keyById.get(id) ?? id));
      const fields = Object.entries(shown).map(([name, value]) => [
        name,
        withoutSecrets(value, [key, name], { isSecret: SECRET_FIELDS.has(name), hasVariables, secrets }),
      ]);
      return [key, Object.fromEntries(fields)];
    });
    return [[kind.field, Object.fromEntries(entries)]];
  });
  const { named, names } = secrets.name({ version: 1, project, ...Object.fromEntries(maps) });
  return { text: stringify(named, { lineWidth: 0 }), variables: names };
}

function keyedOf({ keyField, titleField }: Kind, views: readonly View[]): [key: string, view: View][] {
  const keyOf = (view: View) => {
    const managed = isObject(view["managed"]) ? String(view["managed"]["key"]) : undefined;
    return keyField === undefined ? managed : String(view[keyField]);
  };
  // A key that something has is its identity: what has none yet gets another.
  const keys = new Set(views.flatMap((view) => keyOf(view) ?? []));
  return [...views]
    .sort((a, b) => String(a[titleField]).localeCompare(String(b[titleField]), "en"))
    .map((view) => [keyOf(view) ?? uniqueKey(slug(String(view[titleField])), keys), view]);
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

/** A place in a file where a variable will stand. */
class SecretPlace {
  readonly path: readonly string[];
  constructor(path: readonly string[]) {
    this.path = path;
  }
}

/** The secrets of a file, and the variables that stand for them. */
class Secrets {
  readonly #byName = new Map<string, Set<string>>();

  /** @param path of the text, its key first */
  at(path: readonly string[]): SecretPlace {
    const name = variable(path);
    this.#byName.set(name, (this.#byName.get(name) ?? new Set()).add(path.join("\0")));
    return new SecretPlace(path);
  }

  /** Every place with the name of its variable: two secrets never have one, and none changes its own for what comes before it. */
  name<Value>(value: Value): { readonly named: Value; readonly names: readonly string[] } {
    const names = new Set<string>();
    const nameOf = ({ path }: SecretPlace) => {
      const name = variable(path);
      const isShared = (this.#byName.get(name)?.size ?? 0) > 1;
      const own = isShared ? `${name}_${createHash("sha256").update(path.join("\0")).digest("hex").slice(0, 6).toUpperCase()}` : name;
      names.add(own);
      return `\${${own}}`;
    };
    const inside = (inner: unknown): unknown => {
      if (inner instanceof SecretPlace) return nameOf(inner);
      if (Array.isArray(inner)) return inner.map(inside);
      return isObject(inner) ? Object.fromEntries(Object.entries(inner).map(([name, each]) => [name, inside(each)])) : inner;
    };
    const named = inside(value) as Value; // of the same shape
    return { named, names: [...names].sort() };
  }
}

interface SecretsAround {
  /** Whether every text in it may be one. */
  readonly isSecret: boolean;
  readonly hasVariables: boolean;
  readonly secrets: Secrets;
}

/** @param path of the value, its key first */
function withoutSecrets(value: unknown, path: readonly string[], around: SecretsAround): unknown {
  if (typeof value === "string") {
    if (value === MASK || (around.isSecret && isHidden(path, value, around.hasVariables))) return around.secrets.at(path);
    // What reads like a variable and is none.
    return around.hasVariables ? value : value.replaceAll("${", () => "$${");
  }
  if (Array.isArray(value)) return value.map((item, index) => withoutSecrets(item, [...path, String(index)], around));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      withoutSecrets(inner, [...path, name], { ...around, isSecret: around.isSecret || SECRET_FIELDS.has(name) }),
    ]),
  );
}

/** Headers that say how a request is meant, and not who sends it. */
const OPEN_HEADERS = /^(?:accept(?:-.*)?|content-type|user-agent|cache-control|pragma|origin|referer|host|connection|x-requested-with)$/i;

/** Whether a text that may be a secret is one: what another monitor's file has in the open there, and is no variable of it. */
function isHidden(path: readonly string[], value: string, hasVariables: boolean): boolean {
  if (value === "" || (hasVariables && /\$\{\w+\}/.test(value))) return false;
  return !(path.includes("headers") && OPEN_HEADERS.test(path.at(-1) ?? ""));
}

/** The usual name of a secret's variable, by its key and what it is. */
function variable(path: readonly string[]): string {
  const name = `${path[0]}_${path.at(-1)}`
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  return /^\d/.test(name) ? `_${name}` : name;
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
