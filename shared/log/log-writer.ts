import type { LogBatch } from "./tables.ts";

/** Where checks, changes and rounds are written for people to read. All writes are idempotent. */
export interface LogWriter {
  /**
   * @param options.timeoutMs milliseconds for the call
   * @param options.late rows of a time that may be rolled up already
   * @throws {StoreUnavailableError} @throws {StatementError}
   */
  write(batch: LogBatch, options?: { timeoutMs?: number; late?: boolean }): Promise<void>;
}
