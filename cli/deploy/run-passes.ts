import { createHash } from "node:crypto";
import { DATA_STAMP } from "../../infra/data-stamp.ts";

/** @returns one value for what the data stack's outputs are; undefined where it has none yet */
export function stampOf(outputs: Readonly<Record<string, string>>): string | undefined {
  const sorted = Object.entries(outputs).sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.length === 0 ? undefined : createHash("sha256").update(JSON.stringify(sorted)).digest("hex").slice(0, 16);
}

export interface PassesDeps {
  /** Of the data stack as it is now. */
  readonly stamp: () => Promise<string | undefined>;
  /** @returns its exit code */
  readonly cdk: (args: readonly string[]) => Promise<number>;
  readonly say: (text: string) => void;
}

/**
 * Runs each pass with the data stack's stamp. A pass that replaced what the data stack holds is followed by one more, in which
 * the stacks that refer to it are told.
 * @returns the exit code of the first that failed, or 0
 */
export async function runPasses(passes: readonly (readonly string[])[], { stamp, cdk, say }: PassesDeps): Promise<number> {
  const stamped = (pass: readonly string[], value: string | undefined) =>
    cdk(value === undefined ? pass : [...pass, "-c", `${DATA_STAMP}=${value}`]);
  let known = await stamp();
  for (const pass of passes) {
    const code = await stamped(pass, known);
    if (code !== 0) return code;
    const before = known;
    known = await stamp();
    if (pass !== passes.at(-1) || known === before) continue;
    say("The data stack's outputs are others than before: once more, so that what refers to them knows.");
    return stamped(pass, known);
  }
  return 0;
}
