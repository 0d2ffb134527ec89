import { createApiClient } from "./api-client.ts";
import { runUntilStopped } from "./run.ts";
import { paint, say } from "./terminal.ts";

await runUntilStopped({
  async onReady({ url, apiKey, issuerUrl, isNew }, settings) {
    if (isNew) await createApiClient(url, apiKey).call("POST", "/targets", { name: "Server Tracker itself", url: `${url}/health` });
    say(`
${paint("bold", "Server Tracker runs.")} It checks every target every ${settings.roundSeconds} seconds.

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
