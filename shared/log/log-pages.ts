import type { ErrorClass } from "../check/check-type.ts";

/** Seconds of a day by what checks said. */
export interface DaySeconds {
  readonly up: number;
  readonly degraded: number;
  readonly down: number;
}

/** A time a target was down, as a status page knows it. Epoch seconds. */
export interface PageIncident {
  readonly seq: number;
  readonly since: number;
  /** `null` while it goes on. */
  readonly until: number | null;
  readonly errorClass: ErrorClass | null;
}

/** What status pages show of the past. */
export interface LogPages {
  /** The moment up to which days know everything, epoch seconds; `null` before the first roll-up. */
  rolledUpTo(): Promise<number | null>;
  /**
   * Seconds of each day, by target and by date. An hour is of the day that it begins in.
   * @param options.days oldest first, one after the other: their dates, and when they begin, epoch seconds
   */
  days(options: {
    seqs: readonly number[];
    days: readonly { date: string; from: number }[];
  }): Promise<Map<number, Map<string, DaySeconds>>>;
  /** Those that touch the time since, the newest first; 500 at most. @param from epoch seconds */
  incidents(options: { seqs: readonly number[]; from: number }): Promise<PageIncident[]>;
  /** Times that targets were in maintenance, epoch seconds, by target. @param from epoch seconds */
  maintenance(options: { seqs: readonly number[]; from: number }): Promise<Map<number, (readonly [from: number, to: number])[]>>;
  /** Mean time of the good checks of the last 24 hours, ms, by target; of roll-ups. @param now epoch seconds */
  latencies(options: { seqs: readonly number[]; now: number }): Promise<Map<number, number>>;
}
