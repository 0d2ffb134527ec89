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
      return [{ field: path || "type", message: "is not one of the kinds there are: see /docs" }];
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
  if (issue.code !== "invalid_type" || !issue.message.startsWith("Invalid input")) return issue.message;
  if (issue.message.endsWith("received undefined")) return "must be set";
  const type = TYPE_WORDS[issue.expected];
  return type === undefined ? issue.message : `must be ${type}`;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};
