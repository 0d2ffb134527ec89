import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { API_KEY, type Monitor, startMonitor } from "../support/monitor.ts";

let monitor: Monitor;
beforeAll(async () => {
  monitor = await startMonitor();
});
afterAll(() => monitor.close());

const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  monitor.request(method, path, {
    headers: { "x-api-key": API_KEY, "content-type": "application/json", ...headers },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });

describe("an answer to what is wrong", () => {
  it("is no larger than its request, however much is wrong", async () => {
    const body = JSON.stringify({
      name: "x",
      url: "http://a.test",
      ...Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`k${index}`, 1])),
    });
    const { status, text, json } = await send("POST", "/targets", body);
    expect(status).toBe(400);
    expect(text.length).toBeLessThan(10_000);
    const { errors } = json as { errors: { field: string; message: string }[] };
    expect(errors).toHaveLength(21);
    expect(errors.at(-1)).toEqual({ field: "", message: "and 9980 more" });
  });
});

describe("parameters", () => {
  it.each(["1e2", "0x10", "+5", "5.0", " 5", "0", "501", "-1", ""])("limit=%s is refused", async (limit) => {
    expect((await send("GET", `/targets?limit=${encodeURIComponent(limit)}`)).status).toBe(400);
  });

  it.each([
    "2026-11-25T02:55:18",
    "2026-02-30T00:00:00Z",
    "2026-02-30",
    "2026-13-01",
    "2026-11-25T25:00:00Z",
    "2026-11-25T02:55Zjunk",
    "yesterday",
    "1795595718",
  ])("from=%s is refused, with the fix", async (from) => {
    const { status, json } = await send("GET", `/incidents?from=${encodeURIComponent(from)}`);
    expect(status).toBe(400);
    expect(json).toMatchObject({ errors: [{ field: "from", message: expect.stringMatching(/moment with its zone, such as/) }] });
  });

  it.each(["2026-11-25T02:55:18Z", "2026-11-25T02:55:18.5+01:00", "2026-11-25"])("from=%s is taken", async (from) => {
    expect((await send("GET", `/incidents?from=${encodeURIComponent(from)}`)).status).toBe(200);
  });
});

it("an empty key hides no bearer", async () => {
  const { status } = await monitor.request("GET", "/targets", { headers: { "x-api-key": "", authorization: `Bearer ${API_KEY}` } });
  expect(status).toBe(200);
});

it("an audit shows each field that was changed, whatever else is long", async () => {
  const long = Array.from({ length: 20 }, (_, index) => ({ kind: "bodyContains", text: `${index}${"x".repeat(990)}` }));
  const { json } = await send("POST", "/targets", { name: "Long", url: "http://a.test/", assertions: long });
  const { id } = json as { id: string };
  await send("PATCH", `/targets/${id}`, { url: "http://b.test/", failureThreshold: 3, assertions: [...long].reverse() });
  const { items } = (await send("GET", "/audit?limit=1")).json as {
    items: { before: Record<string, unknown>; after: Record<string, unknown> }[];
  };
  expect(items[0]).toMatchObject({
    before: { url: "http://a.test/", failureThreshold: 1 },
    after: { url: "http://b.test/", failureThreshold: 3 },
  });
  expect(items[0]?.before).toHaveProperty("assertions");
  expect(items[0]?.before).not.toHaveProperty("name");
});

it("HEAD is GET without its body", async () => {
  const response = await fetch(`${monitor.url}/health`, { method: "HEAD" });
  expect([response.status, await response.text()]).toEqual([200, ""]);
});

describe("cursors", () => {
  const cursor = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

  it.each([
    { at: `2026-11-25T00:00:00.${"1".repeat(150)}Z`, seq: 1 },
    { at: "0000-01-01T00:00:00Z", seq: 1 },
    { at: "2026-11-25T00:00:00Z", seq: 1e300 },
    { at: 5, seq: 1 },
    null,
    "",
    [],
  ])("that were tampered with are input like any other: %o", async (value) => {
    for (const path of ["/checks/recent", "/incidents", "/targets", "/audit"])
      expect((await send("GET", `${path}?cursor=${cursor(value)}`)).status, path).toBeLessThan(500);
  });
});

it("a field named __proto__ is refused as any that is not known", async () => {
  for (const body of [
    '{"name":"p","url":"http://a.test","__proto__":{"tags":["x"]}}',
    '{"name":"p","url":"http://a.test","headers":{"__proto__":"x"}}',
    '{"name":"p","url":"http://a.test","\\u005f_proto__":1}',
  ])
    expect(await send("POST", "/targets", body)).toMatchObject({ status: 400, json: { errors: [{ field: "__proto__" }] } });
});

describe("pages of long items", () => {
  it("hold what one answer may, and together each item once", async () => {
    const values = Array.from({ length: 50 }, (_, index) => `${index}`.padEnd(100, "x"));
    const assertion = { kind: "header", name: "x-a", operator: "in", value: values };
    for (let index = 0; index < 80; index++) {
      // Half of them as long as a target may be, half as long as an entry of the audit is kept whole.
      const assertions = Array(index % 2 === 0 ? 20 : 3).fill(assertion);
      const { status } = await send("POST", "/targets", {
        name: `Long ${index}`,
        url: "http://a.test/",
        paused: true,
        tags: ["long"],
        assertions,
      });
      expect(status).toBe(201);
    }
    for (const path of ["/targets?limit=500&tag=long", "/audit?limit=500"]) {
      const seen: string[] = [];
      let pages = 0;
      for (let next: string | null = ""; next !== null; pages++) {
        const { status, text, json } = await send("GET", `${path}${next && `&cursor=${next}`}`);
        expect(status, path).toBe(200);
        expect(Buffer.byteLength(text), path).toBeLessThan(6_291_556);
        const page = json as { items: { id: string }[]; next: string | null };
        expect(page.items.length).toBeGreaterThan(0);
        seen.push(...page.items.map(({ id }) => id));
        next = page.next;
      }
      expect(pages, path).toBeGreaterThan(1);
      expect(new Set(seen).size, path).toBe(seen.length);
      expect(seen.length, path).toBeGreaterThanOrEqual(80);
    }
  });
});
