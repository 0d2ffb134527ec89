import { get } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Monitor, startMonitor } from "../support/monitor.ts";

let monitor: Monitor;
beforeAll(async () => {
  monitor = await startMonitor({ PUBLIC_READ: "true", RATE_LIMIT_PER_MINUTE: "10" });
});
afterAll(() => monitor.close());

it("opens reading to all, and writing to nobody more", async () => {
  expect((await monitor.request("GET", "/targets", { headers: {} })).status).toBe(200);
  expect((await monitor.request("POST", "/targets", { headers: {}, body: "{}" })).status).toBe(403);
  await expect(monitor.api("POST", "/targets", { name: "x", url: "http://127.0.0.1:1/" })).resolves.toBeDefined();
});

it("gives each address an allowance of its own, and callers with a key theirs", async () => {
  const from = (localAddress: string) =>
    new Promise<number>((resolve, reject) => {
      get(`${monitor.url}/channels`, { localAddress }, (response) => resolve(response.resume().statusCode ?? 0)).on("error", reject);
    });
  const statuses: number[] = [];
  for (let call = 0; call < 15; call++) statuses.push(await from("127.0.0.1"));
  expect(statuses).toContain(429);
  expect(await from("127.0.0.9")).toBe(200);
  await expect(monitor.api("GET", "/channels")).resolves.toBeDefined();
});
