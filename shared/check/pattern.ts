import type { RE2JS } from "re2js";

/** Characters of a text in which a pattern is looked for: linear time still costs a microsecond a character (measured). */
export const MAX_MATCHED = 128 * 1024;

type Engine = typeof RE2JS;
let engine: Engine | undefined;

// Loaded where a target has a pattern: 147 KB. RE2's syntax: linear in the text, without look-around and back-references.
async function loaded(): Promise<Engine> {
  engine ??= (await import("re2js")).RE2JS;
  return engine;
}

/** Whether a text matches a regular expression somewhere, in linear time. */
export async function matchesPattern(text: string, pattern: string): Promise<boolean> {
  return (await loaded()).compile(pattern).matcher(text.slice(0, MAX_MATCHED)).find();
}

/** Whether V8 takes it and it uses nothing that the linear-time engine lacks. Sound enough to refuse mistakes early. */
export function isPattern(pattern: string): boolean {
  if (/\(\?<?[=!]|\\[1-9]|\\k</.test(pattern)) return false;
  try {
    new RegExp(pattern.replace(/^\(\?[imsU]+\)/, ""), "u");
    return true;
  } catch {
    return false;
  }
}
