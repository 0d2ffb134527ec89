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
    owed: [changeByHand(target, status, now)],
    certificateWarnings: target.certificateWarnings,
  };
}

/** A change of status that somebody made, for the ledger. @param now epoch ms */
export function changeByHand(target: Target, to: OwedAlert["to"], now: number): OwedAlert {
  const { status: from, since: previousSince } = target.state;
  const alert = { at: now, kind: "status", from, to, since: Math.floor(now / 1_000), previousSince, deliveries: {} } as const;
  if (isTold(alert)) throw new Error("a change by hand is recorded, not told");
  return alert;
}
