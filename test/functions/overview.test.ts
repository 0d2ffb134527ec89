import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createDynamoTargetStore } from "../../shared/targets/dynamo-target-store.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { configOf } from "../support/checks.ts";
import { API_KEY, type Monitor, startMonitor } from "../support/monitor.ts";
import { serveHttp } from "../support/servers.ts";
import { TABLE_NAME } from "../support/state-engine.ts";

let monitor: Monitor;

beforeAll(async () => {
  monitor = await startMonitor({ MAX_TARGETS: "2000" });
});
afterAll(() => monitor.close());

const key = { "x-api-key": API_KEY };

describe("the overview", () => {
  it("says what is not up and why, and how the monitor is, and nothing that was said", async () => {
    let status = 500;
    const url = await serveHttp((_, response) => response.writeHead(status).end());
    const { id } = (await monitor.api("POST", "/targets", { name: "Shop", url, retries: 0, group: "Web / Shop", tags: ["a"] })) as {
      id: string;
    };
    const mark = Math.floor(Date.now() / 30_000) * 30;
    await monitor.round(mark);
    const first = await monitor.request("GET", "/overview", { headers: key });
    expect(first.json).toMatchObject({
      roundSeconds: 30,
      monitor: { lastRound: { at: mark, planned: 1, checked: 1 }, log: "ok" },
      counts: { down: 1, up: 0 },
      targets: [
        {
          id,
          name: "Shop",
          type: "http",
          group: "Web / Shop",
          tags: ["a"],
          status: "down",
          since: mark,
          reason: "500 Internal Server Error",
        },
      ],
    });
    const known = { ...key, "if-none-match": first.headers.get("etag") ?? "" };
    const again = await monitor.request("GET", "/overview", { headers: known });
    expect([again.status, again.text]).toEqual([304, ""]);

    status = 200;
    await monitor.round(mark + 30);
    const after = await monitor.request("GET", "/overview", { headers: known });
    expect(after.status).toBe(200);
    const [target] = (after.json as { targets: Record<string, unknown>[] }).targets;
    expect(target).toMatchObject({ status: "up" });
    expect(target).not.toHaveProperty("reason");

    expect(await monitor.api("GET", `/targets/${id}/alerts`)).toMatchObject({
      items: [
        { kind: "status", from: "down", to: "up", deliveries: [{ channel: "discord", outcome: "sent" }] },
        {
          kind: "status",
          from: "pending",
          to: "down",
          error: "500 Internal Server Error",
          deliveries: [{ channel: "discord", outcome: "sent" }],
        },
      ],
    });
    const { stepSeconds, points } = (await monitor.api("GET", `/targets/${id}/series`)) as {
      stepSeconds: number;
      points: { checks: number }[];
    };
    // The second round's mark may still be ahead.
    expect([stepSeconds, [1, 2].includes(points.reduce((sum, { checks }) => sum + checks, 0))]).toEqual([300, true]);
    expect((await monitor.request("GET", `/targets/${id}/series?range=5y`, { headers: key })).status).toBe(400);
  });

  it("is at most 60 KB for 1,000 targets, as gateways send it", async () => {
    const store = createDynamoTargetStore(monitor.state.client, TABLE_NAME, systemClock);
    for (let at = 0; at < 1_000; at += 50) {
      const configs = Array.from({ length: 50 }, (_, index) =>
        configOf({ name: `service-${at + index}.shop.example`, url: `http://127.0.0.1:1/${at + index}`, group: `Team ${at / 50}` }),
      );
      await Promise.all(configs.map((config) => store.create(config)));
    }
    const { text, json } = await monitor.request("GET", "/overview", { headers: key });
    expect((json as { targets: unknown[] }).targets).toHaveLength(1_001);
    expect(gzipSync(text).length).toBeLessThan(60 * 1_024);
  });

  it("is there without the log, and says that it is away", async () => {
    const back = await monitor.log.goAway();
    onTestFinished(back);
    expect(await monitor.api("GET", "/overview")).toMatchObject({ monitor: { log: "unavailable" }, counts: { up: 1, pending: 1_000 } });
  });
});

it("tells a caller who they are", async () => {
  expect(await monitor.api("GET", "/me")).toEqual({ id: "api-key", role: "admin" });
});

it.each([
  ["text/plain;version=0.0.4", "text/plain; version=0.0.4; charset=utf-8"],
  ["application/openmetrics-text;q=0, text/plain", "text/plain; version=0.0.4; charset=utf-8"],
  [
    "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    "application/openmetrics-text; version=1.0.0; charset=utf-8",
  ],
  ["application/openmetrics-text;q=0.1, text/plain;q=0.9", "text/plain; version=0.0.4; charset=utf-8"],
  ["text/plain;q=0, */*", "application/openmetrics-text; version=1.0.0; charset=utf-8"],
  ["*/*", "application/openmetrics-text; version=1.0.0; charset=utf-8"],
])("has metrics for who takes %s", async (accept, contentType) => {
  const { headers, text } = await monitor.request("GET", "/metrics", { headers: { ...key, accept } });
  expect(headers.get("content-type")).toBe(contentType);
  expect(text).toMatch(/^# TYPE server_tracker_target_up gauge\n[\s\S]*# EOF\n$/);
});
