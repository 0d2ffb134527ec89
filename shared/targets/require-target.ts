import { RequestError } from "../errors.ts";
import type { Target } from "./target.ts";
import type { TargetReader } from "./target-store.ts";

/** @throws {RequestError} `not-found` */
export async function requireTarget(targets: Pick<TargetReader, "get">, id: string): Promise<Target> {
  const target = await targets.get(id);
  if (target === undefined) throw new RequestError("not-found", `There is no target ${id}.`);
  return target;
}

/**
 * Refuses a change of a target that is no longer what the caller saw.
 * @param versions of the configuration that the caller takes; any when left out
 * @throws {RequestError} `precondition-failed`
 */
export function requireVersion(target: Target, versions: readonly number[] | undefined): void {
  if (versions === undefined || versions.includes(target.configVersion)) return;
  throw new RequestError(
    "precondition-failed",
    `The target is at version ${target.configVersion}, not ${versions.join(", ")}: read it again.`,
  );
}
