import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { systemClock } from "../../shared/time/clock.ts";
import { createApiClient } from "../api-client.ts";
import { runUntilStopped } from "../run.ts";
import { listen, unusedPort } from "../stand-ins/listen.ts";
import { createWebhookSink } from "../stand-ins/webhook-sink.ts";
import { paint, say } from "../terminal.ts";
import { createDemoSite, OUTAGES } from "./demo-site.ts";

const embedsSchema = z.object({
  embeds: z.array(
    z.object({ title: z.string(), description: z.string().optional(), fields: z.array(z.object({ name: z.string(), value: z.string() })) }),
  ),
});

/** Seconds from the start. */
const ACKNOWLEDGE_S = 75;
const MAINTENANCE_S = 130;

let site = "";
let closedPort = 0;

await runUntilStopped({
  async prepare() {
    const siteServer = createDemoSite(systemClock.now);
    site = await listen(siteServer);
    closedPort = await unusedPort();
    const sink = createWebhookSink(({ body }) => {
      showMessage(body);
      return undefined;
    });
    const sinkUrl = await listen(sink);
    // A folder of its own, gone at the end: a demo always starts from nothing.
    const folder = await mkdtemp(join(tmpdir(), "server-tracker-demo-"));
    process.env["DATA_DIR"] = folder;
    process.env["ROUND_SECONDS"] ||= "10";
    process.env["DISCORD_WEBHOOK_URL"] ||= `${sinkUrl}/discord`;
    return async () => {
      siteServer.closeAllConnections();
      sink.closeAllConnections();
      await rm(folder, { recursive: true, force: true });
    };
  },

  async onReady({ url, apiKey }, settings) {
    const api = createApiClient(url, apiKey);
    const quick = { timeoutMs: 3_000 };
    await api.call("POST", "/maintenance", {
      name: "New disk",
      tags: ["storage"],
      once: { from: new Date().toISOString(), to: new Date(Date.now() + MAINTENANCE_S * 1_000).toISOString() },
    });
    const router = (await api.call("POST", "/targets", {
      ...quick,
      name: "Router",
      url: `${site}/router`,
      group: "Office",
      retries: 0,
    })) as {
      id: string;
    };
    const behind = ["Printer", "Wiki", "Door"].map((name) => ({
      name,
      url: `${site}/router`,
      group: "Office",
      dependsOn: [router.id],
      retries: 0,
    }));
    const rack = Array.from({ length: 12 }, (_, index) => ({ name: `Rack ${index + 1}`, url: `${site}/rack`, group: "Rack", retries: 0 }));
    const targets = [
      ...behind,
      ...rack,
      { name: "Storage", url: `${site}/broken`, group: "Office", tags: ["storage"] },
      { name: "Healthy page", url: `${site}/healthy`, assertions: [{ kind: "bodyContains", text: "all is well" }] },
      { name: "Slow page", url: `${site}/slow`, latencyLimitMs: 500 },
      { name: "Redirecting page", url: `${site}/moved` },
      { name: "Page behind a cookie wall", url: `${site}/wall`, assertions: [{ kind: "body", operator: "matches", value: "^behind" }] },
      {
        name: "Every node of a cluster",
        url: `${site}/nodes`,
        assertions: [{ kind: "jsonPath", path: "$.nodes[*].ok", value: true, otherwise: "degraded" }],
      },
      { name: "Broken page", url: `${site}/broken` },
      { name: "Refused port", url: `http://127.0.0.1:${closedPort}/`, remindEverySeconds: 60 },
      { name: "Hanging page", url: `${site}/hanging` },
      { name: "Flapping page", url: `${site}/flapping` },
      { name: "TCP port", type: "tcp", host: "127.0.0.1", port: Number(new URL(site).port) },
      { name: "Port that must be closed", type: "tcp", host: "127.0.0.1", port: closedPort, expect: "down" },
      { name: "Live feed", type: "websocket", url: `${site.replace("http", "ws")}/live`, answer: "prices" },
    ];
    for (const target of targets) {
      const group = "type" in target ? "Ports and feeds" : "Website";
      await api.call("POST", "/targets", { ...quick, group, tags: ["demo"], ...target });
    }
    await api.call("POST", "/status-pages", {
      slug: "demo",
      title: "Demo",
      description: "How the demo's services are. These are files: they stand when everything else is down.",
      incidentDetail: "cause",
      sections: [
        { name: "Website", groups: ["Website"] },
        { name: "Office", groups: ["Office"] },
      ],
    });
    setTimeout(() => void acknowledge(api).catch(() => undefined), ACKNOWLEDGE_S * 1_000).unref();
    say(`
${paint("bold", "Server Tracker's demo runs.")} ${targets.length + 1} targets on ${site}, a round every ${settings.roundSeconds} seconds.
What Discord would have got is printed between the rounds; the flapping page changes every 30 seconds. To come:
  ${OUTAGES.router[0]} s  a router goes down, and with it three that depend on it: one message
  60 s  a port that is refused is told again; at ${ACKNOWLEDGE_S} s somebody acknowledges it
  ${OUTAGES.rack[0]} s  twelve go down at once: one message that counts them
  ${MAINTENANCE_S} s  maintenance ends, and what is still wrong is told

  page    ${url}/#key=${apiKey}
  status  ${url}/status/demo/  (for the public)
  API     ${url}
  docs    ${url}/docs
  API key ${apiKey}

  curl ${url}/targets -H 'x-api-key: ${apiKey}'

Ctrl-C stops it and leaves nothing behind.
`);
  },
});

/** As somebody on call would. */
async function acknowledge(api: ReturnType<typeof createApiClient>): Promise<void> {
  const { items } = (await api.call("GET", "/incidents?state=open")) as { items: { id: string; target: { name: string } }[] }; // of our API
  const incident = items.find(({ target }) => target.name === "Refused port");
  if (incident === undefined) return;
  await api.call("POST", `/incidents/${incident.id}/acknowledge`, { note: "I look at it." });
  say(`  ● acknowledged: ${incident.target.name}. Nobody is reminded of it any more.`);
}

function showMessage(body: unknown): void {
  const parsed = embedsSchema.safeParse(body);
  if (!parsed.success) return;
  for (const { title, description, fields } of parsed.data.embeds) {
    // Discord shows its time marks as local time.
    const readable = (value: string) =>
      value.replace(/<t:(\d+):f> \(<t:\d+:R>\)/, (_, seconds: string) => new Date(Number(seconds) * 1_000).toLocaleTimeString());
    const facts = fields.map(({ name, value }) => `${name}: ${readable(value)}`).join(" · ");
    say(`  ┌ Discord: ${title}${description === undefined ? "" : `\n  │ ${description.replaceAll("\n", "\n  │ ")}`}\n  └ ${facts}`);
  }
}
