import { createServer } from "node:http";
import { listen } from "../../local/stand-ins/listen.ts";
import { createWebhookSink } from "../../local/stand-ins/webhook-sink.ts";
import { startLocalMonitor } from "./local-monitor.ts";
import { printTable, quantile } from "./report.ts";

const FAULTS = 20;
const HANGING = 10;
/** Of a hanging target, in ms: what the alerts of a round waited for before there was a bell. */
const HANGING_MS = 4_000;

/** How long after a site's first bad answer the webhook is called, beside targets that hang. One fault a round. */
export async function benchAlerts(): Promise<void> {
  const failedAt = new Map<string, number>();
  const broken = new Set<string>();
  const sites = createServer((request, response) => {
    const name = request.url?.slice(1) ?? "";
    if (broken.has(name) && !failedAt.has(name)) failedAt.set(name, performance.now());
    response.writeHead(broken.has(name) ? 503 : 200).end();
  });
  // Takes a request and never answers.
  const silent = createServer(() => undefined);
  const silentUrl = await listen(silent);
  const url = await listen(sites);
  const delays: number[] = [];
  const sink = createWebhookSink(({ text }) => {
    for (const [name, at] of failedAt) {
      if (!text.includes(`"${name}"`)) continue;
      delays.push(performance.now() - at);
      failedAt.delete(name);
    }
    return undefined;
  });
  const monitor = await startLocalMonitor(500, { WEBHOOK_URL: await listen(sink), BELL_FUNCTION: "deliver-alerts" });
  for (let index = 0; index < HANGING; index++)
    await monitor.registerOne({
      name: `Hanging ${index}`,
      url: silentUrl,
      timeoutMs: HANGING_MS,
      failureThreshold: 20,
    });
  for (let index = 0; index < FAULTS; index++) await monitor.registerOne({ name: `site-${index}`, url: `${url}/site-${index}` });
  await monitor.round();
  for (let index = 0; index < FAULTS; index++) {
    broken.add(`site-${index}`);
    await monitor.round();
  }
  await monitor.close();
  for (const server of [sites, sink, silent]) {
    server.closeAllConnections();
    server.close();
  }
  const [median, p99] = [quantile(delays, 0.5), quantile(delays, 0.99)];
  printTable(
    `Alerts: ${FAULTS} faults beside ${HANGING} targets that hang for ${HANGING_MS / 1_000} s`,
    [{ what: "bad answer to webhook", figures: { told: delays.length, "median ms": median, "p99 ms": p99 } }],
    [
      { aim: "decided to told 500 ms at the median", met: median <= 500 },
      { aim: "decided to told 1,000 ms at p99", met: delays.length === FAULTS && p99 <= 1_000 },
    ],
  );
}
