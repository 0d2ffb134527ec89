import { createHash } from "node:crypto";

/** Lengths a round may have: they divide a minute, which is EventBridge's shortest rate. */
export const ROUND_LENGTHS = [10, 15, 20, 30, 60] as const;
export type RoundSeconds = (typeof ROUND_LENGTHS)[number];

/**
 * The mark that a moment belongs to. A round is named by its mark everywhere.
 * @param ms epoch milliseconds
 * @returns epoch seconds, a multiple of `roundSeconds`
 */
export function markOf(ms: number, roundSeconds: number): number {
  return Math.floor(ms / 1_000 / roundSeconds) * roundSeconds;
}

/** A mark as ISO 8601 in UTC. */
export function markToIso(mark: number): string {
  return new Date(mark * 1_000).toISOString();
}

/**
 * The rounds of one loop execution, as the state machine's input has them.
 * `offset` names the round within the minute, `wait` is how long to wait for it, both in seconds.
 */
export function roundsOfMinute(roundSeconds: number): { offset: number; wait: number }[] {
  return Array.from({ length: 60 / roundSeconds }, (_, index) => ({ offset: index * roundSeconds, wait: index * roundSeconds }));
}

/**
 * Whether a target is checked in a round: every interval, at a phase spread by a hash of its id,
 * so that load is even. Targets never checked are due at once.
 */
export function isDue(target: { id: string; intervalSeconds: number; status: string }, mark: number, roundSeconds: number): boolean {
  if (target.status === "paused") return false;
  if (target.status === "pending") return true;
  const every = Math.max(1, Math.round(target.intervalSeconds / roundSeconds));
  return (mark / roundSeconds) % every === phaseOf(target.id) % every;
}

function phaseOf(id: string): number {
  return createHash("sha256").update(id).digest().readUInt32BE(0);
}
