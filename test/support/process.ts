import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** `npm start` as a process of its own. */
export interface StartedProcess {
  readonly url: string;
  readonly apiKey: string;
  readonly child: ChildProcess;
  output(): string;
  kill(signal: NodeJS.Signals): Promise<{ code: number | null }>;
}

/** How long one call of the API may take: a busy machine is no fault. */
export const PATIENCE_MS = 120_000;

const COMMAND = ["--require", "./local/preload.cjs", "local/start.ts"];

function environment(settings: Record<string, string>): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, PORT: "0", ROUND_SECONDS: "10", ...settings };
}

/** Starts Server Tracker and waits until it says where it is. @param command as `npm start` runs it, or that itself */
export async function startProcess(
  settings: Record<string, string>,
  [program, ...args]: readonly [string, ...string[]] = [process.execPath, ...COMMAND],
): Promise<StartedProcess> {
  const child = spawn(program, args, { env: environment(settings), stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const ready = Promise.withResolvers<void>();
  const collect = (chunk: Buffer) => {
    output += chunk.toString("utf8");
    if (/Ctrl-C stops it/.test(output)) ready.resolve();
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  child.once("exit", (code) => ready.reject(new Error(`ended with ${code}: ${output}`)));
  await ready.promise;
  return {
    url: /API +(\S+)/.exec(output)?.[1] ?? "",
    apiKey: /API key +(\S+)/.exec(output)?.[1] ?? "",
    child,
    output: () => output,
    async kill(signal) {
      const exited = once(child, "exit");
      child.kill(signal);
      const [code] = (await exited) as [number | null];
      return { code };
    },
  };
}

/** Runs Server Tracker where it cannot start. @returns its exit code and what it said, within `deadlineMs` */
export async function failToStart(
  settings: Record<string, string>,
  deadlineMs = 120_000,
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, COMMAND, { env: environment(settings), stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
    });
  const timer = setTimeout(() => child.kill("SIGKILL"), deadlineMs);
  const [code] = (await once(child, "exit")) as [number | null];
  clearTimeout(timer);
  return { code, output };
}
