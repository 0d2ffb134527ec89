import { cleanText } from "../text/clean-text.ts";
import type { Assertion, AssertionSubject, Content, Operator, Value } from "./assertions.ts";
import { certificateText } from "./certificate-problem.ts";
import { ExactNumber } from "./exact-number.ts";
import { headerOf } from "./header-text.ts";
import { MAX_VALUES, parseJsonPath, valuesAt } from "./json-path.ts";

/** What an assertion asked for, whether it held, and what was there, in words. */
export interface SeenAssertion {
  readonly what: string;
  readonly holds: boolean;
  readonly saw: string;
}

/** What an assertion asked for, and what was there. */
export function sightOf(assertion: Assertion, subject: AssertionSubject, content: Content, holds: boolean): SeenAssertion {
  // Each kind is told by its own function, which TypeScript cannot follow through the table.
  const see = SIGHT[assertion.kind] as (assertion: Assertion, subject: AssertionSubject, content: Content) => readonly [string, string];
  const [what, saw] = see(assertion, subject, content);
  return { what: cleanText(what, MAX_SEEN_CHARACTERS), holds, saw: cleanText(saw, MAX_SEEN_CHARACTERS) };
}

const MAX_SEEN_CHARACTERS = 300;
/** Values of a path that are shown, of as many as it leads to. */
const MAX_SHOWN_VALUES = 5;

/** What each kind asks for, and what it found, in words. */
const SIGHT: {
  readonly [Kind in Assertion["kind"]]: (
    assertion: Extract<Assertion, { kind: Kind }>,
    subject: AssertionSubject,
    content: Content,
  ) => readonly [what: string, saw: string];
} = {
  bodyContains: ({ text }, _subject, content) => [`body contains ${JSON.stringify(text)}`, bodySight(content)],
  bodyLacks: ({ text }, _subject, content) => [`body lacks ${JSON.stringify(text)}`, bodySight(content)],
  body: ({ operator, value }, _subject, content) => [`body ${operator} ${JSON.stringify(value)}`, bodySight(content)],
  jsonPath: (assertion, _subject, { json }) => {
    const parsed = json();
    const values = "error" in parsed ? undefined : valuesAt(parsed.value, parseJsonPath(assertion.path) ?? []);
    const some = values?.slice(0, MAX_SHOWN_VALUES).map(sightOfValue).join(", ");
    const saw =
      "error" in parsed ? parsed.error.text : values === undefined ? `more than ${MAX_VALUES} values` : some || sightOfValue(undefined);
    const rest = (values?.length ?? 0) - MAX_SHOWN_VALUES;
    return [wish(assertion.path, assertion), rest > 0 ? `${saw} and ${rest} more` : saw];
  },
  header: (assertion, { response }) => {
    const found = headerOf(response, assertion.name);
    return [wish(`header ${assertion.name}`, assertion), sightOfValue(found)];
  },
  responseTime: ({ maxMs }, { totalMs }) => [`takes ${maxMs} ms at most`, `${Math.round(totalMs)} ms`],
  certificate: ({ minDaysLeft }, { certificate }) => [
    `certificate lasts ${minDaysLeft} days at least`,
    certificate === undefined ? "no certificate" : certificateText(certificate),
  ],
};

function wish(what: string, { operator, value }: { operator: Operator; value?: Value }): string {
  if (operator === "exists") return `${what} ${value === false ? "is not there" : "exists"}`;
  return `${what} ${operator} ${JSON.stringify(value)}`;
}

function sightOfValue(found: unknown): string {
  return found === undefined ? "nothing there" : shown(found);
}

function bodySight({ text: body }: Content): string {
  if ("unreadable" in body) return body.unreadable;
  const { length } = body.text;
  return length === 0 ? "an empty body" : `${length} ${length === 1 ? "character" : "characters"}: ${brief(body.text.trim())}`;
}

/** A value of JSON, in words. */
export function shown(found: unknown): string {
  if (found instanceof ExactNumber) return brief(found.source);
  if (Array.isArray(found)) return `a list of ${found.length}`;
  return typeof found === "object" && found !== null ? "an object" : brief(JSON.stringify(found));
}

/** The begin of a text: 80 characters at most. */
export function brief(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79).toWellFormed()}…` : text;
}
