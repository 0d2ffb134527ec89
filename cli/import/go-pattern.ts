import { isPattern } from "../../shared/check/pattern.ts";

/**
 * A regular expression of Go as our engine takes it: Go lets an anchor be repeated (`^+OK`), which says no more than the
 * anchor. `undefined` for what is none.
 */
export function goPattern(regexp: string): string | undefined {
  const plain = outsideClasses(regexp, /([$^])([+*?])/g, (_, anchor: string, times: string) => (times === "+" ? anchor : ""));
  return isPattern(plain) ? plain : undefined;
}

/** One that is looked for in each line by itself, without its end, as one that is looked for in all of them. */
export function inAnyLine(pattern: string): string {
  // A server's own name stands in its first line.
  if (!/[\^$]/.test(pattern) || /^\^SSH-[^$|]*$/.test(pattern)) return pattern;
  return `(?m)${outsideClasses(pattern, /\$/g, () => "\\r?$")}`;
}

/** An escape, or a class, in which a first `]` stands for itself. Source: https://github.com/google/re2/wiki/Syntax */
const WHOLE = /\\.|\[\^?\]?(?:\\.|\[:\^?[a-z]+:\]|[^\]\\])*\]/gs;

/** A pattern with something in it replaced, but in its classes and escapes. */
function outsideClasses(pattern: string, what: RegExp, by: (whole: string, ...groups: string[]) => string): string {
  let done = "";
  let from = 0;
  for (const { 0: whole, index } of pattern.matchAll(WHOLE)) {
    done += pattern.slice(from, index).replace(what, by) + whole;
    from = index + whole.length;
  }
  return done + pattern.slice(from).replace(what, by);
}
