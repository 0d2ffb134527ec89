import type { EventKind } from "../status/alert-kinds.ts";
import type { DeliveryOutcome } from "./codes.ts";
import type { Histogram } from "./histogram.ts";

/** The last 24 hours of a target, an hour a letter. */
export interface DayStrip {
  readonly seq: number;
  /** 24 letters, oldest first: `d`own, de`g`raded or `u`p at its worst, `-` where nothing is known. */
  readonly hours: string;
  /** Up and degraded, of the time that is known; `null` when nothing is. */
  readonly uptimePercent: number | null;
}

/** Why a target is not up. */
export interface Reason {
  readonly seq: number;
  readonly text: string;
}

/** A stretch of a target's history. */
export interface SeriesPoint {
  /** Epoch seconds of its begin. */
  readonly at: number;
  /** Time in maintenance counts as nothing else. */
  readonly maintenanceSeconds: number;
  readonly upSeconds: number;
  readonly degradedSeconds: number;
  readonly downSeconds: number;
  readonly checks: number;
  readonly latencySumMs: number;
  readonly latencyMaxMs: number | null;
  readonly latencies: Histogram;
}

/** Seconds a point of a series covers: what is rolled up. */
export const SERIES_STEPS = [300, 3_600, 86_400] as const;
export type SeriesStep = (typeof SERIES_STEPS)[number];

/** What was to be told of a target, and what became of it. */
export interface ToldAlert {
  /** ISO 8601: the mark it was decided at. */
  readonly at: string;
  readonly kind: EventKind;
  readonly from: string;
  readonly to: string;
  readonly error: string | null;
  readonly deliveries: readonly {
    readonly channel: string;
    readonly outcome: DeliveryOutcome;
    readonly attempts: number;
    readonly attemptedAt: string;
    readonly nextAttemptAt: string | null;
    readonly error: string | null;
  }[];
}

/** What became of a channel's alerts. */
export interface ChannelUse {
  readonly channel: string;
  /** ISO 8601; `null` when it took none. */
  readonly lastSentAt: string | null;
  readonly sent: number;
  readonly failed: number;
  /** The last few, the newest first. */
  readonly last: readonly ChannelDelivery[];
}

/** An alert, and what became of it on a channel. */
export interface ChannelDelivery {
  /** ISO 8601: when the channel was asked last. */
  readonly at: string;
  readonly target: { readonly id: string; readonly name: string };
  readonly kind: EventKind;
  readonly to: string;
  readonly outcome: DeliveryOutcome;
  readonly error: string | null;
}

/** The last check of a target: what a scrape shows. Milliseconds; `null` where there was no such phase. */
export interface LastCheck {
  readonly seq: number;
  /** Epoch seconds: the round's mark. */
  readonly at: number;
  readonly totalMs: number | null;
  readonly phases: Readonly<Record<"dnsMs" | "connectMs" | "tlsMs" | "ttfbMs" | "transferMs", number | null>>;
  readonly certificateDays: number | null;
}

/** Latencies of a target's good checks since midnight, UTC, as far as they are rolled up: within a day they only grow. */
export interface DayLatencies {
  readonly seq: number;
  readonly sumMs: number;
  readonly latencies: Histogram;
}

/** What a page shows of many targets at once, or of one over a long time. */
export interface LogOverview {
  /** Of every target that has any. @param now ISO 8601 */
  strips(now: string): Promise<DayStrip[]>;
  /** Of the last change of status of each. @param seqs at most 2,000 are looked at */
  reasons(seqs: readonly number[]): Promise<Reason[]>;
  /** [from, to) in steps. @param from ISO 8601, a multiple of the step @param to ISO 8601 */
  series(seq: number, step: SeriesStep, from: string, to: string): Promise<SeriesPoint[]>;
  /** Of every target that was checked within the last day, in one read. @param now ISO 8601 */
  lastChecks(now: string): Promise<LastCheck[]>;
  /** Of every target that was checked today, in one read. @param now ISO 8601 */
  latencies(now: string): Promise<DayLatencies[]>;
  /** What channels were told within the last week. @param now ISO 8601 */
  channelUse(now: string): Promise<ChannelUse[]>;
  /** The newest first. @param within from and to, ISO 8601, both included: the oldest of these, where they are more than `limit` */
  alerts(seq: number, limit: number, within?: { readonly from: string; readonly to: string }): Promise<ToldAlert[]>;
}
