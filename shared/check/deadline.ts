import type { LoopLag } from "../time/loop-lag.ts";
import { CheckTimeoutError } from "./explain-failure.ts";

/** The time that an attempt has. */
export interface Deadline {
  /** Aborts when it is over, and when it is ended. */
  readonly signal: AbortSignal;
  /** Rejects with a {@link CheckTimeoutError} when it is over. */
  readonly over: Promise<never>;
  /** Of the time so far, what this process was late: it did not listen then. Milliseconds. */
  lostMs(): number;
  /** Ends whatever the attempt left open. */
  end(): void;
}

// Made once: streams ask for the stack of the error they are destroyed with, which costs 5 % of a check.
const ATTEMPT_IS_OVER = new Error("the attempt is over");
/** How long an attempt may go on beyond its time for what this process was late, in ms: a round has an end. */
const MAX_GRACE_MS = 10_000;

/**
 * @param timeoutMs from now on, and as much longer as this process is late: that is no time that the target had
 * @param toldMs as the error says it
 */
export function startDeadline(timeoutMs: number, toldMs: number, lag: Pick<LoopLag, "lostMs"> | undefined): Deadline {
  const controller = new AbortController();
  const over = Promise.withResolvers<never>();
  const start = performance.now();
  const lostBefore = lag?.lostMs() ?? 0;
  const lostMs = () => (lag === undefined ? 0 : lag.lostMs() - lostBefore);
  const check = () => {
    const leftMs = timeoutMs + Math.min(lostMs(), timeoutMs, MAX_GRACE_MS) - (performance.now() - start);
    if (leftMs > 1) {
      timer = setTimeout(check, leftMs);
      return;
    }
    const error = new CheckTimeoutError(toldMs);
    controller.abort(error);
    over.reject(error);
  };
  let timer = setTimeout(check, timeoutMs);
  return {
    signal: controller.signal,
    over: over.promise,
    lostMs,
    end() {
      clearTimeout(timer);
      controller.abort(ATTEMPT_IS_OVER);
    },
  };
}
