import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { listen } from "../../local/stand-ins/listen.ts";
import { admitChannel } from "../../shared/alert/channel-object.ts";
import { type LocalMonitor, startLocalMonitor } from "./local-monitor.ts";
import { printTable, type Row } from "./report.ts";

const TARGETS = 1_000;
const FEW = 200;
const ROUND_MS = 30_000;
const DEADLINE_MS = 120_000;

/** Calls that a service takes within a time, as it documents them; what is above is answered 429. */
interface Limit {
  readonly calls: number;
  readonly withinMs: number;
}

/** Services at one address, each below its name, that count and limit. */
function startServices(limits: Readonly<Record<string, Limit>>) {
  const taken = new Map<string, number[]>();
  const refused = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const [, name = ""] = (request.url ?? "").split("/");
    await text(request);
    const { calls, withinMs } = limits[name] ?? { calls: Number.POSITIVE_INFINITY, withinMs: 1 };
    const now = performance.now();
    const own = taken.get(name) ?? [];
    const recent = own.filter((at) => at > now - withinMs);
    if (recent.length >= calls) {
      refused.set(name, (refused.get(name) ?? 0) + 1);
      const seconds = ((recent[0] ?? now) + withinMs - now) / 1_000;
      response.writeHead(429, { "content-type": "application/json", "retry-after": String(Math.ceil(seconds)) });
      response.end(JSON.stringify({ retry_after: seconds, parameters: { retry_after: Math.ceil(seconds) } }));
      return;
    }
    taken.set(name, [...own, now]);
    response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true,"id":"1","event_id":"$1","result":{"message_id":1}}');
  });
  return { server, taken, refused };
}

/** Twelve channels, a service each. @param at address of the services */
const channelsAt = (at: string): Record<string, { type: string; settings: object; limit: Limit }> => ({
  discord: { type: "discord", settings: { webhookUrl: `${at}/discord/1/a` }, limit: { calls: 5, withinMs: 2_000 } },
  slack: { type: "slack", settings: { webhookUrl: `${at}/slack` }, limit: { calls: 1, withinMs: 1_000 } },
  teams: { type: "teams", settings: { webhookUrl: `${at}/teams` }, limit: { calls: 4, withinMs: 1_000 } },
  "google-chat": { type: "google-chat", settings: { webhookUrl: `${at}/google-chat` }, limit: { calls: 1, withinMs: 1_000 } },
  mattermost: { type: "mattermost", settings: { webhookUrl: `${at}/mattermost` }, limit: { calls: 10, withinMs: 1_000 } },
  telegram: {
    type: "telegram",
    settings: { botToken: "1:a", chatId: "-1", apiUrl: `${at}/telegram` },
    limit: { calls: 20, withinMs: 60_000 },
  },
  ntfy: { type: "ntfy", settings: { topic: "alerts", server: `${at}/ntfy` }, limit: { calls: 60, withinMs: 5_000 } },
  gotify: { type: "gotify", settings: { server: `${at}/gotify`, appToken: "A.bcdefg" }, limit: { calls: 100, withinMs: 1_000 } },
  pushover: {
    type: "pushover",
    settings: { appToken: "a".repeat(30), userKey: "u".repeat(30), apiUrl: `${at}/pushover` },
    limit: { calls: 10, withinMs: 1_000 },
  },
  webhook: { type: "webhook", settings: { url: `${at}/webhook` }, limit: { calls: 100, withinMs: 1_000 } },
  second: { type: "discord", settings: { webhookUrl: `${at}/second/1/a` }, limit: { calls: 5, withinMs: 2_000 } },
  third: { type: "slack", settings: { webhookUrl: `${at}/third` }, limit: { calls: 1, withinMs: 1_000 } },
});

/**
 * Runs rounds as the clock does, until nothing is owed. @param owing how many targets owe an alert
 * @returns ms from the failing round's begin to the last message
 */
