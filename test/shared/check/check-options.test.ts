import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { beforeAll, describe, expect, it } from "vitest";
import { unusedPort } from "../../../local/stand-ins/listen.ts";
import { runCheck } from "../../../shared/check/run-check.ts";
import { createAddressGuard, parsePorts } from "../../../shared/net/address-guard.ts";
import { trustCertificates } from "../../../shared/net/dial.ts";
import type { StartTls } from "../../../shared/net/start-tls-protocols.ts";
import { type Certificate, makeCertificate } from "../../support/certificates.ts";
import { configOf, testEngine } from "../../support/checks.ts";
import { serveDns, serveHttp, serveHttps, serveTcp } from "../../support/servers.ts";

let localhost: Certificate;
let other: Certificate;
let expiring: Certificate;

beforeAll(async () => {
  [localhost, other, expiring] = await Promise.all([
    makeCertificate("localhost", 90),
    makeCertificate("shop.example", 90),
    makeCertificate("localhost", 5),
  ]);
  trustCertificates([localhost.cert, other.cert, expiring.cert]);
});

const heartbeat = { awaitedSince: Date.now() };
const check = (fields: Record<string, unknown>, engine = testEngine()) =>
  runCheck({ config: configOf({ retries: 0, timeoutMs: 3_000, ...fields }), heartbeat }, engine);
const portOf = (url: string) => Number(new URL(url).port);

describe("slowIs", () => {
  const slow = () => serveHttp((_, response) => setTimeout(() => response.end("late"), 60));

  it("says what a check slower than its limit is", async () => {
    const url = await slow();
    expect(await check({ url, latencyLimitMs: 20 })).toMatchObject({ status: "degraded" });
    expect(await check({ url, latencyLimitMs: 20, slowIs: "down" })).toMatchObject({
      status: "down",
      error: { class: "assertion", text: expect.stringMatching(/^took \d+ ms, limit 20 ms$/) },
    });
  });

  it("counts on every type", async () => {
    const port = await serveTcp((socket) => setTimeout(() => socket.write("220 ready\r\n"), 60));
    expect(await check({ type: "tcp", host: "127.0.0.1", port, banner: "^220", latencyLimitMs: 20, slowIs: "down" })).toMatchObject({
      status: "down",
    });
  });
});

describe("expect: down", () => {
  it("is up while nothing answers, without a latency, and says what it saw", async () => {
    const port = await unusedPort();
    const result = await check({ type: "tcp", host: "127.0.0.1", port, expect: "down" });
    expect(result).toMatchObject({ status: "up", note: "down, as expected: connection refused" });
    expect(result).not.toHaveProperty("totalMs");
    expect(result).not.toHaveProperty("error");
    const silent = await serveTcp(() => undefined);
    expect(await check({ url: `http://127.0.0.1:${silent}/`, timeoutMs: 200, expect: "down" })).toMatchObject({ status: "up" });
    const failing = await serveHttp((_, response) => response.writeHead(503).end());
    expect(await check({ url: failing, expect: "down" })).toMatchObject({ status: "up", httpStatus: 503 });
  });

  it("is down as soon as something answers", async () => {
    const port = await serveTcp(() => undefined);
    expect(await check({ type: "tcp", host: "127.0.0.1", port, expect: "down" })).toMatchObject({
      status: "down",
      error: { class: "assertion", text: "is up, expected down" },
    });
  });

  it("takes no failure of ours for the target's: a forbidden address, a name that nobody knows", async () => {
    expect(await check({ type: "tcp", host: "169.254.1.1", port: 80, expect: "down" })).toMatchObject({ error: { class: "forbidden" } });
    const dnsServers = [await serveDns(() => "SERVFAIL")];
    expect(await check({ url: "http://gone.example/", expect: "down" }, testEngine({ dnsServers }))).toMatchObject({
      status: "down",
      error: { class: "dns" },
    });
  });

  it("is up for a dns check of a name that is not there", async () => {
    const resolver = await serveDns(() => "NXDOMAIN");
    expect(await check({ type: "dns", host: "gone.example", resolver, expect: "down" })).toMatchObject({ status: "up" });
  });

  it("is refused with a limit of latency, which it has none of", () => {
    expect(() => configOf({ url: "http://a.example", expect: "down", latencyLimitMs: 100 })).toThrow(/what does not answer has no latency/);
  });
});

