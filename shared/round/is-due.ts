import { createHash } from "node:crypto";

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
