import { brotliDecompressSync, constants, inflateSync, unzipSync } from "node:zlib";
import * as z from "zod";
import type { HttpResponse } from "../net/http-exchange.ts";
import type { CheckError, CheckOutcome } from "./check-type.ts";
import { severityField } from "./fields.ts";

const text = z.string().min(1, "must not be empty").max(1_000, "must have at most 1000 characters");
const otherwise = severityField.default("down");
const operator = z.enum(["eq", "ne", "lt", "lte", "gt", "gte", "contains", "exists"]).default("eq");
const value = z.union([z.string().max(1_000), z.number(), z.boolean(), z.null()]).optional();

/** `$.a.b[0]["c d"]`: names and indexes only, so that reading is linear in the path. */
const PATH_STEP = /\.([A-Za-z_][\w-]*)|\[(\d{1,6})\]|\["([^"\\]{1,200})"\]/y;

/** Conditions on an answer. The status rule stays in force beside them. */
export const assertionSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("bodyContains"), text, otherwise }),
  z.strictObject({ kind: z.literal("bodyLacks"), text, otherwise }),
  z.strictObject({
    kind: z.literal("jsonPath"),
    path: z
      .string()
      .max(500, "must have at most 500 characters")
      .refine((path) => parsePath(path) !== undefined, 'must be a path such as $.status or $.items[0]["full name"]'),
    operator,
    value,
    otherwise,
  }),
  z.strictObject({
    kind: z.literal("header"),
    name: z.string().regex(/^[!#$%&'*+.^_`|~\w-]{1,100}$/, "must be a header name"),
    operator,
    value,
    otherwise,
  }),
  z.strictObject({ kind: z.literal("responseTime"), maxMs: z.number().positive("must be above 0"), otherwise }),
  z.strictObject({ kind: z.literal("certificate"), minDaysLeft: z.int().min(0).max(3_650), otherwise }),
]);
export type Assertion = z.output<typeof assertionSchema>;

export interface AssertionSubject {
  readonly response: HttpResponse;
  readonly totalMs: number;
  readonly certificateDaysLeft: number | undefined;
}

/** Applies every assertion; the worst that fails decides. `undefined` when all hold. */
export function failedAssertion(assertions: readonly Assertion[], subject: AssertionSubject): CheckOutcome | undefined {
  let worst: CheckOutcome | undefined;
  const readBody = lazy(() => decodeBody(subject.response));
  const readJson = lazy(() => parseJson(readBody(), subject.response.truncated));
  for (const assertion of assertions) {
    // Each kind is evaluated by its own function, which TypeScript cannot follow through the table.
    const evaluate = EVALUATE[assertion.kind] as (assertion: Assertion, subject: AssertionSubject, content: Content) => Evaluation;
    const failure = evaluate(assertion, subject, { readBody, readJson });
    if (failure === undefined) continue;
    const error: CheckError = typeof failure === "string" ? { class: "assertion", text: failure } : failure;
    if (assertion.otherwise === "down") return { status: "down", error };
    worst ??= { status: "degraded", error };
  }
  return worst;
}

/** What is wrong, in words or as an error of another class; `undefined` when the assertion holds. */
type Evaluation = string | CheckError | undefined;

/** The body, decoded and parsed once for all assertions, and only when one asks. */
interface Content {
  readonly readBody: () => BodyText;
  readonly readJson: () => { readonly value: unknown } | { readonly error: CheckError };
}

const EVALUATE: {
  readonly [Kind in Assertion["kind"]]: (
    assertion: Extract<Assertion, { kind: Kind }>,
    subject: AssertionSubject,
    content: Content,
  ) => Evaluation;
} = {
  bodyContains: ({ text }, _subject, { readBody }) => {
    const body = readBody();
    if ("error" in body) return body.error;
    return body.text.includes(text) ? undefined : `body lacks "${brief(text)}"`;
  },
  bodyLacks: ({ text }, _subject, { readBody }) => {
    const body = readBody();
    if ("error" in body) return body.error;
    return body.text.includes(text) ? `body contains "${brief(text)}"` : undefined;
  },
  jsonPath: (assertion, _subject, { readJson }) => {
    const json = readJson();
    if ("error" in json) return json.error;
    const found = readPath(json.value, assertion.path);
    return compare(found, assertion.operator, assertion.value) ? undefined : comparison(assertion.path, found, assertion);
  },
  header: (assertion, { response }) => {
    const name = assertion.name.toLowerCase();
    const header = Object.hasOwn(response.headers, name) ? response.headers[name] : undefined;
    const found = Array.isArray(header) ? header.join(", ") : header;
    return compare(found, assertion.operator, assertion.value) ? undefined : comparison(`header ${assertion.name}`, found, assertion);
  },
  responseTime: ({ maxMs }, { totalMs }) => (totalMs <= maxMs ? undefined : `took ${Math.round(totalMs)} ms, limit ${maxMs} ms`),
  certificate: ({ minDaysLeft }, { certificateDaysLeft: days }) => {
    if (days === undefined) return "there is no certificate: the target is not https";
    return days >= minDaysLeft ? undefined : `certificate expires in ${days} days, limit ${minDaysLeft}`;
  },
};

