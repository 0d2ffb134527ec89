import type { SqlExecutor } from "./data-api.ts";
import { type DrainingRecorder, drainSpool } from "./drain-spool.ts";
import type { LogRest } from "./log-rest.ts";

/** Aurora resumes in about 15 s, in 30 s after a day, and is given as much again. */
const RESUME_TIMEOUT_MS = 60_000;
/** For all that waits, of the 5 minutes that the function has with the resuming and the upkeep: a day of 1,000 targets are some 12,000 batches, which go by the page. */
const BUDGET_MS = 150_000;

/**
 * Wakes the log and writes all that waits for it.
 * @param wokenAt since when somebody waits for that, epoch ms
 * @param upkeep what is made of the rows before anybody is told that they are there: who publishes them then has it, too
 * @returns batches written
 * @throws {StoreUnavailableError} when it does not wake
 */
export async function writeWaiting(
  recorder: DrainingRecorder & { readonly sql: SqlExecutor; readonly rest: LogRest },
  wokenAt = 0,
  upkeep: () => Promise<unknown> = async () => undefined,
): Promise<number> {
  // What is put into the spool from now on may be missed.
  const from = Math.max(wokenAt, recorder.clock.now());
  await recorder.sql.execute("select 1", {}, { timeoutMs: RESUME_TIMEOUT_MS });
  const { drained, isThrough } = await drainSpool(recorder, BUDGET_MS);
  await upkeep();
  if (isThrough) await recorder.rest.written(from);
  return drained;
}
