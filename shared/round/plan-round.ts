import * as z from "zod";
import type { Sight } from "../alert/sight.ts";
import { messageOf } from "../errors.ts";
import type { LogWarning } from "../log/record.ts";
import type { TargetReader } from "../targets/target-store.ts";
import type { Clock } from "../time/clock.ts";
import { markOf } from "../time/marks.ts";
import { type CutStore, cutIds, expectedIn, HIGHEST, type IdRange, LOWEST, serves } from "./id-ranges.ts";
import { type LastRound, type LastRoundStore, MAX_WAITING } from "./last-round.ts";

/** Input of the task: which round. */
const planRoundInput = z.object({
  /** Epoch seconds. */
  mark: z.int().min(0),
});

export interface PlanRoundDeps {
  readonly targets: Pick<TargetReader, "keys">;
  readonly lastRound: Pick<LastRoundStore, "get">;
  readonly cuts: CutStore;
  readonly logger: LogWarning;
  readonly clock: Clock;
  readonly roundSeconds: number;
  readonly shardSize: number;
  /** Whether all shards run in one process. */
  readonly isOneProcess?: boolean;
  /** Whether what keeps its checker waiting is checked by a function of its own, where waiting is cheap. */
  readonly waitsApart?: boolean;
}

/** Targets with `from` ≤ id ≤ `to` but those that it skips, checked by one check-shard; or those of `ids`, by check-waiting. */
export interface Shard {
  readonly round: number;
  /** Mark of the round before this one, farther back after a time in which none ran: all that came due since is due. */
  readonly after: number;
  /** Epoch ms since when pings could be heard without a break. */
  readonly hearingSince: number;
  readonly from: string;
  readonly to: string;
  readonly ids?: readonly string[];
  /** Ids of its range that are checked by name. */
  readonly skips?: readonly string[];
  /** Owing targets to name at most. */
  readonly owedLimit: number;
  /** Ids to name at most of what keeps its checker waiting. */
  readonly waitingLimit: number;
  /** Whether the round has no other shard, whose end its alerts would wait for. */
  readonly isAlone: boolean;
  /** Checks of the whole round, where all shards share one process. */
  readonly planned?: number;
}

export interface RoundPlan {
  readonly round: number;
  /** Epoch ms. */
  readonly startedAt: number;
  /** True when the round's time is over: nothing is checked, and the gap shows in coverage. */
  readonly stale: boolean;
  /** Checks that are expected, by the intervals of the targets: what was due each shard tells. */
  readonly planned: number;
  /** As of each shard. */
  readonly hearingSince: number;
  /** Mark since which rounds have been blind; 0 when the last one saw. */
  readonly blindSince: number;
  /** That rounds see again, which a channel has yet to hear of; `null` when all did: the machine's paths must find it. */
  readonly sight: Sight | null;
  readonly shards: readonly Shard[];
}

/** Owing targets named in a round at most: states carry 256 KiB, an id has 36 characters. */
const MAX_OWED_NAMED = 4_000;
const MAX_OWED_PER_SHARD = 100;

/**
 * Cuts the targets into shards of about `shardSize` checks, as ranges of ids. They are cut every five minutes: to read
 * every target's key in each round would cost as much as checking it. Ranges hold all ids, so that a target that was made
 * or resumed since is checked, and an alert that is owed is told.
 */
export async function planRound(deps: PlanRoundDeps, input: unknown): Promise<RoundPlan> {
  const { mark } = planRoundInput.parse(input);
  const startedAt = deps.clock.now();
  const round = markOf(mark * 1_000, deps.roundSeconds);
  // The next round has begun: a check made now would be wrong data under this one's name.
  if (startedAt >= (round + deps.roundSeconds) * 1_000) {
    return { round, startedAt, stale: true, planned: 0, hearingSince: startedAt, blindSince: 0, sight: null, shards: [] };
  }
  const last = await deps.lastRound.get();
  const { after, hearingSince, blindSince } = whereWeAre(last, deps.roundSeconds, round, startedAt);
  const ranges = await rangesOf(deps, last?.planned ?? 0, startedAt);
  const planned = expectedIn(ranges);
  const owedLimit = Math.min(MAX_OWED_PER_SHARD, Math.floor(MAX_OWED_NAMED / Math.max(1, ranges.length)));
  const waiting = deps.waitsApart === true && ranges.length > 0 ? (last?.waiting ?? []) : [];
  const isAlone = ranges.length === 1 && waiting.length === 0;
  const waitingLimit = Math.max(1, Math.floor(MAX_WAITING / Math.max(1, ranges.length)));
  const common = { round, after, hearingSince, owedLimit, waitingLimit, isAlone, ...(deps.isOneProcess && { planned }) };
  const shards: Shard[] = ranges.map(({ from, to }) => {
    const skips = waiting.filter((id) => id >= from && id <= to);
    return { ...common, from, to, ...(skips.length > 0 && { skips }) };
  });
  // It takes the longest: first.
  if (waiting.length > 0) shards.unshift({ ...common, from: LOWEST, to: HIGHEST, ids: waiting });
  return { round, startedAt, stale: false, planned, hearingSince, blindSince, sight: last?.sight ?? null, shards };
}

/** @param planned checks of the round before @param now epoch ms */
async function rangesOf(deps: PlanRoundDeps, planned: number, now: number): Promise<readonly IdRange[]> {
  const { cuts, targets, shardSize, roundSeconds, logger } = deps;
  const known = await cuts.get().catch(() => undefined);
  if (known !== undefined && serves(known, { shardSize, roundSeconds }, planned, now)) return known.ranges;
  const ranges = await cutIds(targets.keys(), { shardSize, roundSeconds });
  // Where there is none yet, the first is to be seen at once.
  if (ranges.length === 0) return [];
  await cuts.put({ at: now, shardSize, roundSeconds, ranges }).catch((error: unknown) => {
    logger.warn("the cut of ids was not kept: the next round cuts anew", { reason: messageOf(error) });
  });
  return ranges;
}

/** Rounds that may be missing without a word: one may be long, one may be lost. */
const MISSING_ROUNDS = 3;
/** What came due longer ago than the longest interval comes due again anyway. Seconds. */
const LONGEST_GAP = 86_400;

/** What the round before tells: whether there was a time in which nothing was checked, and no ping could be heard. */
function whereWeAre(last: LastRound | undefined, roundSeconds: number, round: number, startedAt: number) {
  const usual = round - roundSeconds;
  if (last === undefined) return { after: usual, hearingSince: startedAt, blindSince: 0 };
  const blindSince = last.blindSince ?? 0;
  if (last.round >= round - MISSING_ROUNDS * roundSeconds) return { after: usual, hearingSince: last.hearingSince ?? 0, blindSince };
  return { after: Math.max(last.round, round - LONGEST_GAP), hearingSince: startedAt, blindSince };
}
