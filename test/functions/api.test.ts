import { randomUUID } from "node:crypto";
import { DeleteCommand, GetCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { routes } from "../../functions/api/routes/index.ts";
import { createDynamoSpool } from "../../shared/log/dynamo-spool.ts";
import { API_KEY, type Monitor, startMonitor } from "../support/monitor.ts";
import { TABLE_NAME } from "../support/state-engine.ts";

let monitor: Monitor;
let names = 0;
const unique = () => `Target ${++names}`;
const json = { "x-api-key": API_KEY, "content-type": "application/json" };

beforeAll(async () => {
  monitor = await startMonitor();
});
afterAll(() => monitor.close());

const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = json) =>
  monitor.request(method, path, { headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
const create = async (more: Record<string, unknown> = {}) =>
  (await send("POST", "/targets", { name: unique(), url: "http://127.0.0.1:1/", ...more })).json as Record<string, unknown> & {
    id: string;
  };

describe("creating a target", () => {
  it("needs a name and a URL, and fills in the rest", async () => {
    const name = unique();
    const { status, json: target, headers } = await send("POST", "/targets", { name, url: "https://google.com" });
    expect(status).toBe(201);
    expect(target).toMatchObject({
      name,
      type: "http",
      url: "https://google.com",
      method: "GET",
      intervalSeconds: 30,
      timeoutMs: 10_000,
      retries: 1,
      failureThreshold: 1,
      successThreshold: 1,
      expectedStatuses: ["200-299"],
      followRedirects: true,
      paused: false,
      status: "pending",
      version: 1,
    });
    expect(headers.get("location")).toBe(`${monitor.url}/targets/${(target as { id: string }).id}`);
    expect(headers.get("etag")).toBe('"1"');
  });

  it("takes everything that can be set", async () => {
    const everything = {
      name: unique(),
      type: "http",
      url: "http://127.0.0.1:1/x",
      method: "POST",
      headers: { "X-Token": "secret" },
      body: "{}",
      expectedStatuses: [201, "300-399"],
      assertions: [
        { kind: "bodyContains", text: "ok" },
        { kind: "responseTime", maxMs: 500, otherwise: "degraded" },
      ],
      timeoutMs: 5_000,
      retries: 2,
      followRedirects: false,
      verifyTls: false,
      failureThreshold: 2,
      failureWindow: 5,
      successThreshold: 3,
      intervalSeconds: 60,
      latencyLimitMs: 800,
      tags: ["a", "b"],
      group: "front",
      paused: true,
      channels: ["discord"],
    };
    const { status, json: target } = await send("POST", "/targets/", everything);
    expect(status).toBe(201);
    expect(target).toMatchObject({
      ...everything,
      headers: { "X-Token": "***" },
      body: "***",
      assertions: [{ text: "ok", otherwise: "down" }, { otherwise: "degraded" }],
      status: "paused",
    });
  });

  it.each<[string, Record<string, unknown>, string[]]>([
    ["no name", { url: "http://a.test" }, ["name"]],
    ["no URL", { name: "x" }, ["url"]],
    ["an unknown field", { name: "x", url: "http://a.test", retires: 2 }, ["retires"]],
    ["an unknown type", { name: "x", type: "icmp" }, ["type"]],
    ["a field of another type", { name: "x", type: "tcp", host: "a", port: 1, method: "GET" }, ["method"]],
    ["a timeout as long as the interval", { name: "x", url: "http://a.test", timeoutMs: 29_000 }, ["timeoutMs"]],
    ["an interval between rounds", { name: "x", url: "http://a.test", intervalSeconds: 45 }, ["intervalSeconds"]],
    ["a window below the threshold", { name: "x", url: "http://a.test", failureThreshold: 3, failureWindow: 2 }, ["failureWindow"]],
    ["a channel that is not there", { name: "x", url: "http://a.test", channels: ["pager"] }, ["channels"]],
    ["a forbidden address", { name: "x", url: "http://169.254.169.254/" }, ["url"]],
    ["a forbidden host", { name: "x", type: "tcp", host: "10.0.0.1", port: 1 }, ["host"]],
    ["a password in the URL", { name: "x", url: "http://:hunter2@a.test/" }, ["url"]],
    ["control characters in the name", { name: "x\u202Ey", url: "http://a.test" }, ["name"]],
    [
      "a wrong assertion",
      { name: "x", url: "http://a.test", assertions: [{ kind: "jsonPath", path: "status", value: 1 }] },
      ["assertions.0.path"],
    ],
    ["several faults", { name: "", url: "nowhere", retries: 9 }, ["name", "url", "retries"]],
  ])("with %s is refused by field", async (_, body, fields) => {
    const { status, json: problem, headers } = await send("POST", "/targets", body);
    expect(status).toBe(400);
    expect(headers.get("content-type")).toBe("application/problem+json");
    const { errors, detail } = problem as { errors: { field: string; message: string }[]; detail: string };
    expect(errors.map(({ field }) => field).sort()).toEqual([...fields].sort());
    for (const { message } of errors) expect(message.length).toBeGreaterThan(5);
    expect(detail).toContain(fields[0]);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ url: "http://a.test" }, "name: must be set"],
    [{ name: 7, url: "http://a.test" }, "name: must be a text"],
    [{ name: "x", url: "http://a.test", retries: "two" }, "retries: must be a number"],
    [{ name: "x", url: "http://a.test", verifyTls: "yes" }, "verifyTls: must be true or false"],
    [{ name: "x", url: "http://a.test", tags: "eu" }, "tags: must be a list"],
    [{ name: "x", url: "http://a.test", headers: { "X-A ": "1" } }, "headers.X-A : must be a header name"],
  ])("says of %j in plain words: %s", async (body, detail) => {
    expect(await send("POST", "/targets", body)).toMatchObject({ status: 400, json: { detail } });
  });

  it("with a name that is taken answers 409 with the name, also to many at once", async () => {
    const name = unique();
    const answers = await Promise.all(Array.from({ length: 10 }, () => send("POST", "/targets", { name, url: "http://127.0.0.1:1/" })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(9).fill(409)]);
    const refused = answers.find(({ status }) => status === 409);
    expect(refused?.json).toMatchObject({ detail: expect.stringContaining(name), errors: [{ field: "name" }] });
  });
});

