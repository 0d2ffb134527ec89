import { beforeAll, describe, expect, it } from "vitest";
import { unusedPort } from "../../../local/stand-ins/listen.ts";
import { checkTypes } from "../../../shared/check/index.ts";
import { runCheck } from "../../../shared/check/run-check.ts";
import { trustCertificates } from "../../../shared/net/dial.ts";
import { type CheckTypeFixture, checkTypeContract } from "../../contracts/check-type.contract.ts";
import { type Certificate, makeCertificate } from "../../support/certificates.ts";
import { canPing, configOf, testEngine } from "../../support/checks.ts";
import { serveGrpcHealth, serveRegistry, serveWebSocket } from "../../support/protocol-servers.ts";
import { serveDns, serveHttp, serveHttps, serveTcp } from "../../support/servers.ts";

let trusted: Certificate;
let expiring: Certificate;
let expired: Certificate;

beforeAll(async () => {
  [trusted, expiring, expired] = await Promise.all([
    makeCertificate("localhost", 90),
    makeCertificate("localhost", 5),
    makeCertificate("localhost", -2),
  ]);
  trustCertificates([trusted.cert, expiring.cert, expired.cert]);
});

const silent = () => serveTcp(() => undefined);
const portOf = (url: string) => Number(new URL(url).port);

