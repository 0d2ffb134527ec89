import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompressSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import * as z from "zod";
import { WEB_CLIENT, webClientTypes } from "../../cli/web-client.ts";

/* Budgets of PAGE.md, KiB as brotli sends them. */
const FIRST_LOAD_KB = 100;
const CHART_KB = 25;
const STYLE_KB = 8;

const manifestSchema = z.record(
  z.string(),
  z.object({ file: z.string(), isEntry: z.boolean().optional(), imports: z.array(z.string()).default([]) }),
);

let folder: string;
let manifest: z.output<typeof manifestSchema>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "page-"));
  // As it is built for people: a test's own process would get React's development build.
  await promisify(execFile)(process.execPath, ["node_modules/vite/bin/vite.js", "build", "web", "--outDir", folder, "--manifest"], {
    env: { ...process.env, NODE_ENV: "production" },
  });
  manifest = manifestSchema.parse(JSON.parse(await readFile(join(folder, ".vite", "manifest.json"), "utf8")));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const kib = async (file: string) => brotliCompressSync(await readFile(join(folder, file))).length / 1_024;

/** What a chunk brings along at once. */
function staticImports(name: string, found = new Set<string>()): Set<string> {
  const chunk = manifest[name];
  if (chunk === undefined || found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const imported of chunk.imports) staticImports(imported, found);
  return found;
}

it("loads at first no more script and style than its budget, and the chart only when it is shown", async () => {
  const [entry = ""] = Object.entries(manifest).flatMap(([name, { isEntry }]) => (isEntry ? [name] : []));
  const first = staticImports(entry);
  const sizes = await Promise.all([...first].map(kib));
  expect(sizes.length).toBeGreaterThan(0);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(FIRST_LOAD_KB);
  const files = await readdir(join(folder, "assets"));
  const chart = files.find((file) => /^chart-.*\.js$/.test(file)) ?? "";
  expect(first.has(`assets/${chart}`)).toBe(false);
  expect(await kib(`assets/${chart}`)).toBeLessThan(CHART_KB);
  const styles = await Promise.all(files.filter((file) => file.endsWith(".css")).map((file) => kib(`assets/${file}`)));
  expect(styles.reduce((sum, size) => sum + size, 0)).toBeLessThan(STYLE_KB);
});

it("has nothing inline that its policy would refuse", async () => {
  expect(await readFile(join(folder, "index.html"), "utf8")).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=/);
});

it("is typed by the API as it is: npm run web:client", async () => {
  expect(await readFile(WEB_CLIENT, "utf8")).toBe(await webClientTypes());
});
