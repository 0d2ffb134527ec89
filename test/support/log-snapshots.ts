import { createHash } from "node:crypto";
import { existsSync, openAsBlob, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A Postgres as it begins, without and with our migrations. */
export type LogSnapshot = "bare" | "migrated";

/** What the snapshots are made of: others are made when it changes. */
function sources(): string[] {
  const migrations = readdirSync("sql").map((file) => `sql/${file}`);
  return [
    ...migrations,
    "node_modules/@electric-sql/pglite/package.json",
    "local/stand-ins/engines/pglite-engine.ts",
    "test/support/log-snapshots.setup.ts",
  ];
}

/** Where a snapshot is kept between runs, in the folder of what may be thrown away. */
export function snapshotFile(snapshot: LogSnapshot): string {
  const hash = createHash("sha256");
  for (const file of sources()) hash.update(readFileSync(file));
  const name = `${snapshot}-${hash.digest("hex").slice(0, 16)}.tar`;
  return fileURLToPath(new URL(`../../node_modules/.cache/log-snapshots/${name}`, import.meta.url));
}

/** What a PGlite begins with; undefined where `npm test` has not been run: it is made anew then. */
export async function snapshotOf(snapshot: LogSnapshot): Promise<Blob | undefined> {
  const file = snapshotFile(snapshot);
  return existsSync(file) ? openAsBlob(file) : undefined;
}
