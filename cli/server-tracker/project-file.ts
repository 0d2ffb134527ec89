import { readFile } from "node:fs/promises";
import * as z from "zod";
import { messageOf } from "../../shared/errors.ts";
import { parseTargetConfig, type TargetConfig, targetInputDoc } from "../../shared/targets/target.ts";
import { isObject } from "../../shared/text/is-object.ts";
import { parseYaml } from "../import/yaml-file.ts";
import { CommandError } from "./exit-codes.ts";

const ROOT_FIELDS = ["version", "project", "defaults", "targets"];

/** A target of a file, complete and valid. */
export interface FileTarget {
  readonly key: string;
  readonly config: TargetConfig;
  /** What it depends on: keys of targets of these files, or ids. */
  readonly dependsOn: readonly string[];
  /** Secrets that are plain here: by field, such as `headers.authorization`. */
  readonly input: Readonly<Record<string, unknown>>;
}

export interface ProjectFile {
  readonly project: string;
  readonly targets: readonly FileTarget[];
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
  readonly #targets = new Map<string, FileTarget & { readonly path: string }>();
  readonly #keyByName = new Map<string, string>();
  #project: string | undefined;

  constructor(options: ReadOptions) {
    this.#options = options;
  }

  take(document: Record<string, unknown>, path: string): void {
    this.#problems.push(...rootProblems(document, path));
    if (typeof document["project"] === "string") {
      if (this.#project !== undefined && this.#project !== document["project"]) {
        this.#problems.push(`${path}: project must be "${this.#project}", as in the other files`);
      }
      this.#project ??= document["project"];
    }
    const defaults = isObject(document["defaults"]) ? document["defaults"] : {};
    for (const [key, fields] of Object.entries(isObject(document["targets"]) ? document["targets"] : {})) {
      const problem = (message: string) => void this.#problems.push(`${path}: targets.${key}${message}`);
      const target = targetOf(key, fields, defaults, this.#options, problem);
      if (target !== undefined) this.#add({ ...target, path }, problem);
    }
  }

  #add(target: FileTarget & { readonly path: string }, problem: (message: string) => void): void {
    const { key, config } = target;
    if (this.#targets.has(key)) problem(": another target has this key");
    const name = config.name.toLowerCase();
    const other = this.#keyByName.get(name);
    if (other !== undefined) problem(`.name: is the name of ${other}, too (case does not count)`);
    this.#keyByName.set(name, key);
    this.#targets.set(key, target);
  }

  /** Says which dependencies lead nowhere, or back. */
  #judgeDependencies(): void {
    const keysOf = (key: string) => (this.#targets.get(key)?.dependsOn ?? []).filter((ref) => !isId(ref));
    for (const [key, { path }] of this.#targets) {
      const missing = keysOf(key).filter((ref) => !this.#targets.has(ref));
      for (const ref of missing)
        this.#problems.push(`${path}: targets.${key}.dependsOn: there is no target ${JSON.stringify(ref)} in these files`);
      const seen = new Set<string>();
      const open = [...keysOf(key)];
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        if (next === key) this.#problems.push(`${path}: targets.${key}.dependsOn: leads back to itself`);
        if (next === key || seen.has(next)) continue;
        seen.add(next);
        open.push(...keysOf(next));
      }
    }
  }

  /** @throws {FileError} */
  project(): ProjectFile {
    this.#judgeDependencies();
    if (this.#project === undefined && this.#problems.length === 0) {
      this.#problems.push("project must be named: it owns what the file describes");
    }
    if (this.#problems.length > 0) throw new FileError(this.#problems.slice(0, MAX_PROBLEMS).join("\n"));
    return { project: this.#project ?? "", targets: [...this.#targets.values()] };
  }
}

async function documentsOf(path: string): Promise<Record<string, unknown>[]> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new FileError(`${path} cannot be read: ${messageOf(error)}`);
  });
  return parseYaml(bytes, path).flatMap((document) => {
    if (document === null) return [];
    if (!isObject(document)) throw new FileError(`${path} must be a map with version, project and targets`);
    return [document];
  });
}

