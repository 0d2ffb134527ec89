import type * as z from "zod";
import type { FieldError } from "../errors.ts";

/** What is wrong with input, field by field: whoever gave it is to know where, and the remedy. */
export function fieldErrors(issues: readonly z.core.$ZodIssue[]): FieldError[] {
  return issues.flatMap((issue): FieldError[] => {
    const path = issue.path.join(".");
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        field: path ? `${path}.${key}` : key,
        message: "is not a field here: remove it, or check its spelling",
      }));
    }
    if (issue.code === "invalid_union" && "discriminator" in issue) {
      const kinds = "options" in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
      return [
        { field: path || "type", message: kinds.length === 0 ? "is not one of the kinds there are" : `must be one of ${kinds.join(", ")}` },
      ];
    }
    return [{ field: path, message: wordsOf(issue) }];
  });
}

/** The same on one line. */
export function fieldErrorsText({ issues }: z.ZodError): string {
  return fieldErrors(issues)
    .map(({ field, message }) => `${field} ${message}`.trim())
    .join("; ");
}

/** What is wrong, in words that name the remedy: the library's own speak of its types. */
function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_key") return issue.issues.map(({ message }) => message).join("; ");
  if (!/^(?:Invalid|Too small|Too big)\b/.test(issue.message)) return issue.message;
  if (issue.code === "invalid_type") return wordsOfType(issue);
  return wordsOfLimit(issue) ?? issue.message;
}

function wordsOfType({ message, expected }: z.core.$ZodIssueInvalidType): string {
  if (message.endsWith("received undefined")) return "must be set";
  const type = TYPE_WORDS[expected];
  return type === undefined ? message : `must be ${type}`;
}

/** Of a value of the right type. */
function wordsOfLimit(issue: z.core.$ZodIssue): string | undefined {
  switch (issue.code) {
    case "too_small":
      return boundOf(issue.origin, "at least", issue.minimum);
    case "too_big":
      return boundOf(issue.origin, "at most", issue.maximum);
    case "invalid_value":
      return `must be ${oneOf(issue.values)}`;
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "invalid_format":
      return `must be ${FORMAT_WORDS[issue.format] ?? issue.message.slice("Invalid ".length)}`;
    default:
      return undefined;
  }
}

function oneOf(values: readonly unknown[]): string {
  return values.length === 1 ? String(values[0]) : `one of ${values.map(String).join(", ")}`;
}

/** @param side `at least` or `at most` */
function boundOf(origin: string, side: string, bound: number | bigint): string {
  if (origin === "string") return `must have ${side} ${bound} character${bound === 1 ? "" : "s"}`;
  if (origin === "array" || origin === "set") return `must have ${side} ${bound} item${bound === 1 ? "" : "s"}`;
  return `must be ${side} ${bound}`;
}

const FORMAT_WORDS: Readonly<Record<string, string>> = {
  uuid: "a UUID",
  url: "a URL",
  email: "an e-mail address",
  datetime: "a time such as 2026-11-28T09:30:00Z",
  regex: "of another form: see /docs",
};

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};
