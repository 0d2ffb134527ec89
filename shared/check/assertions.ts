import { setImmediate as nextTurn } from "node:timers/promises";
import * as z from "zod";
import type { SeenCertificate } from "../net/certificate.ts";
import type { HttpResponse } from "../net/http-exchange.ts";
import { brief, type SeenAssertion, shown, sightOf } from "./assertion-words.ts";
import { type BodyText, type Missing, readBody } from "./body-text.ts";
import { certificateProblem } from "./certificate-problem.ts";
import type { CheckError, CheckOutcome } from "./check-type.ts";
import { CpuBudget } from "./cpu-budget.ts";
import { compareDecimals, ExactNumber, isDecimal, parseExactJson } from "./exact-number.ts";
import { severityField } from "./fields.ts";
import { holdsText } from "./find-text.ts";
import { headerOf } from "./header-text.ts";
import { MAX_VALUES, parseJsonPath, valuesAt } from "./json-path.ts";
import { isPattern, loadPatterns, MAX_MATCHED, matchesPattern } from "./pattern.ts";

const text = z.string().min(1, "must not be empty").max(1_000, "must have at most 1000 characters");
const otherwise = severityField.default("down");
const OPERATORS = ["eq", "ne", "lt", "lte", "gt", "gte", "contains", "lacks", "matches", "notMatches", "in", "exists"] as const;
/** How a value is compared with what is wanted. */
export type Operator = (typeof OPERATORS)[number];
const operator = z.enum(OPERATORS).default("eq");
const scalar = z.union([
  z.string().max(1_000, "must have at most 1000 characters"),
  z.number().refine(isExact, 'is more than a number of JSON holds exactly: send it as text, such as "9007199254740993"'),
  z.boolean(),
  z.null(),
]);
const value = z.union([scalar, z.array(scalar).min(1, "must name at least one value").max(50, "must have at most 50 values")]).optional();

/** A double has 15 digits for certain: with more, or beyond 2^53, it may be another number than was written. */
function isExact(number: number): boolean {
  const digits = /^-?([\d.]+)/.exec(String(number))?.[1]?.replace(".", "").replace(/^0+/, "") ?? "";
  const count = digits.replace(/0+$/, "").length;
  return Number.isInteger(number) ? Number.isSafeInteger(number) || count <= 15 : count <= 16;
}

const NEVER = "else it could never hold";

const isNumeric = (value: unknown) => typeof value === "number" || (typeof value === "string" && isDecimal(value));
const isPatternText = (value: unknown) => typeof value === "string" && value !== "" && value.length <= 300 && isPattern(value);
const ordering = { fits: isNumeric, message: `must be a number: ${NEVER}` };
const pattern = {
  fits: isPatternText,
  message: "must be a regular expression of at most 300 characters, as RE2 knows them: without look-around and back-references",
};
const single = {
  fits: (value: unknown) => value !== undefined && !Array.isArray(value),
  message: `must be a value, and no list: ${NEVER}`,
};
const piece = { fits: (value: unknown) => single.fits(value) && value !== "", message: "must be a value, and not empty" };

/** What each operator needs beside it. */
const OPERANDS: Readonly<Record<Operator, { readonly fits: (value: unknown) => boolean; readonly message: string }>> = {
  eq: single,
  ne: single,
  lt: ordering,
  lte: ordering,
  gt: ordering,
  gte: ordering,
  contains: piece,
  lacks: piece,
  matches: pattern,
  notMatches: pattern,
  in: { fits: Array.isArray, message: "must be a list with in" },
  exists: { fits: (value) => value === undefined || typeof value === "boolean", message: "must be true or false with exists" },
};

const operand = (assertion: { operator: Operator; value?: unknown }, context: z.core.$RefinementCtx) => {
  const { fits, message } = OPERANDS[assertion.operator];
  if (!fits(assertion.value)) context.addIssue({ code: "custom", path: ["value"], message });
};

