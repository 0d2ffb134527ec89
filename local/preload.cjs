// Runs before anything else of `npm start` and friends: see the scripts of package.json.
const [major] = process.versions.node.split(".");
if (Number(major) < 24) {
  console.error(
    `Server Tracker needs Node 24; this is ${process.version}. The package "node" brings it: its install script did not run. ` +
      "Run `npm rebuild node`, and start with `npm start`.",
  );
  process.exit(1);
}
// DNS look-ups of SMTP and the like, and file work, share libuv's threads: four are too few beside checks.
process.env.UV_THREADPOOL_SIZE ??= "16";
// What was compiled, and stripped of types, once is kept for the next start.
const { join } = require("node:path");
const { enableCompileCache, flushCompileCache } = require("node:module");
enableCompileCache(join(__dirname, "..", "node_modules", ".cache", "compiled"));
// Whoever is killed keeps it, too.
setTimeout(flushCompileCache, 3_000).unref();
