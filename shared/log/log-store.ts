import type { Delivery, OwedAlert } from "../alert/owed-alert.ts";
import type { CheckResult } from "../check/run-checks.ts";
import type { Target } from "../target/target.ts";
import type { Histogram } from "./histogram.ts";

/** One check, as the log keeps it. */
export interface CheckRow {
  /** Mark of the round, epoch seconds. */
  readonly round: number;
  readonly target: Pick<Target, "seq">;
  readonly intervalSeconds: number;
  readonly result: CheckResult;
}

/** A change of status or a warning, as the ledger keeps it. */
export interface TransitionRow {
  readonly seq: number;
  readonly alert: Omit<OwedAlert, "deliveries" | "to"> & { readonly to: OwedAlert["to"] | "deleted" };
}

export interface DeliveryRow {
  readonly seq: number;
  /** The alert's key: epoch ms. */
  readonly at: number;
  readonly channel: string;
  readonly delivery: Delivery;
}

/** A target as reports name it. */
export interface TargetRow {
  readonly target: Target;
  /** ISO 8601. */
  readonly deletedAt?: string;
}

/** What a round did. Counts are checks, but for `failedShards`, `transitions` and `spooled` batches. */
export interface RoundRow {
  readonly round: number;
  readonly planned: number;
  readonly checked: number;
  readonly up: number;
  readonly degraded: number;
  readonly down: number;
  readonly late: number;
  readonly failedShards: number;
  readonly transitions: number;
  readonly spooled: number;
  readonly tookMs: number;
  readonly loopDelayMs: number;
}

/** A batch for one table: plain JSON, so that it can wait in the spool while the log is away. */
export interface LogBatch {
  readonly kind: "check" | "transition" | "delivery" | "target" | "round" | "audit";
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

export interface CheckRecord {
  readonly at: string;
  readonly target: { readonly id: string; readonly name: string };
  readonly status: string;
  readonly attempts: number;
  readonly passedAfterRetry: boolean;
  readonly httpStatus: number | null;
  readonly error: { readonly class: string; readonly text: string } | null;
  readonly latencyMs: number | null;
  readonly phases: Readonly<Record<"dnsMs" | "connectMs" | "tlsMs" | "ttfbMs" | "transferMs", number | null>>;
  readonly address: string | null;
  readonly certificateDaysLeft: number | null;
}

export interface Incident {
  readonly target: { readonly id: string; readonly name: string };
  readonly startedAt: string;
  readonly detectedAt: string;
  readonly endedAt: string | null;
  readonly endedBy: string | null;
  readonly durationSeconds: number;
  readonly error: { readonly class: string; readonly text: string } | null;
  readonly httpStatus: number | null;
}

/** What is known of a target in a window. Seconds; the rest of the window is unknown. */
export interface WindowTotals {
  readonly upSeconds: number;
  readonly degradedSeconds: number;
  readonly downSeconds: number;
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

export interface Page<T> {
  readonly items: T[];
  readonly next?: TimeCursor;
}

/** Where checks, changes and rounds are written for people to read. All writes are idempotent. */
export interface LogStore {
  /** @throws {StoreUnavailableError} @throws {StatementError} */
  write(batch: LogBatch, options?: { timeoutMs?: number; late?: boolean }): Promise<void>;
  /** @throws {StoreUnavailableError} when it does not answer within `timeoutMs` */
  ping(timeoutMs: number): Promise<void>;
  checks(seq: number, options: { from: string; to: string; limit: number; before?: TimeCursor | undefined }): Promise<Page<CheckRecord>>;
  recentChecks(options: { limit: number; before?: TimeCursor | undefined; now: number }): Promise<Page<CheckRecord>>;
  incidents(options: {
    from: string;
    to: string;
    limit: number;
    seq?: number | undefined;
    open?: boolean | undefined;
    before?: TimeCursor | undefined;
  }): Promise<Page<Incident>>;
  /** Changes through the API, the newest first. @param before the last entry of the page before */
  audits(options: { limit: number; before?: { at: string; id: string } | undefined }): Promise<AuditRecord[]>;
  /** Totals of [from, to). @param from ISO 8601 @param to ISO 8601 */
  totals(seq: number, from: string, to: string): Promise<WindowTotals>;
  /** Makes partitions ahead, rolls up what is complete at `now`, drops what retention ends. @param now epoch ms */
  maintain(now: number, retention: Retention): Promise<MaintenanceReport>;
}

/** How long rows are kept, in days; day roll-ups are kept for ever. */
export interface Retention {
  readonly rawDays: number;
  readonly fiveMinuteDays: number;
  readonly hourDays: number;
}

export interface MaintenanceReport {
  /** ISO 8601: everything before is rolled up. */
  readonly rolledUpTo: string;
  readonly partitionsMade: number;
  readonly partitionsDropped: number;
}
