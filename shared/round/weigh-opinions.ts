import type { CheckResult, Opinion } from "../check/check-result.ts";
import type { CheckError } from "../check/check-type.ts";
import { cleanText } from "../text/clean-text.ts";

/** Places that must see a target down, the one that asks included, before it is. Two: one alone may be cut off. */
export const DEFAULT_AGREE = 2;

/** Of a result's words. */
const MAX_TEXT = 300;

/**
 * What a failed check is once others were asked. Enough see it down: it is, and the reason says who else does. Fewer:
 * `degraded`, with who sees what. Nobody could be asked: what was seen here decides alone. Pure.
 * @param here how this place is called
 * @param agree places that must see it down; no more than have a vote
 */
export function withOpinions(here: string, seen: CheckResult, opinions: readonly Opinion[], agree: number): CheckResult {
  const votes = opinions.flatMap(({ from, result }) => (result === undefined ? [] : [{ from, result }]));
  const seenDown = votes.filter(({ result }) => result.status === "down");
  const down = seenDown.map(({ from }) => from);
  const up = votes.filter(({ result }) => result.status !== "down").map(({ from }) => from);
  const silent = opinions.filter(({ result }) => result === undefined).map(({ from, reason }) => `${from}: ${reason ?? "no answer"}`);
  const notAsked = silent.length === 0 ? "" : `; not asked: ${silent.join(", ")}`;
  const said = seen.error?.text ?? "down";
  const told = (text: string): CheckError => ({
    ...(seen.error ?? { class: "assertion" }),
    text: cleanText(`${text}${notAsked}`, MAX_TEXT),
  });
  if (votes.length === 0) return { ...seen, opinions, error: told(said) };
  if (1 + down.length >= Math.min(agree, 1 + votes.length)) {
    // Another place may see it down for another reason.
    const why = seenDown.map(({ from, result: { error } }) =>
      error === undefined || error.text === said ? from : `${from}: ${error.text}`,
    );
    const also = down.length === 0 ? "" : ` (also from ${listed(why)}${up.length === 0 ? "" : `; up from ${listed(up)}`})`;
    return { ...seen, opinions, error: told(`${said}${also}`) };
  }
  const error = told(`down from ${listed([here, ...down])} (${said}), up from ${listed(up)}`);
  return { ...seen, status: "degraded", seenHere: seen, opinions, error };
}

/** `a`, `a and b`, `a, b and c`. */
function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
