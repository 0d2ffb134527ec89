import { readFile } from "node:fs/promises";
import * as z from "zod";
import { messageOf } from "../../shared/errors.ts";
import { MAX_DEPENDENCY_DEPTH } from "../../shared/targets/admit-config.ts";
import { ownerSchema } from "../../shared/targets/managed.ts";
import { fieldErrors } from "../../shared/text/field-errors.ts";
import { isObject } from "../../shared/text/is-object.ts";
import { parseYaml } from "../import/yaml-file.ts";
import { CommandError } from "./exit-codes.ts";
import { isId, KINDS, type Kind, placeholderId, TARGET_FIELDS } from "./kinds.ts";

const ROOT_FIELDS = ["version", "project", "defaults", ...KINDS.map(({ field }) => field)];

/** A thing of a file, complete and valid. */
export interface FileThing {
  readonly kind: Kind;
  readonly key: string;
  /** As it was written, with its variables: secrets are plain here. */
  readonly input: Readonly<Record<string, unknown>>;
  /** What the API makes of it; targets stand there by id, or by {@link placeholderId}. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Keys of the targets of these files that it names. */
  readonly refs: readonly string[];
}

export interface ProjectFile {
  readonly project: string;
  readonly things: readonly FileThing[];
}

/** What is wrong in a file, a line each. */
export class FileError extends CommandError {
  override readonly name = "CommandError";
}

/** What a file is read with. */
export interface ReadOptions {
  readonly roundSeconds: number;
  /** For `${NAME}`; `undefined` leaves variables as they stand, which is enough to validate. */
  readonly env: Readonly<Record<string, string | undefined>> | undefined;
}

/** Problems that are told of one project. */
const MAX_PROBLEMS = 50;

/**
 * Reads files as one project.
 * @throws {FileError} with everything that is wrong, each with its place
 */
export async function readProject(paths: readonly string[], options: ReadOptions): Promise<ProjectFile> {
  const reader = new ProjectReader(options);
  for (const path of paths) for (const document of await documentsOf(path)) reader.take(document, path);
  return reader.project();
}

/** Collects what the files of one project say, and what is wrong with it. */
class ProjectReader {
  readonly #options: ReadOptions;
  readonly #problems: string[] = [];
  readonly #things = new Map<string, FileThing & { readonly path: string }>();
  /** Keys that stand in the files, also of things with which something is wrong: that is said, and nothing of who names them. */
  readonly #named = new Set<string>();
  readonly #keyByName = new Map<string, string>();
  #project: string | undefined;

  constructor(options: ReadOptions) {
    this.#options = options;
  }

