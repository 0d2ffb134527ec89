import { messageOf, StoreUnavailableError } from "../errors.ts";
import type { Clock } from "../time/clock.ts";
import type { LogWriter } from "./log-writer.ts";
import { type Recorder, WRITE_TIMEOUT_MS } from "./record.ts";
import type { Spool, SpooledBatch, UnreadableBatch } from "./spool.ts";
import type { LogBatch, TableName } from "./tables.ts";

/** Also brings home what waits in the spool. */
export interface DrainingRecorder extends Recorder {
  readonly spool: Spool;
  readonly clock: Pick<Clock, "now">;
}

/**
 * Writes spooled batches to the log, oldest first, until none is left, the log stops answering, or `budgetMs` is spent.
 * What the log refuses is set aside only when the fault is shown to be its own: other rows of its table were taken in
 * the same drain, or it has been refused for an hour. A database in some trouble that nobody foresaw refuses all alike.
 * @returns batches written, and whether none is left
 */
export async function drainSpool(recorder: DrainingRecorder, budgetMs: number): Promise<{ drained: number; empty: boolean }> {
  const stopAt = performance.now() + budgetMs;
  const taken = new Set<TableName>();
  const refused: Refused[] = [];
  let drained = 0;
  let sawAll = true;
  for await (const spooled of allOf(recorder.spool)) {
    const became = performance.now() > stopAt ? "waits" : await drainOne(recorder, spooled, stopAt);
    if (became === "waits") {
      sawAll = false;
      break;
    }
    if (became === "set aside") continue;
    if (became.written > 0) taken.add(became.batch.kind);
    if (became.refused.length === 0) drained++;
    else refused.push(became);
  }
  const atFault = refused.filter(({ key, batch: { kind } }) => taken.has(kind) || isOld(key, recorder.clock.now()));
  for (const one of atFault) await setAside(recorder, one);
  return { drained, empty: sawAll && atFault.length === refused.length };
}

/** Every batch, the oldest first, also while they are taken off. */
async function* allOf(spool: Spool): AsyncGenerator<SpooledBatch | UnreadableBatch> {
  for (let after: string | undefined; ; ) {
    const batches = await spool.oldest(DRAIN_PAGE, after);
    yield* batches;
    after = batches.at(-1)?.key;
    if (batches.length < DRAIN_PAGE) return;
  }
}

const DRAIN_PAGE = 25;
/** A single row has no neighbours to compare it with: it is its own fault after this. */
const REFUSED_FOR_MS = 3_600_000;
/** Writes refused in a row, none taken, after which a batch is left whole: it is not one of its rows. */
const MAX_REFUSALS = 8;

/** Rows of a batch that the log did not take, while it took the others. */
interface Refused {
  readonly key: string;
  readonly batch: LogBatch;
  readonly refused: readonly { readonly row: LogBatch["rows"][number]; readonly reason: string }[];
}

/** Whether a batch was spooled long ago, by the moment that its key begins with. @param now epoch ms */
function isOld(key: string, now: number): boolean {
  const [at = ""] = key.split("#");
  return now - Date.parse(at) > REFUSED_FOR_MS;
}

async function drainOne(
  recorder: DrainingRecorder,
  spooled: SpooledBatch | UnreadableBatch,
  stopAt: number,
): Promise<"waits" | "set aside" | (Refused & { readonly written: number })> {
  if ("problem" in spooled) {
    await reject(recorder, spooled.key, spooled.problem);
    return "set aside";
  }
  const { key, batch } = spooled;
  try {
    const halved = await writeByHalves(recorder.log, batch, stopAt);
    if (halved.refused.length === 0) await recorder.spool.remove(key);
    return { ...halved, key, batch };
  } catch (error) {
    if (error instanceof StoreUnavailableError) return "waits";
    throw error;
  }
}

/** Writes what can be written: one row that the log refuses must not take its batch with it. */
async function writeByHalves(
  log: LogWriter,
  { kind, rows }: LogBatch,
  stopAt: number,
): Promise<Pick<Refused, "refused"> & { written: number }> {
  let written = 0;
  let refusals = 0;
  const refused: Refused["refused"][number][] = [];
  const write = async (part: LogBatch["rows"]): Promise<void> => {
    const isHopeless = written === 0 && refusals >= MAX_REFUSALS;
    if (isHopeless || performance.now() > stopAt) {
      refused.push(...part.map((row) => ({ row, reason: "refused with its whole batch" })));
      return;
    }
    try {
      await log.write({ kind, rows: part }, { timeoutMs: WRITE_TIMEOUT_MS, late: true });
      written += part.length;
    } catch (error) {
      if (error instanceof StoreUnavailableError) throw error;
      refusals++;
      const [row] = part;
      if (part.length === 1 && row !== undefined) {
        refused.push({ row, reason: messageOf(error) });
        return;
      }
      const middle = Math.ceil(part.length / 2);
      await write(part.slice(0, middle));
      await write(part.slice(middle));
    }
  };
  await write(rows);
  return { written, refused };
}

// In this order nothing is lost at a crash between: the log takes rows twice.
async function setAside({ spool, logger }: Pick<DrainingRecorder, "spool" | "logger">, { key, batch, refused }: Refused): Promise<void> {
  for (const [index, { row, reason }] of refused.entries()) {
    await spool.put(`${key}<${index}`, { ...batch, rows: [row] });
    await reject({ spool, logger }, `${key}<${index}`, reason);
  }
  await spool.remove(key);
}

async function reject({ spool, logger }: Pick<DrainingRecorder, "spool" | "logger">, key: string, reason: string): Promise<void> {
  logger.warn("a log batch cannot be written: set aside as spool-rejected", { key, reason });
  await spool.reject(key, reason);
}
