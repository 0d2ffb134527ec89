import { afterAll, beforeAll, expect, it } from "vitest";
import { API_KEY, type Monitor, startMonitor } from "../support/monitor.ts";

let monitor: Monitor;
beforeAll(async () => {
  monitor = await startMonitor({ RATE_LIMIT_PER_MINUTE: "20", MAX_TARGETS: "3" });
});
afterAll(() => monitor.close());

it("takes as many targets as the deployment allows, counting those that are there", async () => {
  const create = (name: string) =>
    monitor.request("POST", "/targets", {
      headers: { "x-api-key": API_KEY, "content-type": "application/json" },
      body: JSON.stringify({ name, url: "http://127.0.0.1:1/" }),
    });
  const ids: string[] = [];
  for (const name of ["a", "b", "c"]) ids.push(((await create(name)).json as { id: string }).id);
  expect(await create("d")).toMatchObject({ status: 409, json: { detail: expect.stringContaining("3 targets") } });
  await monitor.request("DELETE", `/targets/${ids[0]}`, { headers: { "x-api-key": API_KEY } });
  // The name that was refused is free, too.
  expect((await create("d")).status).toBe(201);
});

it("answers a caller who asks too often with 429 and when to come back, and others as before", async () => {
  const statuses: number[] = [];
  let retryAfter = "";
  for (let call = 0; call < 30; call++) {
    const answer = await monitor.request("GET", "/targets", { headers: { "x-api-key": API_KEY } });
    statuses.push(answer.status);
    retryAfter ||= answer.headers.get("retry-after") ?? "";
  }
  expect(statuses).toContain(429);
  expect(Number(retryAfter)).toBeGreaterThan(0);
  expect((await monitor.request("GET", "/health", { headers: {} })).status).toBe(200);
});