describe("changing a target", () => {
  it("merges, removes with null, and counts versions", async () => {
    const { id } = await create({ latencyLimitMs: 500, tags: ["a"], headers: { a: "1", b: "2" } });
    const {
      status,
      json: target,
      headers,
    } = await send("PATCH", `/targets/${id}`, { latencyLimitMs: null, timeoutMs: 4_000, headers: { a: null, c: "3" } });
    expect(status).toBe(200);
    expect(target).toMatchObject({ timeoutMs: 4_000, tags: ["a"], headers: { b: "***", c: "***" }, version: 2 });
    expect(target).not.toHaveProperty("latencyLimitMs");
    expect(headers.get("etag")).toBe('"2"');
  });

  it("keeps secrets that are sent back masked, and stores them encrypted", async () => {
    const { id } = await create({ headers: { authorization: "Bearer secret" } });
    await send("PATCH", `/targets/${id}`, { headers: { authorization: "***", "x-new": "fresh" } });
    const { Item } = await monitor.state.client.send(new GetCommand({ TableName: "server-tracker", Key: { pk: "target", sk: id } }));
    expect(JSON.stringify(Item)).not.toMatch(/Bearer secret|fresh/);
    expect(JSON.parse(Item?.["config"]).headers).toEqual({
      authorization: expect.stringMatching(/^enc1:/),
      "x-new": expect.stringMatching(/^enc1:/),
    });
    // Who may not read a secret must not have it sent to an address of their own either.
    expect(await send("PATCH", `/targets/${id}`, { url: "http://127.0.0.1:2/" })).toMatchObject({
      status: 400,
      json: { errors: [{ field: "headers.authorization", message: expect.stringContaining("was meant for http://127.0.0.1:1") }] },
    });
    expect((await send("PATCH", `/targets/${id}`, { url: "http://127.0.0.1:1/elsewhere" })).status).toBe(200);
    expect(await send("PATCH", `/targets/${id}`, { headers: { "x-other": "***" } })).toMatchObject({
      status: 400,
      json: { errors: [{ field: "headers.x-other" }] },
    });
  });

  it("from an old version is refused with If-Match, and merged without", async () => {
    const { id } = await create();
    await send("PATCH", `/targets/${id}`, { retries: 0 });
    expect((await send("PATCH", `/targets/${id}`, { retries: 2 }, { ...json, "if-match": '"1"' })).status).toBe(412);
    expect((await send("PATCH", `/targets/${id}`, { retries: 2 }, { ...json, "if-match": '"2"' })).status).toBe(200);
    const patches = Array.from({ length: 4 }, (_, index) => send("PATCH", `/targets/${id}`, { headers: { [`x-${index}`]: "v" } }));
    expect((await Promise.all(patches)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await send("GET", `/targets/${id}`)).json).toMatchObject({
      headers: { "x-0": "***", "x-1": "***", "x-2": "***", "x-3": "***" },
      version: 7,
    });
  });

  it("is validated as a whole, and a refusal changes nothing", async () => {
    const { id } = await create();
    expect((await send("PATCH", `/targets/${id}`, { intervalSeconds: 60, timeoutMs: "fast" })).status).toBe(400);
    expect((await send("GET", `/targets/${id}`)).json).toMatchObject({ intervalSeconds: 30, version: 1 });
  });

  it("can rename it, unless the name is taken", async () => {
    const [first, second] = [await create(), await create()];
    expect((await send("PATCH", `/targets/${first.id}`, { name: second["name"] })).status).toBe(409);
    expect((await send("PATCH", `/targets/${first.id}`, { name: unique() })).status).toBe(200);
    expect((await send("POST", "/targets", { name: first["name"], url: "http://127.0.0.1:1/" })).status).toBe(201);
  });
});

