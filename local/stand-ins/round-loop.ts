import type { Clock } from "../../shared/time/clock.ts";
import { markOf } from "../../shared/time/marks.ts";
import type { RoundMachine } from "./round-machine.ts";

export interface RoundLoop {
  /** Starts no more rounds, ends waiting ones, and waits up to `graceMs` for those that run. */
  stop(graceMs: number): Promise<void>;
}

const MINUTE_MS = 60_000;

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

  function execute(start: number): void {
    const execution = machine.run({ start: new Date(start).toISOString() }, stopped.signal).then(() => undefined, onError);
    running.add(execution);
    void execution.finally(() => running.delete(execution));
  }

  async function everyMinute(): Promise<void> {
    // The round that is running belongs to the first execution, so that there is something to see at once.
    for (let start = currentRound(); ; start = nextStart(start)) {
      // A timer may end a little early: the rest is slept again.
      for (let left = start - clock.now(); left > 0 && left <= MINUTE_MS; left = start - clock.now())
        await clock.sleep(left, stopped.signal);
      execute(start);
    }
  }

  const currentRound = () => markOf(clock.now(), roundSeconds) * 1_000;

  /** A minute after the last start; from now on where the clock was put back, or the machine slept meanwhile. */
  function nextStart(last: number): number {
    const next = last + MINUTE_MS;
    const away = Math.abs(next - clock.now());
    return away > MINUTE_MS ? currentRound() : next;
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
