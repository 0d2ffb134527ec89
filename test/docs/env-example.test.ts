import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { functions } from "../../functions/index.ts";
import { localEnv } from "../../local/settings.ts";
import { channelSettings } from "../../shared/notify/channel.ts";

/** What `npm start` tells the functions itself, or only a deployment has. */
const OWN =
  /^(?:TABLE_NAME|LOG_(?!LEVEL)\w+|SECRETS_PATH|\w+_(?:FUNCTION|BUCKET|ARN)|DASHBOARD|STAGE|STATUS_URL|PAGES_\w+|PAGE_\w+|SNS_TOPICS|USER_POOL_\w+|ONE_PROCESS|WAITS_APART|USD_PER_CHECK|SQL_DIR|SWAGGER_UI_DIR)$/;

it(".env.example has every setting that is read, so that nobody must look for it in the code", async () => {
  const text = await readFile(".env.example", "utf8");
  const named = new Set([...text.matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name));
  const read = [localEnv, ...Object.values(functions).map(({ schema }) => schema)].flatMap(({ shape }) => Object.keys(shape));
  const missing = new Set([...read, ...Object.keys(channelSettings)].filter((name) => !named.has(name) && !OWN.test(name)));
  expect([...missing].sort()).toEqual([]);
});
