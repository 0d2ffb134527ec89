import * as z from "zod";
import { isDue } from "../targets/schedule.ts";
import type { TargetReader } from "../targets/target-store.ts";
import type { Clock } from "../time/clock.ts";
import { markOf } from "../time/marks.ts";
import type { LastRoundStore } from "./last-round.ts";

/** Input of the task: which round. */
const planRoundInput = z.object({
  /** Epoch seconds. */
  mark: z.int().min(0),
});

export interface PlanRoundDeps {
  readonly targets: Pick<TargetReader, "keys">;
  readonly lastRound: Pick<LastRoundStore, "get">;
  readonly clock: Clock;
  readonly roundSeconds: number;
  readonly shardSize: number;
  /** Whether all shards run in one process. */
  readonly isOneProcess?: boolean;
}

/** Targets with `from` ≤ id ≤ `to`, checked by one check-shard. */
export interface Shard {
  readonly round: number;
  /** Mark of the round before this one, farther back after a time in which none ran: all that came due since is due. */
  readonly after: number;
  /** Epoch ms since when pings could be heard without a break. */
  readonly hearingSince: number;
  readonly from: string;
  readonly to: string;
  /** Owing targets to name at most. */
  readonly owedLimit: number;
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
  readonly planned: number;
  /** As of each shard. */
  readonly hearingSince: number;
  /** Mark since which rounds have been blind; 0 when the last one saw. */
  readonly blindSince: number;
  readonly shards: readonly Shard[];
}

/** Items a shard reads at most, in multiples of the checks it runs: with long intervals most are not due. */
const MAX_ITEMS_PER_CHECK = 8;
/** Owing targets named in a round at most: states carry 256 KiB, an id has 36 characters. */
const MAX_OWED_NAMED = 4_000;
const MAX_OWED_PER_SHARD = 100;

/**
 * Cuts the targets into shards of at most `shardSize` due checks, as ranges of ids: keys only leave
 * this function. Ranges also cover targets that are not due but owe an alert.
 */
export async function planRound(deps: PlanRoundDeps, input: unknown): Promise<RoundPlan> {
  const { mark } = planRoundInput.parse(input);
  const startedAt = deps.clock.now();
  const round = markOf(mark * 1_000, deps.roundSeconds);
  // The next round has begun: a check made now would be wrong data under this one's name.
  if (startedAt >= (round + deps.roundSeconds) * 1_000) {
    return { round, startedAt, stale: true, planned: 0, hearingSince: startedAt, blindSince: 0, shards: [] };
  }
  const { after, hearingSince, blindSince } = await whereWeAre(deps, round, startedAt);
  const ranges: { from: string; to: string }[] = [];
  let planned = 0;
  let open: { from: string; to: string; items: number; due: number; wanted: boolean } | undefined;
  const close = () => {
    if (open?.wanted) ranges.push({ from: open.from, to: open.to });
    open = undefined;
  };
  for await (const key of deps.targets.keys()) {
    const due = isDue(key, round, deps.roundSeconds, after);
    if (due) planned++;
    open ??= { from: key.id, to: key.id, items: 0, due: 0, wanted: false };
    open = { ...open, to: key.id, items: open.items + 1, due: open.due + (due ? 1 : 0), wanted: open.wanted || due || key.owesAlert };
    if (open.due === deps.shardSize || open.items === deps.shardSize * MAX_ITEMS_PER_CHECK) close();
  }
  close();
  const owedLimit = Math.min(MAX_OWED_PER_SHARD, Math.floor(MAX_OWED_NAMED / Math.max(1, ranges.length)));
  const common = { round, after, hearingSince, owedLimit, isAlone: ranges.length === 1, ...(deps.isOneProcess && { planned }) };
  const shards = ranges.map((range) => ({ ...common, ...range }));
  return { round, startedAt, stale: false, planned, hearingSince, blindSince, shards };
}

/** Rounds that may be missing without a word: one may be long, one may be lost. */
const MISSING_ROUNDS = 3;
/** What came due longer ago than the longest interval comes due again anyway. Seconds. */
const LONGEST_GAP = 86_400;

/** What the round before tells: whether there was a time in which nothing was checked, and no ping could be heard. */
async function whereWeAre({ lastRound, roundSeconds }: PlanRoundDeps, round: number, startedAt: number) {
  const last = await lastRound.get();
  const usual = round - roundSeconds;
  if (last === undefined) return { after: usual, hearingSince: startedAt, blindSince: 0 };
  const blindSince = last.blindSince ?? 0;
  if (last.round >= round - MISSING_ROUNDS * roundSeconds) return { after: usual, hearingSince: last.hearingSince ?? 0, blindSince };
  return { after: Math.max(last.round, round - LONGEST_GAP), hearingSince: startedAt, blindSince };
}