function parseJson(body: BodyText, truncated: boolean): ReturnType<Content["readJson"]> {
  if ("error" in body) return body;
  try {
    return { value: JSON.parse(body.text) };
  } catch {
    const text = truncated ? "body is longer than 1 MiB and was cut, so it is not JSON" : "body is not JSON";
    return { error: { class: "assertion", text } };
  }
}

type Operator = z.output<typeof operator>;
type Value = z.output<typeof value>;

function compare(found: unknown, operation: Operator, expected: Value): boolean {
  if (operation === "exists") return (found !== undefined) === (expected ?? true);
  if (found === undefined) return operation === "ne";
  switch (operation) {
    case "eq":
      return same(found, expected);
    case "ne":
      return !same(found, expected);
    case "contains":
      return Array.isArray(found) ? found.some((item) => same(item, expected)) : plain(found)?.includes(String(expected)) === true;
    case "lt":
      return Number(plain(found)) < Number(expected);
    case "lte":
      return Number(plain(found)) <= Number(expected);
    case "gt":
      return Number(plain(found)) > Number(expected);
    case "gte":
      return Number(plain(found)) >= Number(expected);
  }
}

// What a target sends may be an object with a `toString` of its own.
function plain(found: unknown): string | undefined {
  return typeof found === "object" ? undefined : String(found);
}

// A header is always text: "3" equals 3 there, and in JSON nobody expects it not to.
function same(found: unknown, expected: Value): boolean {
  return (
    found === expected || (expected !== null && expected !== undefined && typeof found !== "object" && String(found) === String(expected))
  );
}

function comparison(what: string, found: unknown, { operator, value }: { operator: Operator; value?: Value }): string {
  if (operator === "exists") return `${what} ${value === false ? "exists" : "is missing"}`;
  return `${what} is ${found === undefined ? "missing" : shown(found)}, expected ${operator} ${JSON.stringify(value)}`;
}

function shown(found: unknown): string {
  if (Array.isArray(found)) return `a list of ${found.length}`;
  return typeof found === "object" && found !== null ? "an object" : brief(JSON.stringify(found));
}

function parsePath(path: string): (string | number)[] | undefined {
  if (!path.startsWith("$")) return undefined;
  const steps: (string | number)[] = [];
  PATH_STEP.lastIndex = 1;
  for (let end = 1; end < path.length; end = PATH_STEP.lastIndex) {
    const [, dotted, index, quoted] = PATH_STEP.exec(path) ?? [];
    if (dotted === undefined && index === undefined && quoted === undefined) return undefined;
    steps.push(index === undefined ? (dotted ?? quoted ?? "") : Number(index));
  }
  return steps;
}

function readPath(json: unknown, path: string): unknown {
  let current: unknown = json;
  for (const step of parsePath(path) ?? []) {
    if (current === null || typeof current !== "object" || !Object.hasOwn(current, step)) return undefined;
    current = (current as Record<string | number, unknown>)[step]; // an object that has this key
  }
  return current;
}

type BodyText = { readonly text: string } | { readonly error: CheckError };

/** As much as is read of a body that is not compressed. */
const MAX_DECODED_BYTES = 1024 * 1024;

// We ask for no encoding; a server that compresses all the same is read, within a bound.
function decodeBody({ headers, body }: HttpResponse): BodyText {
  const encoding = String(headers["content-encoding"] ?? "").toLowerCase();
  const options = { maxOutputLength: MAX_DECODED_BYTES, finishFlush: constants.Z_SYNC_FLUSH };
  try {
    if (encoding === "gzip" || encoding === "x-gzip") return { text: unzipSync(body, options).toString("utf8") };
    if (encoding === "deflate") return { text: inflateSync(body, options).toString("utf8") };
    if (encoding === "br") {
      const brotli = { maxOutputLength: MAX_DECODED_BYTES, finishFlush: constants.BROTLI_OPERATION_FLUSH };
      return { text: brotliDecompressSync(body, brotli).toString("utf8") };
    }
  } catch {
    return { error: { class: "body", text: `body cannot be decoded as ${encoding}, or decodes to more than 1 MiB` } };
  }
  return { text: body.toString("utf8") };
}

function brief(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79).toWellFormed()}…` : text;
}

function lazy<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
