import { textOf } from "./values.ts";
import type { Warnings } from "./warnings.ts";

/** One endpoint while it is read. */
export interface GatusEndpoint {
  readonly fields: Record<string, unknown>;
  readonly place: string;
  readonly name: string;
  readonly client: Record<string, unknown>;
  /** Fields of the target, as far as they are known. */
  readonly target: Record<string, unknown>;
  readonly assertions: Record<string, unknown>[];
}

/** Variables, as Gatus resolves them; the first that is not given. */
export function resolved(text: string, env: Readonly<Record<string, string | undefined>>): { text: string } | { missing: string } {
  let missing: string | undefined;
  const value = text.replace(/\$\$|\$\{(\w+)\}|\$(\w+)/g, (whole, braced: string | undefined, plain: string | undefined) => {
    if (whole === "$$") return "$";
    const name = braced ?? plain ?? "";
    const found = env[name];
    if (found === undefined) missing ??= name;
    return found ?? "";
  });
  return missing === undefined ? { text: value } : { missing };
}

/** A text with its variables resolved, or as it stands where one is not given. */
export function plain(value: unknown, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const text = textOf(value);
  if (text === undefined) return undefined;
  const found = resolved(text, env);
  return "missing" in found ? text : found.text;
}

/** Variables stay where secrets stand, as `${NAME}`: they are put in at apply. */
export function withVariables(text: string, place: string, warnings: Warnings): string {
  const names = [...text.replaceAll("$$", "").matchAll(/\$\{(\w+)\}|\$([A-Za-z_]\w*)/g)].map(([, braced, bare]) => braced ?? bare ?? "");
  for (const name of names) warnings.add("todo", "env", place, `${name} must be given where the target is applied`);
  // Two stand for one; before a brace that would be a variable of ours, where two stand for one, too.
  return text.replace(/\$\$(\{)?|\$\{(\w+)\}|\$([A-Za-z_]\w*)/g, (whole, brace?: string, braced?: string, bare?: string) => {
    if (whole.startsWith("$$")) return brace === undefined ? "$" : "$${";
    return `\${${braced ?? bare}}`;
  });
}