describe("what people and files configure", () => {
  const hook = { type: "webhook", settings: { url: "http://127.0.0.1:1/hook" } };
  const once = { from: "2026-12-01T00:00:00Z", to: "2026-12-01T01:00:00Z" };
  it.each([
    ["/targets", { url: "http://127.0.0.1:1/" }, { retries: 0 }],
    ["/channels", hook, { paused: true }],
    ["/maintenance", { all: true, once }, { kind: "silence" }],
    ["/status-pages", { slug: "guarded", title: "Guarded", sections: [{ name: "All", tags: ["a"] }] }, { title: "Other" }],
  ])("is changed and deleted only as it was seen, with If-Match: %s", async (path, input, patch) => {
    const made = (await monitor.api("POST", path, path === "/status-pages" ? input : { name: unique(), ...input })) as Record<
      string,
      string
    >;
    const own = `${path}/${made["slug"] ?? made["id"]}`;
    const seen = (version: number) => ({ ...json, "if-match": `"${version}"` });
    expect((await send("PATCH", own, patch, seen(7))).status).toBe(412);
    expect((await send("PATCH", own, patch, seen(1))).status).toBe(200);
    const stale = await send("DELETE", own, undefined, seen(1));
    expect([stale.status, stale.json]).toEqual([412, expect.objectContaining({ detail: expect.stringContaining("is at version 2") })]);
    expect((await send("DELETE", own, undefined, seen(2))).status).toBe(204);
  });
});

it("a target that names a channel which was deleted can be paused and changed, and names no other that is not there", async () => {
  const hook = { type: "webhook", settings: { url: "http://127.0.0.1:1/hook" } };
  const { id: channel } = (await monitor.api("POST", "/channels", { name: unique(), ...hook })) as { id: string };
  const { id } = await create({ channels: [channel], escalation: [{ afterMinutes: 5, channels: [channel] }] });
  await monitor.api("DELETE", `/channels/${channel}`);
  expect((await send("PATCH", `/targets/${id}`, { paused: true, tags: ["a"] })).status).toBe(200);
  expect(await send("PATCH", `/targets/${id}`, { channels: [channel, "none"] })).toMatchObject({
    status: 400,
    json: { errors: [{ field: "channels", message: expect.stringContaining('there is no channel "none"') }] },
  });
  expect((await send("PATCH", `/targets/${id}`, { channels: null, escalation: [] })).status).toBe(200);
  expect((await send("PATCH", `/targets/${id}`, { channels: [channel] })).status).toBe(400);
});

