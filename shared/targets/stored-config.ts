import * as z from "zod";
import { isCheckType } from "../check/check-config.ts";
import { isObject } from "../text/is-object.ts";
import { configShapes, defaultTimeoutMs, type TargetConfig } from "./target.ts";

/**
 * Reads a stored configuration, of whatever release: today's defaults are filled in, fields that only a later release
 * knows are kept, and a limit that came later does not undo what was taken before it.
 * @throws {Error} saying what of it this release does not understand
 */
export function readStoredConfig(json: string): TargetConfig {
  const known = seen.get(json);
  if (known !== undefined) return known;
  const config = parsedConfig(json);
  if (seenCharacters + json.length > MAX_SEEN_CHARACTERS) {
    seen.clear();
    seenCharacters = 0;
  }
  seen.set(json, config);
  seenCharacters += json.length;
  return config;
}

/** The same text is read in each round, and by each look at all there is: to parse and judge it is most of what that costs. */
const seen = new Map<string, TargetConfig>();
let seenCharacters = 0;
/** As much as the 10,000 targets that a deployment has by default, at some 2 KB each; one alone may have 100 times that. */
const MAX_SEEN_CHARACTERS = 20_000_000;

function parsedConfig(json: string): TargetConfig {
  const stored: unknown = JSON.parse(json);
  if (!isObject(stored)) throw new Error("the configuration is no object");
  const config = readFields(stored);
  const intervalSeconds = typeof config["intervalSeconds"] === "number" ? config["intervalSeconds"] : DEFAULT_INTERVAL_SECONDS;
  const known = { ...config, intervalSeconds } as TargetConfig; // every field of the type was read by its schema
  return { ...known, timeoutMs: known.timeoutMs ?? defaultTimeoutMs(known) };
}

/**
 * Fields of a configuration with today's defaults, limits that came later left aside.
 * @throws {Error} saying what of it this release does not understand
 */
export function readFields(stored: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { type } = stored;
  if (!isCheckType(type)) throw new Error(`this release has no check type ${JSON.stringify(type)}`);
  const { shape, whole } = readers(type);
  const read = whole.safeParse(stored);
  return read.success ? read.data : fieldByField(shape, stored);
}

/** Written by every release so far; for items that lost it. */
const DEFAULT_INTERVAL_SECONDS = 60;

const made = new Map<string, { shape: z.ZodRawShape; whole: z.ZodType<Record<string, unknown>> }>();

function readers(type: TargetConfig["type"]) {
  const shape = configShapes[type];
  const found = made.get(type) ?? { shape, whole: z.looseObject(shape) as z.ZodType<Record<string, unknown>> };
  made.set(type, found);
  return found;
}

function fieldByField(shape: z.ZodRawShape, stored: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const config: Record<string, unknown> = { ...stored };
  for (const [name, schema] of Object.entries(shape)) {
    const value = readValue(schema as z.ZodType, stored[name], name); // shapes hold zod types
    if (value !== undefined) config[name] = value;
  }
  return config;
}

function readValue(schema: z.ZodType, value: unknown, path: string): unknown {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const element = Array.isArray(value) ? elementOf(schema) : undefined;
  if (element !== undefined) return (value as unknown[]).map((item, index) => readValue(element, item, `${path}.${index}`));
  if (isUnderstood(read.error)) return value;
  throw new Error(`${path}: ${read.error.issues.map(({ message }) => message).join("; ")}`);
}

function elementOf(schema: z.ZodType): z.ZodType | undefined {
  if (schema instanceof z.ZodArray) return schema.element as z.ZodType;
  return schema instanceof z.ZodDefault || schema instanceof z.ZodOptional ? elementOf(schema.unwrap() as z.ZodType) : undefined;
}

/** Whether only limits are missed: the value is of a form that this release knows. */
function isUnderstood({ issues }: Pick<z.ZodError, "issues">): boolean {
  return issues.every((issue) => {
    if (issue.code === "invalid_union") return issue.errors.some((branch) => isUnderstood({ issues: branch }));
    if (issue.code === "invalid_key" || issue.code === "invalid_element") return isUnderstood({ issues: issue.issues });
    return LIMITS.has(issue.code);
  });
}

const LIMITS: ReadonlySet<string> = new Set(["too_big", "too_small", "invalid_format", "not_multiple_of", "custom", "unrecognized_keys"]);