/** Operators that want a value as it is. */
const EQUALITIES: ReadonlySet<Operator> = new Set(["eq", "in"]);

/** Whether a header may have a value. */
function mayBeHeader(value: unknown): boolean {
  return value !== null && (typeof value !== "string" || (value === value.trim() && !/[\r\n\0]/.test(value)));
}

const isCount = (value: unknown) => isNumeric(value) && Number.isInteger(Number(value)) && Number(value) >= 0;

/** What a length is compared with: there are none below 0, and none between whole numbers. */
function lengthOperand({ path, operator, value }: { path: string; operator: Operator; value?: unknown }, context: z.core.$RefinementCtx) {
  if (!path.endsWith(".length()") || operator === "ne" || operator === "notMatches" || operator === "lacks") return;
  const message = `must be a whole number from 0: ${NEVER}`;
  if (EQUALITIES.has(operator) && ![value].flat().some(isCount)) context.addIssue({ code: "custom", path: ["value"], message });
  if (operator === "lt" && isNumeric(value) && compareDecimals(String(value), "0") <= 0)
    context.addIssue({ code: "custom", path: ["value"], message: `must be above 0: ${NEVER}` });
}

const BODY_OPERATORS = ["eq", "ne", "contains", "lacks", "matches", "notMatches"] as const;

/** Conditions on an answer. The status rule stays in force beside them. */
export const assertionSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("bodyContains"), text, otherwise }),
  z.strictObject({ kind: z.literal("bodyLacks"), text, otherwise }),
  z
    .strictObject({
      kind: z.literal("body"),
      operator: z.enum(BODY_OPERATORS),
      value: z.string().max(1_000, "must have at most 1000 characters"),
      otherwise,
    })
    .superRefine(operand),
  z
    .strictObject({
      kind: z.literal("jsonPath"),
      path: z
        .string()
        .max(500, "must have at most 500 characters")
        .refine(
          (path) => parseJsonPath(path) !== undefined,
          'must be a path such as $.status, $.items[0]["full name"], $.items[-1], $.items[*].ok or $.items.length()',
        )
        .meta({ description: "With [*], the assertion must hold for every value, and there must be one." }),
      operator,
      value,
      otherwise,
    })
    .superRefine(operand)
    .superRefine(lengthOperand),
  z
    .strictObject({
      kind: z.literal("header"),
      name: z.string().regex(/^[!#$%&'*+.^_`|~\w-]{1,100}$/, "must be a header name"),
      operator,
      value,
      otherwise,
    })
    .superRefine(operand)
    .refine(({ operator, value }) => !EQUALITIES.has(operator) || [value].flat().some(mayBeHeader), {
      path: ["value"],
      message: "must be one line that neither begins nor ends with blanks: no header has another value, so it could never hold",
    }),
  z.strictObject({ kind: z.literal("responseTime"), maxMs: z.number().positive("must be above 0"), otherwise }),
  z.strictObject({ kind: z.literal("certificate"), minDaysLeft: z.int().min(0).max(3_650), otherwise }),
]);
export type Assertion = z.output<typeof assertionSchema>;

/** Whether an assertion reads the body. */
export function readsBody({ kind }: Pick<Assertion, "kind">): boolean {
  return kind === "bodyContains" || kind === "bodyLacks" || kind === "body" || kind === "jsonPath";
}

export interface AssertionSubject {
  readonly response: HttpResponse;
  readonly totalMs: number;
  /** Of it, what may be our own. */
  readonly lostMs: number;
  readonly certificate: SeenCertificate | undefined;
}

/** CPU that the assertions of one check may take, in ms: no target may hold the loop that judges its neighbours. */
const CPU_BUDGET_MS = 250;

/**
 * Applies assertions; the worst that fails decides. `undefined` when all hold.
 * @param seen gets what each of them saw, where somebody wants to know: else none is looked at after the one that decides
 */
