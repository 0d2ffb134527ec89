import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { listen } from "../../local/stand-ins/listen.ts";
import { createDynamoLastRound } from "../../shared/round/dynamo-last-round.ts";
import { inParallel } from "../../shared/time/in-parallel.ts";
import { type Monitor, marksFromNow, startMonitor, startSite, titles } from "../support/monitor.ts";
import { serveHttp } from "../support/servers.ts";
import { TABLE_NAME } from "../support/state-engine.ts";

let monitor: Monitor;
let watcher: Server;
/** What somebody outside was told, who raises an alarm when that stops. */
let watched: string[] = [];
const nextMark = marksFromNow();
const round = () => monitor.round(nextMark());

beforeAll(async () => {
  watcher = createServer((request, response) => {
    watched.push(`${request.method} ${request.url}`);
    response.end();
  });
  monitor = await startMonitor({ SHARD_SIZE: "40", DEAD_MANS_SWITCH_URL: `${await listen(watcher)}/ping/1` });
});
afterAll(async () => {
  watcher.close();
  await monitor.close();
});
beforeEach(async () => {
  monitor.discordAnswers(() => undefined);
  for (;;) {
    const { items } = (await monitor.api("GET", "/targets?limit=500")) as { items: { id: string }[] };
    if (items.length === 0) break;
    await inParallel(items, 10, ({ id }) => monitor.api("DELETE", `/targets/${id}`));
  }
  monitor.discord.length = 0;
});

interface Created {
  readonly id: string;
}

async function register(name: string, url: string, more: Record<string, unknown> = {}): Promise<Created> {
  return (await monitor.api("POST", "/targets", { name, url, retries: 0, ...more })) as Created;
}

describe("an outage", () => {
  it("is told once in the round that sees it, and its end once with how long it lasted", async () => {
    const site = await startSite();
    const { id } = await register("Shop", site.url);
    expect(await round()).toMatchObject({
      planned: 1,
      checked: 1,
      up: 1,
      down: 0,
      changes: [{ target: "Shop", from: "pending", to: "up" }],
      alerts: { sent: 0 },
    });
    await site.goDown();
    expect(await round()).toMatchObject({
      checked: 1,
      down: 1,
      changes: [{ from: "up", to: "down", reason: "connection refused" }],
      alerts: { sent: 1 },
    });
    expect(await round()).toMatchObject({ down: 1, changes: [], alerts: { sent: 0 } });
    expect(await round()).toMatchObject({ down: 1, changes: [] });
    await site.comeBack();
    expect(await round()).toMatchObject({ up: 1, changes: [{ from: "down", to: "up" }], alerts: { sent: 1 } });
    expect(await round()).toMatchObject({ up: 1, changes: [] });
    expect(titles(monitor.discord)).toEqual(["🔴 Shop is down", "🟢 Shop has recovered"]);
    expect(JSON.stringify(monitor.discord[1]?.body)).toContain("1 min 30 s");

    const { items } = (await monitor.api("GET", `/incidents?target=${id}`)) as { items: unknown[] };
    expect(items).toEqual([
      expect.objectContaining({ durationSeconds: 90, endedBy: "up", error: { class: "connect", text: "connection refused" } }),
    ]);
    const checks = (await monitor.api("GET", `/targets/${id}/checks?to=2100-01-01`)) as { items: { status: string }[] };
    expect(checks.items.map(({ status }) => status)).toEqual(["up", "up", "down", "down", "down", "up"]);
  });

  it("is tried again within the round that would tell it, and not while it lasts", async () => {
    const site = await startSite();
    const { id } = await register("Shop", site.url, { retries: 1 });
    await round();
    site.answerWith(500);
    await round();
    await round();
    site.answerWith(200);
    await round();
    const { items } = (await monitor.api("GET", `/targets/${id}/checks?to=2100-01-01`)) as {
      items: { status: string; attempts: number }[];
    };
    expect(items.map(({ status, attempts }) => [status, attempts])).toEqual([
      ["up", 1],
      ["down", 1],
      ["down", 2],
      ["up", 1],
    ]);
  });

  it("is not caused by headers that are stored encrypted: the target gets what its owner wrote", async () => {
    const seen: unknown[] = [];
    const url = await serveHttp((request, response) => {
      seen.push([request.headers.authorization, request.headers["x-new"]]);
      response.end();
    });
    const { id } = await register("Shop", url, { headers: { authorization: "Bearer secret" } });
    await monitor.api("PATCH", `/targets/${id}`, { headers: { authorization: "***", "x-new": "fresh" } });
    expect(await round()).toMatchObject({ up: 1 });
    expect(seen).toEqual([["Bearer secret", "fresh"]]);
  });

  it("is told when the first check already fails, and not when it succeeds", async () => {
    const site = await startSite();
    site.answerWith(500);
    await register("Broken", site.url);
    const healthy = await startSite();
    await register("Fine", healthy.url);
    expect(await round()).toMatchObject({ checked: 2, alerts: { sent: 1 } });
    expect(titles(monitor.discord)).toEqual(["🔴 Broken is down"]);
  });

  it("waits for its thresholds", async () => {
    const site = await startSite();
    await register("Patient", site.url, { failureThreshold: 3, successThreshold: 2 });
    for (const [status, alerts] of [
      [200, 0],
      [200, 0],
      [500, 0],
      [500, 0],
      [500, 1],
      [200, 0],
      [200, 1],
    ] as const) {
      site.answerWith(status);
      expect((await round()).alerts.sent).toBe(alerts);
    }
  });
});

