import { own } from "../text/own.ts";

/** `$.a.b[0][-1]["c d"][*].length()`: names, indexes, every item, and last how many there are. */
export type JsonStep = { readonly name: string } | { readonly index: number } | { readonly every: true } | { readonly length: true };

const STEP =
  /\.length\(\)$|\.([A-Za-z_$][\w$-]*)|\[(-?\d{1,6})\]|\[(\*)\]|\.(\*)|\["((?:[^"\\]|\\.){1,200})"\]|\['((?:[^'\\]|\\.){1,200})'\]/y;

/** Reads a path; `undefined` when it is none. Linear in its length. */
export function parseJsonPath(path: string): readonly JsonStep[] | undefined {
  if (!path.startsWith("$")) return undefined;
  const steps: JsonStep[] = [];
  STEP.lastIndex = 1;
  for (let end = 1; end < path.length; end = STEP.lastIndex) {
    const match = STEP.exec(path);
    if (match === null) return undefined;
    steps.push(stepOf(match));
  }
  return steps;
}

function stepOf([whole, name, index, bracketStar, dotStar, double, single]: RegExpExecArray): JsonStep {
  if (name !== undefined) return { name };
  if (index !== undefined) return { index: Number(index) };
  if (bracketStar !== undefined || dotStar !== undefined) return { every: true };
  const quoted = double ?? single;
  return quoted === undefined || whole === ".length()" ? { length: true } : { name: unescaped(quoted) };
}

const ESCAPES: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** RFC 9535, 2.3.1.1. */
function unescaped(quoted: string): string {
  return quoted.replace(/\\(?:u([\da-fA-F]{4})|(.))/g, (_, hex: string | undefined, mark: string) =>
    hex === undefined ? (own(ESCAPES, mark) ?? mark) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** Values that a path with `[*]` leads to at most. */
export const MAX_VALUES = 100_000;

/**
 * The values that a path leads to: one, or with `[*]` as many as there are, `undefined` for each that is missing.
 * @returns `undefined` when these are too many to look at
 */
export function valuesAt(json: unknown, steps: readonly JsonStep[]): unknown[] | undefined {
  let values: unknown[] = [json];
  for (const step of steps) {
    const found: unknown[] = [];
    for (const value of values) {
      for (const each of next(value, step)) found.push(each);
      if (found.length > MAX_VALUES) return undefined;
    }
    values = found;
  }
  return values;
}

function next(value: unknown, step: JsonStep): unknown[] {
  if ("length" in step) return lengthOf(value);
  if ("every" in step) return Array.isArray(value) ? value : isPlain(value) ? Object.values(value) : [undefined];
  if ("name" in step) return [isPlain(value) && Object.hasOwn(value, step.name) ? value[step.name] : undefined];
  return [Array.isArray(value) ? value.at(step.index) : undefined];
}

function lengthOf(value: unknown): (number | undefined)[] {
  if (typeof value === "string" || Array.isArray(value)) return [value.length];
  return [isPlain(value) ? Object.keys(value).length : undefined];
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
