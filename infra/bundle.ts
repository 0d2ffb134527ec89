import { cpSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const OUT = join(ROOT, "dist", "functions");

/** Every function of the deployment: a file of `functions/`. */
export const FUNCTION_NAMES = ["plan-round", "check-shard", "conclude-round", "maintain-log", "api", "authorizer", "migrate"] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

let bundled = false;

/** Bundles all functions in one call of esbuild, once a process. @returns the folder of `name` */
export function bundledFunction(name: FunctionName): string {
  if (!bundled) bundleAll();
  bundled = true;
  return join(OUT, name);
}

function bundleAll(): void {
  rmSync(OUT, { recursive: true, force: true });
  buildSync({
    absWorkingDir: ROOT,
    entryPoints: FUNCTION_NAMES.map((name) => ({ in: `functions/${name}.ts`, out: `${name}/index` })),
    outdir: OUT,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    minify: true,
    keepNames: true, // errors are told apart by their names
    sourcemap: true,
    sourcesContent: false,
    legalComments: "none",
    mainFields: ["module", "main"],
    // Some dependencies are CommonJS and ask for Node's modules by require.
    banner: { js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);' },
    logLevel: "warning",
  });
  cpSync(join(ROOT, "sql"), join(OUT, "migrate", "sql"), { recursive: true });
  const swaggerUi = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
  for (const file of ["swagger-ui.css", "swagger-ui-bundle.js"]) cpSync(join(swaggerUi, file), join(OUT, "api", "swagger-ui", file));
}
