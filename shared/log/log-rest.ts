import type { Clock } from "../time/clock.ts";

/** Where a log that sleeps between its hours stands. Epoch ms; 0 for never. */
export interface RestState {
  /** Somebody looks until then. */
  readonly awakeUntil: number;
  /** When waking it was begun last. */
  readonly wokenAt: number;
  /** When waking it was begun first, of those that nothing has come of yet. */
  readonly wakingSince: number;
  /** Up to when all that waited was written, last. */
  readonly writtenAt: number;
}

/** How long it stays awake after somebody looked, in ms; Aurora sleeps 5 minutes after its last statement besides. */
export const AWAKE_MS = 120_000;
/** A waking that has not ended by then is begun again, in ms: Aurora resumes in 15 s, in 30 s after a day. */
export const WAKING_MS = 60_000;

/** Whether all that was seen is in the log, and what comes is written there at once. @param now epoch ms */
export function isAwake({ awakeUntil, wokenAt, writtenAt }: RestState, now: number): boolean {
  return now < awakeUntil && writtenAt >= wokenAt;
}

/** It has just been written and is not asleep yet, in ms: long enough for the next round to see it so. */
const WARM_MS = 90_000;

/** Whether it can be read without waking it: all of it while it is awake, else all up to its hour. @param now epoch ms */
export function isWarm(state: RestState, now: number): boolean {
  return isAwake(state, now) || now - state.writtenAt < WARM_MS;
}

/** A log that nothing was written to for so long has missed an hour, in ms: rows wait, and somebody is to know. */
const OVERDUE_MS = 2.5 * 3_600_000;

/** A waking of which nothing has come after this, begun over and over, has failed: three times what it may take. Milliseconds. */
const WAKE_FAILED_MS = 3 * 60_000;

/** Whether it does not wake, or was not written to when it was to be: that is no sleep. @param now epoch ms */
export function isFailing({ wokenAt, wakingSince, writtenAt }: RestState, now: number): boolean {
  const doesNotWake = writtenAt < wokenAt && wakingSince > 0 && now - wakingSince > WAKE_FAILED_MS;
  return doesNotWake || (writtenAt > 0 && now - writtenAt > OVERDUE_MS);
}

/** Whether what waits should have been written by now; before the first round nothing waits. @param now epoch ms */
export async function hasMissedItsHour(rest: Pick<LogRest, "state" | "written">, now: number): Promise<boolean> {
  const { writtenAt } = await rest.state();
  if (writtenAt > 0) return now - writtenAt > OVERDUE_MS;
  await rest.written(now);
  return false;
}

/** A log that sleeps unless somebody looks: what is to be written waits in the spool until its hour. */
export interface LogRest {
  state(): Promise<RestState>;
  /**
   * Somebody looks: it stays awake for a while.
   * @returns whether all that there is can be read now, and, if not, whether it is the caller who is to wake it, and whether
   * that has failed
   */
  look(): Promise<{ readonly isAwake: boolean; readonly isFailing: boolean; readonly wakes?: number }>;
  /** All that waited before this moment has been written. @param at epoch ms */
  written(at: number): Promise<void>;
}

/** Where its state is kept. */
export interface RestStore {
  state(): Promise<RestState>;
  /** @param until epoch ms */
  keepAwake(until: number): Promise<void>;
  /** Begins a waking. @param at `since`: when the first was begun @param seen `wokenAt` as it was read @returns false when another has begun one meanwhile */
  wake(at: { readonly now: number; readonly until: number; readonly since: number }, seen: number): Promise<boolean>;
  /** @param at epoch ms: what is later stays */
  written(at: number): Promise<void>;
}

/** A log that sleeps, over the store of its state. */
export function createLogRest(store: RestStore, clock: Pick<Clock, "now">): LogRest {
  return {
    state: () => store.state(),
    written: (at) => store.written(at),

    async look() {
      const [seen, now] = [await store.state(), clock.now()];
      const until = now + AWAKE_MS;
      const awake = isAwake(seen, now);
      const failing = isFailing(seen, now);
      if (awake || now - seen.wokenAt < WAKING_MS) {
        // Not for each of many looks: a page asks for much at once.
        if (seen.awakeUntil < now + AWAKE_MS / 2) await store.keepAwake(until);
        return { isAwake: awake, isFailing: failing };
      }
      const since = seen.writtenAt < seen.wokenAt && seen.wakingSince > 0 ? seen.wakingSince : now;
      const isOurs = await store.wake({ now, until, since }, seen.wokenAt);
      return { isAwake: false, isFailing: failing, ...(isOurs && { wakes: now }) };
    },
  };
}