const fixtures: CheckTypeFixture[] = [
  {
    type: "http",
    up: async () => ({ fields: { url: await serveHttp((_, response) => response.end("fine")) } }),
    down: async () => ({ fields: { url: await serveHttp((_, response) => response.writeHead(500).end()) } }),
    hanging: async () => ({ fields: { url: `http://127.0.0.1:${await silent()}/` } }),
    forbidden: { url: "http://169.254.169.254/latest/meta-data" },
    invalid: [
      ["url", { url: "ftp://example.com" }],
      ["url", { url: "http://user:secret@example.com" }],
      ["expectedStatuses", { url: "http://example.com", expectedStatuses: ["2xx"] }],
      ["headers", { url: "http://example.com", headers: { host: "other" } }],
      ["headers", { url: "http://example.com", headers: { "x-a": "b\r\nc: d" } }],
      ["body", { url: "http://example.com", body: "with GET" }],
    ],
  },
  {
    type: "tcp",
    up: async () => ({ fields: { host: "127.0.0.1", port: await silent() } }),
    down: async () => ({ fields: { host: "127.0.0.1", port: await unusedPort() } }),
    forbidden: { host: "169.254.100.1", port: 9001 },
    invalid: [
      ["port", { host: "example.com", port: 0 }],
      ["host", { host: "http://example.com", port: 80 }],
    ],
  },
  {
    type: "websocket",
    up: async () => ({ fields: { url: await serveWebSocket() } }),
    down: async () => ({ fields: { url: (await serveHttp((_, response) => response.end())).replace("http", "ws") } }),
    hanging: async () => ({ fields: { url: `ws://127.0.0.1:${await silent()}/` } }),
    forbidden: { url: "ws://169.254.169.254/" },
    invalid: [
      ["url", { url: "http://example.com" }],
      ["url", { url: "wss://user:secret@example.com" }],
      ["answer", { url: "ws://example.com", answer: "(?=x)" }],
      ["headers", { url: "ws://example.com", headers: { upgrade: "h2c" } }],
    ],
  },
  {
    type: "grpc",
    up: async () => ({ fields: { host: "127.0.0.1", port: await serveGrpcHealth({ "": 1 }), tls: false } }),
    down: async () => ({ fields: { host: "127.0.0.1", port: await serveGrpcHealth({ "": 2 }), tls: false } }),
    hanging: async () => ({ fields: { host: "127.0.0.1", port: await silent(), tls: false } }),
    forbidden: { host: "169.254.1.1", port: 50_051 },
    invalid: [
      ["port", { host: "example.com", port: 0 }],
      ["service", { host: "example.com", port: 1, service: "x".repeat(201) }],
    ],
  },
  {
    type: "tls",
    up: async () => ({ fields: { host: "localhost", port: portOf(await serveHttps(trusted, () => undefined)) } }),
    down: async () => ({ fields: { host: "localhost", port: portOf(await serveHttps(expired, () => undefined)) } }),
    hanging: async () => ({ fields: { host: "localhost", port: await silent() } }),
    forbidden: { host: "169.254.1.1" },
    invalid: [["minDaysLeft", { host: "example.com", minDaysLeft: -1 }]],
  },
  {
    type: "dns",
    up: async () => ({ fields: { host: "up.test", resolver: await serveDns(() => [{ type: "A", name: "up.test", data: "192.0.2.1" }]) } }),
    down: async () => ({ fields: { host: "gone.test", resolver: await serveDns(() => "NXDOMAIN") } }),
    hanging: async () => ({ fields: { host: "slow.test", resolver: await serveDns(() => undefined) } }),
    forbidden: { host: "up.test", resolver: "169.254.169.253" },
    invalid: [
      ["resolver", { host: "example.com", resolver: "no server" }],
      ["recordType", { host: "example.com", recordType: "B" }],
    ],
  },
  {
    type: "ping",
    up: async () => ({ fields: { host: "127.0.0.1" } }),
    isAble: canPing(),
    down: async () => ({ fields: { host: "gone.test", resolver: await serveDns(() => "NXDOMAIN") } }),
    hanging: async () => ({ fields: { host: "slow.test", resolver: await serveDns(() => undefined) } }),
    forbidden: { host: "169.254.169.254" },
    invalid: [["host", { host: "http://example.com" }]],
  },
  {
    type: "domain",
    up: async () => ({ fields: { host: "up.example", rdapServer: await serveRegistry({ "up.example": 400 }) } }),
    down: async () => ({ fields: { host: "ended.example", rdapServer: await serveRegistry({ "ended.example": -2 }) } }),
    hanging: async () => ({ fields: { host: "slow.example", rdapServer: `http://127.0.0.1:${await silent()}/` } }),
    forbidden: { host: "a.example", rdapServer: "http://169.254.169.254/" },
    invalid: [
      ["host", { host: "http://example.com" }],
      ["rdapServer", { host: "example.com", rdapServer: "ftp://example.com" }],
      ["intervalSeconds", { host: "example.com", intervalSeconds: 60 }],
    ],
  },
  {
    type: "heartbeat",
    up: async () => ({ fields: { periodSeconds: 60 }, heartbeat: { awaitedSince: 0, lastPingAt: Date.now() } }),
    down: async () => ({
      fields: { periodSeconds: 60, graceSeconds: 10 },
      heartbeat: { awaitedSince: 0, lastPingAt: Date.now() - 71_000 },
    }),
    invalid: [["periodSeconds", { periodSeconds: 1 }]],
  },
];

for (const fixture of fixtures) checkTypeContract(fixture);

it("has a fixture for every check type", () => {
  expect(fixtures.map(({ type }) => type).sort()).toEqual(checkTypes.map(({ type }) => type).sort());
});

const check = (fields: Record<string, unknown>) =>
  runCheck({ config: configOf({ retries: 0, timeoutMs: 3_000, ...fields }), heartbeat: { awaitedSince: Date.now() } }, testEngine());