describe("a round", () => {
  it("done twice, one after the other and both at once, counts, logs and tells once", async () => {
    const site = await startSite();
    const { id } = await register("Twice", site.url);
    const first = nextMark();
    await Promise.all([monitor.round(first), monitor.round(first)]);
    await site.goDown();
    const second = nextMark();
    await Promise.all([monitor.round(second), monitor.round(second), monitor.round(second)]);
    await monitor.round(second);
    expect(titles(monitor.discord)).toEqual(["🔴 Twice is down"]);
    const { items } = (await monitor.api("GET", `/targets/${id}/checks?to=2100-01-01`)) as { items: unknown[] };
    expect(items).toHaveLength(2);
  });

  it("that comes late turns nothing back", async () => {
    const site = await startSite();
    await register("Late", site.url);
    const [older, newer] = [nextMark(), nextMark()];
    site.answerWith(500);
    await monitor.round(newer);
    site.answerWith(200);
    expect(await monitor.round(older)).toMatchObject({ up: 1, changes: [] });
    expect(await monitor.api("GET", "/targets?name=Late")).toMatchObject({ items: [{ status: "down" }] });
  });

  it("whose time is over is not run", async () => {
    await register("Stale", (await startSite()).url);
    await expect(monitor.round(Math.floor(Date.now() / 30_000) * 30 - 60)).rejects.toThrow('"skipped":true');
  });

  it("checks a target in its own interval, and a new one at once", async () => {
    const site = await startSite();
    await register("Slow lane", site.url, { intervalSeconds: 120 });
    const counts = [];
    for (let index = 0; index < 9; index++) counts.push((await round()).checked);
    expect(counts[0]).toBe(1);
    expect(counts.slice(1).reduce((sum, count) => sum + count)).toBe(2);
  });

  it("leaves paused targets alone, and starts anew when they are resumed", async () => {
    const site = await startSite();
    site.answerWith(500);
    const { id } = await register("Paused", site.url);
    await round();
    await monitor.api("PATCH", `/targets/${id}`, { paused: true });
    const hits = site.hits();
    expect(await round()).toMatchObject({ planned: 0, checked: 0 });
    expect(site.hits()).toBe(hits);
    await monitor.api("PATCH", `/targets/${id}`, { paused: false });
    expect(await round()).toMatchObject({ checked: 1, changes: [{ from: "pending", to: "down" }] });
    expect(titles(monitor.discord)).toEqual(["🔴 Paused is down", "🔴 Paused is down"]);
  });

  it("tells the end of an outage that a pause came into", async () => {
    const site = await startSite();
    site.answerWith(500);
    const { id } = await register("Interrupted", site.url);
    await round();
    await monitor.api("PATCH", `/targets/${id}`, { paused: true });
    site.answerWith(200);
    await monitor.api("PATCH", `/targets/${id}`, { paused: false });
    expect(await round()).toMatchObject({ changes: [{ from: "down", to: "up" }], alerts: { sent: 1 } });
    expect(titles(monitor.discord)).toEqual(["🔴 Interrupted is down", "🟢 Interrupted has recovered"]);
    await monitor.api("PATCH", `/targets/${id}`, { paused: true });
    await monitor.api("PATCH", `/targets/${id}`, { paused: false });
    expect(await round()).toMatchObject({ changes: [{ from: "pending", to: "up" }], alerts: { sent: 0 } });
  });

  it("of many shards checks every target once", async () => {
    const site = await startSite();
    const paths = Array.from({ length: 150 }, (_, index) => index);
    await inParallel(paths, 10, (index) => register(`Many ${index}`, `${site.url}/${index}`));
    const hits = site.hits();
    expect(await round()).toMatchObject({ planned: 150, checked: 150, up: 150, failedShards: 0 });
    expect(site.hits() - hits).toBe(150);
  });
});

describe("heartbeats", () => {
  it("are awaited from when rounds began to run, and not anew from each", async () => {
    const lastRound = createDynamoLastRound(monitor.state.client, TABLE_NAME);
    await round();
    const since = (await lastRound.get())?.hearingSince;
    await round();
    expect([(await lastRound.get())?.hearingSince, since]).toEqual([since, expect.any(Number)]);
  });

  it("are up while pings come, down when they stay away, and say what a report says", async () => {
    const { id, heartbeat } = (await monitor.api("POST", "/targets", {
      name: "Job",
      type: "heartbeat",
      periodSeconds: 60,
      graceSeconds: 0,
    })) as Created & { heartbeat: { url: string } };
    expect(await round()).toMatchObject({ planned: 1, checked: 1, up: 0, down: 0 });
    const ping = await fetch(heartbeat.url, { method: "POST" });
    expect(ping.status).toBe(202);
    expect(await round()).toMatchObject({ checked: 1, up: 1 });
    await monitor.api("POST", "/reports", { targetId: id, status: "down", message: "disk full", latencyMs: 12 });
    expect(await round()).toMatchObject({ down: 1, changes: [{ to: "down", reason: "disk full" }] });
    expect(titles(monitor.discord)).toEqual(["🔴 Job is down"]);
  });
});

it("tells whoever watches the monitor of each round, at its end", async () => {
  watched = [];
  await round();
  await round();
  expect(watched).toEqual(["GET /ping/1", "GET /ping/1"]);
});

it("writes a log that people can read", async () => {
  const site = await startSite();
  const { id } = await register("Read", site.url);
  await round();
  await monitor.maintain();
  const { items } = (await monitor.api("GET", `/targets/${id}/checks?to=2100-01-01`)) as { items: unknown[] };
  expect(items).toEqual([
    expect.objectContaining({ status: "up", httpStatus: 200, address: "127.0.0.1", attempts: 1, latencyMs: expect.any(Number) }),
  ]);
  const { windows } = (await monitor.api("GET", `/targets/${id}/summary`)) as { windows: object };
  expect(Object.keys(windows)).toEqual(["24h", "7d", "30d", "90d", "1y"]);
});
