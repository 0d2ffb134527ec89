import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { type Client, createClient, type TokenSource } from "./client.ts";
import { type Profile, readProfile } from "./config-file.ts";
import { CommandError, EXIT } from "./exit-codes.ts";
import { createOutput, FORMATS, type Format, type Output } from "./output.ts";

/** Flags that every command takes. */
interface GlobalFlags {
  readonly output: string;
  readonly api?: string;
  readonly token?: string;
  readonly profile: string;
  readonly quiet?: boolean;
  readonly color: boolean;
  readonly yes?: boolean;
  readonly debug?: boolean;
}

/** What a command works with. */
export interface Context {
  readonly output: Output;
  readonly profile: string;
  /** Flags and environment before the file. @throws {CommandError} naming what is missing */
  client(): Promise<Client>;
  /** Asks, once; without a terminal it ends with the flag that is missing. */
  confirm(question: string): Promise<boolean>;
}

/** The token of a profile, renewed while it is used. */
function tokenOf(name: string, kept: Profile): TokenSource {
  let profile = kept;
  return async () => {
    if (profile.account !== undefined) profile = await (await import("./account.ts")).renewed(name, profile);
    return profile.token ?? "";
  };
}

const DEFAULT_API = "http://127.0.0.1:8000";

/** @throws {CommandError} when a flag is wrong */
export function contextOf(command: Command): Context {
  const flags = command.optsWithGlobals() as GlobalFlags; // declared in index.ts
  const format = FORMATS.find((candidate) => candidate === flags.output);
  if (format === undefined) throw new CommandError(`-o must be one of ${FORMATS.join(", ")}`);
  const isColoured = flags.color && !process.env["NO_COLOR"] && process.stdout.isTTY === true;
  const output = createOutput(format as Format, { isColoured, isQuiet: flags.quiet === true });
  return {
    output,
    profile: flags.profile,

    async client() {
      // A variable that is empty is one that was not set.
      const givenApi = flags.api ?? (process.env["SERVER_TRACKER_API"] || undefined);
      const given = flags.token ?? (process.env["SERVER_TRACKER_TOKEN"] || undefined);
      if (given !== undefined && !/^[\x21-\x7e]*$/.test(given))
        throw new CommandError(
          "the token holds blanks, line breaks or other characters that no token has: see how it was pasted, or piped",
        );
      // Whoever says both needs no file, whatever is in it.
      const profile = givenApi !== undefined && given !== undefined ? {} : await readProfile(flags.profile);
      const api = givenApi ?? profile.api ?? DEFAULT_API;
      if (!URL.canParse(api)) throw new CommandError(`--api must be the address of a deployment, such as ${DEFAULT_API}`);
      const debug = (text: string) => {
        if (flags.debug) process.stderr.write(`${text}\n`);
      };
      return createClient(api, given === undefined ? tokenOf(flags.profile, profile) : async () => given, { debug, note: output.note });
    },

    async confirm(question) {
      if (flags.yes) return true;
      if (process.stdin.isTTY !== true || process.stderr.isTTY !== true)
        throw new CommandError(`${question} Without a terminal, say so with --yes.`);
      const terminal = createInterface({ input: process.stdin, output: process.stderr });
      terminal.once("SIGINT", () => process.exit(EXIT.interrupted));
      try {
        return /^y(?:es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
      } finally {
        terminal.close();
      }
    },
  };
}
