import { beforeAll, describe, expect, it } from "vitest";
import { runCheck } from "../../../shared/check/run-check.ts";
import { trustCertificates } from "../../../shared/net/dial.ts";
import { type Certificate, makeCertificate } from "../../support/certificates.ts";
import { configOf, testEngine } from "../../support/checks.ts";
import { serveGrpcHealth, serverFrame, serveWebSocket } from "../../support/protocol-servers.ts";
import { serveHttp, serveHttps } from "../../support/servers.ts";

let localhost: Certificate;
beforeAll(async () => {
  localhost = await makeCertificate("localhost", 90);
  trustCertificates([localhost.cert]);
});

const check = (fields: Record<string, unknown>) =>
  runCheck({ config: configOf({ retries: 0, timeoutMs: 2_000, ...fields }), heartbeat: { awaitedSince: Date.now() } }, testEngine());

describe("websocket", () => {
  const type = "websocket";

  it("hears the answer to what it sends, in fragments and between pings too", async () => {
    const url = await serveWebSocket();
    expect(await check({ type, url, send: "hello", answer: "^echo hello$" })).toMatchObject({ status: "up" });
    const pieces = await serveWebSocket({
      greet: (socket) =>
        socket.write(
          Buffer.concat([serverFrame(9, "are you there"), serverFrame(1, "rea", false), serverFrame(9, ""), serverFrame(0, "dy")]),
        ),
    });
    expect(await check({ type, url: pieces, answer: "^ready$" })).toMatchObject({ status: "up" });
  });

  it.each<[string, Buffer]>([
    ["an opcode that nobody knows", serverFrame(3, "ready")],
    ["a ping in pieces", Buffer.concat([serverFrame(9, "a", false), serverFrame(1, "ready")])],
    ["a text within a text", Buffer.concat([serverFrame(1, "re", false), serverFrame(1, "ready")])],
    ["a continuation of nothing", Buffer.concat([serverFrame(0, "ready"), serverFrame(1, "ready")])],
    ["a text that is no UTF-8", Buffer.concat([Buffer.from([0x81, 2, 0xc3, 0x28]), serverFrame(1, "ready")])],
  ])("is down at %s, which every browser ends it for", async (_, frames) => {
    const url = await serveWebSocket({ greet: (socket) => socket.write(frames) });
    expect(await check({ type, url, answer: "ready" })).toMatchObject({ status: "down" });
  });

  it("is none without the header that says so", async () => {
    const url = await serveWebSocket({ connection: "keep-alive" });
    expect(await check({ type, url })).toMatchObject({ status: "down", error: { text: expect.stringMatching(/another protocol/) } });
  });

  it("is down with the server's reason", async () => {
    const refusing = await serveHttp((_, response) => response.writeHead(403).end());
    expect(await check({ type, url: refusing.replace("http", "ws") })).toMatchObject({
      status: "down",
      httpStatus: 403,
      error: { class: "status", text: "403 Forbidden" },
    });
    const page = await serveHttp((_, response) => response.end());
    expect(await check({ type, url: page.replace("http", "ws") })).toMatchObject({
      error: { text: "200 OK: an answer, and no WebSocket" },
    });
    const closing = await serveWebSocket({ greet: (socket) => socket.write(serverFrame(8, Buffer.from([0x03, 0xf3, 0x62, 0x79, 0x65]))) });
    expect(await check({ type, url: closing, answer: "x" })).toMatchObject({
      status: "down",
      error: { text: "the server closed the WebSocket (1011 bye)" },
    });
    const other = await serveWebSocket({ accept: () => "wrong" });
    expect(await check({ type, url: other })).toMatchObject({
      status: "down",
      error: { text: expect.stringContaining("another protocol") },
    });
  });

  it("is down when the answer is another, or none comes", async () => {
    const url = await serveWebSocket();
    expect(await check({ type, url, answer: "^x$", timeoutMs: 300 })).toMatchObject({ status: "down", error: { class: "timeout" } });
    const chatty = await serveWebSocket({ greet: (socket) => socket.write(Buffer.concat(Array(30).fill(serverFrame(1, "tick")))) });
    expect(await check({ type, url: chatty, answer: "^x$" })).toMatchObject({
      status: "down",
      error: { class: "assertion", text: 'the server said "tick", expected ^x$' },
    });
  });

  it("reads no more than it needs of what has no end", async () => {
    const endless = await serveWebSocket({
      greet: (socket) => {
        const more = () => (socket.destroyed ? undefined : socket.write(serverFrame(9, "x".repeat(100)), () => setImmediate(more)));
        more();
      },
    });
    expect(await check({ type, url: endless, answer: "x" })).toMatchObject({
      status: "down",
      error: { text: expect.stringContaining("frames") },
    });
    const huge = await serveWebSocket({ greet: (socket) => socket.write(Buffer.from([0x81, 127, 0, 0, 0, 1, 0, 0, 0, 0])) });
    expect(await check({ type, url: huge, answer: "x" })).toMatchObject({
      status: "down",
      error: { text: "the server sends more than 8 MiB" },
    });
  });

  it("verifies the certificate of wss", async () => {
    const url = (await serveHttps(localhost, (_, response) => response.writeHead(404).end())).replace("https", "wss");
    expect(await check({ type, url })).toMatchObject({ status: "down", httpStatus: 404, certificate: { daysLeft: 90 } });
  });
});

describe("grpc", () => {
  const type = "grpc";
  const host = "localhost";

  it("asks for the health of one service, over TLS", async () => {
    const port = await serveGrpcHealth({ "": 1, "shop.Cart": 1, "shop.Search": 2 }, localhost);
    expect(await check({ type, host, port })).toMatchObject({ status: "up", certificate: { daysLeft: 90 } });
    expect(await check({ type, host, port, service: "shop.Cart" })).toMatchObject({ status: "up" });
    expect(await check({ type, host, port, service: "shop.Search" })).toMatchObject({
      status: "down",
      error: { class: "assertion", text: "shop.Search is NOT_SERVING, expected SERVING" },
    });
    expect(await check({ type, host, port, service: "shop.Gone" })).toMatchObject({
      status: "down",
      error: { class: "status", text: "the server knows no service shop.Gone: no such service" },
    });
  });

  it("is down where nobody speaks gRPC", async () => {
    const web = Number(new URL(await serveHttps(localhost, (_, response) => response.end())).port);
    expect(await check({ type, host, port: web })).toMatchObject({ status: "down" });
    const plain = Number(new URL(await serveHttp((_, response) => response.end())).port);
    expect(await check({ type, host, port: plain, tls: false })).toMatchObject({ status: "down" });
  });
});
