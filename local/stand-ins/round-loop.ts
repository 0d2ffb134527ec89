import { roundsOfMinute } from "../../shared/round/rounds-of-minute.ts";
import type { Clock } from "../../shared/time/clock.ts";
import { markOf } from "../../shared/time/marks.ts";
import type { RoundMachine } from "./round-machine.ts";

export interface RoundLoop {
  /** Starts no more rounds, ends waiting ones, and waits up to `graceMs` for those that run. */
  stop(graceMs: number): Promise<void>;
}

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
  const running = new Set<Promise<void>>();

  function execute(minuteMark: number, rounds: { offset: number; wait: number }[]): void {
    const minute = new Date(minuteMark * 1_000).toISOString();
    const execution = machine.run({ minute, rounds }, stopped.signal).then(() => undefined, onError);
    running.add(execution);
    void execution.finally(() => running.delete(execution));
  }

  async function everyMinute(): Promise<void> {
    const now = clock.now();
    const minuteMark = markOf(now, 60);
    const current = markOf(now, roundSeconds) - minuteMark;
    execute(
      minuteMark,
      roundsOfMinute(roundSeconds)
        .filter(({ offset }) => offset >= current)
        .map(({ offset }) => ({ offset, wait: Math.max(0, Math.round(minuteMark + offset - now / 1_000)) })),
    );
    for (let next = minuteMark + 60; ; next = markOf(clock.now(), 60) + 60) {
      // A timer may end a little early: the rest is slept again.
      for (let left = next * 1_000 - clock.now(); left > 0; left = next * 1_000 - clock.now()) await clock.sleep(left, stopped.signal);
      execute(next, roundsOfMinute(roundSeconds));
    }
  }

  const loop = everyMinute().catch((error: unknown) => {
    if (!stopped.signal.aborted) onError(error);
  });

  return {
    async stop(graceMs) {
      stopped.abort();
      const grace = new AbortController();
      await Promise.race([Promise.all([loop, ...running]), clock.sleep(graceMs, grace.signal).catch(() => undefined)]);
      grace.abort();
    },
  };
}
