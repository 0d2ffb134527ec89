/** The rows of a CSV text (RFC 4180) by the names of its first line. */
export function parseCsv(text: string): Record<string, string>[] {
  const [names = [], ...rows] = cells(text.replace(/^\uFEFF/, ""));
  return rows
    .filter((row) => row.some((cell) => cell !== ""))
    .map((row) => Object.fromEntries(names.map((name, index) => [name.trim(), row[index] ?? ""])));
}

function cells(text: string): string[][] {
  const rows: string[][] = [[]];
  const separator = (text.split("\n", 1)[0] ?? "").includes(";") && !(text.split("\n", 1)[0] ?? "").includes(",") ? ";" : ",";
  const pattern = new RegExp(`(?:"((?:[^"]|"")*)"|([^"${separator}\\r\\n]*))(${separator}|\\r?\\n|$)`, "gy");
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [whole, quoted, plain = "", end = ""] = match;
    rows.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end.endsWith("\n")) rows.push([]);
    if (pattern.lastIndex >= text.length || (whole === "" && end === "")) break;
  }
  return rows;
}