describe("listing targets", () => {
  it("pages by key and filters by status, tag, group and part of the name", async () => {
    const tag = unique();
    const ids = [];
    for (let index = 0; index < 13; index++) ids.push((await create({ tags: [tag], group: index < 3 ? "small" : "large" })).id);
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: { items: { id: string }[]; next: string | null } = (
        await send("GET", `/targets?limit=5&tag=${tag}${cursor && `&cursor=${cursor}`}`)
      ).json as never;
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    }
    expect(seen.sort()).toEqual(ids.sort());
    const count = async (query: string) =>
      ((await send("GET", `/targets?limit=500&tag=${tag}&${query}`)).json as { items: unknown[] }).items.length;
    expect(await count("group=small")).toBe(3);
    expect(await count("status=pending")).toBe(13);
    expect(await count("status=down")).toBe(0);
    expect(await count("name=TARGET")).toBe(13);
    expect(await count("name=nothing-like-it")).toBe(0);
  });

  it.each(["limit=0", "limit=x", "status=fine", "cursor=!!", "colour=red", "limit=1&limit=2"])("refuses ?%s by name", async (query) => {
    const { status, json: problem } = await send("GET", `/targets?${query}`);
    expect(status).toBe(400);
    expect(problem).toMatchObject({ errors: [{ field: query.split("=")[0] }] });
  });
});

describe("removing a target", () => {
  it("takes it out of the list and ends it in the log", async () => {
    const { id } = await create();
    expect((await send("DELETE", `/targets/${id}`)).status).toBe(204);
    expect((await send("GET", `/targets/${id}`)).status).toBe(404);
    // Whoever lost the first answer asks again.
    expect((await send("DELETE", `/targets/${id}`)).status).toBe(204);
    expect((await send("DELETE", `/targets/${randomUUID()}`)).status).toBe(404);
    const rows = await monitor.log.sql.execute(
      "select to_status from transition join target on seq = transition.target where id = :id::uuid and deleted_at is not null",
      { id },
    );
    expect(rows).toEqual([{ to_status: 6 }]);
  });
});

describe("the type of a target", () => {
  it("can be changed: what the next type has too stays, and what it has not goes", async () => {
    const { id } = await create({ headers: { authorization: "Bearer s3cret" }, tags: ["kept"], intervalSeconds: 60 });
    const patches = [
      { type: "tcp", host: "127.0.0.1", port: 1 },
      { type: "dns", host: "a.test" },
      { type: "tls", host: "a.test" },
      { type: "websocket", url: "ws://127.0.0.1:1/" },
      { type: "http", url: "http://127.0.0.1:1/" },
    ];
    for (const patch of patches) {
      const { status, json, text } = await send("PATCH", `/targets/${id}`, patch);
      expect([patch.type, status, status === 200 ? "" : text]).toEqual([patch.type, 200, ""]);
      expect(json).toMatchObject({ type: patch.type, tags: ["kept"], intervalSeconds: 60 });
    }
    // What was sent to one type is of no other, and is not there when it comes back.
    expect((await send("GET", `/targets/${id}`)).json).toMatchObject({ headers: {} });
    expect(await send("PATCH", `/targets/${id}`, { type: "tcp", host: "a", port: 1, method: "GET" })).toMatchObject({
      status: 400,
      json: { errors: [{ field: "method" }] },
    });
    expect(await send("PATCH", `/targets/${id}`, { type: "heartbeat" })).toMatchObject({ status: 400 });
    expect(await send("PATCH", `/targets/${id}`, { type: "__proto__" })).toMatchObject({ status: 400 });
  });
});

