import { RequestError } from "../errors.ts";
import type { Target } from "./target.ts";
import type { TargetReader } from "./target-store.ts";

/** @throws {RequestError} `not-found` */
export async function requireTarget(targets: Pick<TargetReader, "get">, id: string): Promise<Target> {
  const target = await targets.get(id);
  if (target === undefined) throw new RequestError("not-found", `There is no target ${id}.`);
  return target;
}
