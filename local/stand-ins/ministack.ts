import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { messageOf } from "../../shared/errors.ts";
import { unusedPort } from "./listen.ts";

/** An AWS emulator that we did not write; MIT, on PyPI. */
const VERSION = "1.5.33";
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const INSTALL_TIMEOUT_MS = 180_000;
const START_TIMEOUT_MS = 60_000;

const execute = promisify(execFile);

/** This machine has no Python 3 with venv, or no PyPI. */
export class NoMinistackError extends Error {
  override readonly name = "NoMinistackError";
}

export interface Ministack {
  readonly url: string;
  /** What it and the functions in it wrote. */
  output(): string;
  close(): Promise<void>;
}

/**
 * Installs MiniStack into a virtual environment of its own, once, and starts it on a free port of loopback.
 * @param folder where the virtual environment is kept
 * @throws {NoMinistackError} when it cannot be installed here
 */
export async function startMinistack(folder = join(ROOT, ".data", "emulator")): Promise<Ministack> {
  const python = await install(folder);
  const scratch = await mkdtemp(join(tmpdir(), "server-tracker-ministack-"));
  const port = await unusedPort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(python, ["-m", "ministack"], {
    // A process group of its own: its functions are processes too, and end with it.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: `${await nodeForFunctions(scratch)}${delimiter}${process.env["PATH"]}`,
      HOME: scratch,
      TMPDIR: scratch,
      STATE_DIR: join(scratch, "state"),
      S3_DATA_DIR: join(scratch, "s3"),
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      AWS_ENDPOINT_URL: url,
      NODE_PATH: join(ROOT, "node_modules"),
    },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-500_000);
    });
  }
  const close = async () => {
    await endGroup(child);
    await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await answers(url, child);
  } catch (error) {
    await close();
    throw new Error(`MiniStack did not start: ${messageOf(error)}\n${output.slice(-2_000)}`);
  }
  return { url, output: () => output, close };
}

/** @returns the virtual environment's Python */
async function install(folder: string): Promise<string> {
  const venv = join(folder, `ministack-${VERSION}`);
  const python = join(venv, "bin", "python");
  const done = join(venv, "installed");
  if (existsSync(done)) return python;
  try {
    await rm(venv, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await execute("python3", ["-m", "venv", venv], { timeout: INSTALL_TIMEOUT_MS });
    await execute(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", `ministack==${VERSION}`], {
      timeout: INSTALL_TIMEOUT_MS,
    });
    await writeFile(done, "");
  } catch (error) {
    throw new NoMinistackError(`MiniStack could not be installed with python3 and PyPI: ${messageOf(error).slice(0, 300)}`);
  }
  return python;
}

/** MiniStack runs what is called `node`, and requires handlers, which an ES module with top-level await refuses without this flag. */
async function nodeForFunctions(folder: string): Promise<string> {
  const file = join(folder, "bin", "node");
  await mkdir(join(folder, "bin"));
  await writeFile(file, `#!/bin/sh\nexec "${process.execPath}" --no-experimental-require-module "$@"\n`);
  await chmod(file, 0o755);
  return join(folder, "bin");
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const response = await fetch(`${url}/_localstack/health`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    if (response?.ok) return;
    if (Date.now() > deadline) throw new Error(`no answer within ${START_TIMEOUT_MS / 1_000} s`);
    await delay(200);
  }
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const ended = child.exitCode === null && child.signalCode === null ? once(child, "exit") : Promise.resolve();
  const kill = (signal: NodeJS.Signals) => {
    try {
      process.kill(-(child.pid ?? 0), signal);
    } catch {
      // the group is gone
    }
  };
  kill("SIGTERM");
  await Promise.race([ended, delay(5_000)]);
  kill("SIGKILL");
}