describe("http", () => {
  it("measures phases on a fresh connection each time", async () => {
    const ports = new Set<number | undefined>();
    const url = await serveHttp((request, response) => {
      ports.add(request.socket.remotePort);
      response.end("fine");
    });
    const results = [await check({ url }), await check({ url }), await check({ url: url.replace("127.0.0.1", "localhost") })];
    expect(ports.size).toBe(3);
    expect(results[0]?.phases).toEqual({ connectMs: expect.any(Number), ttfbMs: expect.any(Number), transferMs: expect.any(Number) });
    expect(results[2]?.phases).toHaveProperty("dnsMs");
    expect(results[0]).toMatchObject({ address: "127.0.0.1", httpStatus: 200 });
  });

  it("measures TLS and the certificate's days left", async () => {
    const result = await check({ url: await serveHttps(trusted, (_, response) => response.end()) });
    expect(result).toMatchObject({
      status: "up",
      certificate: { daysLeft: 90, what: "certificate of localhost" },
      phases: { tlsMs: expect.any(Number) },
    });
  });

  it.each([["has expired", "certificate has expired", () => expired]])("is down when the certificate %s", async (_, text, certificate) => {
    const url = await serveHttps(certificate(), (_request, response) => response.end());
    expect(await check({ url })).toMatchObject({ status: "down", error: { class: "tls", text } });
    expect(await check({ url, verifyTls: false })).toMatchObject({ status: "up" });
  });

  it("is down when the certificate is self-signed or for another name", async () => {
    const unknown = await makeCertificate("localhost", 90);
    const url = await serveHttps(unknown, (_, response) => response.end());
    expect(await check({ url })).toMatchObject({ error: { class: "tls", text: "certificate is self-signed" } });
    const other = await makeCertificate("other.test", 90);
    trustCertificates([other.cert]);
    const otherUrl = await serveHttps(other, (_, response) => response.end());
    expect(await check({ url: otherUrl })).toMatchObject({
      error: { class: "tls", text: expect.stringContaining("certificate is for another name") },
    });
  });

  it("is down with class tls where the server speaks no TLS", async () => {
    const url = (await serveHttp((_, response) => response.end())).replace("http:", "https:");
    expect(await check({ url })).toMatchObject({ error: { class: "tls", text: expect.stringContaining("TLS handshake failed") } });
  });

  it("follows redirects, drops headers of the owner on another origin and keeps them on the same", async () => {
    const seen: Record<string, string | undefined>[] = [];
    const other = await serveHttp((request, response) => {
      seen.push({
        at: "other",
        authorization: request.headers.authorization,
        custom: String(request.headers["x-custom"]),
        agent: request.headers["user-agent"],
      });
      response.end("there");
    });
    const url = await serveHttp((request, response) => {
      seen.push({ at: request.url ?? "", authorization: request.headers.authorization });
      response.writeHead(302, { location: request.url === "/" ? "/next" : other }).end();
    });
    const result = await check({
      url,
      headers: { Authorization: "Bearer secret", "X-Custom": "secret too", "User-Agent": "secret as well" },
    });
    expect(result).toMatchObject({ status: "up", httpStatus: 200 });
    expect(seen).toEqual([
      { at: "/", authorization: "Bearer secret" },
      { at: "/next", authorization: "Bearer secret" },
      { at: "other", authorization: undefined, custom: "undefined", agent: "server-tracker/test" },
    ]);
  });

  it("turns POST into GET on 302 and keeps it on 307", async () => {
    const seen: string[] = [];
    const url = await serveHttp((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        seen.push(`${request.method} ${request.url} ${body}`.trim());
        if (request.url === "/302") response.writeHead(302, { location: "/done" }).end();
        else if (request.url === "/307") response.writeHead(307, { location: "/done" }).end();
        else response.end();
      });
    });
    await check({ url: `${url}/302`, method: "POST", body: "x" });
    await check({ url: `${url}/307`, method: "POST", body: "x" });
    expect(seen).toEqual(["POST /302 x", "GET /done", "POST /307 x", "POST /done x"]);
  });

  it("ends loops and long chains of redirects with a clear error", async () => {
    const url = await serveHttp((request, response) => {
      const step = Number(request.url?.slice(1));
      response.writeHead(302, { location: Number.isNaN(step) ? "/loop" : `/${step + 1}` }).end();
    });
    expect(await check({ url: `${url}/loop` })).toMatchObject({
      status: "down",
      error: { class: "redirect", text: `redirect loop at ${url}/loop` },
    });
    expect(await check({ url: `${url}/1` })).toMatchObject({
      error: { class: "redirect", text: `more than 10 redirects, the last to ${url}/12` },
    });
    expect(await check({ url: `${url}/1`, followRedirects: false, expectedStatuses: [302] })).toMatchObject({
      status: "up",
      httpStatus: 302,
    });
  });

  it("meets the guard again at each redirect", async () => {
    const url = await serveHttp((_, response) => response.writeHead(302, { location: "http://169.254.169.254/" }).end());
    expect(await check({ url })).toMatchObject({ status: "down", error: { class: "forbidden" } });
  });

  it("keeps the status rule in force beside assertions", async () => {
    const url = await serveHttp((_, response) => response.writeHead(500).end("all is well"));
    expect(await check({ url, assertions: [{ kind: "bodyContains", text: "all is well" }] })).toMatchObject({
      status: "down",
      error: { class: "status", text: "500 Internal Server Error" },
    });
    expect(await check({ url, expectedStatuses: ["500-599"] })).toMatchObject({ status: "up" });
  });

  it("reads at most 1 MiB of a body and says so", async () => {
    const url = await serveHttp((_, response) => response.end(`start${"x".repeat(3 * 1024 * 1024)}end`));
    expect(await check({ url, assertions: [{ kind: "bodyContains", text: "start" }] })).toMatchObject({
      status: "up",
      note: "body cut at 1 MiB",
    });
    expect(await check({ url, assertions: [{ kind: "bodyContains", text: "end" }] })).toMatchObject({
      status: "down",
      error: { class: "assertion" },
    });
  });

  it.each<[string, (socket: import("node:net").Socket) => void, string]>([
    ["closes at once", (socket) => socket.end(), "connect"],
    ["resets", (socket) => socket.resetAndDestroy(), "connect"],
    ["answers no HTTP", (socket) => socket.end("SSH-2.0-OpenSSH_9.9\r\n"), "body"],
    ["sends endless headers", (socket) => void socket.write(`HTTP/1.1 200 OK\r\n${"x-long: y\r\n".repeat(40_000)}`), "body"],
    [
      "dies within the body",
      (socket) => void socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf", () => socket.destroy()),
      "connect",
    ],
    ["stalls within the body", (socket) => void socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"), "timeout"],
  ])("is down when the server %s", async (_, behave, errorClass) => {
    const port = await serveTcp((socket) => socket.once("data", () => behave(socket)));
    expect(await check({ url: `http://127.0.0.1:${port}/`, timeoutMs: 500 })).toMatchObject({
      status: "down",
      error: { class: errorClass },
    });
  });

  it("takes 103 Early Hints for what they are", async () => {
    const url = await serveHttp((_, response) => {
      response.writeEarlyHints({ link: "</style.css>; rel=preload" });
      response.end("final");
    });
    expect(await check({ url })).toMatchObject({ status: "up", httpStatus: 200 });
  });

  it("is degraded when slower than the latency limit", async () => {
    const url = await serveHttp((_, response) => setTimeout(() => response.end(), 120));
    expect(await check({ url, latencyLimitMs: 50 })).toMatchObject({
      status: "degraded",
      error: { class: "assertion", text: expect.stringMatching(/^took \d+ ms, limit 50 ms$/) },
    });
  });
});

