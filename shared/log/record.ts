import { messageOf, StoreUnavailableError } from "../errors.ts";
import type { LogBatch, LogStore } from "./log-store.ts";
import type { Spool, SpooledBatch, SpoolWriter } from "./spool.ts";

export interface Recorder {
  readonly log: LogStore;
  readonly spool: SpoolWriter;
  readonly logger: LogWarning;
}

/** Also brings home what waits in the spool. */
export interface DrainingRecorder extends Recorder {
  readonly spool: Spool;
}

export interface LogWarning {
  warn(message: string, details: Record<string, unknown>): void;
}

/** How long a round waits for the log before it spools, in ms: short enough that alerts go out in the same round. */
const WRITE_TIMEOUT_MS = 5_000;

/**
 * Writes a batch to the log, or spools it when the log does not take it: nothing is lost.
 * @param key orders the batch in the spool, and names it there: the same batch spooled twice is one
 * @returns where the batch went
 * @throws when the spool does not take it either
 */
export async function record({ log, spool, logger }: Recorder, key: string, batch: LogBatch): Promise<"logged" | "spooled"> {
  if (batch.rows.length === 0) return "logged";
  try {
    await log.write(batch, { timeoutMs: WRITE_TIMEOUT_MS });
    return "logged";
  } catch (error) {
    await spool.put(`${key}#${batch.kind}`, batch);
    logger.warn("log batch spooled", { key, kind: batch.kind, rows: batch.rows.length, reason: messageOf(error) });
    return "spooled";
  }
}

/**
 * Writes spooled batches to the log, oldest first, until none is left, the log stops answering, or
 * `budgetMs` is spent. A row the log refuses for good is set aside.
 * @returns batches written, and whether none is left
 */
export async function drainSpool({ log, spool, logger }: DrainingRecorder, budgetMs: number): Promise<{ drained: number; empty: boolean }> {
  const stopAt = performance.now() + budgetMs;
  for (let drained = 0; ; ) {
    const batches = await spool.oldest(DRAIN_PAGE);
    for (const spooled of batches) {
      if (performance.now() > stopAt) return { drained, empty: false };
      try {
        await log.write(spooled.batch, { timeoutMs: WRITE_TIMEOUT_MS, late: true });
      } catch (error) {
        if (error instanceof StoreUnavailableError) return { drained, empty: false };
        await setAside({ spool, logger }, spooled, messageOf(error));
        continue;
      }
      await spool.remove(spooled.key);
      drained++;
    }
    if (batches.length < DRAIN_PAGE) return { drained, empty: true };
  }
}

const DRAIN_PAGE = 25;

// One row that the log refuses must not take its batch with it: halves are tried by themselves.
async function setAside(
  { spool, logger }: Pick<DrainingRecorder, "spool" | "logger">,
  spooled: SpooledBatch,
  reason: string,
): Promise<void> {
  const { key, batch } = spooled;
  if (batch.rows.length === 1) {
    logger.warn("the log refuses a row: set aside as spool-rejected", { key, reason });
    await spool.reject(spooled, reason);
    return;
  }
  const middle = Math.ceil(batch.rows.length / 2);
  await spool.put(`${key}<`, { ...batch, rows: batch.rows.slice(0, middle) });
  await spool.put(`${key}>`, { ...batch, rows: batch.rows.slice(middle) });
  await spool.remove(key);
}
