import { isTold } from "../status/alert-kinds.ts";
import { pausedOrResumed } from "../status/next-status.ts";
import type { OwedAlert } from "./owed-alert.ts";
import type { Target, TargetConfig } from "./target.ts";
import type { StateCommit } from "./target-store.ts";

/**
 * What pausing or resuming changes besides the configuration, in the same write.
 * @param now epoch ms
 * @returns `undefined` when `config` does neither
 */
export function pauseCommit(target: Target, config: TargetConfig, now: number): StateCommit | undefined {
  if (config.paused === target.config.paused) return undefined;
  const status = config.paused ? "paused" : "pending";
  return {
    state: pausedOrResumed(target.state, status, Math.floor(now / 1_000)),
    owed: [changeByHand(target, status, now), ...leftAlone(target, status, now + 1)],
    certificateWarnings: target.certificateWarnings,
  };
}

/**
 * What is told of a target that is paused, or deleted, while people take it for down or degraded: its incident is left
 * to nobody. One that was resumed and has not been checked yet is what it was before.
 * @param now epoch ms
 */
export function leftAlone({ state }: Target, to: "paused" | "pending", now: number): OwedAlert[] {
  const { status: from, since } = state.status === "pending" && state.before !== undefined ? state.before : state;
  if (to !== "paused" || (from !== "down" && from !== "degraded")) return [];
  return [{ at: now, kind: "unwatched", from, to, since, previousSince: since, deliveries: {} }];
}

/** A change of status that somebody made, for the ledger. @param now epoch ms */
export function changeByHand(target: Target, to: OwedAlert["to"], now: number): OwedAlert {
  const { status: from, since: previousSince } = target.state;
  const alert = { at: now, kind: "status", from, to, since: Math.floor(now / 1_000), previousSince, deliveries: {} } as const;
  if (isTold(alert)) throw new Error("a change by hand is recorded, not told");
  return alert;
}
