import type { Clock } from "../../shared/time/clock.ts";
import { markOf } from "../../shared/time/marks.ts";
import type { RoundMachine } from "./round-machine.ts";

export interface RoundLoop {
  /** Starts no more rounds, ends waiting ones, and waits up to `graceMs` for those that run. */
  stop(graceMs: number): Promise<void>;
}

const MINUTE_MS = 60_000;
/** Timers do not run while a machine sleeps, so that one long timer would end late by as much. */
const LOOK_EVERY_MS = 1_000;

/**
 * Does what EventBridge does: one execution at each minute, and at once for the rest of this one,
 * so that there is something to see.
 * @param onError told when an execution fails
 */
export function startRoundLoop(
  machine: RoundMachine,
  options: { roundSeconds: number; clock: Clock; onError: (error: unknown) => void },
): RoundLoop {
  const { roundSeconds, clock, onError } = options;
  const stopped = new AbortController();
  const running = new Map<Promise<void>, AbortController>();

  function execute(start: number): void {
    const own = new AbortController();
    const execution = machine
      .run({ start: new Date(start).toISOString() }, AbortSignal.any([stopped.signal, own.signal]))
      .then(() => undefined, onError);
    running.set(execution, own);
    void execution.finally(() => running.delete(execution));
  }

  async function everyMinute(): Promise<void> {
    // The round that is running belongs to the first execution, so that there is something to see at once.
    for (let start = currentRound(); ; start += MINUTE_MS) {
      if (await jumpsUntil(start)) {
        // What waits for marks of before would run under names that are wrong: the gap is unknown time.
        for (const own of running.values()) own.abort();
        start = currentRound();
      }
      execute(start);
    }
  }

  const currentRound = () => markOf(clock.now(), roundSeconds) * 1_000;

  /** Waits for a moment, epoch ms. @returns at once and true when the clock was set or the machine slept meanwhile */
  async function jumpsUntil(moment: number): Promise<boolean> {
    for (let now = clock.now(); now < moment; now = clock.now()) {
      const step = Math.min(moment - now, LOOK_EVERY_MS);
      await clock.sleep(step, stopped.signal);
      if (Math.abs(clock.now() - (now + step)) > (roundSeconds * 1_000) / 2) return true;
    }
    return false;
  }

  const loop = everyMinute().catch((error: unknown) => {
    if (!stopped.signal.aborted) onError(error);
  });

  return {
    async stop(graceMs) {
      stopped.abort();
      const grace = new AbortController();
      await Promise.race([Promise.all([loop, ...running.keys()]), clock.sleep(graceMs, grace.signal).catch(() => undefined)]);
      grace.abort();
    },
  };
}
