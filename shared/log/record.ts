import { createHash } from "node:crypto";
import { LogAsleepError, messageOf } from "../errors.ts";
import type { LogWriter } from "./log-writer.ts";
import type { SpoolWriter } from "./spool.ts";
import type { LogBatch } from "./tables.ts";

export interface Recorder {
  readonly log: LogWriter;
  readonly spool: SpoolWriter;
  readonly logger: LogWarning;
}

export interface LogWarning {
  warn(message: string, details: Record<string, unknown>): void;
}

/** How long a round waits for the log before it spools, in ms: short enough that alerts go out in the same round. */
export const WRITE_TIMEOUT_MS = 5_000;

/** Where a batch went: it waits where the log sleeps, and was spooled where it does not answer. */
export type Recorded = "logged" | "waits" | "spooled";

/**
 * Writes a batch to the log, or spools it when the log does not take it: nothing is lost.
 * @param key orders the batch in the spool
 * @returns where the batch went
 * @throws when the spool does not take it either
 */
export async function record({ log, spool, logger }: Recorder, key: string, batch: LogBatch): Promise<Recorded> {
  if (batch.rows.length === 0) return "logged";
  try {
    await log.write(batch, { timeoutMs: WRITE_TIMEOUT_MS });
    return "logged";
  } catch (error) {
    await spool.put(batchKey(key, batch), batch);
    if (error instanceof LogAsleepError) return "waits";
    logger.warn("log batch spooled", { key, kind: batch.kind, rows: batch.rows.length, reason: messageOf(error) });
    return "spooled";
  }
}

/** Names what is in a batch: another one of the same round must not take its place, and the same one spooled twice is one. */
export function batchKey(key: string, { kind, rows }: LogBatch): string {
  return `${key}#${kind}#${createHash("sha256").update(JSON.stringify(rows)).digest("hex").slice(0, 16)}`;
}
