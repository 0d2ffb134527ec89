/* What of AWS a large deployment meets, as far as it decides whether rounds are whole and in time. */

/** What Step Functions says of a call that found no free instance. */
export class TooManyRequests extends Error {
  override readonly name = "Lambda.TooManyRequestsException";
}

export interface LambdaModel {
  /** Instances there may be at once, in all. */
  readonly concurrency: number;
  /** What a new instance takes before it runs, in ms. */
  readonly coldStartMs: number;
}

/** Calls of one function. */
export interface FunctionUse {
  calls: number;
  throttled: number;
  coldStarts: number;
  billedMs: number;
  longestMs: number;
  /** Bytes of the largest input and output: an answer may have 6 MB, a state 256 KiB. */
  largestBytes: number;
}

/** Lambda's instances: one call each, kept warm for the next. */
export function createLambda({ concurrency, coldStartMs }: LambdaModel, now: () => number, sleep: (ms: number) => Promise<void>) {
  let running = 0;
  const warm = new Map<string, number>();
  const uses = new Map<string, FunctionUse>();
  return {
    uses,
    async call<Result>(name: string, input: unknown, run: () => Promise<Result>): Promise<Result> {
      const use = uses.get(name) ?? { calls: 0, throttled: 0, coldStarts: 0, billedMs: 0, longestMs: 0, largestBytes: 0 };
      uses.set(name, use);
      if (running >= concurrency) {
        use.throttled++;
        throw new TooManyRequests("Rate Exceeded.");
      }
      running++;
      use.calls++;
      const idle = warm.get(name) ?? 0;
      if (idle > 0) warm.set(name, idle - 1);
      else {
        use.coldStarts++;
        await sleep(coldStartMs);
      }
      const start = now();
      try {
        const result = await run();
        use.largestBytes = Math.max(use.largestBytes, bytesOf(input), bytesOf(result));
        return result;
      } finally {
        const ms = now() - start;
        use.billedMs += Math.ceil(ms);
        use.longestMs = Math.max(use.longestMs, ms);
        running--;
        warm.set(name, (warm.get(name) ?? 0) + 1);
      }
    },
  };
}

export function bytesOf(value: unknown): number {
  return value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value));
}

/** Units a second that one partition of a table gives. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html */
const PARTITION = { read: 3_000, write: 1_000 } as const;
/** A page of a query, and how long it takes, in ms. */
const PAGE_BYTES = 1_048_576;
const PAGE_MS = 40;
const CALL_MS = 5;

/** The state table, all of whose targets are in one partition: reads and writes beyond its rate wait for it, as the SDK's retries do. */
export function createTable(now: () => number, sleep: (ms: number) => Promise<void>) {
  const used = { read: 0, write: 0, waitedMs: 0, longestWaitMs: 0 };
  const freeAt = { read: 0, write: 0 };
  const take = async (kind: "read" | "write", units: number) => {
    used[kind] += units;
    // What was not used for five minutes is kept, to be used at once.
    const from = Math.max(freeAt[kind], now() - 300_000);
    freeAt[kind] = from + (units / PARTITION[kind]) * 1_000;
    const waitMs = Math.max(0, freeAt[kind] - now());
    used.waitedMs += waitMs;
    used.longestWaitMs = Math.max(used.longestWaitMs, waitMs);
    await sleep(CALL_MS + waitMs);
  };
  return {
    used,
    /** A query, eventually consistent: half a unit for each 4 KB. */
    async query(bytes: number): Promise<void> {
      for (let left = bytes; left > 0; left -= PAGE_BYTES) {
        await take("read", Math.ceil(Math.min(left, PAGE_BYTES) / 4_096) / 2);
        await sleep((Math.min(left, PAGE_BYTES) / PAGE_BYTES) * PAGE_MS);
      }
    },
    get: (bytes: number) => take("read", Math.ceil(bytes / 4_096)),
    write: (bytes: number) => take("write", Math.ceil(bytes / 1_024)),
  };
}

/** The RDS Data API: a call, and what the database takes for its rows, in ms (measured by `npm run bench -- log`). */
const DATA_API_MS = 40;
const ROW_MS = 0.05;

export function createDataApi(sleep: (ms: number) => Promise<void>) {
  const used = { calls: 0, largestBytes: 0, rows: 0, busyMs: 0 };
  return {
    used,
    async write(rows: readonly unknown[]): Promise<void> {
      used.calls++;
      used.rows += rows.length;
      used.busyMs += rows.length * ROW_MS;
      used.largestBytes = Math.max(used.largestBytes, bytesOf(rows));
      await sleep(DATA_API_MS + rows.length * ROW_MS);
    },
  };
}
