import { execFile } from "node:child_process";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const ROOT = resolve(import.meta.dirname, "..");
/** What the page is made of. */
const SOURCES = ["web/src", "web/public", "web/index.html", "web/vite.config.ts"];
/** Milliseconds for Vite; it takes a second or two. */
const BUILD_TIMEOUT_MS = 120_000;

/** Where the built page stands. */
export const PAGE_FOLDER = join(ROOT, "dist", "web");

/**
 * Builds the page where it is not built, or its sources are newer: in a process of its own, so that nothing waits for it,
 * and into a folder of its own, so that several may.
 * @throws {Error} with what Vite says
 */
export async function buildPage(): Promise<void> {
  const newest = await newestOf(SOURCES.map((path) => join(ROOT, path)));
  if ((await builtAt()) > newest) return;
  const own = `${PAGE_FOLDER}-${process.pid}`;
  const vite = join(ROOT, "node_modules", "vite", "bin", "vite.js");
  try {
    await promisify(execFile)(process.execPath, [vite, "build", "--logLevel", "warn", "--outDir", own, join(ROOT, "web")], {
      cwd: ROOT,
      timeout: BUILD_TIMEOUT_MS,
    });
    // Another process may just have put its own there.
    if ((await builtAt()) <= newest) {
      await rm(PAGE_FOLDER, { recursive: true, force: true });
      await rename(own, PAGE_FOLDER).catch(() => undefined);
    }
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

/** Epoch ms; 0 where it is not built. */
async function builtAt(): Promise<number> {
  // Another process may be putting its own there.
  return (await stat(join(PAGE_FOLDER, "index.html")).catch(() => undefined))?.mtimeMs ?? 0;
}

async function newestOf(paths: readonly string[]): Promise<number> {
  const times = await Promise.all(
    paths.map(async (path) => {
      const { mtimeMs } = await stat(path);
      const inside = (await stat(path)).isDirectory() ? await readdir(path, { recursive: true }) : [];
      return Math.max(mtimeMs, ...(await Promise.all(inside.map(async (name) => (await stat(join(path, name))).mtimeMs))));
    }),
  );
  return Math.max(...times);
}
