import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import * as z from "zod";
import { messageOf } from "../../shared/errors.ts";
import { own } from "../../shared/text/own.ts";
import { CommandError } from "./exit-codes.ts";

const address = z.url({ protocol: /^https?$/ });
/** What the page's server says of how people sign in. */
export const signInSchema = z.object({
  issuer: address,
  clientId: z.string(),
  scope: z.string(),
  endpoints: z
    .object({ authorization_endpoint: address, token_endpoint: address, device_authorization_endpoint: address.exactOptional() })
    .optional(),
});
/** `SignInSettings` of `web/serving.ts`, as far as the command line needs them. */
export type SignIn = z.output<typeof signInSchema>;

const profileSchema = z.object({
  api: z.string().optional(),
  token: z.string().optional(),
  /** Of who signed in by an account: the token is good until `expiresAt`, in seconds of Unix time. */
  account: z.object({ signIn: signInSchema, refreshToken: z.string().optional(), expiresAt: z.number() }).optional(),
});
const configSchema = z.object({ profiles: z.record(z.string(), profileSchema).default({}) });
export type Profile = z.output<typeof profileSchema>;

/** Where `login` keeps address and token. */
export function configPath(): string {
  return join(process.env["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "server-tracker", "config.json");
}

async function read(): Promise<z.output<typeof configSchema>> {
  const path = configPath();
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "{}";
    throw new CommandError(`${path} cannot be read: ${messageOf(error)}`);
  });
  try {
    return configSchema.parse(JSON.parse(text));
  } catch {
    throw new CommandError(`${path} is not what login wrote: remove it, and log in again`);
  }
}

export async function readProfile(name: string): Promise<Profile> {
  return own((await read()).profiles, name) ?? {};
}

/** Keeps a profile where only its owner reads it. */
export async function writeProfile(name: string, profile: Profile): Promise<void> {
  const config = await read();
  const path = configPath();
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const written = `${path}.${process.pid}`;
  await writeFile(written, `${JSON.stringify({ ...config, profiles: { ...config.profiles, [name]: profile } }, null, 2)}\n`, {
    mode: 0o600,
  });
  // At once: a command that runs beside this one reads the old or the new.
  await rename(written, path);
}
