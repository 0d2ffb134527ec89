import { messageOf, StoreUnavailableError } from "../errors.ts";
import type { Clock } from "../time/clock.ts";
import type { LogWriter } from "./log-writer.ts";
import { batchKey, type Recorder, WRITE_TIMEOUT_MS } from "./record.ts";
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
 * the same drain, or it alone has been refused for an hour. A database in some trouble that nobody foresaw refuses all
 * alike.
 * @returns batches written, and whether none is left
 */
export async function drainSpool(recorder: DrainingRecorder, budgetMs: number): Promise<{ drained: number; empty: boolean }> {
  const stopAt = performance.now() + budgetMs;
  const taken = new Set<TableName>();
  const refused: SpooledBatch[] = [];
  let drained = 0;
  for await (const spooled of allOf(recorder.spool)) {
    const became = performance.now() > stopAt ? "waits" : await drainOne(recorder, spooled);
    if (became === "waits") return { drained, empty: false };
    if (!("batch" in spooled)) continue;
    if (became === "written") {
      taken.add(spooled.batch.kind);
      drained++;
    } else refused.push(spooled);
  }
  const left = await judge(recorder, refused, taken, stopAt);
  return { drained, empty: left === 0 };
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

/** @throws what is no answer of the log */
async function drainOne(recorder: DrainingRecorder, spooled: SpooledBatch | UnreadableBatch): Promise<"written" | "refused" | "waits"> {
  if ("problem" in spooled) {
    await reject(recorder, spooled.key, spooled.problem);
    return "refused";
  }
  try {
    await recorder.log.write(spooled.batch, { timeoutMs: WRITE_TIMEOUT_MS, late: true });
  } catch (error) {
    return error instanceof StoreUnavailableError ? "waits" : "refused";
  }
  await recorder.spool.remove(spooled.key);
  return "written";
}

/** What is refused alone, without neighbours to compare it with, is its own fault after this. Milliseconds. */
const REFUSED_FOR_MS = 3_600_000;

/**
 * Looks for the rows at fault in batches that were refused.
 * @param taken tables of which rows were taken in this drain
 * @returns how many batches wait on
 */
async function judge(recorder: DrainingRecorder, refused: readonly SpooledBatch[], taken: Set<TableName>, stopAt: number): Promise<number> {
  let waiting = 0;
  const judgeAll = async (batches: readonly SpooledBatch[]): Promise<SpooledBatch[]> => {
    const unknown: SpooledBatch[] = [];
    for (const spooled of batches) {
      const isAlone = refused.filter(({ batch }) => batch.kind === spooled.batch.kind).length === 1;
      const became = await judgeOne(recorder, spooled, isAlone, taken, stopAt);
      if (became === "unknown") unknown.push(spooled);
      if (became === "not done") waiting++;
    }
    return unknown;
  };
  const unknown = await judgeAll(refused);
  // A later batch may have shown that the table takes rows.
  const retold = unknown.filter(({ batch }) => taken.has(batch.kind));
  return waiting + unknown.length - retold.length + (await judgeAll(retold)).length;
}

/** @param isAlone whether no other batch of its table was refused */
async function judgeOne(
  recorder: DrainingRecorder,
  spooled: SpooledBatch,
  isAlone: boolean,
  taken: Set<TableName>,
  stopAt: number,
): Promise<"done" | "not done" | "unknown"> {
  const { key, batch } = spooled;
  const isKnown = taken.has(batch.kind) || (isAlone && isOld(key, recorder.clock.now()));
  const parts = await writeByHalves(recorder.log, batch, stopAt, isKnown ? Number.POSITIVE_INFINITY : MAX_REFUSALS);
  if (parts.written > 0) taken.add(batch.kind);
  if (!isKnown && parts.written === 0) return "unknown";
  await setAside(recorder, spooled, parts);
  return parts.untried.length === 0 ? "done" : "not done";
}

/** Whether a batch was spooled long ago, by the moment that its key begins with. @param now epoch ms */
function isOld(key: string, now: number): boolean {
  const [at = ""] = key.split("#");
  return now - Date.parse(at) > REFUSED_FOR_MS;
}

type Rows = LogBatch["rows"];

/** What became of a batch's rows. */
interface Parts {
  readonly written: number;
  readonly refused: readonly { readonly row: Rows[number]; readonly reason: string }[];
  /** Of which nothing is known: the time was up, the log stopped answering, or too much was refused before. */
  readonly untried: Rows;
}

/**
 * Writes refused in a row, none taken, after which a batch is let be: it is hardly one of its rows. A bad row at the very
 * beginning costs one for each halving, which are 9 of 500 rows.
 */
const MAX_REFUSALS = 16;

/** Writes what can be written: one row that the log refuses must not take its batch with it. */
async function writeByHalves(log: LogWriter, { kind, rows }: LogBatch, stopAt: number, maxRefusals: number): Promise<Parts> {
  let written = 0;
  let refusals = 0;
  let isAway = false;
  const refused: Parts["refused"][number][] = [];
  const untried: Rows[number][] = [];
  const write = async (part: Rows): Promise<void> => {
    if (isAway || performance.now() > stopAt || (written === 0 && refusals >= maxRefusals)) {
      untried.push(...part);
      return;
    }
    try {
      await log.write({ kind, rows: part }, { timeoutMs: WRITE_TIMEOUT_MS, late: true });
      written += part.length;
    } catch (error) {
      isAway = error instanceof StoreUnavailableError;
      refusals++;
      const [row] = part;
      if (isAway || row === undefined) untried.push(...part);
      else if (part.length === 1) refused.push({ row, reason: messageOf(error) });
      else {
        const middle = Math.ceil(part.length / 2);
        await write(part.slice(0, middle));
        await write(part.slice(middle));
      }
    }
  };
  await write(rows);
  return { written, refused, untried };
}

/**
 * Sets rows aside that are at fault, and leaves those of a batch that were not tried. In this order nothing is lost at a
 * crash between: the log takes rows twice.
 */
async function setAside({ spool, logger }: DrainingRecorder, { key, batch }: SpooledBatch, { refused, untried }: Parts): Promise<void> {
  for (const { row, reason } of refused) {
    const single = { ...batch, rows: [row] };
    const own = batchKey(key, single);
    await spool.put(own, single);
    await reject({ spool, logger }, own, reason);
  }
  if (untried.length > 0) await spool.put(key, { ...batch, rows: untried });
  else await spool.remove(key);
}

async function reject({ spool, logger }: Pick<DrainingRecorder, "spool" | "logger">, key: string, reason: string): Promise<void> {
  logger.warn("a log batch cannot be written: set aside as spool-rejected", { key, reason });
  await spool.reject(key, reason);
}
