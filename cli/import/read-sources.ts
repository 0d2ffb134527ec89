import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { messageOf } from "../../shared/errors.ts";
import type { SourceFile } from "./importer.ts";

/** Of one source: what is larger is no configuration. */
const MAX_BYTES = 2 * 1024 * 1024 * 1024;
const MAX_FILES = 1_000;

/**
 * The files that paths name; of a folder and those in it the YAML and JSON, in the order of their names.
 * @throws {Error} in one line, naming what is not there
 */
export async function readSources(paths: readonly string[]): Promise<SourceFile[]> {
  if (paths.length === 0) throw new Error("name the files, or the folder, to import");
  const files: SourceFile[] = [];
  for (const path of paths) {
    const found = await stat(path).catch((error: unknown) => {
      throw new Error(`${path} cannot be read: ${messageOf(error)}`);
    });
    if (found.isDirectory()) {
      const names = (await readdir(path, { recursive: true })).filter((name) => /\.(?:ya?ml|json)$/i.test(name)).sort();
      if (names.length === 0) throw new Error(`${path} holds no YAML and no JSON`);
      for (const name of names.slice(0, MAX_FILES)) {
        files.push({ label: `${basename(path)}/${name}`, path: join(path, name), bytes: await readFile(join(path, name)) });
      }
    } else {
      if (found.size > MAX_BYTES) throw new Error(`${path} has ${Math.round(found.size / 1_048_576)} MB: it is no configuration`);
      files.push({ label: "", path, bytes: await readFile(path) });
    }
  }
  return files;
}