describe("assertions", () => {
  const body = { status: "ok", queue: { depth: 12, names: ["a", "b"] }, "odd name": [{ deep: null }] };
  const at = () =>
    serveHttp((_, response) => response.writeHead(200, { "content-type": "application/json", "x-version": "3" }).end(JSON.stringify(body)));

  it.each<[Record<string, unknown>, "up" | "degraded" | "down", string?]>([
    [{ kind: "bodyContains", text: "queue" }, "up"],
    [{ kind: "bodyContains", text: "absent" }, "down", 'body lacks "absent"'],
    [{ kind: "bodyLacks", text: "error" }, "up"],
    [{ kind: "bodyLacks", text: "queue" }, "down", 'body contains "queue"'],
    [{ kind: "jsonPath", path: "$.status", value: "ok" }, "up"],
    [{ kind: "jsonPath", path: "$.status", value: "bad" }, "down", '$.status is "ok", expected eq "bad"'],
    [
      { kind: "jsonPath", path: "$.queue.depth", operator: "lt", value: 10, otherwise: "degraded" },
      "degraded",
      "$.queue.depth is 12, expected lt 10",
    ],
    [{ kind: "jsonPath", path: "$.queue.names[1]", value: "b" }, "up"],
    [{ kind: "jsonPath", path: "$.queue.names", operator: "contains", value: "a" }, "up"],
    [{ kind: "jsonPath", path: '$["odd name"][0].deep', value: null }, "up"],
    [{ kind: "jsonPath", path: "$.missing", operator: "exists" }, "down", "$.missing is missing"],
    [{ kind: "jsonPath", path: "$.__proto__", operator: "exists" }, "down"],
    [{ kind: "header", name: "X-Version", operator: "gte", value: 3 }, "up"],
    [{ kind: "header", name: "X-Version", value: "4" }, "down", 'header X-Version is "3", expected eq "4"'],
    [{ kind: "responseTime", maxMs: 2_000 }, "up"],
    [{ kind: "responseTime", maxMs: 0.000_1, otherwise: "degraded" }, "degraded"],
    [{ kind: "certificate", minDaysLeft: 3 }, "down", "there is no certificate: the target is not https"],
  ])("%j makes the check %s", async (assertion, status, text) => {
    const result = await check({ url: await at(), assertions: [assertion] });
    expect(result?.status).toBe(status);
    if (text !== undefined) expect(result?.error?.text).toBe(text);
  });

  it("asserts on the certificate of https targets", async () => {
    const url = await serveHttps(expiring, (_, response) => response.end());
    expect(await check({ url, assertions: [{ kind: "certificate", minDaysLeft: 14, otherwise: "degraded" }] })).toMatchObject({
      status: "degraded",
      error: { text: "certificate of localhost expires in 5 days, limit 14" },
    });
  });

  it("is not led astray by what a target sends", async () => {
    const deep = `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`;
    const url = await serveHttp((request, response) =>
      response.end(request.url === "/deep" ? deep : '{"v":{"toString":1},"x":"\ud83d\ude00"}'),
    );
    const status = async (path: string, assertion: Record<string, unknown>) => {
      const result = await check({ url: `${url}${path}`, assertions: [assertion] });
      return [result?.status, result?.error?.class, result?.httpStatus];
    };
    expect(await status("/deep", { kind: "jsonPath", path: "$.a", value: 1 })).toEqual(["down", "assertion", 200]);
    expect(await status("/", { kind: "jsonPath", path: "$.v", operator: "contains", value: "x" })).toEqual(["down", "assertion", 200]);
    expect(await status("/", { kind: "jsonPath", path: "$.v", operator: "lt", value: 3 })).toEqual(["down", "assertion", 200]);
    expect(await status("/", { kind: "header", name: "constructor", operator: "exists" })).toEqual(["down", "assertion", 200]);
    expect(await status("/", { kind: "header", name: "__proto__", operator: "exists", value: false })).toEqual(["up", undefined, 200]);
  });

  it("keeps error texts short and whole", async () => {
    const url = await serveHttp((request, response) =>
      response.writeHead(302, { location: `/${"\u00e9".repeat(3_000)}${request.url}` }).end(),
    );
    const text = (await check({ url }))?.error?.text ?? "";
    expect(text.length).toBeLessThanOrEqual(600);
    const emoji = await serveHttp((_, response) => response.end(JSON.stringify({ v: `${"x".repeat(77)}\u{1f600}\u{1f600}` })));
    const cut = await check({ url: emoji, assertions: [{ kind: "jsonPath", path: "$.v", value: "ok" }] });
    expect(cut?.error?.text.isWellFormed()).toBe(true);
  });

  it("lets the worst of several decide", async () => {
    const assertions = [
      { kind: "bodyContains", text: "absent", otherwise: "degraded" },
      { kind: "jsonPath", path: "$.status", value: "bad" },
    ];
    expect(await check({ url: await at(), assertions })).toMatchObject({ status: "down" });
  });
});

