import * as z from "zod";
import { say } from "../local/terminal.ts";
import { createDynamoSetAside, type SetAsideRows } from "../shared/log/dynamo-set-aside.ts";
import { cleanText } from "../shared/text/clean-text.ts";
import { runCommand, UsageError } from "./options.ts";
import { openStateTable } from "./state-table.ts";

const USAGE = `Log rows that the log refused for good: lists them, or gives them to the log again.

  npm run set-aside -- list [--stage prod]
  npm run set-aside -- retry [--stage prod]

Rounds write what retry brings back; rows that are refused again are set aside again. Without --stage, in the data folder of npm start (DATA_DIR), which
may be running. With --stage prod, in the deployment of that name in AWS, with your credentials and AWS_REGION.`;

await runCommand("npm run set-aside", USAGE, z.object({ stage: z.string().optional() }), async ({ options, positionals: [command] }) => {
  if (command !== "list" && command !== "retry") throw new UsageError("say what to do: list or retry");
  const { client, tableName, close } = await openStateTable(options.stage);
  const setAside = createDynamoSetAside(client, tableName);
  try {
    await (command === "list" ? list(setAside) : retry(setAside));
  } finally {
    await close();
  }
});

async function list(setAside: SetAsideRows): Promise<void> {
  let batches = 0;
  for await (const { key, reason } of setAside.all()) {
    batches += 1;
    say(`${cleanText(key, 200)}  ${cleanText(reason, 500)}`);
  }
  if (batches === 0) say("No row is set aside.");
}

async function retry(setAside: SetAsideRows): Promise<void> {
  let batches = 0;
  for await (const { key } of setAside.all()) {
    await setAside.retry(key);
    batches += 1;
  }
  say(batches === 0 ? "No row is set aside." : `Batches that wait for the log again, for the next rounds to write: ${batches}.`);
}
