import { isPattern } from "../../shared/check/pattern.ts";

/**
 * A regular expression of Go as our engine takes it: Go lets an anchor be repeated (`^+OK`), which says no more than the
 * anchor. `undefined` for what is none.
 */
export function goPattern(regexp: string): string | undefined {
  const plain = regexp.replace(/((?:^|[^\\])(?:\\\\)*)(\^|\$)([+*?])/g, (_, before: string, anchor: string, times: string) =>
    times === "+" ? `${before}${anchor}` : before,
  );
  return isPattern(plain) ? plain : undefined;
}

/** One that is looked for in each line by itself, without its end, as one that is looked for in all of them. */
export function inAnyLine(pattern: string): string {
  // A server's own name stands in its first line.
  if (!/[\^$]/.test(pattern) || /^\^SSH-[^$|]*$/.test(pattern)) return pattern;
  let isInClass = false;
  const ends = pattern.replace(/\\.|[[\]$]/gs, (part) => {
    if (part === "[") isInClass = true;
    if (part === "]") isInClass = false;
    return part === "$" && !isInClass ? "\\r?$" : part;
  });
  return `(?m)${ends}`;
}
