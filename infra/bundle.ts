import { cpSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { FUNCTION_NAMES, type FunctionName } from "../functions/index.ts";
import { buildPage, PAGE_FOLDER } from "../web/build.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const OUT = join(ROOT, "dist", "functions");

/** The bundles of all functions. */
export interface Bundles {
  /** Folder that holds a function's bundle. */
  readonly folder: (name: FunctionName) => string;
  /** Source files of which something is in a function's bundle, relative to the project. */
  readonly sources: (name: FunctionName) => readonly string[];
  /** Folder of the built page. */
  readonly page?: string;
}

/** Bundles all functions by esbuild, and builds the page. @param out the folder that gets one folder per function */
export async function bundleFunctions(out = OUT): Promise<Bundles> {
  rmSync(out, { recursive: true, force: true });
  const sources = new Map(await Promise.all(FUNCTION_NAMES.map(async (name) => [name, await bundle(name, join(out, name))] as const)));
  cpSync(join(ROOT, "sql"), join(out, "migrate", "sql"), { recursive: true });
  const swaggerUi = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
  for (const file of ["swagger-ui.css", "swagger-ui-bundle.js"]) cpSync(join(swaggerUi, file), join(out, "api", "swagger-ui", file));
  await buildPage();
  return { folder: (name) => join(out, name), sources: (name) => sources.get(name) ?? [], page: PAGE_FOLDER };
}

/** @returns the source files that got into it */
async function bundle(name: FunctionName, outdir: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [{ in: `functions/${name}.ts`, out: "index" }],
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    // What is imported where it is needed becomes a file that is read only then.
    splitting: true,
    chunkNames: "[name]-[hash]",
    platform: "node",
    format: "esm",
    target: "node24",
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    legalComments: "none",
    mainFields: ["module", "main"],
    metafile: true,
    plugins: [credentialsOfLambda, requireHttp, versionAlone, ...(name === "api" ? [] : [withoutJsonSchema])],
    // Some dependencies are CommonJS and ask for Node's modules by require.
    banner: { js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);' },
    logLevel: "warning",
  });
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  return [...new Set(inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file))];
}

/** What we say of ourselves is our version: the rest of the package's file is 4 KB of each bundle. */
const versionAlone: Plugin = {
  name: "version-alone",
  setup(context) {
    context.onLoad({ filter: /[\\/]package\.json$/ }, ({ path }) =>
      path === join(ROOT, "package.json")
        ? { contents: JSON.stringify({ version: JSON.parse(readFileSync(path, "utf8")).version }), loader: "json" }
        : undefined,
    );
  },
};

/** zod makes JSON Schemas for the API's description alone, and brings 20 KB for it to every other bundle. */
const withoutJsonSchema: Plugin = {
  name: "without-json-schema",
  setup(context) {
    context.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]core[\\/](to-json-schema|json-schema-processors)\.js$/ }, ({ path }) => {
      const names = [...readFileSync(path, "utf8").matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name = ""]) => name);
      // Schemas take methods from here when they are made; none is called.
      const leftOut = 'const leftOut = () => () => { throw new Error("JSON Schema is left out of this bundle"); };';
      return { contents: `${leftOut}\nexport { ${names.map((name) => `leftOut as ${name}`).join(", ")} };` };
    });
  },
};

/** Lambda hands its credentials over in the environment: the clients of SSO, STS and the like are 100 KB. */
const credentialsOfLambda: Plugin = {
  name: "credentials-of-lambda",
  setup(context) {
    context.onLoad({ filter: /[\\/]@aws-sdk[\\/]credential-provider-node[\\/]/ }, ({ path }) => ({
      contents: 'export { fromEnv as defaultProvider } from "@aws-sdk/credential-provider-env";',
      loader: "js",
      resolveDir: dirname(path),
    }));
  },
};

/**
 * An `import` of node:http reads all its exports, and with `WebSocket` Node loads its own undici: 20 ms of
 * every cold start. `require` does not.
 */
const requireHttp: Plugin = {
  name: "require-http",
  setup(context) {
    context.onResolve({ filter: /^(node:)?https?$/ }, ({ path, kind }) =>
      kind === "require-call" ? undefined : { path: `node:${path.replace("node:", "")}`, namespace: "required" },
    );
    context.onLoad({ filter: /.*/, namespace: "required" }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)})`,
    }));
  },
};
