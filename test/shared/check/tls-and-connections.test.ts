import { once } from "node:events";
import { createSecureServer } from "node:http2";
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { Worker } from "node:worker_threads";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { listen, unusedPort } from "../../../local/stand-ins/listen.ts";
import { type CheckJob, runCheck } from "../../../shared/check/run-check.ts";
import { connectAny } from "../../../shared/net/connect-any.ts";
import { trustCertificates } from "../../../shared/net/dial.ts";
import { type Certificate, makeCertificate } from "../../support/certificates.ts";
import { configOf, testEngine } from "../../support/checks.ts";
import { serveDns, serveHttp } from "../../support/servers.ts";

let root: Certificate;
let good: Certificate;

beforeAll(async () => {
  root = await makeCertificate("root", 900, { commonName: "Test Root" });
  good = await makeCertificate("a.example", 59, { issuer: root });
  trustCertificates([root.cert]);
});

const job = (fields: Record<string, unknown>): CheckJob => ({
  config: configOf({ retries: 0, timeoutMs: 8_000, ...fields }),
  heartbeat: { awaitedSince: 0 },
});
const nameServer = () => serveDns(({ name, type }) => (type === "A" ? [{ type, name, data: "127.0.0.1" }] : []));
async function check(fields: Record<string, unknown>) {
  return runCheck(job(fields), testEngine({ dnsServers: [await nameServer()] }));
}

function untilTestEnds(server: Server): void {
  onTestFinished(() => {
    server.close();
  });
}

