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
