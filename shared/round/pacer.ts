import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";

/** Hands out starts at a bounded pace, in the order asked. One per process: the CPU is what is paced. */
export interface Pacer {
  /** Resolves when the caller may start. */
  turn(): Promise<void>;
}

/** Starts are handed out in bursts this far apart, since timers are no finer. */
const BURST_MS = 10;

/** The slowest that a busy process starts checks, by the pace that it is given: a round has an end. */
const SLOWEST = 0.25;

/**
 * @param perSecond starts a second. Measured (`npm run bench -- checks`): on one core, 500 checks a second tell an HTTPS
 *   target that answers in 5 ms 2 ms more at p95 than 200 do, and an HTTP target nothing more.
 * @param busy share of the time that this process is late, 0 to 1: it starts as much less
 */
export function createPacer(perSecond: number, busy: () => number = () => 0): Pacer {
  const burst = Math.max(1, Math.round((perSecond * BURST_MS) / 1_000));
  const spacing = () => (burst * 1_000) / perSecond / Math.max(SLOWEST, 1 - busy());
  let burstAt = 0;
  let left = 0;
  return {
    async turn() {
      const now = performance.now();
      const spacingMs = spacing();
      if (left === 0 || burstAt + spacingMs < now) {
        burstAt = Math.max(now, burstAt + spacingMs);
        left = burst;
      }
      left--;
      const waitMs = burstAt - now;
      await (waitMs > 1 ? delay(waitMs) : nextTurn());
    },
  };
}
