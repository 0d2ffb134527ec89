import { messageOf, UnreadableItemError } from "../errors.ts";
import { record } from "../log/record.ts";
import { batch } from "../log/tables.ts";
import type { DepartedTargets } from "../targets/departed.ts";
import { endedDeliveries } from "../targets/ended-deliveries.ts";
import type { Target } from "../targets/target.ts";
import { inParallel } from "../time/in-parallel.ts";
import { markToIso } from "../time/marks.ts";
import { type DeliveryDeps, type DeliveryReport, deliverOwed } from "./deliver-owed.ts";

export interface DepartedDeps extends DeliveryDeps {
  readonly departed: DepartedTargets;
}

/** For so long, in ms, the last word of a deleted target is tried. */
const TRIED_MS = 86_400_000;
/** Who deletes a target is done, or gone, after this. Milliseconds. */
const UNDER_WAY_MS = 60_000;
const AT_ONCE = 20;
const NONE: DeliveryReport = { sent: 0, waiting: 0, failed: 0, spooled: 0, owed: [] };

/**
 * Tells whoever keeps the incident of a deleted target open that nobody watches it any more, and forgets those of whom
 * all is told.
 */
export async function tellOfDeparted(deps: DepartedDeps, round: number): Promise<DeliveryReport> {
  try {
    const departed = await deps.departed.list();
    const open = await inParallel(departed, AT_ONCE, async (target) => {
      const isThere = await exists(deps.targets, target.id);
      if (!isOver(target, isThere, deps.clock.now())) return isThere ? [] : [target.id];
      if (!isThere) await endLedger(deps, target, round);
      await deps.departed.forget(target.id);
      return [];
    });
    return await deliverOwed({ ...deps, targets: { ...deps.departed, get: deps.targets.get } }, open.flat(), round);
  } catch (error) {
    // The round is more than they are; it is tried again in the next.
    deps.logger.error("what deleted targets owe could not be told", { reason: messageOf(error) });
    return NONE;
  }
}

/** Whether a target is there, if only in a form that this release does not understand: that must not keep the others waiting. */
async function exists(targets: DepartedDeps["targets"], id: string): Promise<boolean> {
  try {
    return (await targets.get(id)) !== undefined;
  } catch (error) {
    if (error instanceof UnreadableItemError) return true;
    throw error;
  }
}

/** @param isThere whether it was not deleted after all, or is just being */
function isOver({ owed }: Target, isThere: boolean, now: number): boolean {
  return owed.every(({ at }) => now - at > (isThere ? UNDER_WAY_MS : TRIED_MS));
}

/** Of what was tried for too long, the ledger says so. */
async function endLedger(deps: DepartedDeps, { seq, owed }: Target, round: number): Promise<void> {
  const why = "given up a day after the target was deleted";
  const rows = owed.flatMap(({ at, deliveries }) => endedDeliveries({ seq, at }, deliveries, deps.clock.now(), why));
  if (rows.length > 0) await record(deps, `${markToIso(round)}#departed`, batch("delivery", rows));
}
