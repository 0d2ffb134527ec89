import * as z from "zod";
import type { Clock } from "../time/clock.ts";

const nameRoundsInput = z.object({
  /** When the execution was asked for, ISO 8601: EventBridge's `time`, which is its minute, or a second of it. */
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
/** What a rule's second may move from one minute to the next. */
const JITTER_SECONDS = 5;

/** The marks of an execution: up to a minute after it began. */
interface Window {
  readonly start: number;
  /** Epoch seconds: from here on, marks are the next one's. */
  readonly until: number;
  readonly marks: readonly number[];
}

/**
 * Names the rounds of one execution by the clock: the marks in [start, start + 60 s). Whatever second of its minute the
 * rule fires at, each mark is one execution's, and none has passed when it starts.
 *
 * Who is called each minute remembers where the last execution ended, and goes on there: a rule's second moves a little, and
 * where it does so beside a mark, that would be nobody's, or two executions'. Whoever remembers nothing begins at the start.
 */
export function createRoundNamer({ roundSeconds, clock }: NameRoundsDeps): (input: unknown) => { rounds: NamedRound[] } {
  let last: Window | undefined;
  return (input) => {
    const start = Date.parse(nameRoundsInput.parse(input).start) / 1_000;
    const now = clock.now() / 1_000;
    // A task that is tried again has the rounds it had.
    if (last?.start !== start) last = nextWindow(start, now, last?.until, roundSeconds);
    const soonest = clock.now() + MARGIN_MS;
    return { rounds: last.marks.map((mark) => ({ mark, at: new Date(Math.max(mark * 1_000, soonest)).toISOString() })) };
  };
}

/** @param until of the window before, where it is known */
function nextWindow(start: number, now: number, until: number | undefined, roundSeconds: number): Window {
  // EventBridge may name the minute alone, and fires at any second of it.
  const began = now > start && now < start + EXECUTION_SECONDS ? now : start;
  const from = until !== undefined && Math.abs(until - began) <= JITTER_SECONDS ? until : start;
  const end = began + EXECUTION_SECONDS;
  const first = Math.ceil(from / roundSeconds) * roundSeconds;
  const count = Math.max(0, Math.ceil((end - first) / roundSeconds));
  return { start, until: end, marks: Array.from({ length: count }, (_, index) => first + index * roundSeconds) };
}