  take(document: Record<string, unknown>, path: string): void {
    this.#problems.push(...rootProblems(document, path));
    const { project } = document;
    if (typeof project === "string") {
      this.#project ??= project;
      if (this.#project !== project) this.#problems.push(`${path}: project must be "${this.#project}", as in the other files`);
    }
    for (const kind of KINDS) {
      const given = kind.field === "targets" ? Object.entries(mapOf(document["defaults"])) : [];
      // What is no field is told once.
      const defaults = Object.fromEntries(given.filter(([field]) => TARGET_FIELDS.has(field)));
      for (const [key, fields] of Object.entries(mapOf(document[kind.field]))) {
        this.#named.add(`${kind.field}.${key}`);
        const problem = (message: string) => void this.#problems.push(`${path}: ${kind.field}.${key}${message}`);
        const thing = thingOf(kind, key, { fields, defaults }, this.#options, problem);
        if (thing !== undefined) this.#add({ ...thing, path }, problem);
      }
    }
  }

  #add(thing: FileThing & { readonly path: string }, problem: (message: string) => void): void {
    const { kind, key, config } = thing;
    if (this.#things.has(`${kind.field}.${key}`)) problem(`: another ${kind.noun} has this key`);
    // Targets and channels have names that are theirs alone.
    if (kind.field === "targets" || kind.field === "channels") {
      const name = `${kind.field} ${String(config["name"]).toLowerCase()}`;
      const other = this.#keyByName.get(name);
      if (other !== undefined) problem(`.name: is the name of ${other}, too (case does not count)`);
      this.#keyByName.set(name, key);
    }
    const { formerKey } = config;
    if (typeof formerKey === "string") {
      const other = this.#keyByName.get(`formerKey ${formerKey}`);
      if (other !== undefined) problem(`.formerKey: is the one of ${other}, too`);
      this.#keyByName.set(`formerKey ${formerKey}`, key);
    }
    this.#things.set(`${kind.field}.${key}`, thing);
  }

  /** Says which references lead nowhere, or back. */
  #judgeReferences(): void {
    for (const { kind, key, path, refs } of this.#things.values()) {
      const at = `${path}: ${kind.field}.${key}.${kind.targetsField}`;
      for (const ref of refs) {
        // What a variable will be is not known where it is only validated.
        const isKnown = this.#named.has(`targets.${ref}`) || (this.#options.env === undefined && isVariable(ref));
        if (!isKnown) this.#problems.push(`${at}: there is no target ${JSON.stringify(ref)} in these files`);
      }
      if (kind.field !== "targets") continue;
      if (this.#leadsBack(key)) this.#problems.push(`${at}: leads back to itself`);
      else if (this.#depthOf(key) > MAX_DEPENDENCY_DEPTH)
        this.#problems.push(`${at}: must reach at most ${MAX_DEPENDENCY_DEPTH} targets deep`);
    }
  }

  /** How many targets deep one depends on others of these files, as far as that matters. */
  #depthOf(key: string): number {
    let depth = 0;
    const above = (keys: readonly string[]) => keys.flatMap((each) => this.#things.get(`targets.${each}`)?.refs ?? []);
    for (let level = above([key]); level.length > 0 && depth <= MAX_DEPENDENCY_DEPTH; depth++) level = [...new Set(above(level))];
    return depth;
  }

  #leadsBack(key: string): boolean {
    const seen = new Set<string>();
    const open = [...(this.#things.get(`targets.${key}`)?.refs ?? [])];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next === key) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(...(this.#things.get(`targets.${next}`)?.refs ?? []));
    }
    return false;
  }

  /** @throws {FileError} */
  project(): ProjectFile {
    this.#judgeReferences();
    if (this.#project === undefined && this.#problems.length === 0) {
      this.#problems.push("project must be named: it owns what the file describes");
    }
    if (this.#problems.length > 0) throw new FileError(this.#problems.slice(0, MAX_PROBLEMS).join("\n"));
    return { project: this.#project ?? "", things: [...this.#things.values()] };
  }
}

async function documentsOf(path: string): Promise<Record<string, unknown>[]> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new FileError(`${path} cannot be read: ${messageOf(error)}`);
  });
  return parseYaml(bytes, path, { uniqueKeys: true }).flatMap((document) => {
    if (document === null) return [];
    if (!isObject(document)) throw new FileError(`${path} must be a map with version, project and what it describes`);
    return [document];
  });
}

function rootProblems(document: Record<string, unknown>, path: string): string[] {
  return [
    ...(document["version"] === 1 ? [] : [`${path}: version must be 1`]),
    ...(document["project"] === undefined ? [] : ownerProblems("project", document["project"]).map((wrong) => `${path}: project ${wrong}`)),
    ...Object.keys(document).flatMap((field) =>
      ROOT_FIELDS.includes(field)
        ? []
        : [`${path}: ${field} is not a field here: remove it, or check its spelling (${ROOT_FIELDS.join(", ")})`],
    ),
    ...(document["defaults"] === undefined || isObject(document["defaults"]) ? [] : [`${path}: defaults must be a map of fields`]),
    ...Object.keys(mapOf(document["defaults"])).flatMap((field) =>
      TARGET_FIELDS.has(field) ? [] : [`${path}: defaults.${field}: is no field of a target: remove it, or check its spelling`],
    ),
    ...KINDS.flatMap(({ field, noun }) =>
      document[field] === undefined || isObject(document[field]) ? [] : [`${path}: ${field} must be a map: a key for each ${noun}`],
    ),
  ];
}

/** What the API would not keep as it stands: another key would be another thing at the next plan. */
function ownerProblems(part: keyof typeof ownerSchema.shape, text: unknown): string[] {
  if (isVariable(text)) return ["takes no variable: it says what the file owns, wherever it is applied"];
  const { success, data, error } = ownerSchema.shape[part].safeParse(text);
  if (!success) return error.issues.slice(0, 1).map(({ message }) => message);
  return data === text ? [] : ["must have no blanks at its ends"];
}

/** A map of a file; empty for what is none, which {@link rootProblems} tells. */
function mapOf(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

function thingOf(
  kind: Kind,
  key: string,
  { fields, defaults }: { fields: unknown; defaults: Record<string, unknown> },
  { roundSeconds, env }: ReadOptions,
  problem: (message: string) => void,
): FileThing | undefined {
  if (!isObject(fields)) {
    problem(": must be a map of fields");
    return undefined;
  }
  // Others have a form of their own.
  if (kind.keyField === undefined) for (const wrong of ownerProblems("key", key)) problem(`: the key ${wrong}`);
  else if (isVariable(key)) problem(": the key takes no variable");
  if (kind.keyField !== undefined && kind.keyField in fields) problem(`.${kind.keyField}: is the key itself: remove it`);
  if ("managed" in fields) problem(".managed: is the project's own, by its name and this key: remove it");
  const missing = new Set<string>();
  const given = { [kind.titleField]: key, ...defaults, ...fields, ...(kind.keyField !== undefined && { [kind.keyField]: key }) };
  const texts = env === undefined ? given : (withVariables(given, env, missing) as Record<string, unknown>); // it was an object
  for (const name of missing) problem(`: the variable ${name} is not given`);
  if (missing.size > 0) return undefined;
  return judge(kind, key, { given, input: texts }, { roundSeconds, env }, problem);
}

/** What a file says of a thing: as it stands there, and with its variables. */
interface Said {
  readonly given: Record<string, unknown>;
  readonly input: Record<string, unknown>;
}

function judge(kind: Kind, key: string, said: Said, options: ReadOptions, problem: (message: string) => void): FileThing | undefined {
  const { given, input } = said;
  const refs = new Set<string>();
  // Keys become ids when it is known which there are.
  const named = kind.mapTargets(input, (ref) => {
    if (isId(ref)) return ref;
    refs.add(ref);
    return placeholderId(ref);
  });
  try {
    return { kind, key, input, refs: [...refs], config: kind.parse(named, options.roundSeconds) };
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    // What a variable will be is not known here.
    const known = error.issues.filter(({ path }) => options.env !== undefined || !hasVariable(valueAt(given, path)));
    if (known.length === 0) return { kind, key, input, refs: [...refs], config: named };
    const plain = withPlainVariables(said, known);
    if (plain !== undefined) return judge(kind, key, { given, input: plain }, options, problem);
    for (const { field, message } of fieldErrors(known)) problem(`${field === "" ? "" : `.${field}`}: ${message}`);
    return undefined;
  }
}

/**
 * The environment has only texts: where a number or a yes or no is wanted, a variable that is all of a value is read as one.
 * @returns `undefined` where there is none
 */
function withPlainVariables({ given, input }: Said, issues: readonly z.core.$ZodIssue[]): Record<string, unknown> | undefined {
  let isOther = false;
  const plain = structuredClone(input);
  for (const issue of issues) {
    const { path } = issue;
    const text = valueAt(plain, path);
    const isText = issue.code !== "invalid_union" && !(issue.code === "invalid_type" && PLAIN_TYPES.includes(issue.expected));
    if (isText || !isVariable(valueAt(given, path)) || typeof text !== "string" || !PLAIN.test(text)) continue;
    const holder = valueAt(plain, path.slice(0, -1)) as Record<PropertyKey, unknown>; // it holds the text
    holder[path.at(-1) ?? ""] = JSON.parse(text);
    isOther = true;
  }
  return isOther ? plain : undefined;
}

const PLAIN_TYPES: readonly string[] = ["number", "int", "boolean"];
/** A number or a boolean, as JSON has it. */
const PLAIN = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?|true|false)$/;

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, name) => (typeof inner === "object" && inner !== null ? (inner as Record<PropertyKey, unknown>)[name] : undefined),
    value,
  ); // whatever stands there
}

