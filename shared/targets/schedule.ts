import { createHash } from "node:crypto";

/** What decides when a target is checked. */
export interface Schedule {
  readonly id: string;
  readonly intervalSeconds: number;
  readonly status: string;
  /** ISO 8601: when its configuration was last written. */
  readonly updatedAt?: string | undefined;
}

/**
 * Whether a target is checked in a round: every interval, at a phase spread by a hash of its id, so that load is even.
 * A target that was never checked is due at once, one whose configuration was changed in the next round, and one whose
 * time came while no round ran in the first that does.
 * @param after mark of the round before: everything due since then is due now
 */
export function isDue(target: Schedule, mark: number, roundSeconds: number, after = mark - roundSeconds): boolean {
  if (target.status === "paused") return false;
  if (target.status === "pending") return true;
  return latestDue(target, mark, roundSeconds) > after || changedWithin(target.updatedAt, after, mark);
}

/** Whether what is due at a mark is one in so many of a target's checks, each target at a turn of its own. */
export function isNthCheck(target: Pick<Schedule, "id" | "intervalSeconds">, mark: number, roundSeconds: number, every: number): boolean {
  const round = latestDue(target, mark, roundSeconds) / roundSeconds;
  const check = Math.floor(round / roundsOf(target, roundSeconds));
  return check % every === Math.floor(placeOf(target.id) * every);
}

/** The last mark, up to one, at which a target's time came. Marks are epoch seconds. */
export function latestDue(target: Pick<Schedule, "id" | "intervalSeconds">, mark: number, roundSeconds: number): number {
  const every = roundsOf(target, roundSeconds);
  const now = mark / roundSeconds;
  return (now - ((((now - phaseOf(target.id)) % every) + every) % every)) * roundSeconds;
}

/** Rounds from one check to the next. */
function roundsOf({ intervalSeconds }: Pick<Schedule, "intervalSeconds">, roundSeconds: number): number {
  return Math.max(1, Math.round(intervalSeconds / roundSeconds));
}

/** Whether the first mark after a change lies after one round's mark, and not after another's. */
function changedWithin(updatedAt: string | undefined, after: number, mark: number): boolean {
  const changed = updatedAt === undefined ? Number.NaN : Date.parse(updatedAt) / 1_000;
  return changed > after && changed <= mark;
}

function phaseOf(id: string): number {
  return createHash("sha256").update(id).digest().readUInt32BE(0);
}

/** Where in the time over which a round's checks are spread a target has its place: 0 to 1, the same in each round. */
export function placeOf(id: string): number {
  return createHash("sha256").update(id).digest().readUInt32BE(4) / 2 ** 32;
}
