import { parseAllDocuments } from "yaml";
import { messageOf } from "../../shared/errors.ts";

/** Of a configuration file; a backup with history is larger, and no configuration. */
const MAX_BYTES = 20 * 1024 * 1024;
/** Uses of aliases: real files have dozens, bombs millions. */
const MAX_ALIASES = 2_000;

/**
 * The documents of a YAML file, merge keys included.
 * @param uniqueKeys whether a key that stands twice in a map is an error; else the last counts
 * @throws {Error} in one line, naming the file
 */
export function parseYaml(bytes: Buffer, name: string, { uniqueKeys = false }: { readonly uniqueKeys?: boolean } = {}): unknown[] {
  if (bytes.length > MAX_BYTES) throw new Error(`${name} has ${Math.round(bytes.length / 1_048_576)} MB: a configuration has at most 20`);
  if (bytes.includes(0)) throw new Error(`${name} is no text file`);
  try {
    return parseAllDocuments(bytes.toString("utf8"), { merge: true, uniqueKeys }).map((document) => {
      const [error] = document.errors;
      if (error !== undefined) throw error;
      const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
      refuseCycles(value);
      return value;
    });
  } catch (error) {
    throw new Error(`${name} is not YAML that can be read: ${problemOf(error)}`);
  }
}

function problemOf(error: unknown): string {
  // Of the library, which goes down with what it reads.
  if (error instanceof RangeError || /call stack/.test(messageOf(error)))
    return `it is nested deeper than ${MAX_DEPTH} levels, or an anchor holds itself`;
  return messageOf(error).split("\n")[0] ?? "";
}

/** Levels of maps and lists: real files have a dozen. */
const MAX_DEPTH = 200;

/** @throws {RangeError} for a value that holds itself, or is nested without end */
function refuseCycles(value: unknown): void {
  const seen = new Set<unknown>();
  const above = new Set<unknown>();
  const visit = (each: unknown): void => {
    if (typeof each !== "object" || each === null || (seen.has(each) && !above.has(each))) return;
    if (above.has(each) || above.size >= MAX_DEPTH) throw new RangeError();
    seen.add(each);
    above.add(each);
    for (const inner of Object.values(each)) visit(inner);
    above.delete(each);
  };
  visit(value);
}

/** @throws {Error} in one line, naming the file */
export function parseJson(bytes: Buffer, name: string): unknown {
  if (bytes.length > 5 * MAX_BYTES) throw new Error(`${name} has ${Math.round(bytes.length / 1_048_576)} MB: at most 100 are read`);
  try {
    return JSON.parse(bytes.toString("utf8").replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new Error(`${name} is not JSON: ${messageOf(error)}`);
  }
}