/** A TLS server that speaks a little HTTP/1.1. @returns its port */
async function serveTls(
  options: TlsOptions,
  seen: (servername: string) => void = () => undefined,
  answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
): Promise<number> {
  // As the hello has it, also of a client that is gone before the handshake ends.
  const sni = (name: string, use: (error: Error | null) => void) => {
    seen(name);
    use(null);
  };
  const server = createTlsServer({ ALPNProtocols: ["http/1.1"], SNICallback: sni, ...options }, (socket) => {
    socket.on("error", () => undefined).once("data", () => socket.end(answer));
  });
  server.on("tlsClientError", () => undefined);
  untilTestEnds(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

describe("key exchange", () => {
  it.each(["P-384", "P-521", "X448", "X25519MLKEM768", "X25519", "P-256"])(
    "with a server that offers only %s is agreed on",
    async (ecdhCurve) => {
      const port = await serveTls({ ...good, ecdhCurve });
      expect(await check({ url: `https://a.example:${port}/` })).toMatchObject({ status: "up", httpStatus: 200 });
    },
  );

  it("is agreed on with a server that knows TLS 1.2 alone", async () => {
    const port = await serveTls({ ...good, maxVersion: "TLSv1.2", ecdhCurve: "P-384" });
    expect(await check({ url: `https://a.example:${port}/` })).toMatchObject({ status: "up" });
  });
});

describe("a name with several addresses", () => {
  const serve = (host: string, port: number) =>
    new Promise<number>((resolve, reject) => {
      const server = createTcpServer((socket) =>
        socket.on("error", () => undefined).once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")),
      );
      untilTestEnds(server);
      server.once("error", reject).listen(port, host, () => resolve((server.address() as AddressInfo).port));
    });

  it.each([
    ["the first refuses", ["127.0.0.9", "127.0.0.1"]],
    ["the last refuses", ["127.0.0.1", "127.0.0.9"]],
    ["all but one refuse", ["127.0.0.7", "127.0.0.8", "127.0.0.1", "127.0.0.9"]],
  ])("is up when %s", async (_, addresses) => {
    const port = await serve("127.0.0.1", 0);
    const dns = await serveDns(({ name, type }) => (type === "A" ? addresses.map((data) => ({ type, name, data })) : []));
    expect(await runCheck(job({ url: `http://many.test:${port}/` }), testEngine({ dnsServers: [dns] }))).toMatchObject({
      status: "up",
      address: "127.0.0.1",
    });
  });

  it("is up when it has both families and one of them is dead, whichever", async () => {
    for (const alive of ["127.0.0.1", "::1"]) {
      const port = await serve(alive, 0);
      const dns = await serveDns(({ name, type }) => [{ type: type as "A", name, data: type === "A" ? "127.0.0.1" : "::1" }]);
      expect(await runCheck(job({ url: `http://both.test:${port}/` }), testEngine({ dnsServers: [dns] }))).toMatchObject({
        status: "up",
        address: alive,
      });
    }
  });

  it("is up by IPv4 though nobody answers for IPv6, and by IPv6 though IPv4 has no address", async () => {
    const v4 = await serve("127.0.0.1", 0);
    const deaf = await serveDns(({ name, type }) => (type === "A" ? [{ type, name, data: "127.0.0.1" }] : undefined));
    expect(await runCheck(job({ url: `http://deaf.test:${v4}/` }), testEngine({ dnsServers: [deaf] }))).toMatchObject({ status: "up" });
    const v6 = await serve("::1", 0);
    const only = await serveDns(({ name, type }) => (type === "AAAA" ? [{ type, name, data: "::1" }] : []));
    expect(await runCheck(job({ url: `http://only.test:${v6}/` }), testEngine({ dnsServers: [only] }))).toMatchObject({
      status: "up",
      address: "::1",
    });
  });

  it("is down when all have failed, with the first one's reason", async () => {
    const port = await unusedPort();
    const dns = await serveDns(({ name, type }) => (type === "A" ? ["127.0.0.8", "127.0.0.9"].map((data) => ({ type, name, data })) : []));
    expect(await runCheck(job({ url: `http://none.test:${port}/` }), testEngine({ dnsServers: [dns] }))).toMatchObject({
      status: "down",
      error: { class: "connect", text: "connection refused" },
    });
  });

  it("dials what the guard allows of them, and nothing else", async () => {
    const port = await serve("127.0.0.1", 0);
    const dns = await serveDns(({ name, type }) =>
      type === "A" ? ["169.254.169.254", "127.0.0.1"].map((data) => ({ type, name, data })) : [],
    );
    expect(await runCheck(job({ url: `http://mixed.test:${port}/` }), testEngine({ dnsServers: [dns] }))).toMatchObject({
      status: "up",
      address: "127.0.0.1",
    });
  });

  it("is up when the first answers its handshake after a second and the second refuses", async () => {
    // A listener that takes nothing for a while and whose queue is full: the kernel answers the next handshake when
    // the client asks again, a second later.
    const worker = new Worker(
      `const { parentPort } = require("node:worker_threads");
       const server = require("node:net").createServer((socket) => socket.on("error", () => {}).once("data", () => socket.end("HTTP/1.1 200 OK\\r\\ncontent-length: 0\\r\\n\\r\\n")));
       server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
         parentPort.postMessage(server.address().port);
         Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 900);
       });`,
      { eval: true },
    );
    onTestFinished(async () => {
      await worker.terminate();
    });
    const [port] = (await once(worker, "message")) as [number];
    const fillers = Array.from({ length: 4 }, () => connect(port, "127.0.0.1").on("error", () => undefined));
    onTestFinished(() => {
      for (const filler of fillers) filler.destroy();
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const dns = await serveDns(({ name, type }) => (type === "A" ? ["127.0.0.1", "127.0.0.9"].map((data) => ({ type, name, data })) : []));
    const result = await runCheck(job({ url: `http://slow.test:${port}/` }), testEngine({ dnsServers: [dns] }));
    expect(result).toMatchObject({ status: "up", address: "127.0.0.1" });
    // What Node's own family selection gives up on after 250 ms.
    expect(result?.phases.connectMs).toBeGreaterThan(500);
  });

  it("leaves no attempt behind when its time is over", async () => {
    // 192.0.2.0/24 is nowhere (RFC 5737); where it is refused at once, so much the better.
    const abort = new AbortController();
    const attempt = connectAny(["192.0.2.1", "192.0.2.2"], 9, abort.signal);
    abort.abort(new Error("over"));
    await expect(attempt).rejects.toThrow("over");
  });
});

describe("certificates", () => {
  it("count by the hop that ends first, and by which it is", async () => {
    const short = await makeCertificate("short.example", 4, { issuer: root });
    const to = await serveTls(good);
    const from = await serveTls(
      short,
      () => undefined,
      `HTTP/1.1 302 Found\r\nlocation: https://a.example:${to}/\r\ncontent-length: 0\r\n\r\n`,
    );
    expect(await check({ url: `https://short.example:${from}/` })).toMatchObject({
      status: "up",
      certificate: { daysLeft: 4, what: "certificate of short.example" },
    });
    expect(await check({ url: `https://short.example:${from}/`, assertions: [{ kind: "certificate", minDaysLeft: 14 }] })).toMatchObject({
      status: "down",
      error: { text: "certificate of short.example expires in 4 days, limit 14" },
    });
  });

  it("count by the intermediate where that ends before the leaf, for http and tls alike", async () => {
    const intermediate = await makeCertificate("intermediate", 4, { issuer: root, commonName: "R3 of the test" });
    const leaf = await makeCertificate("b.example", 59, { issuer: intermediate });
    const port = await serveTls({ key: leaf.key, cert: `${leaf.cert}\n${intermediate.cert}` });
    const certificate = { daysLeft: 4, what: 'intermediate "R3 of the test" of b.example' };
    expect(await check({ url: `https://b.example:${port}/` })).toMatchObject({ status: "up", certificate });
    expect(await check({ type: "tls", host: "b.example", port })).toMatchObject({
      status: "degraded",
      certificate,
      error: { text: 'intermediate "R3 of the test" of b.example expires in 4 days, limit 14' },
    });
  });

  it("do not count beyond a root that clients trust, whatever the peer sends beside it", async () => {
    // As Let's Encrypt's chain did, which went on to an expired root that nobody needed.
    const old = await makeCertificate("old", 1, { commonName: "Old Root" });
    const port = await serveTls({ key: good.key, cert: `${good.cert}\n${root.cert}\n${old.cert}` });
    expect(await check({ url: `https://a.example:${port}/` })).toMatchObject({ certificate: { daysLeft: 59 } });
  });

  it("that have expired are told as expired", async () => {
    const expired = await makeCertificate("old.example", -3, { issuer: root });
    const port = await serveTls(expired);
    expect(
      await check({
        url: `https://old.example:${port}/`,
        verifyTls: false,
        assertions: [{ kind: "certificate", minDaysLeft: 1, otherwise: "degraded" }],
      }),
    ).toMatchObject({
      status: "degraded",
      error: { text: "certificate of old.example has expired, limit 1" },
    });
  });

  it("are for a name with and without its trailing dot, and the name is sent without it", async () => {
    const names: unknown[] = [];
    const port = await serveTls(good, (name) => names.push(name));
    const redirecting = await serveHttp((_, response) => response.writeHead(302, { location: `https://a.example.:${port}/` }).end());
    for (const fields of [
      { url: `https://a.example.:${port}/` },
      { type: "tls", host: "a.example.", port, minDaysLeft: 1 },
      { url: redirecting },
    ]) {
      expect(await check(fields)).toMatchObject({ status: "up" });
    }
    await expect.poll(() => names).toEqual(["a.example", "a.example", "a.example"]);
  });

  it("with part of a label as wildcard are for nobody, with a whole one for its names", async () => {
    const partial = await makeCertificate("f*.example", 59, { issuer: root });
    const whole = await makeCertificate("*.b.example", 59, { issuer: root });
    expect(await check({ url: `https://foo.example:${await serveTls(partial)}/` })).toMatchObject({
      status: "down",
      error: { class: "tls", text: expect.stringMatching(/for another name/) },
    });
    expect(await check({ url: `https://foo.b.example:${await serveTls(whole)}/` })).toMatchObject({ status: "up" });
  });
});

describe("application protocols", () => {
  it.each([["h2"], ["acme-tls/1"], ["imap"]])("do not matter to a tls check: a server of %s alone", async (protocol) => {
    const port = await serveTls({ ...good, ALPNProtocols: [protocol] });
    expect(await check({ type: "tls", host: "a.example", port })).toMatchObject({ status: "up", certificate: { daysLeft: 59 } });
  });

  it("of HTTP/2 alone are spoken, each check on a connection of its own", async () => {
    const sessions: unknown[] = [];
    const secure = createSecureServer({ ...good, allowHTTP1: false });
    secure.on("session", (session) => sessions.push(session));
    secure.on("stream", (stream, headers) => {
      stream.respond({
        ":status": headers[":path"] === "/missing" ? 404 : 200,
        "content-type": "application/json",
        "x-method": String(headers[":method"]),
      });
      stream.end('{"ok":true}');
    });
    const port = Number(new URL(await listen(secure as never)).port);
    onTestFinished(() => {
      secure.close();
    });
    const url = `https://a.example:${port}/`;
    const assertions = [
      { kind: "jsonPath", path: "$.ok", value: true },
      { kind: "header", name: "x-method", value: "GET" },
    ];
    for (const httpVersion of ["auto", "2", "auto"]) {
      expect(await check({ url, httpVersion, assertions })).toMatchObject({
        status: "up",
        httpStatus: 200,
        phases: { tlsMs: expect.any(Number), ttfbMs: expect.any(Number) },
      });
    }
    expect(sessions).toHaveLength(3);
    expect(await check({ url: `${url}missing` })).toMatchObject({ status: "down", error: { text: "404 Not Found" } });
    expect(await check({ url, httpVersion: "1.1" })).toMatchObject({ status: "down", error: { class: "tls" } });
  });

  it("of HTTP/1.1 alone are no HTTP/2, where that is asked for", async () => {
    const port = await serveTls(good);
    expect(await check({ url: `https://a.example:${port}/`, httpVersion: "2" })).toMatchObject({ status: "down" });
  });
});
