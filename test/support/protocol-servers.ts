import { createHash } from "node:crypto";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttp2Server, createSecureServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";
import { listen } from "../../local/stand-ins/listen.ts";
import type { Certificate } from "./certificates.ts";
import { serveHttp } from "./servers.ts";

/** An unmasked frame, as servers send them. */
export function serverFrame(opcode: number, payload: string | Buffer, isLast = true): Buffer {
  const bytes = Buffer.from(payload);
  const length = bytes.length < 126 ? [bytes.length] : [126, bytes.length >> 8, bytes.length & 0xff];
  return Buffer.concat([Buffer.from([(isLast ? 0x80 : 0) | opcode, ...length]), bytes]);
}

/**
 * A WebSocket server on loopback until the test ends. Answers each text message by `answer`.
 * @param greet what it does with a connection that it took
 * @returns its URL
 */
export async function serveWebSocket({
  answer = (text) => serverFrame(1, `echo ${text}`),
  greet = () => undefined,
  accept = (key) => createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64"),
  connection = "Upgrade",
}: {
  answer?: (text: string) => Buffer;
  greet?: (socket: Socket) => void;
  accept?: (key: string) => string;
  connection?: string;
} = {}): Promise<string> {
  const server = createHttpServer();
  const open = new Set<Socket>();
  server.on("upgrade", (request, socket: Socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    const key = accept(String(request.headers["sec-websocket-key"]));
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: ${connection}\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`,
    );
    greet(socket);
    socket.on("data", (frame: Buffer) => {
      const length = (frame[1] ?? 0) & 0x7f;
      if (((frame[0] ?? 0) & 0x0f) !== 1 || ((frame[1] ?? 0) & 0x80) === 0 || length > 125) return;
      const mask = frame.subarray(2, 6);
      socket.write(
        answer(
          frame
            .subarray(6, 6 + length)
            .map((byte, index) => byte ^ (mask[index % 4] ?? 0))
            .toString(),
        ),
      );
    });
  });
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.closeAllConnections();
    server.close();
  });
  return (await listen(server)).replace("http", "ws");
}

/**
 * A server of gRPC's health protocol on loopback until the test ends.
 * @param serving statuses by service: 1 serving, 2 not
 * @param certificate in plain text when left out
 * @returns its port
 */
export async function serveGrpcHealth(serving: Readonly<Record<string, number>>, certificate?: Certificate): Promise<number> {
  const server: Http2Server = certificate === undefined ? createHttp2Server() : createSecureServer(certificate);
  const streams = new Set<ServerHttp2Stream>();
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    streams.add(stream);
    stream.on("error", () => undefined);
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      const message = Buffer.concat(chunks).subarray(5);
      const service = message[0] === 0x0a ? message.subarray(2).toString() : "";
      const status = Object.hasOwn(serving, service) ? serving[service] : undefined;
      const known = headers[":path"] === "/grpc.health.v1.Health/Check";
      const trailers =
        status === undefined || !known
          ? { "grpc-status": known ? "5" : "12", "grpc-message": "no%20such service" }
          : { "grpc-status": "0" };
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers(trailers));
      stream.end(status === undefined ? undefined : Buffer.from([0, 0, 0, 0, 2, 8, status]));
    });
  });
  onTestFinished(() => {
    for (const stream of streams) stream.session?.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** A registry's RDAP service. @param daysLeft of each domain it has @returns its base URL */
export function serveRegistry(
  daysLeft: Readonly<Record<string, number>>,
  { statuses = [], onAsked = () => undefined }: { statuses?: readonly string[]; onAsked?: (path: string) => void } = {},
): Promise<string> {
  return serveHttp((request, response) => {
    onAsked(request.url ?? "");
    const days = daysLeft[request.url?.replace(/^\/domain\//, "") ?? ""];
    if (days === undefined) {
      response.writeHead(404, { "content-type": "application/rdap+json" }).end('{"errorCode": 404}');
      return;
    }
    const eventDate = new Date(Date.now() + days * 86_400_000 + 3_600_000).toISOString();
    response.writeHead(200, { "content-type": "application/rdap+json" }).end(
      JSON.stringify({
        objectClassName: "domain",
        status: statuses,
        events: [
          { eventAction: "registration", eventDate: "1997-09-15T04:00:00Z" },
          { eventAction: "expiration", eventDate },
        ],
      }),
    );
  });
}
