import * as z from "zod";

const nameRoundsInput = z.object({
  /** When the execution was asked for, ISO 8601: EventBridge's `time`, at any second of its minute. */
  start: z.iso.datetime(),
});

/** A round that an execution is to run. */
export interface NamedRound {
  /** Epoch seconds. */
  readonly mark: number;
  /** The same as ISO 8601, to wait for. */
  readonly at: string;
}

/** How long one execution is responsible for, until the next one is: a rule has no shorter rate. Seconds. */
const EXECUTION_SECONDS = 60;

/**
 * Names the rounds of one execution by the clock: the marks in [start, start + 60 s). Whatever second of its minute the
 * rule fires at, each mark is one execution's, and none has passed when it starts.
 */
export function nameRounds({ roundSeconds }: { readonly roundSeconds: number }, input: unknown): { rounds: NamedRound[] } {
  const start = Date.parse(nameRoundsInput.parse(input).start) / 1_000;
  const first = Math.ceil(start / roundSeconds) * roundSeconds;
  const marks = Array.from({ length: EXECUTION_SECONDS / roundSeconds }, (_, index) => first + index * roundSeconds);
  // The form that states of Step Functions wait for.
  return { rounds: marks.map((mark) => ({ mark, at: new Date(mark * 1_000).toISOString() })) };
}
