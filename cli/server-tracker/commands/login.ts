import { isObject } from "../../../shared/text/is-object.ts";
import { createClient } from "../client.ts";
import { type Profile, writeProfile } from "../config-file.ts";
import type { Context } from "../context.ts";
import { CommandError, EXIT } from "../exit-codes.ts";

/** Keeps address and token; the token comes by --token, the environment or stdin, or is had by an account. */
export async function login(
  context: Context,
  { api, token = process.env["SERVER_TRACKER_TOKEN"] || undefined }: { readonly api?: string; readonly token?: string },
  { account = false }: { readonly account?: boolean },
): Promise<number> {
  const url = api ?? (await context.client()).url;
  const got: Profile = account
    ? await (await import("../account.ts")).signIn(url, context.output)
    : { token: token ?? (await fromStdin()) };
  if (!got.token) throw new CommandError("send the token by stdin, name it with --token, or sign in with --account");
  const given = got.token;
  const me = await createClient(url, async () => given, { debug: () => undefined, note: context.output.note }).call("GET", "/me");
  await writeProfile(context.profile, { ...got, api: url });
  context.output.note(`Signed in to ${url} as ${isObject(me) ? me["role"] : "?"}.`);
  return EXIT.fine;
}

async function fromStdin(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write("Token (then Enter; with --account you sign in by a browser): ");
  let input = "";
  for await (const chunk of process.stdin) {
    input += String(chunk);
    if (input.includes("\n")) break;
  }
  return input.trim();
}
