import type { CheckStatus } from "../check/check-type.ts";
import type { IncidentEventKind } from "./codes.ts";
import type { Histogram } from "./histogram.ts";

export interface CheckRecord {
  readonly at: string;
  readonly target: { readonly id: string; readonly name: string };
  readonly status: string;
  readonly attempts: number;
  readonly passedAfterRetry: boolean;
  readonly httpStatus: number | null;
  readonly error: { readonly class: string; readonly text: string } | null;
  /** What there is to say of a check that had no error, such as that its body was cut. */
  readonly note: string | null;
  readonly latencyMs: number | null;
  readonly phases: Readonly<Record<"dnsMs" | "connectMs" | "tlsMs" | "ttfbMs" | "transferMs", number | null>>;
  readonly address: string | null;
  readonly certificateDaysLeft: number | null;
}

export interface Incident {
  /** Epoch seconds: the mark at which it began, its identity with the target. */
  readonly since: number;
  readonly acknowledged: { readonly at: string; readonly by: string } | null;
  readonly target: { readonly id: string; readonly name: string };
  readonly startedAt: string;
  readonly detectedAt: string;
  readonly endedAt: string | null;
  readonly endedBy: string | null;
  readonly durationSeconds: number;
  readonly error: { readonly class: string; readonly text: string } | null;
  readonly httpStatus: number | null;
  readonly severity: "down" | "degraded";
}

/** Something in an incident's story. */
export interface IncidentEvent {
  /** ISO 8601. */
  readonly at: string;
  readonly kind: IncidentEventKind;
  readonly who: string;
  readonly text: string | null;
  readonly until: string | null;
}

/** What was seen of a target elsewhere, when it was down here. */
export interface OpinionRecord {
  /** The round's mark, ISO 8601. */
  readonly at: string;
  readonly region: string;
  /** `null` where nobody there could be asked: `error` says why. */
  readonly status: string | null;
  readonly error: string | null;
  readonly httpStatus: number | null;
  readonly latencyMs: number | null;
  readonly phases: CheckRecord["phases"];
  readonly address: string | null;
}

/** What is around an incident. */
export interface IncidentContext {
  readonly events: readonly IncidentEvent[];
  /** Other targets that went down in the same round; the first 20, and how many there are. */
  readonly others: readonly { readonly id: string; readonly name: string }[];
  readonly othersCount: number;
  /** What the round that decided it had planned, and what of it was checked; `null` when it is not logged. */
  readonly round: { readonly planned: number; readonly checked: number; readonly down: number } | null;
}

/** The finest roll-up, in ms: windows of history begin at a multiple. */
export const ROLLUP_MS = 300_000;

/** What is known of a target in a window. Seconds; the rest of the window is unknown. */
export interface WindowTotals {
  readonly upSeconds: number;
  readonly degradedSeconds: number;
  readonly downSeconds: number;
  /** In maintenance windows: no part of the others. */
  readonly maintenanceSeconds: number;
  readonly pausedSeconds: number;
  readonly checks: number;
  readonly retried: number;
  readonly latencySumMs: number;
  readonly latencyMaxMs: number | null;
  readonly latencies: Histogram;
}

/** A change through the API, as it is read back. */
export interface AuditRecord {
  readonly id: string;
  readonly at: string;
  readonly who: string;
  readonly action: string;
  readonly what: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** A place in a list ordered by time, newest first, then by target. */
export interface TimeCursor {
  readonly at: string;
  readonly seq: number;
}

/** A place in a list that has what is open first. */
export interface IncidentCursor extends TimeCursor {
  readonly open: boolean;
}

export interface Page<T> {
  readonly items: T[];
  readonly next?: TimeCursor;
}

/** What people look at: checks, incidents, totals, the audit. Every read is a page or a window. */
export interface LogHistory {
  /** @throws {StoreUnavailableError} when it does not answer within `timeoutMs`, or takes no writes */
  ping(timeoutMs: number): Promise<void>;
  /** The newest first. ISO 8601, `to` exclusive. @param options.statuses only those that found one of these */
  checks(
    seq: number,
    options: {
      from: string;
      to: string;
      limit: number;
      before?: TimeCursor | undefined;
      statuses?: readonly CheckStatus[] | undefined;
    },
  ): Promise<Page<CheckRecord>>;
  /** Second opinions of a time, the newest first. ISO 8601, `to` exclusive. */
  opinions(seq: number, options: { from: string; to: string; limit: number }): Promise<OpinionRecord[]>;
  recentChecks(options: { limit: number; before?: TimeCursor | undefined; now: number }): Promise<Page<CheckRecord>>;
  incidents(options: {
    from: string;
    to: string;
    limit: number;
    seq?: number | undefined;
    open?: boolean | undefined;
    /** Of targets that have one of these. */
    tag?: string | undefined;
    group?: string | undefined;
    before?: IncidentCursor | undefined;
  }): Promise<{ readonly items: Incident[]; readonly next?: IncidentCursor }>;
  /** One incident. @param since epoch seconds */
  incident(seq: number, since: number): Promise<Incident | undefined>;
  /** The target of an id, also one that was deleted. */
  targetOf(id: string): Promise<{ readonly seq: number; readonly name: string } | undefined>;
  /** What is around an incident. @param since epoch seconds @param detectedAt ISO 8601 */
  incidentContext(seq: number, since: number, detectedAt: string): Promise<IncidentContext>;
  /**
   * Changes through the API, the newest first: as many as a read may return.
   * @param before the last entry of the page before @param what of one thing alone, such as `target:<id>`
   */
  audits(options: {
    limit: number;
    what?: string | undefined;
    before?: { at: string; id: string } | undefined;
  }): Promise<{ readonly items: AuditRecord[]; readonly hasMore: boolean }>;
  /**
   * Totals of [from, to) for each of several windows, in one read.
   * @param windows from: ISO 8601, a multiple of {@link ROLLUP_MS}, or when the target was made @param to ISO 8601
   */
  totals<Window extends { readonly from: string }>(
    seq: number,
    windows: readonly Window[],
    to: string,
  ): Promise<(Window & { readonly totals: WindowTotals })[]>;
}
