/** A number of JSON that a double does not hold: as it was written. */
export class ExactNumber {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

/** More digits than a double always holds. */
const LONG_NUMBER = /\d(?:\.?\d){15}/;

/** Parses JSON, keeping numbers that a double would change as they were written. @throws {SyntaxError} */
export function parseExactJson(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    if (typeof value !== "number" || context?.source === undefined) return value;
    return compareDecimals(context.source, String(value)) === 0 ? value : new ExactNumber(context.source);
  });
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/** Whether a text is a decimal number, such as `-1.50` or `2e3`; blanks and the empty text are none. */
export function isDecimal(text: string): boolean {
  return DECIMAL.test(text) && /\d/.test(text);
}

/**
 * Compares two decimal numbers as they are written, to the last digit.
 * @returns below 0, 0 or above 0, as a comparison for sorting
 */
export function compareDecimals(a: string, b: string): number {
  const [left, right] = [scaled(a), scaled(b)];
  const exponent = Math.min(left.exponent, right.exponent);
  // Beyond this, sizes tell, and the digits would fill the memory.
  if (Math.abs(left.exponent - right.exponent) > 2_000) return Math.sign(Number(a) - Number(b));
  const difference = left.digits * 10n ** BigInt(left.exponent - exponent) - right.digits * 10n ** BigInt(right.exponent - exponent);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

function scaled(text: string): { digits: bigint; exponent: number } {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = DECIMAL.exec(text) ?? [];
  const digits = BigInt(`${whole}${fraction}` || "0");
  return { digits: sign === "-" ? -digits : digits, exponent: Number(exponent) - fraction.length };
}
