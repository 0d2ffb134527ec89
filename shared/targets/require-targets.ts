import { invalidField } from "../errors.ts";
import { inParallel } from "../time/in-parallel.ts";
import type { TargetReader } from "./target-store.ts";

const READS_AT_ONCE = 10;

/**
 * What names targets is of targets that are there: an id that was mistyped would never match anything, and nobody would know.
 * @param before ids that stood there already: one that was deleted since is no reason to refuse another change
 * @throws {RequestError} naming the first that is not there
 */
export async function requireTargets(
  targets: Pick<TargetReader, "get">,
  field: string,
  ids: readonly string[],
  before: readonly string[] = [],
): Promise<void> {
  const added = [...ids.entries()].filter(([, id]) => !before.includes(id));
  const found = await inParallel(added, READS_AT_ONCE, async ([, id]) => (await targets.get(id)) !== undefined);
  const missing = added.find((_, at) => !found[at]);
  if (missing !== undefined) throw invalidField(`${field}.${missing[0]}`, `there is no target ${missing[1]}`);
}