export async function failedAssertion(
  assertions: readonly Assertion[],
  subject: AssertionSubject,
  seen?: SeenAssertion[],
): Promise<CheckOutcome | undefined> {
  let worst: CheckOutcome | undefined;
  const budget = new CpuBudget(CPU_BUDGET_MS);
  let content: Content | undefined;
  for (const assertion of assertions) {
    // What is waited for is done by others meanwhile, and by other threads: only what this check does itself is its own.
    if (readsBody(assertion)) content ??= contentOf(await readBody(subject.response));
    if (usesPattern(assertion)) await loadPatterns();
    const error = evaluated(assertion, subject, content ?? NO_CONTENT, budget);
    seen?.push(sightOf(assertion, subject, content ?? NO_CONTENT, error === undefined));
    worst = worseOf(worst, assertion, error);
    const isDecided = worst?.status === "down";
    if (isDecided && seen === undefined) return worst;
    if (budget.isSpent) return isDecided ? worst : { status: "down", error: SPENT };
    await neighbours(assertion, subject);
  }
  return worst;
}

/** The first of the worst. */
function worseOf(worst: CheckOutcome | undefined, { otherwise }: Assertion, error: CheckError | undefined): CheckOutcome | undefined {
  if (error === undefined) return worst;
  return worst === undefined || (worst.status === "degraded" && otherwise === "down") ? { status: otherwise, error } : worst;
}

/** Others come between two assertions that cost something. */
async function neighbours(assertion: Assertion, { response }: AssertionSubject): Promise<void> {
  if (readsBody(assertion) && response.body.length > 10_000) await nextTurn();
}

const SPENT: CheckError = { class: "body", text: `the assertions took more than ${CPU_BUDGET_MS} ms of CPU` };
const TOO_DEEP: CheckError = { class: "body", text: "the body's JSON is nested too deep to be looked through" };

/** What one assertion says. */
function evaluated(assertion: Assertion, subject: AssertionSubject, content: Content, budget: CpuBudget): CheckError | undefined {
  // Each kind is evaluated by its own function, which TypeScript cannot follow through the table.
  const evaluate = EVALUATE[assertion.kind] as (...given: [Assertion, AssertionSubject, Content, CpuBudget]) => Evaluation;
  try {
    const failure = budget.spend(() => evaluate(assertion, subject, content, budget));
    return typeof failure === "string" ? { class: "assertion", text: failure } : failure;
  } catch (error) {
    // V8's word for a stack that is full.
    if (error instanceof RangeError) return TOO_DEEP;
    throw error;
  }
}

/** What is wrong, in words or as an error of another class; `undefined` when the assertion holds. */
type Evaluation = string | CheckError | undefined;

/** The body, decoded, and parsed once for all assertions, when the first asks. */
export interface Content {
  readonly text: BodyText;
  readonly json: () => { readonly value: unknown } | { readonly error: CheckError };
}

function contentOf(text: BodyText): Content {
  return { text, json: lazy(() => parseJson(text)) };
}

/** Of assertions that read none. */
const NO_CONTENT = contentOf({ text: "" });

function usesPattern(assertion: Assertion): boolean {
  return "operator" in assertion && (assertion.operator === "matches" || assertion.operator === "notMatches");
}

/** Values that are compared between two looks at what it costs. */
const VALUES_A_LOOK = 32;

