import { randomUUID } from "node:crypto";

/** A number of JSON that a double does not hold: as it was written. */
export class ExactNumber {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
  toJSON(): string {
    return this.source;
  }
}

/** More digits than a double always holds, or an exponent that may be beyond it. */
const UNSAFE_NUMBER = /\d(?:\.?\d){15}|\d[eE][+-]?\d{3}/;
/** A whole number of such a kind, where no text is around it. */
const UNSAFE_NUMBERS = /-?\d[\d.]{15,}(?:[eE][+-]?\d+)?|-?\d[\d.]*[eE][+-]?\d{3,}/g;

/**
 * Parses JSON, keeping numbers that a double would change as they were written. What has none costs nothing more; else
 * they are put aside before, since a reviver is called for each value there is.
 * @throws {SyntaxError}
 */
export function parseExactJson(text: string): unknown {
  if (!UNSAFE_NUMBER.test(text)) return JSON.parse(text);
  const numbers: ExactNumber[] = [];
  // No text of the document begins so: who wrote it cannot know it.
  const mark = `number ${randomUUID()} `;
  const marked = outsideTexts(text, (part) =>
    part.replace(UNSAFE_NUMBERS, (source) => {
      if (!isJsonNumber(source) || compareDecimals(source, String(Number(source))) === 0) return source;
      numbers.push(new ExactNumber(source));
      return `"${mark}${numbers.length - 1}"`;
    }),
  );
  return numbers.length === 0 ? JSON.parse(text) : withNumbers(JSON.parse(marked), mark, numbers);
}

function isJsonNumber(source: string): boolean {
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(source);
}

/** The document with what stands between its texts changed. */
function outsideTexts(text: string, change: (part: string) => string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < text.length) {
    const quote = text.indexOf('"', at);
    if (quote === -1) break;
    const end = endOfText(text, quote);
    parts.push(change(text.slice(at, quote)), text.slice(quote, end));
    at = end;
  }
  parts.push(change(text.slice(at)));
  return parts.join("");
}

/** Behind the quote that ends the text beginning at `quote`. */
function endOfText(text: string, quote: number): number {
  for (let at = quote + 1; ; ) {
    const end = text.indexOf('"', at);
    if (end === -1) return text.length;
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return end + 1;
    at = end + 1;
  }
}

const BACKSLASH = 92;

/** Puts numbers in their places; without recursion, however deep it is. */
function withNumbers(root: unknown, mark: string, numbers: readonly ExactNumber[]): unknown {
  const numberOf = (value: unknown) =>
    typeof value === "string" && value.startsWith(mark) ? numbers[Number(value.slice(mark.length))] : undefined;
  const whole = numberOf(root);
  if (whole !== undefined) return whole;
  const open: unknown[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const fields = node as Record<string, unknown>; // an object, or a list by its indexes
    for (const name of Object.keys(fields)) {
      const value = fields[name];
      const number = numberOf(value);
      if (number !== undefined) fields[name] = number;
      else if (typeof value === "object" && value !== null) open.push(value);
    }
  }
  return root;
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?0*\d{1,15}))?$/;

/** Whether a text is a decimal number, such as `-1.50` or `2e3`; blanks and the empty text are none. */
export function isDecimal(text: string): boolean {
  return DECIMAL.test(text) && /\d/.test(text);
}

/**
 * Compares two decimal numbers as they are written, to the last digit, in time linear in their length.
 * @returns below 0, 0 or above 0, as a comparison for sorting
 */
export function compareDecimals(a: string, b: string): number {
  const [left, right] = [normal(a), normal(b)];
  if (left.sign !== right.sign) return left.sign - right.sign;
  if (left.sign === 0) return 0;
  return left.sign * (left.point - right.point || (left.digits < right.digits ? -1 : left.digits > right.digits ? 1 : 0)) || 0;
}

/** A number as `sign · 0.digits · 10^point`, without zeros around its digits; 0 has the sign 0. */
function normal(text: string): { readonly sign: number; readonly digits: string; readonly point: number } {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = DECIMAL.exec(text) ?? [];
  const all = whole + fraction;
  let from = 0;
  while (all[from] === "0") from++;
  let to = all.length;
  while (to > from && all[to - 1] === "0") to--;
  if (from === to) return { sign: 0, digits: "", point: 0 };
  return { sign: sign === "-" ? -1 : 1, digits: all.slice(from, to), point: whole.length - from + Number(exponent) };
}
