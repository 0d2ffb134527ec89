import { expect, it } from "vitest";
import { LogAsleepError } from "../../../shared/errors.ts";
import { createAddressGuard } from "../../../shared/net/address-guard.ts";
import { type ConcludeRoundDeps, concludeRound } from "../../../shared/round/conclude-round.ts";
import type { LastRound } from "../../../shared/round/last-round.ts";
import type { ConcludedRound } from "../../../shared/round/round-metrics.ts";

const ROUND = 1_795_400_040;
const NOW = (ROUND + 2) * 1_000;
const HOUR_MS = 3_600_000;
const report = { blind: 0, up: 0, degraded: 0, down: 0, late: 0, transitions: 0, spooled: 0, loopDelayMs: 0, owed: [] };

/** Concludes a round without alerts. @param writtenAt where the log sleeps: when it was written last */
async function concluded(
  shards: readonly object[],
  writtenAt?: number,
  { before = {}, kept = [] }: { readonly before?: object; readonly kept?: LastRound[] } = {},
): Promise<ConcludedRound> {
  const published: ConcludedRound[] = [];
  const nothing = async () => undefined;
  const deps: Partial<ConcludeRoundDeps> = {
    channels: [],
    log: { write: () => (writtenAt === undefined ? Promise.resolve() : Promise.reject(new LogAsleepError())) },
    spool: { put: nothing, oldest: async () => [], remove: nothing, settle: nothing, reject: nothing },
    lastRound: { get: nothing, put: async (last) => void kept.push(last) },
    clock: { now: () => NOW, sleep: nothing },
    guard: createAddressGuard(),
    maintenance: { list: async () => [] },
    logger: { warn: () => undefined, error: () => undefined },
    roundSeconds: 30,
    linkTo: () => undefined,
    publish: (round) => void published.push(round),
    ...(writtenAt !== undefined && {
      rest: {
        state: async () => ({ awakeUntil: 0, wokenAt: 0, wakingSince: 0, writtenAt }),
        written: nothing,
        look: async () => ({ isAwake: false, isFailing: false }),
      },
    }),
  };
  const plan = { round: ROUND, startedAt: NOW - 1_000, planned: 1_000, hearingSince: 0, ...before };
  await concludeRound(deps as ConcludeRoundDeps, { plan, shards }); // no alert is owed: what sends them is not called
  const [first] = published;
  if (first === undefined) throw new Error("nothing was published");
  return first;
}

it("raises nobody for rows that wait for the log's hour, and somebody when it was missed", async () => {
  const waits = async (writtenAt?: number) => (await concluded([], writtenAt)).spoolWaits;
  expect(await waits()).toBe(false);
  expect(await waits(NOW - 2 * HOUR_MS)).toBe(false);
  expect(await waits(NOW - 3 * HOUR_MS)).toBe(true);
  // Before the first hour nothing was to be written.
  expect(await waits(0)).toBe(false);
});

it("counts what shards found due, and of a shard that was lost its share, one at least", async () => {
  const whole = { ...report, due: 240, checked: 238, blind: 1 };
  expect((await concluded([whole, whole, whole, whole])).row).toMatchObject({ planned: 960, checked: 952, failedShards: 0 });
  expect((await concluded([whole, whole, whole, { failed: true }])).row).toMatchObject({ planned: 720 + 250, failedShards: 1 });
  // What a release before reported, which did not tell what was due.
  expect((await concluded([{ ...report, checked: 7, blind: 2 }])).row).toMatchObject({ planned: 9 });
});

it("keeps since when pings could be heard, and since when nothing was seen: both of before, and not of this round", async () => {
  const kept = async (shards: readonly object[], before: object) => {
    const rounds: LastRound[] = [];
    await concluded(shards, undefined, { before, kept: rounds });
    return rounds[0];
  };
  const sees = { ...report, checked: 6 };
  // A job that has an hour to come back in has it from then on, and not from each round.
  expect(await kept([sees], { hearingSince: 5 })).toMatchObject({ hearingSince: 5, blindSince: 0 });
  const blind = { ...sees, blind: 6 };
  expect(await kept([blind], {})).toMatchObject({ blindSince: ROUND });
  expect(await kept([blind], { blindSince: ROUND - 90 })).toMatchObject({ blindSince: ROUND - 90 });
  expect(await kept([sees], { blindSince: ROUND - 90 })).toMatchObject({ blindSince: 0 });
});
