/**
 * The rows of a CSV text by the names of its first line. Quotes within a plain cell stand for themselves, as spreadsheets
 * read them (RFC 4180 leaves them open).
 * @throws {Error} in one line, naming the file, for a quote that is never closed
 */
export function parseCsv(text: string, path: string): Record<string, string>[] {
  const [names = [], ...rows] = cells(text.replace(/^\uFEFF/, ""), path);
  return rows
    .filter((row) => row.some((cell) => cell !== ""))
    .map((row) => Object.fromEntries(names.map((name, index) => [name.trim(), row[index] ?? ""])));
}

function cells(text: string, path: string): string[][] {
  const [first = ""] = text.split("\n", 1);
  const separator = first.includes(";") && !first.includes(",") ? ";" : ",";
  const rows: string[][] = [[]];
  for (let at = 0; at < text.length; ) {
    const { cell, end } = text[at] === '"' ? quotedCell(text, at, path) : plainCell(text, at, separator);
    rows.at(-1)?.push(cell);
    const isLast = text[end] !== separator;
    at = end + (isLast && text.startsWith("\r\n", end) ? 2 : 1);
    if (isLast && at < text.length) rows.push([]);
    // A separator at the very end begins a cell that is empty.
    if (!isLast && at === text.length) rows.at(-1)?.push("");
  }
  return rows;
}

interface Cell {
  readonly cell: string;
  /** Where the separator stands, or the end of the line. */
  readonly end: number;
}

function plainCell(text: string, start: number, separator: string): Cell {
  let end = start;
  // Looked for one by one: a mark that is not there would be looked for to the end of the text, for each cell.
  while (end < text.length && text[end] !== separator && text[end] !== "\n" && !text.startsWith("\r\n", end)) end++;
  return { cell: text.slice(start, end), end };
}

function quotedCell(text: string, start: number, path: string): Cell {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
  if (end === -1)
    throw new Error(`${path}: the quote in line ${text.slice(0, start).split("\n").length} is never closed: is the file whole?`);
  const cell = text.slice(start + 1, end).replaceAll('""', '"');
  // What stands behind the closing quote is of the cell, too.
  const rest = /[^,;\r\n]*/y;
  rest.lastIndex = end + 1;
  const [more = ""] = rest.exec(text) ?? [];
  return { cell: cell + more, end: end + 1 + more.length };
}
