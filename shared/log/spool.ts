import type { LogBatch } from "./log-store.ts";

/** A batch that waits, with the key it is taken off by. */
export interface SpooledBatch {
  readonly key: string;
  readonly batch: LogBatch;
}

/** Where log batches wait while the log does not answer. Survives everything the target store survives. */
export interface SpoolWriter {
  /** @param key orders batches, and makes putting the same batch twice one batch */
  put(key: string, batch: LogBatch): Promise<void>;
}

/** The spool as the one who drains it sees it. */
export interface Spool extends SpoolWriter {
  /** The oldest `limit` batches. */
  oldest(limit: number): Promise<SpooledBatch[]>;
  remove(key: string): Promise<void>;
  /** Moves a batch aside that the log refuses for good, so that it blocks no other and is not lost. */
  reject(batch: SpooledBatch, reason: string): Promise<void>;
}
