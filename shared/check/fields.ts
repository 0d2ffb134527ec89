import * as z from "zod";

/** Control characters and the marks that turn text around hide what a name or address really says. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const HIDDEN_CHARACTERS = /[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/;

/** Text for people: no control characters, no direction marks, trimmed. */
export function visibleText(maxLength: number) {
  return z
    .string()
    .trim()
    .min(1, "must not be empty")
    .max(maxLength, `must have at most ${maxLength} characters`)
    .refine(
      (text) => !HIDDEN_CHARACTERS.test(text) && text.isWellFormed(),
      "must not contain control, invisible or text direction characters",
    );
}

/** A host name or IP address without scheme, port or path. */
export const hostField = z
  .string()
  .trim()
  .max(253, "must have at most 253 characters")
  .regex(
    /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?|\[?[0-9A-Fa-f:.]+\]?)$/,
    'must be a host name or IP address, such as "db.example.com"',
  )
  .transform((host) => host.replace(/^\[|\]$/g, ""));

export const portField = z.int("must be a whole number").min(1, "must be 1 to 65535").max(65_535, "must be 1 to 65535");

/** What a missed limit means for the status. */
export const severityField = z.enum(["degraded", "down"]);
