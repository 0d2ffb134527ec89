import { isDeepStrictEqual } from "node:util";
import type { TargetConfig } from "./target.ts";

/** Whether a change gives a target other tags or another group, by which windows and channels may find it. */
export function isGroupedOtherwise(before: Pick<TargetConfig, "tags" | "group">, after: Pick<TargetConfig, "tags" | "group">): boolean {
  return before.group !== after.group || !isDeepStrictEqual(before.tags, after.tags);
}
