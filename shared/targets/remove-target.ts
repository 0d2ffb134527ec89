import { type Recorder, record } from "../log/record.ts";
import { batch, type TransitionRow } from "../log/tables.ts";
import type { Clock } from "../time/clock.ts";
import { changeByHand } from "./pause-target.ts";
import { spoolKey } from "./register-target.ts";
import { requireTarget, requireVersion } from "./require-target.ts";
import type { Target } from "./target.ts";
import { targetRow } from "./target-row.ts";
import type { TargetReader, TargetRegistry } from "./target-store.ts";

export interface RemoveTargetDeps extends Recorder {
  readonly targets: Pick<TargetReader, "get"> & Pick<TargetRegistry, "remove">;
  readonly clock: Clock;
}

/**
 * Removes a target. Its history stays in the log, what it owed too, and what it was in ends now.
 * @param versions of the configuration that the caller takes; any when left out
 * @returns the target that was
 * @throws {RequestError} @throws {VersionConflictError}
 */
export async function removeTarget(deps: RemoveTargetDeps, id: string, versions: readonly number[] | undefined): Promise<Target> {
  const target = await requireTarget(deps.targets, id);
  requireVersion(target, versions);
  const now = deps.clock.now();
  await deps.targets.remove(target);
  const ended: TransitionRow["alert"] = { ...changeByHand(target, "paused", now), to: "deleted" };
  const rows = [...target.owed, ended].map((alert) => ({ seq: target.seq, alert }));
  await record(deps, spoolKey(target, now), batch("transition", rows));
  await record(deps, spoolKey(target, now), batch("target", [targetRow(target, new Date(now).toISOString())]));
  return target;
}
