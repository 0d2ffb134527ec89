import type { Server } from "node:http";
import { createRequire } from "node:module";
import dynalite from "dynalite";

interface LevelIterator {
  close(): Promise<void>;
  return?: () => Promise<void>;
}

// dynalite 4 ends its streams by `iterator.return`, which LevelDB's iterators call `close`: every Query
// left one open, 4 MB an hour of rounds. Found by `npm run bench -- day`.
const requireOfDynalite = createRequire(import.meta.resolve("dynalite"));
const { AbstractKeyIterator, AbstractValueIterator } = requireOfDynalite("abstract-level") as Record<
  "AbstractKeyIterator" | "AbstractValueIterator",
  { readonly prototype: LevelIterator }
>;
for (const { prototype } of [AbstractKeyIterator, AbstractValueIterator]) {
  prototype.return ??= function close(this: LevelIterator) {
    return this.close();
  };
}

type QueryTable = (
  store: object,
  table: object,
  data: { Limit?: number; IndexName?: string },
  opts: { limit?: number },
  ...rest: unknown[]
) => void;

// It reads a partition to its end, whatever the limit: a page of 50 of 1,000 targets took 31 ms.
const database = requireOfDynalite("./db") as { queryTable: QueryTable };
const { queryTable } = database;
database.queryTable = (store, table, data, opts, ...rest) => {
  const { Limit, IndexName } = data;
  const limit = Limit === undefined || IndexName !== undefined ? {} : { limit: Limit + 1 };
  queryTable(store, table, data, { ...opts, ...limit }, ...rest);
};

/** A DynamoDB that does not listen yet. @param dataDir folder; in memory when left out */
export function createDynalite(dataDir?: string): Server {
  const server = dynalite({ ...(dataDir !== undefined && { path: dataDir }), createTableMs: 0 });
  // Its clients are ours: a connection that is closed for being idle, as a call comes, would fail that call.
  server.keepAliveTimeout = 0;
  return server;
}