async function toldAfter(monitor: LocalMonitor, taken: ReadonlyMap<string, number[]>, owing: () => Promise<number>): Promise<number> {
  const start = performance.now();
  for (let round = 1; performance.now() - start < DEADLINE_MS; round++) {
    await monitor.round();
    while ((await owing()) > 0 && performance.now() < start + round * ROUND_MS) await new Promise((resolve) => setTimeout(resolve, 500));
    if ((await owing()) === 0) break;
  }
  return Math.max(...[...taken.values()].flat()) - start;
}

/** Everything down at once: how soon everybody is told, by how many calls, and what it takes of memory. */
export async function benchStorm(): Promise<void> {
  let status = 200;
  const sites = createServer((_, response) => response.writeHead(status).end());
  const url = await listen(sites);
  const limits: Record<string, Limit> = {};
  const { server, taken, refused } = startServices(limits);
  const services = await listen(server);
  const monitor = await startLocalMonitor(2_000, { BELL_FUNCTION: "deliver-alerts" });
  const { createDynamoChannels } = await import("../../shared/alert/dynamo-channels.ts");
  const { createFieldCipher } = await import("../../shared/targets/field-cipher.ts");
  const { stateClient } = await import("../../functions/wiring/clients.ts");
  const { targetKeyReader } = await import("../../shared/targets/dynamo-target-keys.ts");
  const [client, table] = [stateClient(), process.env["TABLE_NAME"] ?? ""];
  const keys = targetKeyReader(client, table);
  const owing = async () => {
    let count = 0;
    for await (const { owesAlert } of keys()) count += owesAlert ? 1 : 0;
    return count;
  };
  const store = createDynamoChannels(client, table);
  const cipher = createFieldCipher(process.env["FIELD_KEY"] ?? "");
  const make = async (id: string, input: object) =>
    store.create({ ...admitChannel(cipher, { name: id, ...input }), id, version: 1, createdAt: new Date().toISOString() });
  const channels = channelsAt(services);
  for (const [id, { limit, ...channel }] of Object.entries(channels)) {
    limits[id] = limit;
    await make(id, { ...channel, match: { anyTag: ["storm"] } });
  }
  limits["each"] = { calls: 5, withinMs: 2_000 };
  await make("each", { type: "discord", settings: { webhookUrl: `${services}/each/1/a` }, digestAbove: 1_000, match: { anyTag: ["few"] } });

  const rows: Row[] = [];
  const storm = async (what: string, count: number, tag: string) => {
    for (let from = 0; from < count; from += 50) {
      const names = Array.from({ length: Math.min(50, count - from) }, (_, index) => `${tag} ${from + index}`);
      await Promise.all(names.map((name) => monitor.registerOne({ name, url: `${url}/${tag}`, tags: [tag] })));
    }
    status = 200;
    await monitor.round();
    taken.clear();
    refused.clear();
    status = 503;
    const before = process.memoryUsage().rss;
    const ms = await toldAfter(monitor, taken, owing);
    const sum = (numbers: Iterable<number>) => [...numbers].reduce((total, number) => total + number, 0);
    const figures = {
      "told s": ms / 1_000,
      calls: sum([...taken.values()].map(({ length }) => length)),
      refused: sum(refused.values()),
      "memory MB": (process.memoryUsage().rss - before) / 1_048_576,
    };
    rows.push({ what, figures });
    return ms;
  };
  const few = await storm(`${FEW} down, one channel without digests, 5 calls in 2 s`, FEW, "few");
  const many = await storm(`${TARGETS} down, ${Object.keys(channels).length} channels`, TARGETS, "storm");
  await monitor.close();
  for (const each of [sites, server]) {
    each.closeAllConnections();
    each.close();
  }
  printTable("A storm: everything is down at once", rows, [
    { aim: `${TARGETS} down on 12 channels: told within a minute`, met: many <= 60_000 },
    { aim: `${FEW} down: as fast as 5 calls in 2 s allow, ${(FEW / 10 / 5) * 2} s and a round's work`, met: few <= 20_000 },
  ]);
}
