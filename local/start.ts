import * as z from "zod";
import { messageOf } from "../shared/errors.ts";
import { createApiClient } from "./api-client.ts";
import { runUntilStopped } from "./run.ts";
import { complain, paint, say } from "./terminal.ts";

await runUntilStopped({
  async onReady({ url, apiKey, issuerUrl, isNew }, settings) {
    if (isNew)
      await watchItself(url, apiKey).catch((error: unknown) =>
        complain(`Server Tracker does not watch itself: ${messageOf(error)}. Register a target of yours instead.`),
      );
    say(`
${paint("bold", "Server Tracker runs.")} It checks every target every ${settings.roundSeconds} seconds.

  page       ${url}/#key=${apiKey}
  API        ${url}
  docs       ${url}/docs
  health     ${url}/health
  data       ${settings.dataDir}${settings.databaseUrl === undefined ? "" : "; the log is in DATABASE_URL"}
  API key    ${apiKey}${issuerUrl === undefined ? "" : `\n  JWTs       curl ${issuerUrl}/token -d client_secret=<API key> -d role=editor`}
  alerts     ${process.env["DISCORD_WEBHOOK_URL"] ? "Discord" : "set DISCORD_WEBHOOK_URL in .env to get them in Discord"}

Register a target:

  curl -X POST ${url}/targets -H 'x-api-key: ${apiKey}' -H 'content-type: application/json' -d '{"name": "Google Production", "url": "https://google.com"}'

Ctrl-C stops it.
`);
  },
});

/** The first target, where there is none yet; the owner's `ALLOWED_PRIVATE_RANGES` or `ALLOWED_PORTS` may refuse it. */
async function watchItself(url: string, apiKey: string): Promise<void> {
  const api = createApiClient(url, apiKey);
  const { items } = z.object({ items: z.array(z.unknown()) }).parse(await api.call("GET", "/targets?limit=1"));
  if (items.length === 0) await api.call("POST", "/targets", { name: "Server Tracker itself", url: `${url}/health` });
}