function isVariable(value: unknown): boolean {
  return typeof value === "string" && /(?<!\$)\$\{[A-Za-z_]\w*\}/.test(value);
}

/** Whether a variable stands anywhere in a value: a rule about several fields is told at what holds them. */
function hasVariable(value: unknown): boolean {
  return isVariable(value) || (typeof value === "object" && value !== null && Object.values(value).some(hasVariable));
}

/** A value with its variables; `$${NAME}` stays as `${NAME}`. @param missing gets the names that nobody gave */
export function withVariables(value: unknown, env: Readonly<Record<string, string | undefined>>, missing: Set<string>): unknown {
  if (typeof value === "string") {
    return value.replace(/\$\$\{|\$\{([A-Za-z_]\w*)\}/g, (whole, name: string | undefined) => {
      if (name === undefined) return whole.slice(1);
      const found = env[name];
      if (found === undefined) missing.add(name);
      return found ?? "";
    });
  }
  if (Array.isArray(value)) return value.map((item) => withVariables(item, env, missing));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withVariables(inner, env, missing)]));
}

/** The file's JSON Schema, for editors. */
export function projectSchema(): Record<string, unknown> {
  const described = KINDS.map((kind) => [kind.field, { type: "object", additionalProperties: inFile(kind) }]);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Server Tracker: monitoring as code",
    type: "object",
    required: ["version", "project"],
    additionalProperties: false,
    properties: {
      version: { const: 1 },
      project: {
        type: "string",
        minLength: 1,
        maxLength: 100,
        description: "Owns what the file describes: apply deletes nothing of others.",
      },
      defaults: { type: "object", description: "Fields that every target has unless it has its own." },
      ...Object.fromEntries(described),
    },
  };
}

