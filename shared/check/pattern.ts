import type { RE2JS } from "re2js";
import { messageOf } from "../errors.ts";

/** Characters of a text in which a pattern is looked for: linear time still costs a microsecond a character (measured). */
export const MAX_MATCHED = 128 * 1024;

type Engine = typeof RE2JS;
let engine: Engine | undefined;

/** Loads the engine, where a target has a pattern: 147 KB. RE2's syntax: linear in the text, without look-around and back-references. */
export async function loadPatterns(): Promise<void> {
  engine ??= (await import("re2js")).RE2JS;
}

/** A pattern that the engine does not take: it was stored before its mistakes were found, and says nothing of a text. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}

/** Whether a text matches a regular expression somewhere, in linear time. Behind {@link loadPatterns}. @throws {PatternError} */
export function matchesPattern(text: string, pattern: string): boolean {
  return compiled(pattern).matcher(text.slice(0, MAX_MATCHED)).find();
}

/** What is wrong with a pattern, by the engine itself; `undefined` when nothing is. Behind {@link loadPatterns}. */
export function patternProblem(pattern: string): string | undefined {
  try {
    compiled(pattern);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** Patterns that are kept: a shard's, and some. Each of a list's items is matched, and to compile one costs up to a millisecond. */
const MAX_KEPT = 500;
const kept = new Map<string, ReturnType<Engine["compile"]>>();

function compiled(pattern: string): ReturnType<Engine["compile"]> {
  const known = kept.get(pattern);
  if (known !== undefined) return known;
  if (engine === undefined) throw new Error("patterns are not loaded");
  try {
    const made = engine.compile(pattern);
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(pattern, made);
    return made;
  } catch (error) {
    throw new PatternError(`the pattern ${JSON.stringify(pattern.slice(0, 80))} is none that RE2 takes: ${messageOf(error)}`);
  }
}

/** What RE2 knows and V8 does not: `(?P<n>…)`, flags, `\pL`, `\x{10FFFF}`, `\A`, `\z`, `\Q…\E`, `[[:alpha:]]`. */
const RE2_ALONE = /\(\?P<|\(\?[imsU-]+[:)]|\\p[A-Z](?!\w)|\\x\{|\\[AzQEC]|\[\[:/;

/** Sound enough to refuse mistakes early, without the engine: what is registered is judged by that. */
export function isPattern(pattern: string): boolean {
  if (/\(\?<?[=!]|\\[1-9]|\\k</.test(pattern)) return false;
  // Without the flag, brackets and escapes may stand for themselves, as in RE2.
  return isRegExp(pattern, "u") || isRegExp(pattern, "") || RE2_ALONE.test(pattern);
}

function isRegExp(pattern: string, flags: string): boolean {
  try {
    new RegExp(pattern, flags);
    return true;
  } catch {
    return false;
  }
}
