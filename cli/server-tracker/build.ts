import { chmod } from "node:fs/promises";
import { build } from "esbuild";

/** Bundles the command line into one file for Node 20 and newer: `npm run build:cli`. */
const OUTFILE = "dist/cli/server-tracker.cjs";

await build({
  entryPoints: ["cli/server-tracker/index.ts"],
  outfile: OUTFILE,
  bundle: true,
  platform: "node",
  // CommonJS: names that Node 20 lacks in its modules are missing when they are used, and not before.
  format: "cjs",
  target: "node20",
  minify: true,
  banner: { js: "#!/usr/bin/env node" },
  define: { "import.meta.filename": "undefined", "import.meta.dirname": "__dirname" },
  logLevel: "warning",
});
await chmod(OUTFILE, 0o755);
