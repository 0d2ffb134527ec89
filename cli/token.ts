import * as z from "zod";
import { complain, say } from "../local/terminal.ts";
import { ROLES } from "../shared/access/authorize.ts";
import { createDynamoTokenStore } from "../shared/access/dynamo-token-store.ts";
import { createTokenSecret, hashToken } from "../shared/access/token.ts";
import type { TokenStore } from "../shared/access/token-store.ts";
import { systemClock } from "../shared/time/clock.ts";
import { runCommand, UsageError, whole } from "./options.ts";
import { openStateTable } from "./state-table.ts";

const USAGE = `Makes, lists and revokes API tokens.

  npm run token -- create --role admin --name "first token" [--days 90] [--stage prod]
  npm run token -- list [--stage prod]
  npm run token -- revoke <id> [--stage prod]

Roles are viewer (the default), editor and admin. Without --stage, in the data folder of npm start (DATA_DIR), which may be running. With --stage prod, in the
deployment of that name in AWS, with your credentials and AWS_REGION.`;

const optionsSchema = z.object({
  role: z.enum(ROLES, `must be one of ${ROLES.join(", ")}`).default("viewer"),
  name: z.string().min(1).max(100).default("made by npm run token"),
  days: whole(1, 3_650).optional(),
  stage: z.string().optional(),
});

await runCommand("npm run token", USAGE, optionsSchema, async ({ options, positionals: [command, id] }) => {
  const { client, tableName, close } = await openStateTable(options.stage);
  const tokens = createDynamoTokenStore(client, tableName, systemClock);
  try {
    if (command === "create") await create(tokens, options);
    else if (command === "list") await list(tokens);
    else if (command === "revoke" && id !== undefined) await revoke(tokens, id);
    else throw new UsageError("say what to do: create, list, or revoke and an id");
  } finally {
    await close();
  }
});

async function create(tokens: TokenStore, { role, name, days }: z.output<typeof optionsSchema>): Promise<void> {
  const secret = createTokenSecret();
  const expiresAt = days === undefined ? undefined : new Date(Date.now() + days * 86_400_000).toISOString();
  const token = await tokens.create(hashToken(secret), { name, role, ...(expiresAt !== undefined && { expiresAt }) });
  say(`${secret}\n`);
  complain(`Token ${token.id}, role ${role}${expiresAt === undefined ? "" : `, until ${expiresAt}`}. It is not shown again.`);
}

async function list(tokens: TokenStore): Promise<void> {
  for (const { id, role, expiresAt = "no expiry", lastUsedAt = "never", name } of await tokens.list())
    say(`${id}  ${role.padEnd(6)}  ${expiresAt}  last used ${lastUsedAt}  ${name}`);
}

async function revoke(tokens: TokenStore, id: string): Promise<void> {
  if ((await tokens.revoke(id)) === undefined) throw new Error(`there is no token ${id}`);
  say(`Token ${id} is revoked; it is refused within half a minute.`);
}
