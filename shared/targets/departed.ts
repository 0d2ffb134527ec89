import { pausedOrResumed } from "../status/next-status.ts";
import { leftAlone } from "./pause-target.ts";
import type { Target } from "./target.ts";
import type { TargetRounds } from "./target-store.ts";

/** What delivering does to targets. */
export type Deliveries = Pick<TargetRounds, "claimOwed" | "recordDeliveries" | "releaseOwed">;

/**
 * Targets that were deleted while they owed a change of status, or while people took them for down or degraded: whoever
 * keeps their incident open has yet to hear that it is over, or that nobody watches them any more. No API shows them,
 * and no round checks them. One may still be there, where its deletion is under way or was given up.
 */
export interface DepartedTargets extends Deliveries {
  /** All there are. */
  list(): Promise<Target[]>;
  /** Done twice, it is done once. */
  forget(id: string): Promise<void>;
}

/**
 * A target as it departs: paused for ever, with its last word, and with the changes of status that it still owes. What
 * began and was told to nobody is not told any more; what ended is.
 * @param now epoch ms, when it is deleted
 * @returns `undefined` where nobody waits for a last word
 */
export function departedOf(target: Target, now: number): Target | undefined {
  const owed = [...target.owed.filter(({ kind }) => kind === "status" || kind === "unwatched"), ...leftAlone(target, "paused", now + 1)];
  return owed.length === 0 ? undefined : { ...target, state: pausedOrResumed(target.state, "paused", Math.floor(now / 1_000)), owed };
}

/** What is sent while its target is deleted is recorded where that went, with its claim. */
export function alsoDeparted<Watched extends Deliveries>(watched: Watched, departed: Pick<Deliveries, "recordDeliveries">): Watched {
  return {
    ...watched,
    recordDeliveries: async (claim, deliveries) =>
      (await watched.recordDeliveries(claim, deliveries)) || departed.recordDeliveries(claim, deliveries),
  };
}