describe("resolver and ipFamily", () => {
  const names = () =>
    serveDns(({ name, type }) =>
      name !== "inner.example"
        ? "NXDOMAIN"
        : type === "A"
          ? [{ type: "A", name, data: "127.0.0.1" }]
          : type === "AAAA"
            ? [{ type: "AAAA", name, data: "::1" }]
            : [],
    );

  it("ask the name server that the target names, on http, tcp and tls", async () => {
    const resolver = await names();
    const url = await serveHttp((request, response) => response.end(request.headers.host));
    const assertions = [{ kind: "body", operator: "contains", value: "inner.example" }];
    const named = url.replace("127.0.0.1", "inner.example");
    expect(await check({ url: named })).toMatchObject({ status: "down", error: { class: "dns" } });
    expect(await check({ url: named, resolver, assertions })).toMatchObject({ status: "up", address: "127.0.0.1" });
    expect(await check({ type: "tcp", host: "inner.example", port: portOf(url), resolver })).toMatchObject({ status: "up" });
    const secure = await serveHttps(localhost, () => undefined);
    const fields = { type: "tls", host: "inner.example", port: portOf(secure), servername: "localhost", resolver };
    expect(await check(fields)).toMatchObject({ status: "up" });
  });

  it("dial only addresses of the family", async () => {
    const resolver = await names();
    const port = portOf(await serveHttp((_, response) => response.end()));
    expect(await check({ type: "tcp", host: "inner.example", port, resolver, ipFamily: 4 })).toMatchObject({
      status: "up",
      address: "127.0.0.1",
    });
    const six = await check({ type: "tcp", host: "inner.example", port, resolver, ipFamily: 6 });
    expect(six).toMatchObject({ status: "down", error: { class: "connect" } });
    expect(await check({ type: "tcp", host: "127.0.0.1", port, ipFamily: 6 })).toMatchObject({
      error: { class: "dns", text: "127.0.0.1 has no IPv6 address" },
    });
  });

  it("are no door beside the guard", async () => {
    const engine = testEngine({ guard: createAddressGuard(["127.0.0.0/8"], [parsePorts("80")]) });
    const fields = { type: "tcp", host: "inner.example", port: 80, resolver: "127.0.0.1:5353" };
    expect(await check(fields, engine)).toMatchObject({ error: { class: "forbidden", text: expect.stringContaining("5353") } });
    expect(await check({ ...fields, resolver: "169.254.169.254" }, engine)).toMatchObject({ error: { class: "forbidden" } });
  });
});

describe("hostHeader and servername", () => {
  it("ask an address for a site by its name, and verify that name", async () => {
    const url = await serveHttps(other, (request, response) => response.end(request.headers.host));
    const address = url.replace("localhost", "127.0.0.1");
    const assertions = [{ kind: "body", operator: "eq", value: "shop.example" }];
    expect(await check({ url: address, hostHeader: "shop.example", assertions })).toMatchObject({ status: "up" });
    const wrong = await check({ url: url, hostHeader: "other.example" });
    expect(wrong).toMatchObject({ status: "down", error: { class: "tls", text: expect.stringContaining("another name") } });
    expect(await check({ url, servername: "shop.example" })).toMatchObject({ status: "up" });
    expect(await check({ url: address, httpVersion: "1.1", hostHeader: "shop.example:8443" })).toMatchObject({ status: "up" });
  });

  it("are refused when they are no host", () => {
    for (const hostHeader of ["", "a b", "a/b", "user@a", "a\r\nx: y"])
      expect(() => configOf({ url: "https://a.example", hostHeader }), JSON.stringify(hostHeader)).toThrow(/must be a host name/);
  });
});

describe("a banner", () => {
  it("is up when the server says what it should, in one piece or many", async () => {
    const port = await serveTcp((socket) => {
      let index = 0;
      const timer = setInterval(() => (index < 15 ? socket.write("SSH-2.0-Dropbear"[index++] ?? "") : clearInterval(timer)), 2);
    });
    expect(await check({ type: "tcp", host: "127.0.0.1", port, banner: "^SSH-2\\.0-Drop" })).toMatchObject({ status: "up" });
  });

  it("is the answer to what is sent", async () => {
    const port = await serveTcp((socket) =>
      socket.once("data", (data) => socket.end(data.toString() === "PING\r\n" ? "+PONG\r\n" : "-ERR\r\n")),
    );
    const fields = { type: "tcp", host: "127.0.0.1", port, banner: "^\\+PONG" };
    expect(await check({ ...fields, send: "PING\r\n" })).toMatchObject({ status: "up" });
    expect(await check({ ...fields, send: "QUIT\r\n" })).toMatchObject({
      status: "down",
      error: { class: "assertion", text: expect.stringContaining("-ERR") },
    });
  });

  it("is down when the server says nothing, something else, or goes on without end", async () => {
    const silent = await serveTcp(() => undefined);
    const fields = { type: "tcp", host: "127.0.0.1", banner: "^220 " };
    expect(await check({ ...fields, port: silent, timeoutMs: 200 })).toMatchObject({
      error: { class: "timeout", text: "timeout after 0.2 s, waiting for the first byte" },
    });
    const flood = await serveTcp((socket) => {
      const more = () => (socket.destroyed || socket.write("x".repeat(1_000)) ? setImmediate(more) : socket.once("drain", more));
      more();
    });
    expect(await check({ ...fields, port: flood })).toMatchObject({ status: "down", error: { class: "assertion" } });
  });

  it("is refused when it is no pattern of linear time", () => {
    expect(() => configOf({ type: "tcp", host: "a.example", port: 22, banner: "(?=x)" })).toThrow(/must be a regular expression/);
  });
});