describe("heartbeats", () => {
  it("have a key that is shown once, and can be replaced", async () => {
    const { id, heartbeat } = (await create({ url: undefined, type: "heartbeat" })) as unknown as {
      id: string;
      heartbeat: { key: string };
    };
    expect((await send("GET", `/targets/${id}`)).text).not.toContain(heartbeat.key);
    const ping = (key: string, body?: unknown) => send("POST", `/heartbeat/${key}`, body, { "content-type": "application/json" });
    expect((await ping(heartbeat.key)).status).toBe(202);
    expect((await ping(heartbeat.key, { status: "down", message: "disk full" })).status).toBe(202);
    expect((await ping(heartbeat.key, { status: "sideways" })).status).toBe(202);
    const renewed = (await send("POST", `/targets/${id}/heartbeat-key`)).json as { key: string };
    expect((await ping(heartbeat.key)).status).toBe(404);
    expect((await ping(renewed.key)).status).toBe(202);
    for (const wrong of ["x", renewed.key.replace(/.$/, (last) => (last === "0" ? "1" : "0")), "0".repeat(64)])
      expect((await ping(wrong)).status).toBe(404);
  });

  it("take reports all or none", async () => {
    const beat = await create({ url: undefined, type: "heartbeat" });
    const other = await create();
    const refused = await send("POST", "/reports", [{ targetId: beat.id, status: "down" }, { targetId: other.id }]);
    expect(refused).toMatchObject({
      status: 400,
      json: { errors: [{ field: "1.targetId", message: "is not of type heartbeat: we check it ourselves" }] },
    });
    expect((await send("GET", `/targets/${beat.id}`)).json).not.toHaveProperty("lastPingAt");
    expect(await send("POST", "/reports", { targetId: beat.id, status: "degraded", message: "slow", latencyMs: 3 })).toMatchObject({
      status: 202,
      json: { accepted: 1 },
    });
    expect((await send("GET", `/targets/${beat.id}`)).json).toHaveProperty("lastPingAt");
  });

  it("find a target by its id in capitals, wherever it is named", async () => {
    const beat = await create({ url: undefined, type: "heartbeat" });
    const id = beat.id.toUpperCase();
    expect((await send("GET", `/targets/${id}`)).json).toMatchObject({ id: beat.id });
    expect((await send("GET", `/incidents?target=${id}`)).status).toBe(200);
    expect((await send("POST", "/reports", { targetId: id })).status).toBe(202);
  });
});

