import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { FUNCTION_NAMES, type FunctionName } from "../../functions/index.ts";
import { bundleFunctions } from "../../infra/bundle.ts";
import { printTable, quantile, type Row } from "./report.ts";

const RUNS = 9;

/** Everything that any function asks of its environment. Without SECRETS_PATH, so that nothing is called. */
const ENVIRONMENT = {
  PATH: process.env["PATH"],
  AWS_REGION: "local",
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
  TABLE_NAME: "local",
  LOG_RESOURCE_ARN: "arn:local",
  LOG_SECRET_ARN: "arn:local",
  LOG_DATABASE: "log",
  SQL_DIR: "sql",
  FIELD_KEY: "0123456789abcdef0123456789abcdef",
};

/** Sizes of the bundles, and how long a cold process takes to import each, beside an empty module. */
export async function benchBundles(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "server-tracker-bundles-"));
  const bundles = await bundleFunctions(folder);
  const empty = join(folder, "empty.mjs");
  writeFileSync(empty, "");
  const files = new Map<string, string>(FUNCTION_NAMES.map((name) => [name, join(bundles.folder(name), "index.mjs")]));
  files.set("empty module", empty);
  const times = new Map([...files.keys()].map((name) => [name, [] as number[]]));
  // In turns, so that a noisy minute hits all of them.
  for (let run = 0; run < RUNS; run++) for (const [name, file] of files) times.get(name)?.push(importMs(file));
  const kb = (name: FunctionName, which: (file: string) => boolean) =>
    readdirSync(bundles.folder(name))
      .filter((file) => file.endsWith(".mjs") && which(file))
      .reduce((sum, file) => sum + statSync(join(bundles.folder(name), file)).size / 1_024, 0);
  const rows: Row[] = [...files.keys()].map((name) => {
    const own = times.get(name) ?? [];
    const sizes = name === "empty module" ? {} : sizesOf(name as FunctionName, bundles.folder(name as FunctionName), kb); // the others are functions' names
    return { what: name, figures: { ...sizes, "import p50 ms": quantile(own, 0.5), "p90 ms": quantile(own, 0.9) } };
  });
  rmSync(folder, { recursive: true, force: true });
  const check = rows.find(({ what }) => what === "check-shard")?.figures ?? {};
  printTable("Bundles", rows, [
    { aim: "check-shard: at most 400 KB read at start", met: Number(check["at start KB"]) <= 400 },
    { aim: "check-shard: imported within 100 ms", met: Number(check["import p50 ms"]) <= 100 },
  ]);
}

function sizesOf(name: FunctionName, folder: string, kb: (name: FunctionName, which: (file: string) => boolean) => number) {
  const loaded = loadedAtStart(folder);
  return { "at start KB": kb(name, (file) => loaded.has(file)), "later KB": kb(name, (file) => !loaded.has(file)) };
}

/** The files that a bundle's first file imports, and theirs: what is imported by a call comes later. */
function loadedAtStart(folder: string): ReadonlySet<string> {
  const loaded = new Set<string>();
  const open = ["index.mjs"];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (loaded.has(file)) continue;
    loaded.add(file);
    for (const [, name = ""] of readFileSync(join(folder, file), "utf8").matchAll(/(?:\bfrom|\bimport)\s*"\.\/([\w-]+\.mjs)"/g))
      open.push(name);
  }
  return loaded;
}

function importMs(file: string): number {
  const script = `const start = performance.now(); await import(${JSON.stringify(pathToFileURL(file).href)}); console.log(performance.now() - start); process.exit(0);`;
  return Number(execFileSync(process.execPath, ["--input-type=module", "-e", script], { env: ENVIRONMENT, encoding: "utf8" }));
}
