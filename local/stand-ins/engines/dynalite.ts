import type { Server } from "node:http";
import { createRequire } from "node:module";
import dynalite from "dynalite";

interface LevelIterator {
  close(): Promise<void>;
  return?: () => Promise<void>;
}

// dynalite 4 ends its streams by `iterator.return`, which LevelDB's iterators call `close`: every Query
// left one open, 4 MB an hour of rounds. Found by `npm run bench -- day`.
const { AbstractKeyIterator, AbstractValueIterator } = createRequire(import.meta.resolve("dynalite"))("abstract-level") as Record<
  "AbstractKeyIterator" | "AbstractValueIterator",
  { readonly prototype: LevelIterator }
>;
for (const { prototype } of [AbstractKeyIterator, AbstractValueIterator]) {
  prototype.return ??= function close(this: LevelIterator) {
    return this.close();
  };
}

/** A DynamoDB that does not listen yet. @param dataDir folder; in memory when left out */
export function createDynalite(dataDir?: string): Server {
  return dynalite({ ...(dataDir !== undefined && { path: dataDir }), createTableMs: 0 });
}