const EVALUATE: {
  readonly [Kind in Assertion["kind"]]: (
    assertion: Extract<Assertion, { kind: Kind }>,
    subject: AssertionSubject,
    content: Content,
    budget: CpuBudget,
  ) => Evaluation;
} = {
  bodyContains: ({ text }, _subject, content) => bodyFailure("contains", text, content),
  bodyLacks: ({ text }, _subject, content) => bodyFailure("lacks", text, content),
  body: ({ operator, value }, _subject, content) => bodyFailure(operator, value, content),
  jsonPath: (assertion, _subject, { json }, budget) => {
    const parsed = json();
    if ("error" in parsed) return parsed.error;
    const values = valuesAt(parsed.value, parseJsonPath(assertion.path) ?? []);
    if (values === undefined) return `${assertion.path} leads to more than ${MAX_VALUES} values: not all can be looked at`;
    for (const [index, found] of (values.length === 0 ? [undefined] : values).entries()) {
      if (index % VALUES_A_LOOK === VALUES_A_LOOK - 1 && budget.isSpent) return SPENT;
      if (!compare(found, assertion.operator, assertion.value)) return comparison(assertion.path, found, assertion);
    }
    return undefined;
  },
  header: (assertion, { response }) => {
    const found = headerOf(response, assertion.name);
    return compare(found, assertion.operator, assertion.value) ? undefined : comparison(`header ${assertion.name}`, found, assertion);
  },
  responseTime: ({ maxMs }, { totalMs, lostMs }) =>
    totalMs - lostMs <= maxMs ? undefined : `took ${Math.round(totalMs)} ms, limit ${maxMs} ms`,
  certificate: ({ minDaysLeft }, { certificate }) => {
    if (certificate === undefined) return "there is no certificate: the target is not https";
    return certificateProblem(certificate, minDaysLeft);
  },
};

/** What of a body proves nothing once it was cut: the rest may hold anything. */
const NEEDS_ALL: ReadonlySet<Operator> = new Set(["lacks", "eq", "ne", "notMatches"]);

function bodyFailure(operator: (typeof BODY_OPERATORS)[number], wanted: string, content: Content): Evaluation {
  const body = content.text;
  if ("unreadable" in body) return { class: "body", text: body.unreadable };
  const { text } = body;
  const searched = operator === "matches" || operator === "notMatches";
  const missing = searched && text.length > MAX_MATCHED ? BEYOND_PATTERNS : body.missing;
  const holds = compareText(operator, text, wanted);
  if (!NEEDS_ALL.has(operator)) {
    if (holds) return undefined;
    return `${BODY_WORDS[operator]} "${brief(wanted)}"${missing === undefined ? "" : ` ${missing.within}`}`;
  }
  if (missing === undefined) return holds ? undefined : `${BODY_WORDS[operator]} "${brief(wanted)}"`;
  if (holds) return `body ${missing.why}: nobody can say of the rest that it holds no "${brief(wanted)}"`;
  return `${BODY_WORDS[operator]} "${brief(wanted)}"`;
}

const PATTERN_LIMIT = `${MAX_MATCHED / 1_024} KiB`;
const BEYOND_PATTERNS: Missing = { why: `is longer than ${PATTERN_LIMIT}`, within: `within its first ${PATTERN_LIMIT}` };

const BODY_WORDS: Readonly<Record<(typeof BODY_OPERATORS)[number], string>> = {
  contains: "body lacks",
  lacks: "body contains",
  eq: "body is not",
  ne: "body is",
  matches: "body does not match",
  notMatches: "body matches",
};

function compareText(operator: (typeof BODY_OPERATORS)[number], text: string, wanted: string): boolean {
  switch (operator) {
    case "contains":
      return holdsText(text, wanted);
    case "lacks":
      return !holdsText(text, wanted);
    case "matches":
      return matchesPattern(text, wanted);
    case "notMatches":
      return !matchesPattern(text, wanted);
    default:
      // A line break at the end is a habit of servers, and of no meaning.
      return (text.trim() === wanted.trim()) === (operator === "eq");
  }
}

function parseJson(body: BodyText): ReturnType<Content["json"]> {
  if ("unreadable" in body) return { error: { class: "body", text: body.unreadable } };
  try {
    return { value: parseExactJson(body.text) };
  } catch {
    const text = body.missing === undefined ? "body is not JSON" : `body ${body.missing.why} and was cut, so it is not JSON`;
    return { error: { class: "assertion", text } };
  }
}

