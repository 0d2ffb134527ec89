import * as z from "zod";

// By category, not by list: controls, formats, private and unassigned characters, line and paragraph separators, and what
// Unicode says is not shown (https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point). U+2800 is a blank that no
// category tells.
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;
/** Joiners and selectors belong to an emoji, and nowhere else. */
const EMOJI = /\p{RGI_Emoji}/gv;
/** Something that takes ink: no blank, no mark without a letter. */
const INK = /[^\p{Z}\p{M}]/u;

/** Whether people see all there is of a text, and that it is one. */
export function isVisible(text: string): boolean {
  const withoutEmoji = text.replace(EMOJI, "x");
  return text.isWellFormed() && !HIDDEN.test(withoutEmoji) && INK.test(withoutEmoji);
}

/** Text for people: nothing hidden, something to see, on one line, trimmed. */
export function visibleText(maxLength: number) {
  return z
    .string()
    .trim()
    .min(1, { error: "must not be empty", abort: true })
    .max(maxLength, `must have at most ${maxLength} characters`)
    .refine(isVisible, "must not contain control, invisible or text direction characters, and must show something");
}

/** The same over several lines, some of which may be empty. */
export function visibleLines(maxLength: number) {
  return z
    .string()
    .trim()
    .min(1, { error: "must not be empty", abort: true })
    .max(maxLength, `must have at most ${maxLength} characters`)
    .refine((text) => text.split(/\r?\n/).every((line) => line.trim() === "" || isVisible(line)), {
      error: "must not contain control, invisible or text direction characters",
    });
}
