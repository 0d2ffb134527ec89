import { afterAll, beforeAll, expect, it } from "vitest";
import { API_KEY, type Monitor, startMonitor } from "../support/monitor.ts";

const PAGE = "https://status.example.com";
let monitor: Monitor;
beforeAll(async () => {
  monitor = await startMonitor({ CORS_ORIGINS: `${PAGE},http://localhost:5173` });
});
afterAll(() => monitor.close());

const call = async (method: string, path: string, headers: Record<string, string>) => {
  const answer = await fetch(`${monitor.url}${path}`, { method, headers });
  const cors = [...answer.headers].filter(([name]) => name.startsWith("access-control-") || name === "vary");
  return { status: answer.status, ...Object.fromEntries(cors) };
};

it("a page of an allowed origin may ask, and read what it is answered, also that it is refused", async () => {
  const asked = { origin: PAGE, "access-control-request-method": "PATCH", "access-control-request-headers": "authorization,if-match" };
  expect(await call("OPTIONS", "/targets/6f147f9b-0477-4384-a5c1-0bbec46e8067", asked)).toMatchObject({
    status: 204,
    "access-control-allow-origin": PAGE,
    "access-control-allow-methods": expect.stringContaining("PATCH"),
    "access-control-allow-headers": expect.stringMatching(/authorization.*if-match/),
  });
  expect(await call("GET", "/targets", { origin: PAGE, "x-api-key": API_KEY })).toMatchObject({
    status: 200,
    "access-control-allow-origin": PAGE,
    "access-control-expose-headers": expect.stringContaining("etag"),
    vary: expect.stringContaining("origin"),
  });
  expect(await call("GET", "/targets/none", { origin: "http://localhost:5173", "x-api-key": API_KEY })).toMatchObject({
    status: 400,
    "access-control-allow-origin": "http://localhost:5173",
  });
  expect(await call("GET", "/targets", { origin: PAGE })).toMatchObject({ status: 401, "access-control-allow-origin": "*" });
});

it("a page of another origin may not", async () => {
  for (const origin of ["https://evil.example", "null", `${PAGE}.evil.example`, "http://status.example.com"]) {
    const asked = { origin, "access-control-request-method": "GET" };
    expect(await call("OPTIONS", "/targets", asked)).not.toHaveProperty("access-control-allow-origin");
    const read = await call("GET", "/targets", { origin, "x-api-key": API_KEY });
    expect(read).toMatchObject({ status: 200, vary: expect.stringContaining("origin") });
    expect(read).not.toHaveProperty("access-control-allow-origin");
  }
});

it("a ping stays one, whatever its method, and a preflight is none", async () => {
  const { heartbeat } = (await monitor.api("POST", "/targets", { name: "Job", type: "heartbeat" })) as {
    heartbeat: { url: string };
  };
  const path = new URL(heartbeat.url).pathname;
  expect(await call("OPTIONS", path, { origin: PAGE, "access-control-request-method": "POST" })).toMatchObject({ status: 204 });
  expect(await call("OPTIONS", path, {})).toMatchObject({ status: 202 });
});
