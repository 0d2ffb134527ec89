/** A piece of SQL text: code, or something inside which `;` and `:name` mean nothing. */
export interface SqlPiece {
  readonly kind: "code" | "quoted" | "comment";
  readonly text: string;
}

// Quotes, identifiers, dollar quotes, line comments; block comments nest and are walked by hand.
const OPAQUE = /[eE]'(?:[^'\\]|''|\\[\s\S])*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$|--[^\n]*|\/\*/g;

/** Cuts SQL into code and what is opaque to a parser: strings, identifiers, dollar quotes, comments. */
export function sqlPieces(sql: string): SqlPiece[] {
  const pieces: SqlPiece[] = [];
  let end = 0;
  OPAQUE.lastIndex = 0;
  for (let match = OPAQUE.exec(sql); match !== null; match = OPAQUE.exec(sql)) {
    if (match.index > end) pieces.push({ kind: "code", text: sql.slice(end, match.index) });
    end = match[0] === "/*" ? blockCommentEnd(sql, match.index) : OPAQUE.lastIndex;
    const kind = match[0].startsWith("--") || match[0] === "/*" ? "comment" : "quoted";
    pieces.push({ kind, text: sql.slice(match.index, end) });
    OPAQUE.lastIndex = end;
  }
  if (end < sql.length) pieces.push({ kind: "code", text: sql.slice(end) });
  return pieces;
}

function blockCommentEnd(sql: string, start: number): number {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = start;
  let depth = 0;
  for (let match = marks.exec(sql); match !== null; match = marks.exec(sql)) {
    depth += match[0] === "/*" ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return sql.length;
}
