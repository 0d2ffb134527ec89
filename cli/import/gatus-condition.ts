/** A condition of Gatus, as Gatus itself takes it apart. Source: TwiN/gatus, config/endpoint/condition.go. */
export interface Condition {
  readonly left: string;
  readonly operator: Operator;
  readonly right: string;
}

const OPERATORS = ["==", "!=", "<=", ">=", ">", "<"] as const;
export type Operator = (typeof OPERATORS)[number];

/** `undefined` where Gatus finds no operator. It looks for them in this order, wherever they stand. */
export function parseCondition(text: string): Condition | undefined {
  const operator = OPERATORS.find((candidate) => text.includes(` ${candidate} `));
  if (operator === undefined) return undefined;
  const at = text.indexOf(` ${operator} `);
  const [left, right] = [text.slice(0, at).trim(), text.slice(at + operator.length + 2).trim()].map(withName) as [string, string];
  // What is asked of may stand on either side.
  return NAMED.test(right) && !NAMED.test(left) ? { left: right, operator: MIRRORED[operator], right: left } : { left, operator, right };
}

const MIRRORED: Readonly<Record<Operator, Operator>> = { "==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

/** What is asked of, bare or in a function. */
const NAMED = /^(?:(?:has|len)\()?\[[A-Z_]+\]/;

/** The case of what is asked of does not count; that of a path does. */
function withName(side: string): string {
  return side.replace(
    /^((?:has|len)\()?(\[[a-z_]+\])/i,
    (_, called: string | undefined, name: string) => `${called ?? ""}${name.toUpperCase()}`,
  );
}

/** The argument of a function such as `pat(…)`. */
export function argumentOf(name: string, text: string): string | undefined {
  return text.startsWith(`${name}(`) && text.endsWith(")") ? text.slice(name.length + 1, -1) : undefined;
}

/** The values of `any(a, b)`, or the one value. */
export function valuesOf(text: string): string[] {
  return (argumentOf("any", text) ?? text).split(argumentOf("any", text) === undefined ? /$^/ : ",").map((value) => value.trim());
}

/** Gatus' pattern (`*`, `?`, `[a-z]`) as a regular expression over a whole text. */
export function patternOf(glob: string): string {
  const body = glob.replace(/[\\^$.+()|{}\]]|\*|\?|\[\^?[^\]]*\]/g, (part) => {
    if (part === "*") return "[\\s\\S]*";
    if (part === "?") return "[\\s\\S]";
    return part.startsWith("[") ? part : `\\${part}`;
  });
  return `^${body}$`;
}

/** The text of `pat(*text*)`; `undefined` for any other pattern. */
export function containedText(glob: string): string | undefined {
  const [, text] = /^\*([^*?[\\]+)\*$/.exec(glob) ?? [];
  return text;
}

/** Whether a code satisfies a condition on the status. Its pattern, if any, is one. */
export function allowsStatus({ operator, right }: Condition, code: number): boolean {
  const pattern = argumentOf("pat", right);
  if (pattern !== undefined) return new RegExp(patternOf(pattern)).test(String(code)) === (operator === "==");
  if (operator === "==" || operator === "!=") return valuesOf(right).some((value) => Number(value) === code) === (operator === "==");
  // What is no number is 0 to Gatus.
  const limit = Number.isFinite(Number(right)) ? Number(right) : 0;
  return { "<": code < limit, "<=": code <= limit, ">": code > limit, ">=": code >= limit }[operator];
}
