import type { Output } from "./output.ts";

/** Requests at once: as many as a deployment's throttle takes from one caller without a word. */
const AT_ONCE = 8;
const TELL_EVERY_MS = 1_000;

/** Does work for each item, some at once, and says how far it is when that takes longer than a second. */
export async function mapWithProgress<Item, Result>(
  items: readonly Item[],
  done: string,
  output: Output,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = new Array(items.length);
  let next = 0;
  let finished = 0;
  const timer = setInterval(() => output.note(`${finished} of ${items.length} ${done} …`), TELL_EVERY_MS);
  try {
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, items.length) }, async () => {
        for (let index = next++; index < items.length; index = next++) {
          results[index] = await work(items[index] as Item); // within its length
          finished++;
        }
      }),
    );
  } finally {
    clearInterval(timer);
  }
  return results;
}
