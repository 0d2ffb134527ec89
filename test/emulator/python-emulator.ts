import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { messageOf } from "../../shared/errors.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Where virtual environments are kept. */
const EMULATORS = join(ROOT, ".data", "emulator");
const INSTALL_TIMEOUT_MS = 300_000;
const START_TIMEOUT_MS = 60_000;

const execute = promisify(execFile);

/** This machine has no Python 3 with venv, or no PyPI. */
class NoPythonError extends Error {
  override readonly name = "NoPythonError";
}

/** @returns undefined, loudly, where there is no Python: whoever reads the run must see that a proof is missing */
export async function orSkipped<Emulator>(starting: Promise<Emulator>): Promise<Emulator | undefined> {
  try {
    return await starting;
  } catch (error) {
    if (!(error instanceof NoPythonError)) throw error;
    console.log(`\nSKIPPED: no emulator. ${error.message}\n`);
    return undefined;
  }
}

/** What is installed beside each other, in an environment of its own. */
export interface PythonPackages {
  /** Of the environment's folder: another one is another installation. */
  readonly name: string;
  /** As pip takes them. */
  readonly packages: readonly string[];
  /** ISO 8601: what was published later is not taken, for those that name no upper bounds of what they need. */
  readonly publishedBefore?: string;
  readonly folder?: string;
}

/**
 * Installs Python packages into a virtual environment, once.
 * @returns the virtual environment's Python
 * @throws {NoPythonError} when that cannot be done here
 */
export async function installPython({ name, packages, publishedBefore, folder = EMULATORS }: PythonPackages): Promise<string> {
  const venv = join(folder, name);
  const python = join(venv, "bin", "python");
  const done = join(venv, "installed");
  if (existsSync(done)) return python;
  const pip = (...args: string[]) =>
    execute(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...args], { timeout: INSTALL_TIMEOUT_MS });
  try {
    await rm(venv, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await execute("python3", ["-m", "venv", venv], { timeout: INSTALL_TIMEOUT_MS });
    if (publishedBefore === undefined) await pip(...packages);
    else {
      // pip of that Python knows no dates yet.
      await pip("uv");
      const args = ["-m", "uv", "pip", "install", "--quiet", "--python", python, "--exclude-newer", publishedBefore, ...packages];
      await execute(python, args, { timeout: INSTALL_TIMEOUT_MS });
    }
    await writeFile(done, "");
  } catch (error) {
    throw new NoPythonError(`${name} could not be installed with python3 and PyPI: ${messageOf(error).slice(0, 300)}`);
  }
  return python;
}

/** An emulator that runs. */
export interface PythonEmulator {
  readonly url: string;
  /** What it and the functions in it wrote. */
  output(): string;
  close(): Promise<void>;
}

/**
 * Starts an emulator, and waits until it answers at `/_localstack/health`.
 * @param url where it will listen
 * @throws when it ends, or does not answer in time, with the end of what it wrote
 */
export async function startPython(
  python: string,
  args: readonly string[],
  url: string,
  env: Readonly<Record<string, string>>,
): Promise<PythonEmulator> {
  // A process group of its own: its functions are processes too, and end with it.
  const child = spawn(python, args, { detached: true, stdio: ["ignore", "pipe", "pipe"], env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-500_000);
    });
  }
  try {
    await answers(url, child);
  } catch (error) {
    await endGroup(child);
    throw new Error(`${args.join(" ")} did not start: ${messageOf(error)}\n${output.slice(-2_000)}`);
  }
  return { url, output: () => output, close: () => endGroup(child) };
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
