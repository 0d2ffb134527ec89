import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { unusedPort } from "../../local/stand-ins/listen.ts";
import { installPython, type PythonEmulator, startPython } from "./python-emulator.ts";

/** An AWS emulator that we did not write; MIT, on PyPI. */
const VERSION = "1.5.33";
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Installs MiniStack into a virtual environment of its own, once, and starts it on a free port of loopback.
 * @throws {NoPythonError} when it cannot be installed here
 */
export async function startMinistack(): Promise<PythonEmulator> {
  const python = await installPython({ name: `ministack-${VERSION}`, packages: [`ministack==${VERSION}`] });
  const scratch = await mkdtemp(join(tmpdir(), "server-tracker-ministack-"));
  const remove = () => rm(scratch, { recursive: true, force: true, maxRetries: 5 });
  const port = await unusedPort();
  const url = `http://127.0.0.1:${port}`;
  try {
    const emulator = await startPython(python, ["-m", "ministack"], url, {
      PATH: `${await nodeForFunctions(scratch)}${delimiter}${process.env["PATH"]}`,
      HOME: scratch,
      TMPDIR: scratch,
      STATE_DIR: join(scratch, "state"),
      S3_DATA_DIR: join(scratch, "s3"),
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      AWS_ENDPOINT_URL: url,
      NODE_PATH: join(ROOT, "node_modules"),
    });
    return { ...emulator, close: () => emulator.close().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** MiniStack runs what is called `node`, and requires handlers, which an ES module with top-level await refuses without this flag. */
async function nodeForFunctions(folder: string): Promise<string> {
  const file = join(folder, "bin", "node");
  await mkdir(join(folder, "bin"));
  await writeFile(file, `#!/bin/sh\nexec "${process.execPath}" --no-experimental-require-module "$@"\n`);
  await chmod(file, 0o755);
  return join(folder, "bin");
}