const KEY_OR_ID = { type: "string", description: "A key of these files, or a target's id." };

/** A thing as it stands in a file: what its key says is left out, and targets are named by theirs. */
function inFile({ schema, titleField, keyField, targetsField }: Kind): unknown {
  const { $schema: _, ...made } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Record<string, unknown>;
  const listOfTargets = targetsField.split(".").at(-1);
  const inFiles: unknown = JSON.parse(
    JSON.stringify(made, (name, value: unknown) => {
      if (name === "required" && Array.isArray(value)) return value.filter((field) => field !== titleField && field !== keyField);
      if (name === listOfTargets && isObject(value) && value["type"] === "array" && name !== "sections")
        return { ...value, items: KEY_OR_ID };
      // Of a status page's section.
      if (name === "targets" && targetsField === "sections" && isObject(value))
        return { ...value, items: { anyOf: [KEY_OR_ID, value["items"]] } };
      return value;
    }),
  );
  return orVariables(inFiles);
}

/** What stands for a text that the environment has. */
const VARIABLE = { type: "string", pattern: "\\$\\{[A-Za-z_]", description: "Of the environment, by the name in braces." };

/** A schema in which a text that has a form or a length may be a variable, too. */
function orVariables(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(orVariables);
  if (!isObject(schema)) return schema;
  const mapped = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, orVariables(value)]));
  const hasForm = ["pattern", "format", "minLength", "maxLength"].some((name) => name in schema);
  return schema["type"] === "string" && hasForm ? { anyOf: [mapped, VARIABLE] } : mapped;
}
