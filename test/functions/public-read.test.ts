import { afterAll, beforeAll, expect, it } from "vitest";
import { type Monitor, startMonitor } from "../support/monitor.ts";

let monitor: Monitor;
beforeAll(async () => {
  monitor = await startMonitor({ PUBLIC_READ: "true" });
});
afterAll(() => monitor.close());

it("opens reading to all, and writing to nobody more", async () => {
  expect((await monitor.request("GET", "/targets", { headers: {} })).status).toBe(200);
  expect((await monitor.request("POST", "/targets", { headers: {}, body: "{}" })).status).toBe(403);
  await expect(monitor.api("POST", "/targets", { name: "x", url: "http://127.0.0.1:1/" })).resolves.toBeDefined();
});
