import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const BUNDLE = "dist/cli/server-tracker.cjs";

/** How a program ended, and what it said. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A program that goes on. */
export interface Running {
  readonly ended: Promise<Ended>;
  /** Waits until it has said something on stderr. @returns the match @throws {Error} when it ends before */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
}

/** The bundled command line, with a home of its own. */
export interface Command {
  /** Its home: what `login` keeps is here. */
  readonly folder: string;
  run(args: readonly string[], env?: Record<string, string>): Promise<Ended>;
  start(args: readonly string[], env?: Record<string, string>): Running;
  remove(): Promise<void>;
}

/** Bundles it as its users get it. */
export async function buildCommand(): Promise<Command> {
  const folder = await mkdtemp(join(tmpdir(), "command-line-"));
  const build = await new Promise<Error | null>((resolve) => {
    execFile(process.execPath, ["cli/server-tracker/build.ts"], resolve);
  });
  if (build !== null) throw build;
  // Compiled once for all of them.
  const given = { PATH: process.env["PATH"], XDG_CONFIG_HOME: folder, NODE_COMPILE_CACHE: join(folder, "compiled") };
  const start = (args: readonly string[], env: Record<string, string> = {}): Running => {
    const child = spawn(process.execPath, [BUNDLE, ...args], { env: { ...given, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let err = "";
    const heard = new Set<() => void>();
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      err += text;
      for (const hear of heard) hear();
    });
    const ended = new Promise<Ended>((resolve) => {
      child.once("close", (code) => resolve({ code: code ?? 1, out, err }));
    });
    return {
      ended,
      kill: (signal) => void child.kill(signal),
      says: (pattern) =>
        new Promise((resolve, reject) => {
          const hear = () => {
            const match = pattern.exec(err);
            if (match !== null) resolve(match);
          };
          heard.add(hear);
          hear();
          void ended.then(() => reject(new Error(`it ended: ${err}`)));
        }),
    };
  };
  return {
    folder,
    run: (args, env) => start(args, env).ended,
    start,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