describe("tls", () => {
  it("is degraded when the certificate expires soon", async () => {
    const port = portOf(await serveHttps(expiring, () => undefined));
    expect(await check({ type: "tls", host: "localhost", port })).toMatchObject({
      status: "degraded",
      error: { text: "certificate of localhost expires in 5 days, limit 14" },
    });
    expect(await check({ type: "tls", host: "localhost", port, minDaysLeft: 3 })).toMatchObject({
      status: "up",
      certificate: { daysLeft: 5 },
    });
  });
});

describe("dns", () => {
  const server = () =>
    serveDns(({ name, type }) => {
      if (type === "MX") return [{ type: "MX", name, data: { preference: 10, exchange: "mail.test" } }];
      if (type === "TXT") return [{ type: "TXT", name, data: ["v=spf1 ", "-all"] }];
      if (type === "A") return [{ type: "A", name, data: "192.0.2.7" }];
      return name === "broken.test" ? "SERVFAIL" : [];
    });

  it.each([
    ["A", "192.0.2.7", "192.0.2.8"],
    ["MX", "10 mail.test.", "10 other.test"],
    ["TXT", '"v=spf1 -all"', "v=spf1"],
  ])("compares %s records with what dig prints", async (recordType, expected, other) => {
    const fields = { type: "dns", host: "name.test", recordType, resolver: await server() };
    expect(await check({ ...fields, expectedRecords: [expected] })).toMatchObject({ status: "up" });
    expect(await check({ ...fields, expectedRecords: [other] })).toMatchObject({ status: "down", error: { class: "assertion" } });
  });

  it("writes no lines of a record's making into its error", async () => {
    const resolver = await serveDns(({ name }) => [{ type: "TXT", name, data: ["down\r\nALL CLEAR \u001b[31m\u202e@everyone"] }]);
    const { error } = (await check({ type: "dns", host: "txt.test", recordType: "TXT", resolver, expectedRecords: ["other"] })) ?? {};
    expect(error?.text).toContain("ALL CLEAR");
    expect(error?.text).toMatch(/^[^\p{Cc}\p{Cf}]*$/u);
  });

  it("tells a missing record from a failing server", async () => {
    const resolver = await server();
    expect(await check({ type: "dns", host: "name.test", recordType: "AAAA", resolver })).toMatchObject({
      error: { class: "dns", text: "name.test has no AAAA record" },
    });
    expect(await check({ type: "dns", host: "broken.test", recordType: "AAAA", resolver })).toMatchObject({
      error: { class: "dns", text: "name server failed for broken.test" },
    });
  });
});

