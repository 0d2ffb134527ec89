import type { LogBatch } from "./tables.ts";

/** A batch that waits, with the key it is taken off by. */
export interface SpooledBatch {
  readonly key: string;
  readonly batch: LogBatch;
}

/** A batch of another release, or a damaged one. */
export interface UnreadableBatch {
  readonly key: string;
  readonly problem: string;
}

/** Where log batches wait while the log does not answer. Survives everything the target store survives. */
export interface SpoolWriter {
  /** @param key orders batches, and makes putting the same batch twice one batch */
  put(key: string, batch: LogBatch): Promise<void>;
}

/** The spool as the one who drains it sees it. */
export interface Spool extends SpoolWriter {
  /** The oldest `limit` batches. @param after the key that the page before ended with */
  oldest(limit: number, after?: string): Promise<(SpooledBatch | UnreadableBatch)[]>;
  remove(key: string): Promise<void>;
  /** Takes off a batch that the log has; where it sleeps, checks can be read here for a while longer. */
  settle(spooled: SpooledBatch): Promise<void>;
  /** Moves a batch aside, as it is, that the log refuses for good or nobody here understands: it blocks no other and is not lost. */
  reject(key: string, reason: string): Promise<void>;
}

/** What a glance at the spool tells. */
export interface SpoolState {
  /** Whether rows wait for the log. */
  readonly waiting: boolean;
  /** Whether rows are set aside that the log refused for good. */
  readonly setAside: boolean;
}