/** What a server of a protocol says, up to the handshake: texts are lines that it waits for and answers with. */
const SPEECH: Readonly<Record<StartTls, (socket: Socket, tls: boolean) => Promise<void>>> = {
  smtp: async (socket, tls) => {
    socket.write("220-mail.example\r\n220 ESMTP\r\n");
    await heard(socket, /^EHLO /);
    socket.write("250-mail.example\r\n250-PIPELINING\r\n250 STARTTLS\r\n");
    await heard(socket, /^STARTTLS\r\n$/);
    socket.write(tls ? "220 go ahead\r\n" : "454 not now\r\n");
  },
  ftp: async (socket, tls) => {
    socket.write("220 ready\r\n");
    await heard(socket, /^AUTH TLS\r\n$/);
    socket.write(tls ? "234 go ahead\r\n" : "502 no\r\n");
  },
  imap: async (socket, tls) => {
    socket.write("* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n");
    await heard(socket, /^a1 STARTTLS\r\n$/);
    socket.write(tls ? "* CAPABILITY IMAP4rev1\r\na1 OK go ahead\r\n" : "a1 BAD no\r\n");
  },
  pop3: async (socket, tls) => {
    socket.write("+OK ready\r\n");
    await heard(socket, /^STLS\r\n$/);
    socket.write(tls ? "+OK\r\n" : "-ERR\r\n");
  },
  ldap: async (socket, tls) => {
    const request = await heard(socket, /1\.3\.6\.1\.4\.1\.1466\.20037$/);
    expect(request.subarray(0, 2).toString("hex")).toBe("301d");
    // messageID 1, extendedResp: resultCode success or unavailable (52), empty matchedDN and diagnosticMessage.
    socket.write(Buffer.from(`300c02010178070a01${tls ? "00" : "34"}04000400`, "hex"));
  },
  postgres: async (socket, tls) => {
    expect((await heard(socket, /^/)).toString("hex")).toBe("0000000804d2162f");
    socket.write(tls ? "S" : "N");
  },
  mysql: async (socket, tls) => {
    const capabilities = Buffer.alloc(2);
    capabilities.writeUInt16LE(tls ? 0xffff : 0xf7ff);
    const packet = Buffer.concat([Buffer.from([10]), Buffer.from("8.4.0\0"), Buffer.alloc(13), capabilities, Buffer.alloc(16)]);
    socket.write(Buffer.concat([Buffer.from([packet.length, 0, 0, 0]), packet]));
    if (!tls) return;
    const request = await heard(socket, /^/, 36);
    expect([request.length, request.readUIntLE(0, 3), request[3], request.readUInt32LE(4) & 0x800]).toEqual([36, 32, 1, 0x800]);
  },
};

/** What the client says next; of more than `length` bytes the rest is left for the handshake. */
function heard(socket: Socket, wanted: RegExp, length = Number.POSITIVE_INFINITY): Promise<Buffer> {
  return new Promise((resolve, reject) =>
    socket.once("data", (data: Buffer) => {
      if (data.length > length) {
        socket.pause();
        socket.unshift(data.subarray(length));
      }
      wanted.test(data.toString("latin1")) ? resolve(data.subarray(0, length)) : reject(new Error(`heard ${data}`));
    }),
  );
}

/** How other servers, of the same protocols, come to their consent. */
const OTHER_SPEECH: readonly (readonly [what: string, startTls: StartTls, speak: (socket: Socket) => Promise<void>])[] = [
  [
    "Active Directory's lengths",
    "ldap",
    async (socket) => {
      await heard(socket, /1466\.20037$/);
      socket.write(Buffer.from("30840000001002010178840000000" + "70a010004000400", "hex"));
    },
  ],
  [
    "IIS' greeting",
    "ftp",
    async (socket) => {
      socket.write("220-Microsoft FTP Service\r\n    Welcome to our server\r\n220 Ready\r\n");
      await heard(socket, /^AUTH TLS\r\n$/);
      socket.write("234 go ahead\r\n");
    },
  ],
  [
    "a long banner, behind a server that is not ready",
    "ftp",
    async (socket) => {
      socket.write(`120 in a minute\r\n${"220-line\r\n".repeat(60)}220 Ready\r\n`);
      await heard(socket, /^AUTH TLS\r\n$/);
      socket.write("234 go ahead\r\n");
    },
  ],
  [
    "a server that wants to know who asks",
    "smtp",
    async (socket) => {
      socket.write("220 mail.example\r\n");
      await heard(socket, /^EHLO \[127\.0\.0\.1\]\r\n$/);
      socket.write("250 STARTTLS\r\n");
      await heard(socket, /^STARTTLS\r\n$/);
      socket.write("220 go ahead\r\n");
    },
  ],
];

