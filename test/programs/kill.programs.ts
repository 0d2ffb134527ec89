import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { createApiClient } from "../../local/api-client.ts";
import { listen } from "../../local/stand-ins/listen.ts";
import { createWebhookSink } from "../../local/stand-ins/webhook-sink.ts";
import { PATIENCE_MS, type StartedProcess, startProcess } from "../support/process.ts";

/*
 * The whole program, killed in the middle of rounds; `test/simulation` dies at every call of a store, and this at a few moments for real. Its first round runs at once after each start,
 * under the mark that the killed one may have had: rounds are done twice here, for real.
 */
it("kill -9 in the middle of rounds loses and doubles no check row and no alert", { timeout: 600_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "server-tracker-"));
  let status = 200;
  let hits = 0;
  const site = createServer((_, response) => {
    hits++;
    response.writeHead(status).end();
  });
  const alerts: { id: string; kind: string; to: string; missed: { to: string }[] }[] = [];
  const sink = createWebhookSink(({ body }) => {
    alerts.push(...(body as { alerts: typeof alerts }).alerts);
    return undefined;
  });
  const [siteUrl, sinkUrl] = [await listen(site), await listen(sink)];
  const settings = { DATA_DIR: folder, WEBHOOK_URL: sinkUrl };
  let running: StartedProcess | undefined;
  onTestFinished(async () => {
    running?.child.kill("SIGKILL");
    for (const server of [site, sink]) {
      server.closeAllConnections();
      server.close();
    }
    await rm(folder, { recursive: true, force: true });
  });

  running = await startProcess(settings);
  const names = Array.from({ length: 30 }, (_, index) => `Target ${index}`);
  for (const name of names) {
    await createApiClient(running.url, running.apiKey, PATIENCE_MS).call("POST", "/targets", {
      name,
      url: siteUrl,
      retries: 0,
      timeoutMs: 2_000,
    });
  }
  await expect.poll(() => running?.output(), { timeout: 90_000 }).toMatch(/checked 31 {2}up 31/);

  const statuses = async () => {
    const { items } = (await createApiClient(running?.url ?? "", running?.apiKey ?? "", PATIENCE_MS).call("GET", "/targets?limit=500")) as {
      items: { id: string; name: string; status: string }[];
    };
    return items.filter(({ name }) => names.includes(name));
  };
  // Killed at another moment each time, from the first check's arrival to after the alerts.
  for (const [next, moments] of [
    [500, [0, 60]],
    [200, [15]],
    [500, [400]],
  ] as const) {
    status = next;
    for (const killAfterMs of moments) {
      const before = hits;
      await expect.poll(() => hits, { timeout: 90_000, interval: 2 }).toBeGreaterThan(before);
      await delay(killAfterMs);
      await running.kill("SIGKILL");
      running = await startProcess(settings);
    }
    const expected = next === 200 ? "up" : "down";
    await expect.poll(async () => (await statuses()).every((target) => target.status === expected), { timeout: 90_000 }).toBe(true);
  }
  // Two outages of thirty targets; what a kill made be sent again does not count.
  const ours = new Set((await statuses()).map(({ id }) => id));
  const downs = () =>
    alerts
      .filter(({ id }) => ours.has(id.split(":")[0] ?? ""))
      .flatMap(({ id, to, missed }) => [...missed.map((earlier, index) => ({ id: `${id} ${index}`, to: earlier.to })), { id, to }])
      .filter(({ to }) => to === "down");
  // A kill in the middle of telling leaves claims behind, which are taken over after a minute.
  await expect.poll(() => new Set(downs().map(({ id }) => id)).size, { timeout: 150_000 }).toBeGreaterThanOrEqual(60);

  const api = createApiClient(running.url, running.apiKey, PATIENCE_MS);
  const targets = await statuses();
  expect(targets).toHaveLength(30);
  for (const { id } of targets) {
    const { items: checks } = (await api.call("GET", `/targets/${id}/checks?limit=500`)) as { items: { at: string }[] };
    expect(new Set(checks.map(({ at }) => at)).size).toBe(checks.length);
    // down, up, down in turn: each was told, under one id, however often a kill made it be sent again; what could not
    // be told while a killed round's claim lasted is told with the next.
    const told = new Map(alerts.filter((alert) => alert.id.startsWith(id)).map((alert) => [alert.id, alert]));
    const changes = [...told.values()].flatMap(({ to, missed }) => [...missed.map((earlier) => earlier.to), to]);
    expect(changes.filter((to, index) => to !== changes[index - 1])).toEqual(["down", "up", "down"]);
  }
});
