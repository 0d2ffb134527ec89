import { afterAll, beforeAll, expect, it } from "vitest";
import { makeCertificate } from "../support/certificates.ts";
import { type Monitor, startMonitor } from "../support/monitor.ts";
import { serveHttp, serveHttps } from "../support/servers.ts";

let monitor: Monitor;
beforeAll(async () => {
  monitor = await startMonitor();
});
afterAll(() => monitor.close());

const post = (path: string, body?: unknown) =>
  monitor.request("POST", path, {
    headers: { "x-api-key": "test-key-0123456789-abcdef", "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

it("checks a configuration that is not stored, and shows what it saw on the way", async () => {
  const url = await serveHttp((request, response) => {
    if (request.url === "/") response.writeHead(302, { location: "/there" }).end();
    else response.end('{"status":"sick"}');
  });
  const { status, json } = await post("/check", { url, assertions: [{ kind: "jsonPath", path: "$.status", value: "ok" }] });
  expect(status).toBe(200);
  expect(json).toMatchObject({
    status: "down",
    error: { class: "assertion", text: '$.status is "sick", expected eq "ok"' },
    httpStatus: 200,
    latencyMs: expect.any(Number),
    phases: { connectMs: expect.any(Number), ttfbMs: expect.any(Number), tlsMs: null },
    address: "127.0.0.1",
    certificate: null,
    requests: [
      { url: `${url}/`, status: 302 },
      { url: `${url}/there`, status: 200 },
    ],
  });
  expect(await monitor.api("GET", "/targets")).toMatchObject({ items: [] });
});

it("tells what every assertion saw, also of those that hold, and of those after the one that decides", async () => {
  const text = '{"status":"ok\u202e","n":12345678901234567890,"list":[1,2,3,4,5,6,7],"deep":{"a":1}}';
  const url = await serveHttp((_, response) => response.setHeader("x-version", "7").end(text));
  const check = async (assertions: object[]) => {
    const { json } = await post("/check", { url, assertions });
    const { status, error, assertions: seen } = json as { status: string; error: { text: string } | null; assertions: object[] };
    return { status, error: error?.text, seen };
  };
  const held = await check([
    { kind: "jsonPath", path: "$.n", value: "12345678901234567890" },
    { kind: "jsonPath", path: "$.list[*]", operator: "gt", value: 0 },
    { kind: "jsonPath", path: "$.none", operator: "exists", value: false },
    { kind: "header", name: "X-Version", value: "7" },
    { kind: "header", name: "x-none", operator: "exists", value: false },
    { kind: "bodyContains", text: "status" },
    { kind: "responseTime", maxMs: 9_000 },
  ]);
  expect(held).toEqual({
    status: "up",
    error: undefined,
    seen: [
      { what: '$.n eq "12345678901234567890"', holds: true, saw: "12345678901234567890" },
      { what: "$.list[*] gt 0", holds: true, saw: "1, 2, 3, 4, 5 and 2 more" },
      { what: "$.none is not there", holds: true, saw: "nothing there" },
      { what: 'header X-Version eq "7"', holds: true, saw: '"7"' },
      { what: "header x-none is not there", holds: true, saw: "nothing there" },
      { what: 'body contains "status"', holds: true, saw: expect.stringMatching(/^\d+ characters: \{"status":"ok/) },
      { what: "takes 9000 ms at most", holds: true, saw: expect.stringMatching(/^\d+ ms$/) },
    ],
  });
  expect(JSON.stringify(held)).not.toContain("\u202e");
  const failed = await check([
    { kind: "bodyContains", text: "absent", otherwise: "degraded" },
    { kind: "jsonPath", path: "$.deep", value: 1 },
    { kind: "certificate", minDaysLeft: 3 },
    { kind: "jsonPath", path: "$.status", operator: "contains", value: "ok" },
  ]);
  expect(failed).toMatchObject({ status: "down", error: "$.deep is an object, expected eq 1" });
  expect(failed.seen).toMatchObject([
    { holds: false },
    { holds: false, saw: "an object" },
    { holds: false, saw: "no certificate" },
    { holds: true },
  ]);
  expect((await check([])).seen).toEqual([]);
});

it("shows the chain of every peer, also of one that is refused for it, and says the same of it as a round would", async () => {
  const root = await makeCertificate("root.test", 900, { commonName: "A root" });
  const middle = await makeCertificate("middle.test", 40, { commonName: "A middle\u202e", issuer: root });
  const leaf = await makeCertificate("a.test", 59, { commonName: "a.test", issuer: middle });
  const url = await serveHttps({ key: leaf.key, cert: `${leaf.cert}\n${middle.cert}` }, (_, response) => response.end("fine"));
  type Seen = { status: string; certificate: object | null; error: object | null; chains: { of: string; certificates: object[] }[] };
  const check = async (fields: object) => (await post("/check", { url, ...fields })).json as Seen;
  const chain = [
    { name: "a.test", daysLeft: 59, names: ["a.test", "127.0.0.1"], fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) },
    { name: expect.stringMatching(/^A middle/), issuer: "A root", daysLeft: 40, validTo: expect.stringMatching(/Z$/) },
  ];
  const refused = await check({});
  expect(refused).toMatchObject({ status: "down", error: { class: "tls", text: "certificate is not signed by a known authority" } });
  expect(refused.chains).toEqual([{ of: "localhost", certificates: chain.map((each) => expect.objectContaining(each)) }]);
  expect(JSON.stringify(refused)).not.toContain("\u202e");
  const taken = await check({ verifyTls: false });
  expect(taken).toMatchObject({ status: "up", certificate: { daysLeft: 40, what: expect.stringMatching(/^intermediate "A middle/) } });
  expect(taken.chains).toEqual(refused.chains);
  const expired = await makeCertificate("b.test", -3);
  const old = await serveHttps(expired, (_, response) => response.end());
  expect(await check({ url: old })).toMatchObject({ status: "down", chains: [{ certificates: [{ daysLeft: -3 }] }] });
});

it("checks a target with its own secrets, and changes nothing", async () => {
  const seen: unknown[] = [];
  const url = await serveHttp((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(500).end();
  });
  const { id } = (await monitor.api("POST", "/targets", { name: "Shop", url, headers: { authorization: "Bearer own" } })) as { id: string };
  const { json, text } = await post(`/targets/${id}/check`);
  expect(json).toMatchObject({ status: "down", error: { text: "500 Internal Server Error" } });
  expect(text).not.toContain("Bearer own");
  expect(seen).toEqual(["Bearer own"]);
  expect(await monitor.api("GET", `/targets/${id}`)).toMatchObject({ status: "pending", version: 1 });
  expect(monitor.discord).toEqual([]);
});

it("checks a target as it would be with a change: hidden values stay as they are, where they were meant for", async () => {
  const seen: unknown[] = [];
  const answer = (
    request: { url?: string; headers: Record<string, unknown> },
    response: { writeHead: (status: number) => { end: () => void } },
  ) => {
    seen.push([request.url, request.headers["authorization"]]);
    response.writeHead(request.headers["authorization"] === "Bearer own" ? 200 : 401).end();
  };
  const [url, elsewhere] = [await serveHttp(answer as never), await serveHttp(answer as never)];
  const { id } = (await monitor.api("POST", "/targets", { name: "Mine", url, headers: { authorization: "Bearer own" } })) as { id: string };
  expect((await post(`/targets/${id}/check`, { url: `${url}/other` })).json).toMatchObject({ status: "up" });
  expect((await post(`/targets/${id}/check`, { headers: { authorization: "***" } })).json).toMatchObject({ status: "up" });
  expect((await post(`/targets/${id}/check`, { headers: { authorization: "Bearer new" } })).json).toMatchObject({
    status: "down",
    httpStatus: 401,
  });
  // A mask is no value: neither is it sent, nor what stands behind it to another receiver.
  expect((await post(`/targets/${id}/check`, { url: elsewhere })).json).toMatchObject({ errors: [{ field: "headers.authorization" }] });
  expect((await post("/check", { url, headers: { authorization: "***" } })).json).toMatchObject({
    errors: [{ field: "headers.authorization" }],
  });
  expect(seen).toEqual([
    ["/other", "Bearer own"],
    ["/", "Bearer own"],
    ["/", "Bearer new"],
  ]);
  expect(await monitor.api("GET", `/targets/${id}`)).toMatchObject({ version: 1 });
});

it("reaches what a target may reach and nothing else, and says by field what is wrong", async () => {
  expect((await post("/check", { url: "http://169.254.169.254/latest/meta-data" })).json).toMatchObject({
    status: 400,
    errors: [{ field: "url" }],
  });
  // What a name resolves to is decided as it is dialled.
  const inward = await serveHttp((_, response) => response.writeHead(302, { location: "http://169.254.169.254/" }).end());
  expect((await post("/check", { url: inward })).json).toMatchObject({ status: "down", error: { class: "forbidden" } });
  const pattern = [{ kind: "body", op: "matches", value: "(" }];
  expect((await post("/check", { url: "http://example.com/", assertions: pattern })).json).toMatchObject({ status: 400 });
  expect((await post("/check", { url: "nowhere" })).json).toMatchObject({ status: 400, errors: [{ field: "url" }] });
  expect((await post("/check", { type: "heartbeat" })).json).toMatchObject({ status: 400, detail: expect.stringMatching(/calls us/) });
});
