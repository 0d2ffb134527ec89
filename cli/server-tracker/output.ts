import { stringify } from "yaml";
import { cleanText } from "../../shared/text/clean-text.ts";

export const FORMATS = ["table", "json", "yaml"] as const;
export type Format = (typeof FORMATS)[number];

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;
const STATUS_STYLE: Readonly<Record<string, keyof typeof CODES>> = { up: "green", degraded: "yellow", down: "red" };
const MAX_CELL = 200;

/** Where a command writes: data alone to stdout, everything else to stderr. */
export interface Output {
  readonly format: Format;
  /** A document, as JSON or YAML. */
  data(value: unknown): void;
  /** A line for people, on stdout; only with format `table`. */
  line(text: string): void;
  /** Rows with a head; only with format `table`. Texts from outside are cleaned. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): void;
  /** A line that is no data, on stderr. */
  note(text: string): void;
  /** What went wrong with a part of the work, on stderr, asked to be quiet or not. */
  problem(text: string): void;
  paint(style: keyof typeof CODES, text: string): string;
  status(status: string): string;
}

/** @param isColoured whether escapes may be written @param isQuiet whether notes are left out */
export function createOutput(format: Format, { isColoured, isQuiet }: { isColoured: boolean; isQuiet: boolean }): Output {
  const paint = (style: keyof typeof CODES, text: string) => (isColoured ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text);
  const line = (text: string) => void process.stdout.write(`${text}\n`);
  return {
    format,
    data: (value) => line(format === "yaml" ? stringify(value).trimEnd() : JSON.stringify(value, null, 2)),
    line,
    table(head, rows) {
      const cells = [head, ...rows.map((row) => row.map((cell) => cleanText(cell, MAX_CELL)))];
      const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? "").length)));
      for (const [index, row] of cells.entries()) {
        const text = row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join("  ");
        line(
          index === 0
            ? paint("dim", text)
            : text.replace(/^(up|degraded|down)\b/, (status) => paint(STATUS_STYLE[status] ?? "dim", status)),
        );
      }
    },
    note: (text) => {
      if (!isQuiet) process.stderr.write(`${text}\n`);
    },
    problem: (text) => void process.stderr.write(`${text}\n`),
    paint,
    status: (status) => paint(STATUS_STYLE[status] ?? "dim", status),
  };
}