describe("heartbeat", () => {
  const beat = (heartbeat: import("../../../shared/check/check-type.ts").HeartbeatSeen) =>
    runCheck({ config: configOf({ type: "heartbeat", periodSeconds: 60, graceSeconds: 30 }), heartbeat }, testEngine());
  const ago = (seconds: number) => Date.now() - seconds * 1_000;

  it("says nothing until the first ping is overdue", async () => {
    expect(await beat({ awaitedSince: ago(80) })).toBeUndefined();
    expect(await beat({ awaitedSince: ago(95) })).toMatchObject({
      status: "down",
      error: { class: "heartbeat", text: expect.stringMatching(/^no ping for 9\d s, expected every 60 s$/) },
    });
  });

  it("is what the last report said, as long as it is fresh", async () => {
    const reported = { status: "degraded", message: "queue is long", latencyMs: 12 } as const;
    expect(await beat({ awaitedSince: 0, lastPingAt: ago(5), reported })).toMatchObject({
      status: "degraded",
      totalMs: 12,
      error: { text: "queue is long" },
    });
    expect(await beat({ awaitedSince: 0, lastPingAt: ago(95), reported: { status: "up" } })).toMatchObject({ status: "down" });
  });

  it("has no latency of its own", async () => {
    expect(await beat({ awaitedSince: 0, lastPingAt: ago(5) })).not.toHaveProperty("totalMs");
  });
});
