import { createHash } from "node:crypto";
import { messageOf, StoreUnavailableError } from "../errors.ts";
import type { LogWriter } from "./log-writer.ts";
import type { Spool, SpooledBatch, SpoolWriter, UnreadableBatch } from "./spool.ts";
import type { LogBatch } from "./tables.ts";

export interface Recorder {
  readonly log: LogWriter;
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
 * @param key orders the batch in the spool
 * @returns where the batch went
 * @throws when the spool does not take it either
 */
export async function record({ log, spool, logger }: Recorder, key: string, batch: LogBatch): Promise<"logged" | "spooled"> {
  if (batch.rows.length === 0) return "logged";
  try {
    await log.write(batch, { timeoutMs: WRITE_TIMEOUT_MS });
    return "logged";
  } catch (error) {
    await spool.put(spoolKey(key, batch), batch);
    logger.warn("log batch spooled", { key, kind: batch.kind, rows: batch.rows.length, reason: messageOf(error) });
    return "spooled";
  }
}

/** Names what is in a batch: another one of the same round must not take its place, and the same one spooled twice is one. */
function spoolKey(key: string, { kind, rows }: LogBatch): string {
  return `${key}#${kind}#${createHash("sha256").update(JSON.stringify(rows)).digest("hex").slice(0, 16)}`;
}

/**
 * Writes spooled batches to the log, oldest first, until none is left, the log stops answering, or
 * `budgetMs` is spent. A row the log refuses for good is set aside.
 * @returns batches written, and whether none is left
 */
export async function drainSpool(recorder: DrainingRecorder, budgetMs: number): Promise<{ drained: number; empty: boolean }> {
  const stopAt = performance.now() + budgetMs;
  for (let drained = 0; ; ) {
    const batches = await recorder.spool.oldest(DRAIN_PAGE);
    for (const spooled of batches) {
      if (performance.now() > stopAt) return { drained, empty: false };
      const became = await drainOne(recorder, spooled);
      if (became === "waits") return { drained, empty: false };
      if (became === "written") drained++;
    }
    if (batches.length < DRAIN_PAGE) return { drained, empty: true };
  }
}

async function drainOne(recorder: DrainingRecorder, spooled: SpooledBatch | UnreadableBatch): Promise<"written" | "set aside" | "waits"> {
  if ("problem" in spooled) {
    await reject(recorder, spooled.key, spooled.problem);
    return "set aside";
  }
  try {
    await recorder.log.write(spooled.batch, { timeoutMs: WRITE_TIMEOUT_MS, late: true });
  } catch (error) {
    if (error instanceof StoreUnavailableError) return "waits";
    await setAside(recorder, spooled, messageOf(error));
    return "set aside";
  }
  await recorder.spool.remove(spooled.key);
  return "written";
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
    await reject({ spool, logger }, key, reason);
    return;
  }
  const middle = Math.ceil(batch.rows.length / 2);
  await spool.put(`${key}<`, { ...batch, rows: batch.rows.slice(0, middle) });
  await spool.put(`${key}>`, { ...batch, rows: batch.rows.slice(middle) });
  await spool.remove(key);
}

async function reject({ spool, logger }: Pick<DrainingRecorder, "spool" | "logger">, key: string, reason: string): Promise<void> {
  logger.warn("a log batch cannot be written: set aside as spool-rejected", { key, reason });
  await spool.reject(key, reason);
}
