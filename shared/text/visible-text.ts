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
