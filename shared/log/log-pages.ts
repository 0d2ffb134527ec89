import type { ErrorClass } from "../check/check-type.ts";
import type { PublishedKind } from "./codes.ts";

/** A day of a target, in seconds: by the rules of every report. */
export interface DayTotals {
  readonly up: number;
  readonly degraded: number;
  readonly down: number;
  /** In maintenance windows: no part of the others. */
  readonly maintenance: number;
  /** That touch it. */
  readonly incidents: number;
}

/** A day as it is cut. Epoch seconds, whole hours. */
export interface DayBounds {
  readonly date: string;
  readonly from: number;
  readonly to: number;
}

/** A time a target was down, as a status page knows it. Epoch seconds. */
export interface PageIncident {
  readonly seq: number;
  readonly since: number;
  /** `null` while it goes on. */
  readonly until: number | null;
  /** Whether it came back; else nobody watches it any more. */
  readonly isRecovered: boolean;
  readonly errorClass: ErrorClass | null;
  /** What people said of it to the public, oldest first. Epoch seconds. */
  readonly said: readonly { readonly at: number; readonly status: PublishedKind; readonly text: string }[];
}

/** A stretch of time. Epoch seconds. */
export type Span = readonly [from: number, to: number];

/** What status pages show of the past. */
export interface LogPages {
  /** The moment up to which days know everything, epoch seconds; `null` before the first roll-up. */
  rolledUpTo(): Promise<number | null>;
  /** By target's number, by date; days of which nothing is known are left out. @param options.days oldest first, one after the other */
  days(options: { seqs: readonly number[]; days: readonly DayBounds[] }): Promise<Map<number, Map<string, DayTotals>>>;
  /** The newest that touch the time since. @param options.from epoch seconds */
  incidents(options: { seqs: readonly number[]; from: number; limit: number }): Promise<PageIncident[]>;
  /** Times that targets were in maintenance, by target. @param options.from epoch seconds */
  maintenance(options: { seqs: readonly number[]; from: number }): Promise<Map<number, Span[]>>;
  /** Mean time of the good checks of the last 24 hours, ms, by target; of roll-ups. @param options.now epoch seconds */
  latencies(options: { seqs: readonly number[]; now: number }): Promise<Map<number, number>>;
}
