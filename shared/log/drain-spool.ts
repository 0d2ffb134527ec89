import { messageOf, StoreUnavailableError } from "../errors.ts";
import type { Clock } from "../time/clock.ts";
import { inParallel } from "../time/in-parallel.ts";
import type { LogWriter } from "./log-writer.ts";
import { batchKey, type Recorder, WRITE_TIMEOUT_MS } from "./record.ts";
import type { Spool, SpooledBatch, UnreadableBatch } from "./spool.ts";
import type { LogBatch, TableName } from "./tables.ts";

/** What became of a spool. */
export interface Drained {
  readonly drained: number;
  readonly empty: boolean;
  readonly isThrough: boolean;
}

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
 * @returns batches written, whether none is left, and whether every one was tried
 */
export async function drainSpool(recorder: DrainingRecorder, budgetMs: number): Promise<Drained> {
  const stopAt = performance.now() + budgetMs;
  const tally: Tally = { taken: new Set(), refused: [], drained: 0 };
  for await (const page of pagesOf(recorder.spool)) {
    if (!(await drainPage(recorder, page, stopAt, tally))) return { drained: tally.drained, empty: false, isThrough: false };
  }
  const left = await judge(recorder, tally.refused, tally.taken, stopAt);
  return { drained: tally.drained, empty: left === 0, isThrough: true };
}

/** What a drain has come to so far. */
interface Tally {
  /** Tables of which rows were taken. */
  readonly taken: Set<TableName>;
  readonly refused: SpooledBatch[];
  drained: number;
}

/** @returns whether the drain goes on */
async function drainPage(
  recorder: DrainingRecorder,
  page: readonly (SpooledBatch | UnreadableBatch)[],
  stopAt: number,
  tally: Tally,
): Promise<boolean> {
  if (performance.now() > stopAt) return false;
  const together = new Set<string>();
  for (const { key, batch } of await drainTogether(recorder, page)) {
    together.add(key);
    tally.taken.add(batch.kind);
  }
  tally.drained += together.size;
  for (const spooled of page) {
    if (together.has(spooled.key)) continue;
    const became = performance.now() > stopAt ? "waits" : await drainOne(recorder, spooled);
    if (became === "waits") return false;
    if (!("batch" in spooled)) continue;
    if (became === "refused") tally.refused.push(spooled);
    else {
      tally.taken.add(spooled.batch.kind);
      tally.drained++;
    }
  }
  return true;
}

/** Every batch, the oldest first, also while they are taken off. */
async function* pagesOf(spool: Spool): AsyncGenerator<readonly (SpooledBatch | UnreadableBatch)[]> {
  for (let after: string | undefined; ; ) {
    const batches = await spool.oldest(DRAIN_PAGE, after);
    yield batches;
    after = batches.at(-1)?.key;
    if (batches.length < DRAIN_PAGE) return;
  }
}

/** Two requests' worth of a shard's usual 250 rows. */
const DRAIN_PAGE = 40;

/** Kinds of which there are many batches, and whose order is nothing to anybody. */
const BULK: ReadonlySet<TableName> = new Set(["check", "round", "opinion"]);
/** Rows that are written at once: some 300 bytes each, and a request of the Data API may have 4 MiB. */
const MAX_ROWS_TOGETHER = 5_000;
const SETTLES_AT_ONCE = 10;

/**
 * Writes what is of one kind with one statement: after an hour, or a day, there are hundreds of batches. What is not
 * taken so is left to be tried by itself.
 * @returns the batches that are written
 */
async function drainTogether(recorder: DrainingRecorder, page: readonly (SpooledBatch | UnreadableBatch)[]): Promise<SpooledBatch[]> {
  const written: SpooledBatch[] = [];
  for (const kind of BULK) {
    const own = page.filter((spooled): spooled is SpooledBatch => "batch" in spooled && spooled.batch.kind === kind);
    for (const group of groupsOf(own)) {
      if (group.length < 2) continue;
      const rows = group.flatMap(({ batch }) => batch.rows);
      const isWritten = await recorder.log.write({ kind, rows }, { timeoutMs: WRITE_TIMEOUT_MS, late: true }).then(
        () => true,
        () => false,
      );
      if (!isWritten) continue;
      await inParallel(group, SETTLES_AT_ONCE, (spooled) => recorder.spool.settle(spooled));
      written.push(...group);
    }
  }
  return written;
}

/** Batches in their order, as many together as may be written at once. */
function groupsOf(batches: readonly SpooledBatch[]): SpooledBatch[][] {
  const groups: SpooledBatch[][] = [];
  let rows = 0;
  for (const spooled of batches) {
    const group = groups.at(-1);
    const { length } = spooled.batch.rows;
    if (group === undefined || rows + length > MAX_ROWS_TOGETHER) {
      groups.push([spooled]);
      rows = length;
    } else {
      group.push(spooled);
      rows += length;
    }
  }
  return groups;
}

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
  await recorder.spool.settle(spooled);
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
