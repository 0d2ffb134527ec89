import type { Recorder } from "../log/record.ts";
import { batch, type TransitionRow } from "../log/tables.ts";
import { requireVersion } from "../require-version.ts";
import type { Clock } from "../time/clock.ts";
import { type Deletion, type DeletionStore, finishDeletion } from "./deletions.ts";
import { departedOf } from "./departed.ts";
import { endedDeliveries } from "./ended-deliveries.ts";
import type { FormerKeys } from "./former-keys.ts";
import { changeByHand } from "./pause-target.ts";
import { requireTarget } from "./require-target.ts";
import type { Target } from "./target.ts";
import { targetRow } from "./target-row.ts";
import { type TargetReader, type TargetRegistry, VersionConflictError } from "./target-store.ts";

export interface RemoveTargetDeps extends Recorder {
  readonly targets: Pick<TargetReader, "get"> & Pick<TargetRegistry, "remove">;
  readonly formerKeys: Pick<FormerKeys, "release">;
  readonly deletions: DeletionStore;
  readonly clock: Clock;
}

/** Rounds and others change a target while it is removed; that many times in a row they do not. */
const MAX_ATTEMPTS = 20;

/**
 * Removes a target. Its history stays in the log, what it owed too, and what it was in ends now: whoever keeps its
 * incident open hears of it with the next round. Asked again, it finishes what a crash cut off, and says nothing of what
 * was removed within the last day.
 * @param versions of the configuration that the caller takes; any when left out
 * @returns the target that was; `undefined` when it was gone already
 * @throws {RequestError} @throws {VersionConflictError}
 */
export async function removeTarget(
  deps: RemoveTargetDeps,
  id: string,
  versions: readonly number[] | undefined,
): Promise<Target | undefined> {
  for (let attempt = 1; ; attempt++) {
    const begun = await deps.deletions.get(id);
    if (begun !== undefined && (await deps.targets.get(id)) === undefined) {
      await finishDeletion(deps, begun);
      return undefined;
    }
    const target = await requireTarget(deps.targets, id);
    requireVersion("The target", target.configVersion, versions);
    const endsAt = momentOf(target, begun, deps.clock.now());
    const departed = departedOf(target, endsAt);
    const deletion = deletionOf(target, endsAt);
    try {
      if (!(await deps.deletions.put(deletion))) throw new VersionConflictError("the target is being deleted by somebody else");
      await deps.targets.remove(target, departed);
    } catch (error) {
      if (!(error instanceof VersionConflictError) || attempt === MAX_ATTEMPTS) throw error;
      await deps.clock.sleep(Math.random() * 20 * attempt);
      continue;
    }
    await deps.formerKeys.release(target.config, id, Number.MAX_SAFE_INTEGER);
    await finishDeletion(deps, deletion);
    return target;
  }
}

/** When a target ends: those who delete it in the same state name one moment, so that the log has one end of it. @param now epoch ms */
function momentOf({ stateVersion }: Target, begun: Deletion | undefined, now: number): number {
  return begun?.stateVersion === stateVersion ? begun.startedAt : now;
}

const UNTAKEN = "the target was deleted before the channel took it";

/** What the log is to hold of a target that goes. @param now epoch ms */
function deletionOf(target: Target, now: number): Deletion {
  const { id, seq, owed, stateVersion } = target;
  const ended: TransitionRow["alert"] = { ...changeByHand(target, "paused", now), to: "deleted" };
  return {
    target: id,
    startedAt: now,
    stateVersion,
    rows: [
      batch(
        "transition",
        [...owed, ended].map((alert) => ({ seq, alert })),
      ),
      batch(
        "delivery",
        owed.flatMap(({ at, deliveries }) => endedDeliveries({ seq, at }, deliveries, now, UNTAKEN)),
      ),
      batch("target", [targetRow(target, new Date(now).toISOString())]),
    ],
  };
}