describe("the service", () => {
  it("tells how it is", async () => {
    expect(await send("GET", "/health", undefined, {})).toMatchObject({
      status: 200,
      json: { status: "ok", lastRound: null, stores: { state: "ok", log: "ok" } },
    });
    await monitor.round(Math.floor(Date.now() / 30_000) * 30);
    expect((await send("GET", "/health", undefined, {})).json).toMatchObject({
      status: "ok",
      lastRound: { ageSeconds: expect.any(Number), failedShards: 0 },
    });
  });

  it("says that rows wait, and degraded while some are set aside", async () => {
    const spool = createDynamoSpool(monitor.state.client, TABLE_NAME);
    await spool.put("2026-11-26T00:00:00.000Z#x", { kind: "check", rows: [{ at: "never" }] });
    expect((await send("GET", "/health", undefined, {})).json).toMatchObject({ status: "ok", rows: { waiting: true, setAside: false } });
    await spool.reject("2026-11-26T00:00:00.000Z#x", "invalid input syntax");
    const health = await send("GET", "/health", undefined, {});
    expect(health.json).toMatchObject({ status: "degraded", rows: { waiting: false, setAside: true } });
    const key = { pk: "spool-rejected", sk: "2026-11-26T00:00:00.000Z#x" };
    await monitor.state.client.send(new DeleteCommand({ TableName: TABLE_NAME, Key: key }));
  });

  it("says degraded while the log is away, still lists targets, and explains what it cannot do", async () => {
    const { id } = await create();
    const comeBack = await monitor.log.goAway();
    expect(await send("GET", "/health", undefined, {})).toMatchObject({
      status: 200,
      json: { status: "degraded", stores: { state: "ok", log: "unavailable" } },
    });
    expect((await send("GET", `/targets/${id}`)).status).toBe(200);
    expect((await send("POST", "/targets", { name: unique(), url: "http://127.0.0.1:1/" })).status).toBe(201);
    const history = await send("GET", `/targets/${id}/checks`);
    expect(history).toMatchObject({ status: 503, json: { title: "A store does not answer" } });
    expect(history.headers.get("retry-after")).toBe("5");
    await comeBack();
  });

  // A setting of the session: a pool of a real server has others.
  it.skipIf(process.env["TEST_DATABASE_URL"])("says degraded while the log takes no writes", async () => {
    await monitor.log.sql.execute("set default_transaction_read_only = on");
    expect((await send("GET", "/health", undefined, {})).json).toMatchObject({ status: "degraded", stores: { log: "unavailable" } });
    await monitor.log.sql.execute("set default_transaction_read_only = off");
    expect((await send("GET", "/health", undefined, {})).json).toMatchObject({ status: "ok" });
  });

  it("lists channels and whether they work", async () => {
    expect((await send("GET", "/channels")).json).toMatchObject({
      items: [
        {
          id: "discord",
          name: "discord",
          type: "discord",
          source: "settings",
          healthy: true,
          unhealthySince: null,
          error: null,
          sent: expect.any(Number),
          failed: expect.any(Number),
        },
      ],
    });
  });

  it("describes itself", async () => {
    const { json: document } = await send("GET", "/openapi.json", undefined, {});
    const { openapi, paths } = document as { openapi: string; paths: Record<string, Record<string, { operationId: string }>> };
    expect(openapi).toBe("3.1.0");
    const described = Object.values(paths).flatMap((operations) => Object.values(operations).map(({ operationId }) => operationId));
    expect(described.sort()).toEqual(routes.map(({ id }) => id).sort());
    const docs = await send("GET", "/docs/", undefined, {});
    expect(docs.text).toContain("swagger-ui-bundle.js");
    for (const file of ["swagger-ui.css", "swagger-ui-bundle.js", "start.js"])
      expect((await send("GET", `/docs/${file}`, undefined, {})).status).toBe(200);
    expect((await send("GET", "/docs/package.json", undefined, {})).status).toBe(404);
    expect((await send("GET", "/docs/..%2f..%2fpackage.json", undefined, {})).status).toBe(404);
  });

  it.each<[string, string, unknown, Record<string, string>, number]>([
    ["GET", "/nowhere", undefined, json, 404],
    ["PUT", "/targets", undefined, json, 405],
    ["GET", "/targets/not-an-id", undefined, json, 400],
    ["GET", "/targets/00000000-0000-4000-8000-000000000000", undefined, json, 404],
    ["POST", "/targets", "not an object", json, 400],
    ["POST", "/targets", {}, { ...json, "content-type": "text/plain" }, 415],
    ["POST", "/targets", { name: "x".repeat(300_000) }, json, 413],
  ])("answers %s %s with a problem", async (method, path, body, headers, status) => {
    const answer = await send(method, path, body, headers);
    expect(answer).toMatchObject({ status, json: { status, title: expect.any(String), detail: expect.any(String) } });
    expect(answer.headers.get("allow")).toBe(status === 405 ? "POST, GET" : null);
  });

  it.each<[string, string, string | undefined, number]>([
    ["GET", "/health?__proto__=1", undefined, 200],
    ["GET", "/targets?constructor=1", undefined, 400],
    ["GET", "//", undefined, 404],
    ["GET", "/docs/__proto__", undefined, 404],
    ["GET", "/docs/constructor", undefined, 404],
    ["GET", "/incidents?from=0000-01-01", undefined, 400],
    ["GET", "/incidents?to=9999-12-31T23:59:59-12:00", undefined, 400],
    ["GET", "/reports/uptime?tag=%00", undefined, 400],
    ["GET", "/reports/uptime?group=a%00b", undefined, 400],
    ["GET", "/incidents?tag=%00", undefined, 400],
    ["GET", "/incidents?group=%00", undefined, 400],
    ["GET", "/audit?what=%00", undefined, 400],
    ["GET", `/checks/recent?cursor=${Buffer.from('{"at":"0000-01-01T00:00:00Z","seq":1}').toString("base64url")}`, undefined, 400],
    ["POST", "/targets", `{"headers":${'{"a":'.repeat(40_000)}1${"}".repeat(40_000)}}`, 400],
    ["POST", "/targets", '{"name":"port 0","url":"http://127.0.0.1:0/"}', 400],
    ["POST", "/targets", '{"name":"nul","url":"http://127.0.0.1/\\u0000"}', 400],
    ["POST", "/targets", '{"name":"\\ud800","url":"http://127.0.0.1/"}', 400],
    ["POST", "/targets", '{"name":"resolver","type":"dns","host":"a.test","resolver":"127.0.0.1:99999"}', 400],
    ["POST", "/targets", `{"name":"large","url":"http://127.0.0.1/","method":"POST","body":"${"名".repeat(60_000)}"}`, 400],
  ])("answers %s %.60s as the caller's fault or as it should, never as ours", async (method, path, body, status) => {
    expect((await monitor.request(method, path, { headers: json, ...(body !== undefined && { body }) })).status).toBe(status);
  });

  it("keeps names and headers that are awkward to store", async () => {
    const headers = { constructor: "a", toString: "b" };
    const created = await create({ name: "\ufdfa".repeat(200), headers });
    expect((await send("GET", `/targets/${created.id}`)).json).toMatchObject({ headers: { constructor: "***", toString: "***" } });
    expect((await send("POST", "/targets", { name: "\ufdfa".repeat(200), url: "http://127.0.0.1:1/" })).status).toBe(409);
  });

  it("is not held up by a body made to be slow to read, sent by anybody", async () => {
    const slow = `"${'\\"'.repeat(120_000)}`;
    const answers = await Promise.all(
      Array.from({ length: 5 }, () =>
        monitor.request("POST", "/heartbeat/nothing", { headers: { "content-type": "application/json" }, body: slow }),
      ),
    );
    for (const { status } of answers) expect(status).toBe(404);
    expect((await send("GET", `/targets${"/".repeat(12_000)}`)).status).toBe(200);
  });

  it("puts no header of the caller's making into pages and links", async () => {
    const spoofed = await monitor.request("GET", "/docs", { headers: { "x-forwarded-proto": 'data:text/html,"><script>' } });
    expect(spoofed).toMatchObject({ status: 400 });
    expect(spoofed.headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("says what is wrong with a body that is no JSON", async () => {
    const { status, json: problem } = await monitor.request("POST", "/targets", { headers: json, body: '{"name": }' });
    expect(status).toBe(400);
    expect(problem).toMatchObject({ detail: expect.stringContaining("not JSON") });
  });
});

describe("access", () => {
  const bare = { "content-type": "application/json" };

  it.each([{}, { "x-api-key": "wrong-key-0123456789-abcdef" }, { authorization: "Bearer wrong" }, { authorization: `Basic ${API_KEY}` }])(
    "is refused with %j",
    async (credentials) => {
      for (const [method, path] of [
        ["GET", "/targets"],
        ["POST", "/targets"],
        ["GET", "/incidents"],
        ["POST", "/reports"],
      ] as const) {
        const answer = await send(method, path, method === "POST" ? {} : undefined, { ...bare, ...credentials });
        expect(answer.status).toBe(401);
        expect(answer.headers.get("www-authenticate")).toContain("Bearer");
      }
    },
  );

  it.each([{ "x-api-key": API_KEY }, { "X-Api-Key": API_KEY }, { authorization: `Bearer ${API_KEY}` }])(
    "is given with %j",
    async (credentials) => {
      expect((await send("GET", "/targets", undefined, credentials)).status).toBe(200);
    },
  );

  it("needs a key for every route that is not public", async () => {
    for (const { method, path, access } of routes) {
      const answer = await send(
        method,
        path.replace("{id}", "00000000-0000-4000-8000-000000000000").replace("{key}", "x").replace("{file}", "start.js"),
        undefined,
        {},
      );
      expect([method, path, answer.status === 401]).toEqual([method, path, access !== "public"]);
    }
  });
});