type Scalar = z.output<typeof scalar>;
/** What is wanted: one value, or the list that `in` looks in. */
export type Value = z.output<typeof value>;

// What is not there fulfils nothing but the wish that it be not there.
function compare(found: unknown, operation: Operator, expected: Value): boolean {
  if (operation === "exists") return (found !== undefined) === (expected ?? true);
  if (found === undefined) return false;
  if (Array.isArray(expected)) return expected.some((one) => same(found, one));
  switch (operation) {
    case "eq":
      return same(found, expected);
    case "ne":
      return !same(found, expected);
    case "contains":
      return holds(found, expected);
    case "lacks":
      return !holds(found, expected);
    case "matches":
    case "notMatches": {
      const text = plain(found);
      if (text === undefined) return false;
      if (matchesPattern(text, String(expected))) return operation === "matches";
      // Of what is longer than is looked at, nobody can say that it does not match.
      return operation === "notMatches" && text.length <= MAX_MATCHED;
    }
    default:
      return ordered(found, operation, expected);
  }
}

/** Whether a list has an item, a text a part, an object a name or a value anywhere in it. */
function holds(found: unknown, expected: Scalar | undefined): boolean {
  if (Array.isArray(found)) return found.some((item) => (isNested(item) ? holds(item, expected) : same(item, expected)));
  if (isNested(found)) return [...textsIn(found)].some((text) => holdsText(text, String(expected)));
  const text = plain(found);
  return text !== undefined && holdsText(text, String(expected));
}

/** Names and values within an object, however deep, and the object as it is written. */
function* textsIn(found: unknown): Generator<string> {
  const open: unknown[] = [found];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const text = node === null ? "null" : plain(node);
    if (text !== undefined) yield text;
    else if (Array.isArray(node)) for (const item of node) open.push(item);
    else
      for (const [name, value] of Object.entries(node as Record<string, unknown>)) {
        yield name;
        open.push(value);
      }
  }
  yield JSON.stringify(found);
}

function isNested(value: unknown): boolean {
  return typeof value === "object" && value !== null && !(value instanceof ExactNumber);
}

function ordered(found: unknown, operation: Operator, expected: Scalar | undefined): boolean {
  const [left, right] = [plain(found), String(expected)];
  // An empty text is no number, whatever `Number` says.
  if (left === undefined || typeof found === "boolean" || !isDecimal(left) || !isDecimal(right)) return false;
  const order = compareDecimals(left, right);
  return operation === "lt" ? order < 0 : operation === "lte" ? order <= 0 : operation === "gt" ? order > 0 : order >= 0;
}

// What a target sends may be an object with a `toString` of its own.
function plain(found: unknown): string | undefined {
  if (found instanceof ExactNumber) return found.source;
  return typeof found === "object" ? undefined : String(found);
}

// A number is the same however it is written; texts are the same to the letter. A header is always text.
function same(found: unknown, expected: Scalar | undefined): boolean {
  if (found === expected) return true;
  const text = plain(found);
  if (text === undefined || expected === null || expected === undefined) return false;
  const isNumber = typeof found === "number" || found instanceof ExactNumber || typeof expected === "number";
  if (isNumber && isDecimal(text) && isDecimal(String(expected))) return compareDecimals(text, String(expected)) === 0;
  return text === String(expected);
}

function comparison(what: string, found: unknown, { operator, value }: { operator: Operator; value?: Value }): string {
  if (operator === "exists") return `${what} ${value === false ? "exists" : "is missing"}`;
  const text = operator === "matches" || operator === "notMatches" ? plain(found) : undefined;
  const isPart = found !== undefined && text !== undefined && text.length > MAX_MATCHED;
  const part = isPart ? ` (only its first ${PATTERN_LIMIT} are looked at)` : "";
  return `${what} is ${found === undefined ? "missing" : shown(found)}, expected ${operator} ${JSON.stringify(value)}${part}`;
}

function lazy<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