describe("startTls", () => {
  it.each(OTHER_SPEECH)("is agreed on with %s (%s)", async (_, startTls, speak) => {
    const port = await serveTcp((socket) => {
      speak(socket).then(
        () => new TLSSocket(socket, { isServer: true, ...localhost }).on("error", () => undefined).resume(),
        () => socket.destroy(),
      );
    });
    expect(await check({ type: "tls", host: "localhost", startTls, port })).toMatchObject({ status: "up" });
  });

  it.each<[StartTls, (socket: Socket) => void, RegExp]>([
    [
      "postgres",
      (socket) => {
        const fields = Buffer.from("SFATAL\0C53300\0Msorry, too many clients already\0\0");
        const length = Buffer.alloc(4);
        length.writeUInt32BE(fields.length + 4);
        socket.once("data", () => socket.end(Buffer.concat([Buffer.from("E"), length, fields])));
      },
      /too many clients already/,
    ],
    [
      "mysql",
      (socket) => {
        const packet = Buffer.concat([Buffer.from([0xff, 0x69, 0x04]), Buffer.from("Host 'a' is blocked")]);
        socket.end(Buffer.concat([Buffer.from([packet.length, 0, 0, 0]), packet]));
      },
      /Host 'a' is blocked/,
    ],
  ])("tells what %s says that takes nobody in", async (startTls, speak, text) => {
    expect(await check({ type: "tls", host: "localhost", startTls, port: await serveTcp(speak) })).toMatchObject({
      status: "down",
      error: { text: expect.stringMatching(text) },
    });
  });
});

describe.each(Object.keys(SPEECH) as StartTls[])("startTls: %s", (startTls) => {
  const serve = (certificate: Certificate, tls = true) =>
    serveTcp((socket) => {
      SPEECH[startTls](socket, tls).then(
        () => tls && new TLSSocket(socket, { isServer: true, ...certificate }).on("error", () => undefined).resume(),
        () => socket.destroy(),
      );
    });
  const fields = { type: "tls", host: "localhost", startTls };

  it("sees the certificate behind it", async () => {
    const port = await serve(localhost);
    expect(await check({ ...fields, port })).toMatchObject({
      status: "up",
      certificate: { daysLeft: 90, what: "certificate of localhost" },
    });
    expect(await check({ ...fields, port: await serve(other), host: "localhost" })).toMatchObject({
      status: "down",
      error: { class: "tls" },
    });
  });

  it("is down with its words when the server offers no TLS, or hangs", async () => {
    expect(await check({ ...fields, port: await serve(localhost, false) })).toMatchObject({
      status: "down",
      error: { class: "tls", text: expect.stringMatching(new RegExp(`^TLS handshake failed: ${startTls}: .* was answered with`)) },
    });
    const silent = await serveTcp(() => undefined);
    expect(await check({ ...fields, port: silent, timeoutMs: 300 })).toMatchObject({
      error: { class: "timeout", text: "timeout after 0.3 s, waiting for the TLS handshake" },
    });
  });
});

it("a server that talks without end before TLS costs a bounded read", async () => {
  const port = await serveTcp((socket) => {
    const more = () => (socket.destroyed ? undefined : socket.write("220-".padEnd(1_000, "x"), () => setImmediate(more)));
    more();
  });
  expect(await check({ type: "tls", host: "localhost", port, startTls: "smtp" })).toMatchObject({
    status: "down",
    error: { text: expect.stringContaining("64 KiB") },
  });
});

describe("certificates", () => {
  it("that end soon are what the target says, and judged where nothing is verified", async () => {
    const port = portOf(await serveHttps(expiring, () => undefined));
    const fields = { type: "tls", host: "localhost", port };
    expect(await check(fields)).toMatchObject({ status: "degraded" });
    expect(await check({ ...fields, expiryIs: "down" })).toMatchObject({ status: "down", error: { about: "certificate" } });
    const foreign = portOf(await serveHttps(await makeCertificate("localhost", 5), () => undefined));
    expect(await check({ ...fields, port: foreign })).toMatchObject({ status: "down", error: { class: "tls" } });
    expect(await check({ ...fields, port: foreign, verifyTls: false })).toMatchObject({ status: "degraded", certificate: { daysLeft: 5 } });
  });

  it("say how long they live", async () => {
    const port = portOf(await serveHttps(expiring, () => undefined));
    expect(await check({ type: "tls", host: "localhost", port })).toMatchObject({ certificate: { daysLeft: 5, lifeDays: 6 } });
  });
});
