import { spawn } from "node:child_process";
import { constants } from "node:os";
import { messageOf } from "../../../shared/errors.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit-codes.ts";

/** Runs a command and tells its heartbeat how it went: the start, the time, the end. @returns the command's own exit code */
export async function push(context: Context, key: string, command: readonly string[]): Promise<number> {
  const [program, ...args] = command;
  const ping = await pingerOf(context, key, program === undefined);
  if (program === undefined) return (await ping("", "")) ? EXIT.fine : EXIT.error;
  await ping("/start", "");
  const { code, last } = await run(program, args);
  await ping(`/${Math.min(code, 255)}`, last);
  return code;
}

/** Sends a ping; tells why none was taken. @param mustBeKnown whether there is nothing to do where the monitor's address is not */
async function pingerOf(context: Context, key: string, mustBeKnown: boolean): Promise<(suffix: string, body: string) => Promise<boolean>> {
  const note = (why: string) => context.output.note(`The heartbeat was not taken: ${why}`);
  const addressOf = async () => (/^https?:\/\//.test(key) ? key : `${(await context.client()).url}/heartbeat/${key}`);
  // A job is not stopped by a monitor that is away, nor by one that is set up wrong.
  const address = await addressOf().catch((error: unknown) => {
    if (mustBeKnown) throw error;
    note(messageOf(error));
    return undefined;
  });
  return async (suffix, body) => {
    if (address === undefined) return false;
    const response = await fetch(`${address}${suffix}`, { method: "POST", body, signal: AbortSignal.timeout(10_000) }).catch(
      () => undefined,
    );
    if (response?.ok !== true) note(response === undefined ? "no answer" : `the API answered ${response.status}`);
    return response?.ok === true;
  };
}

/** What stops a job stops it through us. */
const FORWARDED = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;
/** A terminal sends these to all that runs in front: the job has them already, and takes a second for impatience. */
const OF_TERMINAL: ReadonlySet<NodeJS.Signals> = new Set(["SIGINT", "SIGHUP", "SIGQUIT"]);

/** Runs a job as if nobody stood between. @returns its exit code, as shells count signals, and the end of what it said */
async function run(program: string, args: readonly string[]): Promise<{ code: number; last: string }> {
  let last = "";
  const child = spawn(program, args, { stdio: ["inherit", "pipe", "pipe"] });
  const collect = (stream: NodeJS.WriteStream) => (chunk: Buffer) => {
    stream.write(chunk);
    last = (last + chunk.toString("utf8")).slice(-2_000);
  };
  child.stdout.on("data", collect(process.stdout));
  child.stderr.on("data", collect(process.stderr));
  process.removeAllListeners("SIGINT");
  const hasTerminal = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
  const forward = (signal: NodeJS.Signals) => {
    if (!hasTerminal || !OF_TERMINAL.has(signal)) child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  const code = await new Promise<number>((resolve) => {
    child.once("error", (error) => {
      last = error.message;
      resolve(127);
    });
    child.once("close", (exit, signal) => resolve(exit ?? 128 + (signal === null ? 1 : constants.signals[signal])));
  });
  for (const signal of FORWARDED) process.off(signal, forward);
  return { code, last };
}
