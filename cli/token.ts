import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import * as z from "zod";
import { stateClient } from "../functions/wiring/clients.ts";
import { openDataFolder, runningStateEngine } from "../local/data-folder.ts";
import { readLocalSettings } from "../local/settings.ts";
import { startEngine } from "../local/stand-ins/engines/start-engine.ts";
import { ensureStateTable, STATE_TABLE } from "../local/stand-ins/state-table.ts";
import { complain, say } from "../local/terminal.ts";
import { ROLES } from "../shared/access/authorize.ts";
import { createDynamoTokenStore } from "../shared/access/dynamo-token-store.ts";
import { createTokenSecret, hashToken } from "../shared/access/token.ts";
import type { TokenStore } from "../shared/access/token-store.ts";
import { systemClock } from "../shared/time/clock.ts";
import { runCommand, UsageError, whole } from "./options.ts";

const USAGE = `Makes, lists and revokes API tokens.

  npm run token -- create --role admin --name "first token" [--days 90]
  npm run token -- list
  npm run token -- revoke <id>

Roles are viewer (the default), editor and admin. Without --stage, in the data folder of npm start (DATA_DIR), which may be running. With --stage prod, in the
deployment of that name in AWS, with your credentials and AWS_REGION.`;

const optionsSchema = z.object({
  role: z.enum(ROLES, `must be one of ${ROLES.join(", ")}`).default("viewer"),
  name: z.string().min(1).max(100).default("made by npm run token"),
  days: whole(1, 3_650).optional(),
  stage: z.string().optional(),
});

await runCommand("npm run token", USAGE, optionsSchema, async ({ options, positionals: [command, id] }) => {
  const { tableName, close } = options.stage === undefined ? await localTable() : await deployedTable(options.stage);
  const tokens = createDynamoTokenStore(stateClient(), tableName, systemClock);
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

interface TokenTable {
  readonly tableName: string;
  readonly close: () => Promise<void>;
}

/** The table of `npm start`: through its engine while it runs, else through one of our own. */
async function localTable(): Promise<TokenTable> {
  const { dataDir } = readLocalSettings();
  Object.assign(process.env, { AWS_REGION: "local", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" });
  const running = await runningStateEngine(dataDir);
  if (running !== undefined) {
    Object.assign(process.env, { AWS_ENDPOINT_URL_DYNAMODB: running.url, AWS_ACCESS_KEY_ID: running.accessKeyId });
    return { tableName: STATE_TABLE, close: async () => undefined };
  }
  const folder = await openDataFolder(dataDir);
  const engine = await startEngine("state-worker.ts", { dataDir: folder.state }, (error) => complain(error.message));
  process.env["AWS_ENDPOINT_URL_DYNAMODB"] = engine.url;
  await ensureStateTable(STATE_TABLE);
  return {
    tableName: STATE_TABLE,
    close: async () => {
      await engine.close();
      await folder.close();
    },
  };
}

/** The table of a deployment, by its stack's output. */
async function deployedTable(stage: string): Promise<TokenTable> {
  const stack = `server-tracker-${stage}-data`;
  const client = new CloudFormationClient({ requestHandler: { connectionTimeout: 5_000, requestTimeout: 15_000 } });
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
  const tableName = Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === "TableName")?.OutputValue;
  if (tableName === undefined) throw new Error(`stack ${stack} has no output TableName: is the stage deployed in this region?`);
  return { tableName, close: async () => undefined };
}