function rootProblems(document: Record<string, unknown>, path: string): string[] {
  return [
    ...(document["version"] === 1 ? [] : [`${path}: version must be 1`]),
    ...Object.keys(document).flatMap((field) =>
      ROOT_FIELDS.includes(field)
        ? []
        : [`${path}: ${field} is not a field here: remove it, or check its spelling (${ROOT_FIELDS.join(", ")})`],
    ),
    ...(document["targets"] === undefined || isObject(document["targets"])
      ? []
      : [`${path}: targets must be a map: a key for each target`]),
  ];
}

function targetOf(
  key: string,
  fields: unknown,
  defaults: Record<string, unknown>,
  { roundSeconds, env }: ReadOptions,
  problem: (message: string) => void,
): FileTarget | undefined {
  if (!isObject(fields)) {
    problem(": must be a map of fields");
    return undefined;
  }
  const missing = new Set<string>();
  const given = { name: key, ...defaults, ...fields };
  const input = env === undefined ? given : (resolved(given, env, missing) as Record<string, unknown>); // it was an object
  for (const name of missing) problem(`: the variable ${name} is not given`);
  if (missing.size > 0) return undefined;
  try {
    const { dependsOn = [] } = input as { dependsOn?: unknown };
    const named = Array.isArray(dependsOn) ? dependsOn.filter((ref): ref is string => typeof ref === "string") : [];
    // Keys become ids when it is known which there are; whatever else stands there, the API's own rule judges.
    const judged =
      named.length > 0 ? { ...input, dependsOn: (dependsOn as unknown[]).filter((ref) => typeof ref !== "string" || isId(ref)) } : input;
    return { key, input, dependsOn: named, config: parseTargetConfig(judged, roundSeconds) };
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    for (const message of error.issues.map(issueText)) problem(message);
    return undefined;
  }
}

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a dependency is a target's id, and not a key. */
export function isId(ref: string): boolean {
  return ID.test(ref);
}

function issueText(issue: z.core.$ZodIssue): string {
  const isUnknown = issue.code === "unrecognized_keys";
  const at = [...issue.path, ...(isUnknown ? [issue.keys.join(", ")] : [])].join(".");
  return `${at === "" ? "" : `.${at}`}: ${isUnknown ? "is not a field here: remove it, or check its spelling" : issue.message}`;
}

/** `$${NAME}` stays as `${NAME}`. */
function resolved(value: unknown, env: Readonly<Record<string, string | undefined>>, missing: Set<string>): unknown {
  if (typeof value === "string") {
    return value.replace(/\$\$\{|\$\{([A-Za-z_]\w*)\}/g, (whole, name: string | undefined) => {
      if (name === undefined) return whole.slice(1);
      const found = env[name];
      if (found === undefined) missing.add(name);
      return found ?? "";
    });
  }
  if (Array.isArray(value)) return value.map((item) => resolved(item, env, missing));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, resolved(inner, env, missing)]));
}

/** The file's JSON Schema, for editors. */
export function projectSchema(): Record<string, unknown> {
  const { $schema, ...target } = z.toJSONSchema(targetInputDoc, { io: "input", unrepresentable: "any" }) as Record<string, unknown>;
  return {
    $schema,
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
      // A target's name is its key where it names none.
      targets: { type: "object", additionalProperties: withoutRequiredName(target) },
    },
  };
}

function withoutRequiredName(schema: Record<string, unknown>): unknown {
  return JSON.parse(
    JSON.stringify(schema, (name, value: unknown) => {
      if (name === "required" && Array.isArray(value)) return value.filter((field) => field !== "name");
      if (name === "dependsOn" && isObject(value))
        return { ...value, items: { type: "string", description: "A key of these files, or a target's id." } };
      return value;
    }),
  );
}
