import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { messageOf } from "../../shared/errors.ts";
import type { SourceFile } from "./importer.ts";

/** Of one file: what is larger is no configuration. A database of Kuma's with years of heartbeats has a gigabyte. */
const MAX_BYTES = 2 * 1024 * 1024 * 1024;
/** Of a file in a folder: only what is named may be a database. */
const MAX_TEXT_BYTES = 100 * 1024 * 1024;
/** Files of one folder, and entries that are looked through for them. */
const MAX_FILES = 1_000;
const MAX_ENTRIES = 20_000;

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
    if (found.isDirectory()) files.push(...(await filesIn(path)));
    else files.push({ label: "", path, bytes: await readUpTo(path, MAX_BYTES) });
  }
  return files;
}

async function filesIn(folder: string): Promise<SourceFile[]> {
  const names = (await namesIn(folder)).sort();
  if (names.length === 0) throw new Error(`${folder} holds no YAML and no JSON`);
  const files: SourceFile[] = [];
  for (const name of names) {
    const path = join(folder, name);
    files.push({ label: `${basename(folder)}/${name}`, path, bytes: await readUpTo(path, MAX_TEXT_BYTES) });
  }
  return files;
}

/** Names below a folder. Those that begin with two dots are how Kubernetes mounts what stands beside them by its name. */
async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  const folders = [""];
  let entries = 0;
  for (const below of folders) {
    const found = (await readdir(join(folder, below), { withFileTypes: true })).filter(({ name }) => !name.startsWith(".."));
    folders.push(...found.filter((entry) => entry.isDirectory()).map(({ name }) => join(below, name)));
    names.push(
      ...found.filter((entry) => !entry.isDirectory() && /\.(?:ya?ml|json)$/i.test(entry.name)).map(({ name }) => join(below, name)),
    );
    entries += found.length;
    if (entries > MAX_ENTRIES || names.length > MAX_FILES)
      throw new Error(`${folder} holds more than a configuration: name the folder, or the files, of that alone`);
  }
  return names;
}

async function readUpTo(path: string, limit: number): Promise<Buffer> {
  const { size } = await stat(path);
  if (size > limit) throw new Error(`${path} has ${Math.round(size / 1_048_576)} MB: it is no configuration`);
  return readFile(path);
}
