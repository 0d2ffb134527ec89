import { createServer as createHttp2Server } from "node:http2";
import { createServer as createTcpServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { constants, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { generate } from "selfsigned";
import { describe, expect, it, onTestFinished } from "vitest";
import { listen, unusedPort } from "../../../local/stand-ins/listen.ts";
import { compareDecimals, parseExactJson } from "../../../shared/check/exact-number.ts";
import { runCheck } from "../../../shared/check/run-check.ts";
import { createAddressGuard } from "../../../shared/net/address-guard.ts";
import { trustCertificates } from "../../../shared/net/dial.ts";
import { runChecks } from "../../../shared/round/run-checks.ts";
import { admitConfig } from "../../../shared/targets/admit-config.ts";
import { createFieldCipher } from "../../../shared/targets/field-cipher.ts";
import { makeCertificate } from "../../support/certificates.ts";
import { configOf, testEngine } from "../../support/checks.ts";
import { serveDns, serveHttp, serveTcp } from "../../support/servers.ts";

/* Answers that curl and browsers take, each with a server that gives them, and lies that they see through. */
const check = (fields: Record<string, unknown>, engine = testEngine()) =>
  runCheck({ config: configOf({ retries: 0, timeoutMs: 3_000, ...fields }), heartbeat: { awaitedSince: Date.now() } }, engine);
const contains = (text: string) => ({ kind: "bodyContains", text });
const lacks = (text: string) => ({ kind: "bodyLacks", text });
const answering = (body: string | Buffer, headers: Record<string, string | string[]> = {}) =>
  serveHttp((_, response) => response.writeHead(200, headers).end(body));
/** A server that answers whatever it is asked with these bytes. */
const saying = (bytes: string | Buffer, then: (socket: Socket) => void = (socket) => socket.end()) =>
  serveTcp((socket) =>
    socket.once("data", () => {
      socket.write(bytes, () => then(socket));
    }),
  ).then((port) => `http://127.0.0.1:${port}/`);

describe("the CPU of assertions", () => {
  it("is a check's own: what neighbours burn meanwhile is not charged to it", async () => {
    const page = gzipSync("x".repeat(100_000));
    const url = await answering(page, { "content-encoding": "gzip" });
    const assertions = [{ kind: "body", operator: "notMatches", value: "(?i)fatal error" }];
    const config = configOf({ url, retries: 0, timeoutMs: 29_000, assertions });
    const jobs = Array.from({ length: 150 }, () => ({ config, heartbeat: { awaitedSince: 0 } }));
    const { results } = await runChecks(jobs, testEngine());
    expect(results.filter((result) => result?.status !== "up")).toEqual([]);
  });

  it("is linear in long numbers, and in documents with one", () => {
    const long = "9".repeat(500_000);
    const document = `[12345678901234567890,${"1,".repeat(200_000)}"${long}"]`;
    const before = process.threadCpuUsage();
    expect(compareDecimals(long, `${long}.0`)).toBe(0);
    expect(compareDecimals(`1${long}`, long)).toBeGreaterThan(0);
    expect(parseExactJson(document)).toHaveLength(200_002);
    const { user } = process.threadCpuUsage(before);
    expect(user / 1_000).toBeLessThan(2_000);
    expect(parseExactJson(`${"[".repeat(5_000)}12345678901234567890${"]".repeat(5_000)}`)).toHaveLength(1);
  });
});

describe("a body is not proved by a part of it", () => {
  it.each([
    ["an item far down a list", `{"items":[${'{"ok":true},'.repeat(15_000)}{"ok":false}]}`, { path: "$.items[*].ok", value: true }],
    ["more values than are looked at", `[${"1,".repeat(150_000)}2]`, { path: "$[*]", value: 1 }],
    [
      "the end of a long text",
      JSON.stringify({ log: `${"a".repeat(140_000)}ERROR` }),
      { path: "$.log", operator: "notMatches", value: "ERROR" },
    ],
    ["an object's names", '{"errors":{"fatal":true}}', { path: "$.errors", operator: "lacks", value: "fatal" }],
  ])("%s", async (_, body, assertion) => {
    expect(await check({ url: await answering(body), assertions: [{ kind: "jsonPath", ...assertion }] })).toMatchObject({ status: "down" });
  });

  it("nor by one that was cut on its way", async () => {
    const http2 = createHttp2Server();
    http2.on("stream", (stream) => {
      stream.on("error", () => undefined);
      stream.respond({ ":status": 200 });
      stream.write("hello", () => setTimeout(() => stream.session?.socket.destroy(), 20));
    });
    onTestFinished(() => void http2.close());
    const url = await listen(http2 as never);
    expect(await check({ url, httpVersion: "2", assertions: [lacks("ERROR")] })).toMatchObject({
      status: "down",
      error: { class: "connect" },
    });
    const reset = await saying("HTTP/1.1 200 OK\r\n\r\nhello", (socket) => void setTimeout(() => socket.resetAndDestroy(), 50));
    expect(await check({ url: reset, assertions: [lacks("ERROR")] })).toMatchObject({ status: "down", error: { class: "connect" } });
  });

  it("and a number beyond a double is compared as it stands", async () => {
    const url = await answering('{"n":1e400,"m":1e-400}');
    const assertions = [
      { kind: "jsonPath", path: "$.n", operator: "gt", value: 5 },
      { kind: "jsonPath", path: "$.m", operator: "gt", value: 0 },
    ];
    expect(await check({ url, assertions })).toMatchObject({ status: "up" });
  });
});

describe("compressed bodies", () => {
  const whole = gzipSync("hello world");
  it.each<[string, string, Buffer]>([
    ["gzip without its trailer", "gzip", whole.subarray(0, -8)],
    ["gzip with half of it", "gzip", whole.subarray(0, -4)],
    ["zlib without its checksum", "deflate", deflateSync("hello world").subarray(0, -4)],
    ["nothing at all", "br", Buffer.alloc(0)],
    ["zstd in two frames", "zstd", Buffer.concat([zstdCompressSync("hello "), zstdCompressSync("world")])],
  ])("%s are whole", async (what, coding, body) => {
    const url = await answering(body, { "content-encoding": coding });
    expect(await check({ url, assertions: [lacks("ERROR")] })).toMatchObject({ status: "up" });
    if (what !== "nothing at all") expect(await check({ url, assertions: [contains("world")] })).toMatchObject({ status: "up" });
  });

  it("that end in the middle prove what came, and no absence", async () => {
    const body = gzipSync(`hello ${Array.from({ length: 2_000 }, (_, index) => index).join(" ")}`, { flush: constants.Z_SYNC_FLUSH });
    const url = await answering(body.subarray(0, 1_000), { "content-encoding": "gzip" });
    expect(await check({ url, assertions: [contains("hello")] })).toMatchObject({ status: "up" });
    expect(await check({ url, assertions: [lacks("ERROR")] })).toMatchObject({
      status: "down",
      error: { text: expect.stringContaining("ends before its compression does") },
    });
  });
});

describe("characters", () => {
  it.each<[string, string | Buffer, string | string[]]>([
    ["two content types", "grüße", ["text/html", "text/html; charset=utf-8"]],
    ["a quoted charset", "grüße", "text/html; charset='utf-8'"],
    ["what MySQL calls UTF-8", "grüße", "text/plain; charset=utf8mb4"],
    ["a description of charsets", '<meta name="description" content="charset=foo8">grüße', "text/html"],
    ["a charset in a comment", '<!-- <meta charset="iso-8859-1"> --><meta charset="utf-8">grüße', "text/html"],
    ["a page's charset in JSON", `{"html":"<meta charset='iso-8859-1'>grüße"}`, "application/json"],
    ["JSON that says another charset", '{"n":"grüße"}', "application/json; charset=iso-8859-1"],
    ["JSON with one bad byte", Buffer.concat([Buffer.from('{"n":"grüße"}'), Buffer.from([0xff])]), "application/json"],
  ])("%s", async (_, body, type) => {
    expect(await check({ url: await answering(body, { "content-type": type }), assertions: [contains("grüße")] })).toMatchObject({
      status: "up",
    });
  });

  it("of a header and of DNS are what they are in UTF-8", async () => {
    const url = await saying(Buffer.from("HTTP/1.1 200 OK\r\nX-City: München\r\ncontent-length: 0\r\n\r\n"));
    expect(await check({ url, assertions: [{ kind: "header", name: "x-city", value: "München" }] })).toMatchObject({ status: "up" });
    const resolver = await serveDns(({ name }) => [{ type: "TXT", name, data: ["café"] }]);
    expect(await check({ type: "dns", host: "a.example", recordType: "TXT", expectedRecords: ["café"], resolver })).toMatchObject({
      status: "up",
    });
  });
});

describe("HTTP/1 as it is spoken", () => {
  const head = (line: string) => `HTTP/1.1 200 OK\r\n${line}\r\ncontent-length: 5\r\n\r\nhello`;
  const chunked = (body: string) => `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${body}`;
  it.each([
    ["a name with a blank", head("X-Powered By: foo")],
    ["a name with brackets", head("X(a): foo")],
    ["no name", head(": foo")],
    ["a folded line", head("X: a\r\n  b")],
    ["a control character", head("X: \x01a")],
    ["a bare return", head("X: a\rb")],
    ["two blanks", "HTTP/1.1  200 OK\r\ncontent-length: 5\r\n\r\nhello"],
    ["a tab", "HTTP/1.1 200\tOK\r\ncontent-length: 5\r\n\r\nhello"],
    ["HTTP/2 in words", "HTTP/2 200 OK\r\ncontent-length: 5\r\n\r\nhello"],
    ["small letters", "http/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"],
    ["a signed length", "HTTP/1.1 200 OK\r\ncontent-length: +5\r\n\r\nhello"],
    ["a padded chunk size", chunked("5   \r\nhello\r\n0\r\n\r\n")],
    ["an extension with blanks", chunked("5 ; a = b\r\nhello\r\n0\r\n\r\n")],
    ["an extension that is none", chunked("5;\r\nhello\r\n0\r\n\r\n")],
    ["chunks with bare line feeds", chunked("5\nhello\n0\n\n")],
    ["a trailer that is none", chunked("5\r\nhello\r\n0\r\nX T: 1\r\n\r\n")],
  ])("%s is read", async (_, bytes) => {
    expect(await check({ url: await saying(bytes), assertions: [{ kind: "body", operator: "eq", value: "hello" }] })).toMatchObject({
      status: "up",
      httpStatus: 200,
    });
    // Whatever the pieces that it comes in.
    const url = await saying(bytes.slice(0, 3), (socket) => {
      const pieces = [...bytes.slice(3)];
      const next = () => {
        const piece = pieces.shift();
        if (piece === undefined) socket.end();
        else socket.write(piece, () => setImmediate(next));
      };
      socket.setNoDelay(true);
      next();
    });
    expect(await check({ url, assertions: [contains("hello")] })).toMatchObject({ status: "up" });
  });

  it.each([
    ["no size", chunked("x\r\nhello\r\n0\r\n\r\n")],
    ["a chunk that is longer than it says", chunked("3\r\nhello\r\n0\r\n\r\n")],
  ])("%s is no chunk", async (_, bytes) => {
    expect(await check({ url: await saying(bytes) })).toMatchObject({ status: "down" });
  });
});

describe("redirects", () => {
  it("carry the login that stands in their address", async () => {
    const url = await serveHttp((request, response) => {
      if (request.url === "/in") return void response.writeHead(request.headers.authorization === "Basic dXNlcjpwdw==" ? 200 : 401).end();
      response.writeHead(302, { location: `http://user:pw@${request.headers.host}/in` }).end();
    });
    const result = await check({ url });
    expect(result).toMatchObject({ status: "up" });
    expect(JSON.stringify(result)).not.toContain("pw@");
  });

  it("send the cookie of a host that is called like a domain, and of the host that is asked for", async () => {
    const wall = (domain: string) =>
      serveHttp((request, response) => {
        if (request.headers.cookie === "a=1") return void response.end("in");
        response.writeHead(302, { location: "/", "set-cookie": `a=1; Domain=${domain}` }).end();
      });
    const url = await wall("intranet");
    const port = new URL(url).port;
    const dnsServers = [await serveDns(({ name, type }) => (type === "A" ? [{ type, name, data: "127.0.0.1" }] : []))];
    expect(await check({ url: `http://intranet:${port}/` }, testEngine({ dnsServers }))).toMatchObject({ status: "up" });
    expect(await check({ url: await wall("shop.example"), hostHeader: "shop.example" })).toMatchObject({ status: "up" });
  });
});

describe("expect: down is proved by the target alone", () => {
  const silentDns = () => serveDns(() => undefined);
  const refused = async () => `http://127.0.0.1:${await unusedPort()}`;
  const oauth2 = (tokenUrl: string) => ({ tokenUrl, clientId: "a", clientSecret: "b" });
  it.each<[string, () => Promise<[Record<string, unknown>, Parameters<typeof testEngine>[0]?]>]>([
    ["our own name server is silent", async () => [{ type: "tcp", host: "a.example", port: 80 }, { dnsServers: [await silentDns()] }]],
    ["it is, and a name is asked for", async () => [{ type: "dns", host: "a.example" }, { dnsServers: [await silentDns()] }]],
    ["the proxy refuses", async () => [{ url: "http://127.0.0.1:1/", proxy: await refused() }]],
    ["the proxy wants a login", async () => [{ url: "https://a.example/", proxy: await saying("HTTP/1.1 407 Auth\r\n\r\n") }]],
    ["it wants one, without TLS", async () => [{ url: "http://a.example/", proxy: await answering407() }]],
    ["the token endpoint refuses", async () => [{ url: await answering("ok"), oauth2: oauth2(`${await refused()}/token`) }]],
    ["it gives no token", async () => [{ url: await answering("ok"), oauth2: oauth2(await answering("{}")) }]],
  ])("not where %s", async (_, made) => {
    const [fields, engine] = await made();
    expect(await check({ ...fields, timeoutMs: 600, expect: "down" }, testEngine(engine))).toMatchObject({ status: "down" });
  });
  const answering407 = () => serveHttp((_, response) => response.writeHead(407).end());

  it("and a proxy that cannot reach it has asked", async () => {
    const proxy = await saying("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    expect(await check({ url: "https://a.example/", proxy, expect: "down" })).toMatchObject({ status: "up" });
  });
});

describe("patterns", () => {
  const deps = {
    roundSeconds: 30,
    cipher: createFieldCipher("a key of the tests, long enough for it"),
    guard: createAddressGuard(["127.0.0.0/8"]),
    channelIds: async () => [],
  };
  const admitted = (value: string) =>
    admitConfig(deps, { name: "p", url: "http://127.0.0.1/", assertions: [{ kind: "body", operator: "matches", value }] });

  it.each(["(?P<n>x)", "\\pL", "\\x{10FFFF}", "\\Ahello\\z", "[[:alpha:]]+", "\\Qa.b\\E", "a\\-b", "]", "(?i:hello)"])(
    "that RE2 knows are taken: %s",
    async (value) => {
      expect(await admitted(value)).toMatchObject({ assertions: [{ value }] });
    },
  );

  it.each(["a{1001}", "\\u0041", "\\cA", "[^]", "\\p{Script=Greek}", "(", "a(?=b)", "(a)\\1"])(
    "that it does not are refused: %s",
    async (value) => {
      await expect(admitted(value)).rejects.toThrow();
    },
  );
});

describe("certificates", () => {
  async function served(name: string, altNames: { type: 2 | 7; value?: string; ip?: string }[], host = name): Promise<unknown> {
    const { private: key, cert } = await generate([{ name: "commonName", value: name }], {
      keyType: "ec",
      algorithm: "sha256",
      extensions: [
        { name: "basicConstraints", cA: true },
        { name: "subjectAltName", altNames },
      ] as never,
    });
    trustCertificates([cert]);
    const server = createTlsServer({ key, cert }, (socket) => {
      socket.on("error", () => undefined).once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
    });
    server.on("tlsClientError", () => undefined);
    onTestFinished(() => void server.close());
    const port = new URL(await listen(server as never)).port;
    const dnsServers = [await serveDns(({ name: asked, type }) => (type === "A" ? [{ type, name: asked, data: "127.0.0.1" }] : []))];
    return check({ url: `https://${host}:${port}/` }, testEngine({ dnsServers }));
  }

  it("that name addresses are for no host by their subject", async () => {
    expect(await served("cn.example", [{ type: 7, ip: "127.0.0.1" }])).toMatchObject({ status: "down", error: { class: "tls" } });
  });

  it("with a wildcard are for names with underscores, and for no other", async () => {
    expect(await served("x", [{ type: 2, value: "*.wild.example" }], "a_b.wild.example")).toMatchObject({ status: "up" });
    expect(await served("x", [{ type: 2, value: "axb.wild.example" }], "a_b.wild.example")).toMatchObject({ status: "down" });
  });

  it("are remembered by who sent them: another may send another chain with the same leaf", async () => {
    const root = await makeCertificate("root.example", 900, { commonName: "As Other Clients Root" });
    const intermediate = (days: number) => generateIntermediate(root, days);
    const [long, short] = [await intermediate(200), await intermediate(4)];
    const leaf = await makeCertificate("localhost", 59, { issuer: long });
    trustCertificates([root.cert]);
    const serve = async (chain: string) => {
      const server = createTlsServer({ key: leaf.key, cert: `${leaf.cert}\n${chain}` }, (socket) => socket.on("error", () => undefined));
      server.on("tlsClientError", () => undefined);
      onTestFinished(() => void server.close());
      return Number(new URL(await listen(server as never)).port);
    };
    const at = async (chain: string) => check({ type: "tls", host: "localhost", port: await serve(chain), minDaysLeft: 14 });
    expect(await at(long.cert)).toMatchObject({ status: "up", certificate: { daysLeft: 59 } });
    expect(await at(short.cert)).toMatchObject({ status: "degraded", certificate: { daysLeft: 4 } });
    // After a renewal servers send both: clients go by the one that lasts.
    const ended = await intermediate(-3);
    for (const chain of [`${ended.cert}\n${long.cert}`, `${long.cert}\n${ended.cert}`, `${short.cert}\n${long.cert}`])
      expect(await at(chain)).toMatchObject({ status: "up", certificate: { daysLeft: 59 } });
  });

  /** Intermediates of one name and one key, with ends of their own. */
  const keys = new Map<string, string>();
  async function generateIntermediate(issuer: { key: string; cert: string }, days: number) {
    const known = keys.get("key");
    const made = await generate([{ name: "commonName", value: "One Intermediate" }], {
      keyType: "ec",
      algorithm: "sha256",
      notBeforeDate: new Date(Date.now() - 30 * 86_400_000),
      notAfterDate: new Date(Date.now() + days * 86_400_000 + 3_600_000),
      ca: issuer,
      ...(known !== undefined && { keyPair: JSON.parse(known) }),
      extensions: [{ name: "basicConstraints", cA: true }],
    } as never);
    keys.set("key", JSON.stringify({ privateKey: made.private, publicKey: made.public }));
    return { key: made.private, cert: made.cert };
  }
});

describe("names", () => {
  /** Loopback, where no test listens: on 127.0.0.1 another may have taken the port meanwhile. */
  const NOBODYS = "127.77.0.1";
  const both = (late: "A" | "AAAA") =>
    serveDns(({ name, type }) => {
      if (type !== late) return type === "A" ? [{ type, name, data: NOBODYS }] : [{ type: "AAAA", name, data: "::1" }];
      // Behind the other family's answer, by more than is waited for.
      const until = Date.now() + 100;
      while (Date.now() < until);
      return type === "A" ? [{ type, name, data: NOBODYS }] : [{ type: "AAAA", name, data: "::1" }];
    });

  it("have the addresses of a family that answers late, too, and of the one that is wanted alone", async () => {
    const port = await unusedPort();
    const server = createTcpServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(port, "::1", resolve));
    onTestFinished(() => void server.close());
    const engine = testEngine({ dnsServers: [await both("AAAA")] });
    expect(await check({ type: "tcp", host: "a.example", port }, engine)).toMatchObject({ status: "up" });
    expect(await check({ type: "tcp", host: "a.example", port, ipFamily: 6 }, engine)).toMatchObject({ status: "up" });
    expect(await check({ type: "tcp", host: "a.example", port, ipFamily: 4 }, engine)).toMatchObject({
      status: "down",
      error: { text: "connection refused" },
    });
  });

  it("are asked of the next name server where one has trouble", async () => {
    const port = await serveTcp((socket) => socket.end());
    const dnsServers = [
      await serveDns(() => "SERVFAIL"),
      await serveDns(({ name, type }) => (type === "A" ? [{ type, name, data: "127.0.0.1" }] : [])),
    ];
    expect(await check({ type: "tcp", host: "a.example", port }, testEngine({ dnsServers }))).toMatchObject({ status: "up" });
  });

  it("have as many addresses as they have", async () => {
    const port = await unusedPort();
    const server = createTcpServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.10", resolve));
    onTestFinished(() => void server.close());
    const dnsServers = [
      await serveDns(({ name, type }) =>
        type === "A" ? Array.from({ length: 10 }, (_, index) => ({ type: "A" as const, name, data: `127.0.0.${index + 1}` })) : [],
      ),
    ];
    expect(await check({ type: "tcp", host: "a.example", port }, testEngine({ dnsServers }))).toMatchObject({ status: "up" });
  });
});

describe("gRPC's health", () => {
  it.each([
    ["an unknown field first", [0x12, 2, 1, 2, 0x08, 1], "up"],
    ["a long varint", [0x08, 0x81, 0x00], "up"],
    ["the last of two", [0x08, 2, 0x08, 1], "up"],
    ["the last of two that says no", [0x08, 1, 0x08, 2], "down"],
    ["a field that is cut", [0x08, 1, 0x12, 9, 1], "down"],
  ])("is read from a message with %s", async (_, message, status) => {
    const server = createHttp2Server();
    server.on("stream", (stream) => {
      stream.on("error", () => undefined);
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(Buffer.from([0, 0, 0, 0, message.length, ...message]));
    });
    onTestFinished(() => void server.close());
    const port = Number(new URL(await listen(server as never)).port);
    expect(await check({ type: "grpc", host: "127.0.0.1", port, tls: false })).toMatchObject({ status });
  });
});

describe("a registry that limits how often it is asked", () => {
  it.each([429, 503])("says nothing of a domain by %i", async (code) => {
    const rdapServer = await serveHttp((_, response) => response.writeHead(code).end());
    expect(await check({ type: "domain", host: `of-${code}.example`, rdapServer, intervalSeconds: 86_400 })).toMatchObject({
      status: "degraded",
      error: { text: expect.stringContaining(`answered ${code}`) },
    });
  });
});

describe("what a server said before it was silent", () => {
  it("is told", async () => {
    const port = await serveTcp((socket) => socket.write("SSH-2.0-OpenSSH_9.9\r\n"));
    expect(await check({ type: "tcp", host: "127.0.0.1", port, banner: "^220", timeoutMs: 300 })).toMatchObject({
      error: { class: "timeout", text: expect.stringContaining('it said "SSH-2.0-OpenSSH_9.9') },
    });
  });
});
