import * as z from "zod";
import type { Clock } from "../time/clock.ts";

const nameRoundsInput = z.object({
  /** When the execution was asked for, ISO 8601: EventBridge's `time`, at any second of its minute. */
  start: z.iso.datetime(),
});

/** A round that an execution is to run. */
export interface NamedRound {
  /** Epoch seconds. */
  readonly mark: number;
  /** When it begins, ISO 8601: at its mark, or at once where that has passed. */
  readonly at: string;
}

export interface NameRoundsDeps {
  readonly roundSeconds: number;
  readonly clock: Pick<Clock, "now">;
}

/** Not every interpreter waits well for a moment that has passed. */
const MARGIN_MS = 200;

/** How long one execution is responsible for, until the next one is: a rule has no shorter rate. Seconds. */
const EXECUTION_SECONDS = 60;

/**
 * Names the rounds of one execution by the clock: the marks in [start, start + 60 s). Whatever second of its minute the
 * rule fires at, each mark is one execution's, and none has passed when it starts.
 */
export function nameRounds({ roundSeconds, clock }: NameRoundsDeps, input: unknown): { rounds: NamedRound[] } {
  const start = Date.parse(nameRoundsInput.parse(input).start) / 1_000;
  const first = Math.ceil(start / roundSeconds) * roundSeconds;
  const marks = Array.from({ length: EXECUTION_SECONDS / roundSeconds }, (_, index) => first + index * roundSeconds);
  const soonest = clock.now() + MARGIN_MS;
  return { rounds: marks.map((mark) => ({ mark, at: new Date(Math.max(mark * 1_000, soonest)).toISOString() })) };
}
