/** Fresh for half a minute; and while its origin is in trouble, for a week: a page outlives what it reports on. */
export const PAGE_CACHE = "public, max-age=30, stale-while-revalidate=60, stale-if-error=604800";

/** A file that visitors may have. */
export interface StoredFile {
  readonly body: string | Uint8Array;
  readonly type: string;
  /** Header `cache-control`. */
  readonly cache: string;
}

/** Where the files of status pages lie: a bucket, or what stands in for one. Keys have no slash at the begin. */
export interface FileStore {
  /** @returns its text, `undefined` where there is none */
  read(key: string): Promise<string | undefined>;
  write(key: string, file: StoredFile): Promise<void>;
  /** Keys that begin so. */
  list(prefix: string): Promise<string[]>;
  /** What is not there is removed already. */
  remove(key: string): Promise<void>;
}
