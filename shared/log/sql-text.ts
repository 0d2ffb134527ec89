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

/** Splits a file into its statements, since the Data API takes one a call. Knows `begin atomic … end` bodies. */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let current = "";
  let depth = 0;
  const finish = () => {
    if (hasCode(current)) statements.push(current.trim());
    current = "";
  };
  for (const { kind, text } of sqlPieces(sql)) {
    if (kind !== "code") {
      current += text;
      continue;
    }
    for (const part of text.split(/(;|\bbegin\s+atomic\b|\bcase\b|\bend\b)/i)) {
      depth = bodyDepth(depth, part.toLowerCase());
      if (part === ";" && depth === 0) finish();
      else current += part;
    }
  }
  finish();
  return statements;
}

/** How deep within a `begin atomic` body the text after `word` is; `case` has an `end` of its own. */
function bodyDepth(depth: number, word: string): number {
  if (/^begin\s+atomic$/.test(word)) return 1;
  if (depth === 0) return 0;
  return word === "case" ? depth + 1 : word === "end" ? depth - 1 : depth;
}

function hasCode(sql: string): boolean {
  return sqlPieces(sql).some(({ kind, text }) => kind !== "comment" && text.trim() !== "");
}
