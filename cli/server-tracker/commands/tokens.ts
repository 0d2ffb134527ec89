import { type Item, text } from "../cell.ts";
import type { Context } from "../context.ts";
import { CommandError, EXIT } from "../exit-codes.ts";

/** API tokens, without their secrets. */
export async function listTokens(context: Context): Promise<number> {
  const answer = (await (await context.client()).call("GET", "/tokens")) as { items: Item[] }; // of our API
  if (context.output.format !== "table") context.output.data(answer.items);
  else
    context.output.table(
      ["ROLE", "NAME", "EXPIRES", "LAST USED", "ID"],
      answer.items.map(({ role, name, expiresAt, lastUsedAt, id }) => [
        text(role),
        text(name),
        text(expiresAt ?? "never"),
        text(lastUsedAt ?? "never"),
        text(id),
      ]),
    );
  return EXIT.fine;
}

/** Makes a token, and prints its secret, which is shown only now: alone, so that a script can take it. */
export async function createToken(
  context: Context,
  name: string,
  { role, days }: { readonly role: string; readonly days?: string },
): Promise<number> {
  if (days !== undefined && !(Number(days) > 0)) throw new CommandError("--days must be a number above 0");
  const expiresAt = days === undefined ? {} : { expiresAt: new Date(Date.now() + Number(days) * 86_400_000).toISOString() };
  const made = (await (await context.client()).call("POST", "/tokens", { body: { name, role, ...expiresAt } })) as Item; // of our API
  if (context.output.format !== "table") context.output.data(made);
  else context.output.line(text(made["token"]));
  context.output.note(`Token ${text(made["id"])}, role ${text(made["role"])}. It is not shown again.`);
  return EXIT.fine;
}

export async function revokeToken(context: Context, id: string): Promise<number> {
  await (await context.client()).call("DELETE", `/tokens/${encodeURIComponent(id)}`);
  context.output.note(`Token ${id} is revoked; it is refused within half a minute.`);
  return EXIT.fine;
}
