import type { Output } from "./output.ts";

/** Requests at once: as many as a deployment's throttle takes from one caller without a word. */
export const AT_ONCE = 8;
const TELL_EVERY_MS = 1_000;

/** What is done for each item. */
export interface Work<Item, Result> {
  work(item: Item): Promise<Result>;
  /** Whether a result is a success. */
  isDone(result: Result): boolean;
}

/** Does work for each item, some at once, and says how far it is when that takes longer than a second. */
export async function mapWithProgress<Item, Result>(
  items: readonly Item[],
  done: string,
  output: Output,
  { work, isDone }: Work<Item, Result>,
): Promise<Result[]> {
  const results: Result[] = new Array(items.length);
  let next = 0;
  let succeeded = 0;
  let failed = 0;
  const timer = setInterval(
    () => output.note(`${succeeded} of ${items.length} ${done}${failed === 0 ? "" : `, ${failed} not`} …`),
    TELL_EVERY_MS,
  );
  try {
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, items.length) }, async () => {
        for (let index = next++; index < items.length; index = next++) {
          const result = await work(items[index] as Item); // within its length
          results[index] = result;
          if (isDone(result)) succeeded++;
          else failed++;
        }
      }),
    );
  } finally {
    clearInterval(timer);
  }
  return results;
}
