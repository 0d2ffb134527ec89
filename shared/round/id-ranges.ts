import type { TargetKey } from "../targets/target.ts";

/** Ids from one bound to the other, and how many checks they have in a round by their intervals. */
export interface IdRange {
  readonly from: string;
  readonly to: string;
  readonly expected: number;
}

/**
 * How ids were cut last. Every id lies in one range, also of a target that is yet to come: an old cut may be uneven, and
 * is never wrong.
 */
export interface Cut {
  /** Epoch ms. */
  readonly at: number;
  readonly shardSize: number;
  readonly roundSeconds: number;
  readonly ranges: readonly IdRange[];
}

export interface CutStore {
  get(): Promise<Cut | undefined>;
  put(cut: Cut): Promise<void>;
}

/** Below and above every id, which is a UUID. */
export const LOWEST = "!";
export const HIGHEST = "~";

/** Items a shard reads at most, in multiples of the checks it runs: with long intervals most are not due. */
const MAX_ITEMS_PER_CHECK = 8;

/**
 * Cuts ids into ranges of about `shardSize` checks a round.
 * @param keys in order of id
 * @returns none where there is no target
 */
export async function cutIds(
  keys: AsyncIterable<TargetKey>,
  { shardSize, roundSeconds }: Pick<Cut, "shardSize" | "roundSeconds">,
): Promise<IdRange[]> {
  const ranges: IdRange[] = [];
  let from = LOWEST;
  let open = { items: 0, expected: 0, last: "" };
  const close = (to: string) => {
    ranges.push({ from, to, expected: Math.round(open.expected * 100) / 100 });
    from = to;
    open = { items: 0, expected: 0, last: "" };
  };
  for await (const { id, status, intervalSeconds } of keys) {
    // Of a full range it is known only now that it is not the last. No id equals its bound.
    if (open.expected > shardSize - 0.001 || open.items === shardSize * MAX_ITEMS_PER_CHECK) close(`${open.last}${HIGHEST}`);
    open = { items: open.items + 1, expected: open.expected + expectedOf(status, intervalSeconds, roundSeconds), last: id };
  }
  if (open.items > 0) close(HIGHEST);
  return ranges;
}

/** Checks a round of one target, 0 to 1. */
function expectedOf(status: string, intervalSeconds: number, roundSeconds: number): number {
  if (status === "paused") return 0;
  return status === "pending" || intervalSeconds <= roundSeconds ? 1 : roundSeconds / intervalSeconds;
}

/** Checks a round of all. */
export function expectedIn(ranges: readonly IdRange[]): number {
  return Math.ceil(ranges.reduce((sum, { expected }) => sum + expected, 0));
}

/** A cut is made anew after this, in ms. */
const CUT_EVERY_MS = 300_000;

/** Whether a cut still serves. @param planned checks that the round before had @param now epoch ms */
export function serves(
  cut: Cut,
  { shardSize, roundSeconds }: Pick<Cut, "shardSize" | "roundSeconds">,
  planned: number,
  now: number,
): boolean {
  const isOfNow = cut.shardSize === shardSize && cut.roundSeconds === roundSeconds && now - cut.at < CUT_EVERY_MS;
  // Many were added since: one range has them.
  return isOfNow && cut.ranges.length > 0 && planned <= expectedIn(cut.ranges) * 1.25 + shardSize;
}
