import { spawn } from "node:child_process";
import { isIP } from "node:net";
import { ForbiddenAddressError } from "./address-guard.ts";
import { type DialContext, vettedAddress } from "./dial.ts";

/** A host that does not answer to a ping. */
export class PingError extends Error {
  override readonly name = "PingError";
  /** Whether this machine could not ask, which says nothing of the host. */
  readonly isOurOwn: boolean;
  constructor(message: string, { isOurOwn = false } = {}) {
    super(message);
    this.isOurOwn = isOurOwn;
  }
}

/** Of the command's output; it prints five lines. */
const MAX_OUTPUT_CHARACTERS = 8_192;
/** The command waits as long as this at most; the context's signal ends it before. */
const MAX_WAIT_SECONDS = 30;

/**
 * Sends one ICMP echo request by the machine's `ping` command, which needs no right of ours.
 * @returns milliseconds of the round trip, as the command measured them
 * @throws {PingError} when there is no answer, or no such command
 * @throws {ForbiddenAddressError} when the guard refuses the address
 */
export async function ping(host: string, context: DialContext): Promise<number> {
  const refusal = context.guard.refusesPing();
  if (refusal !== undefined) throw new ForbiddenAddressError(refusal);
  const address = await vettedAddress(host, context);
  const end = context.trace.begin("ttfbMs");
  const output = await run(commandFor(address), context.signal);
  end();
  context.trace.address = address;
  // "time=0.5 ms", "Zeit<1ms", "temps=0,5 ms": whatever its language.
  const [, sign, ms] = /([=<])\s?(\d+(?:[.,]\d+)?)\s?ms/i.exec(output) ?? [];
  if (ms === undefined) throw new PingError("the ping command's answer names no time", { isOurOwn: true });
  return sign === "<" ? 0 : Number(ms.replace(",", "."));
}

/** One packet, to an address: the command looks nothing up. */
function commandFor(address: string): readonly [command: string, args: readonly string[]] {
  const wait = String(MAX_WAIT_SECONDS);
  if (process.platform === "win32") return ["ping", ["-n", "1", "-w", String(MAX_WAIT_SECONDS * 1_000), address]];
  // macOS has a command for each family, and -W in ms.
  if (process.platform === "darwin") return [isIP(address) === 6 ? "ping6" : "ping", ["-c", "1", address]];
  return ["ping", ["-c", "1", "-W", wait, address]];
}

function run([command, args]: readonly [string, readonly string[]], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    const stop = () => {
      child.kill("SIGKILL");
      reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
    };
    const collect = (chunk: Buffer) => {
      if (output.length < MAX_OUTPUT_CHARACTERS) output += chunk.toString("utf8");
    };
    signal.addEventListener("abort", stop, { once: true });
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "ENOENT" ? new PingError("this machine has no ping command", { isOurOwn: true }) : error),
    );
    child.once("close", (code) => {
      signal.removeEventListener("abort", stop);
      if (code === 0) resolve(output);
      else reject(new PingError(reasonOf(output), { isOurOwn: NOT_LET.test(output) }));
    });
  });
}

/** What the command says of this machine. */
const NOT_LET = /not permitted|network is unreachable|permission denied/i;

function reasonOf(output: string): string {
  const told = /(?:destination |network is )?(?:host |net )?unreachable|not permitted|permission denied|time to live exceeded/i.exec(
    output,
  )?.[0];
  return told === undefined ? "no answer to the ping" : `no answer to the ping: ${told.toLowerCase()}`;
}
