import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { gzipSync } from "node:zlib";

/*
 * Servers that misbehave on purpose, one socket at a time, and the class of error that tells the truth about each.
 */
const OK = "HTTP/1.1 200 OK\r\n";

type Behave = (socket: Socket) => void;
export type Ends = "up" | "connect" | "tls" | "timeout" | "status" | "redirect" | "body";

/** Writes `next()` as fast as the peer reads, or every `everyMs`. */
const endlessly =
  (head: string, next: () => string | Buffer, everyMs = 0): Behave =>
  (socket) => {
    socket.write(head);
    if (everyMs > 0) {
      const timer = setInterval(() => socket.write(next()), everyMs);
      socket.on("close", () => clearInterval(timer));
      return;
    }
    const pump = () => {
      while (!socket.destroyed && socket.write(next()));
    };
    socket.on("drain", pump);
    pump();
  };
const BOMB = gzipSync(Buffer.alloc(64 * 1024 * 1024));
const says =
  (text: string | Buffer): Behave =>
  (socket) =>
    void socket.end(text);
const keeps =
  (text: string | Buffer): Behave =>
  (socket) =>
    void socket.write(text);

const afterHello =
  (behave: Behave): Behave =>
  (socket) =>
    socket.once("data", () => behave(socket));

const records = (hex: string) => Buffer.concat(Array.from({ length: 4_096 }, () => Buffer.from(hex, "hex")));
const HELLO_REQUESTS = records("160303000400000000");
const CIPHER_CHANGES = records("140303000101");
const EMPTY_RECORDS = records("1603030000");
const WARNINGS = records("1503030002015a");

/** After the request has come in. */
const AFTER_REQUEST: readonly (readonly [what: string, behave: Behave, ends: Ends])[] = [
  ["closes without an answer", (socket) => socket.end(), "connect"],
  ["resets", (socket) => socket.resetAndDestroy(), "connect"],
  ["never answers", () => undefined, "timeout"],
  ["speaks SSH", says("SSH-2.0-OpenSSH_9.9\r\n"), "body"],
  ["speaks HTTP/0.9", says("<html>hello</html>"), "body"],
  ["sends random bytes", says(Buffer.from(Array.from({ length: 4_096 }, (_, index) => (index * 7_919) % 256))), "body"],
  ["sends NUL bytes", says(Buffer.alloc(65_536)), "body"],
  ["has a status line that is garbage", says("HTTP/1.1 two hundred OK\r\n\r\n"), "body"],
  ["has status 999", says("HTTP/1.1 999 Whatever\r\ncontent-length: 0\r\n\r\n"), "status"],
  ["has status 099", says("HTTP/1.1 099 Low\r\ncontent-length: 0\r\n\r\n"), "body"],
  [
    "has a reason that mentions @everyone and escapes",
    says("HTTP/1.1 500 @everyone \u001b[31m\u202e<b>\r\ncontent-length: 0\r\n\r\n"),
    "status",
  ],
  ["switches protocols unasked", keeps("HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n"), "body"],
  ["sends endless 100 Continue", endlessly("", () => "HTTP/1.1 100 Continue\r\n\r\n".repeat(100)), "body"],
  ["sends endless early hints", endlessly("", () => "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n", 20), "timeout"],
  ["drips its status line", endlessly("", () => "H", 50), "body"],
  ["drips headers byte by byte", endlessly(`${OK}x: `, () => "y", 20), "timeout"],
  ["sends endless headers", endlessly(OK, () => "x-long: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n".repeat(100)), "body"],
  ["sends one header of a megabyte", says(`${OK}x: ${"y".repeat(1024 * 1024)}\r\n\r\n`), "body"],
  ["folds a header that is all blanks", says(`${OK}x: a\r\n b\r\ny: ${" ".repeat(200_000)}z\r\ncontent-length: 0\r\n\r\n`), "up"],
  ["has a header with NUL", says(`${OK}x: a\0b\r\ncontent-length: 0\r\n\r\n`), "body"],
  [
    "has headers that are no UTF-8",
    says(Buffer.concat([Buffer.from(`${OK}x: `), Buffer.from([0xff, 0xfe, 0xc3]), Buffer.from("\r\ncontent-length: 0\r\n\r\n")])),
    "up",
  ],
  ["has a negative length", says(`${OK}content-length: -5\r\n\r\nhello`), "body"],
  ["has two lengths", says(`${OK}content-length: 5\r\ncontent-length: 50\r\n\r\nhello`), "body"],
  ["has a length beyond all numbers", says(`${OK}content-length: 99999999999999999999999\r\n\r\nhello`), "body"],
  ["has length and chunks", says(`${OK}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`), "up"],
  ["promises more than it sends", (socket) => void socket.write(`${OK}content-length: 100\r\n\r\nhalf`, () => socket.destroy()), "connect"],
  ["stalls after its headers", keeps(`${OK}content-length: 100\r\n\r\n`), "timeout"],
  ["stalls within its body", keeps(`${OK}content-length: 100\r\n\r\nhalf`), "timeout"],
  ["drips its body", endlessly(`${OK}content-length: 1000000\r\n\r\n`, () => "z", 20), "timeout"],
  ["has a chunk of impossible size", says(`${OK}transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\nx`), "body"],
  ["has a chunk size that is no number", says(`${OK}transfer-encoding: chunked\r\n\r\nxyz\r\nhello\r\n`), "body"],
  ["has an endless chunk extension", endlessly(`${OK}transfer-encoding: chunked\r\n\r\n1;`, () => "e".repeat(10_000)), "body"],
  ["sends endless trailers", endlessly(`${OK}transfer-encoding: chunked\r\n\r\n0\r\n`, () => "x: y\r\n".repeat(1_000)), "body"],
  ["sends an endless body", endlessly(`${OK}\r\n`, () => Buffer.alloc(65_536, "x")), "up"],
  ["sends endless chunks", endlessly(`${OK}transfer-encoding: chunked\r\n\r\n`, () => `10000\r\n${"x".repeat(65_536)}\r\n`), "up"],
  ["sends its body in chunks of a byte", endlessly(`${OK}transfer-encoding: chunked\r\n\r\n`, () => "1\r\nx\r\n".repeat(10_000)), "up"],
  [
    "sends a bomb: gzip that is a thousand times as large unpacked, without end",
    endlessly(`${OK}content-encoding: gzip\r\n\r\n`, () => BOMB),
    "up",
  ],
  ["claims an encoding that does not exist", says(`${OK}content-encoding: zstd-of-doom, gzip, br\r\ncontent-length: 2\r\n\r\nok`), "up"],
  ["redirects to itself", says("HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n"), "redirect"],
  [
    "redirects for ever",
    (socket) => says(`HTTP/1.1 302 Found\r\nlocation: /${Math.random()}\r\ncontent-length: 0\r\n\r\n`)(socket),
    "redirect",
  ],
  ["redirects to a file", says("HTTP/1.1 302 Found\r\nlocation: file:///etc/passwd\r\ncontent-length: 0\r\n\r\n"), "redirect"],
  ["redirects to no address", says("HTTP/1.1 302 Found\r\nlocation: http://\r\ncontent-length: 0\r\n\r\n"), "redirect"],
  ["redirects nowhere", says("HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n"), "status"],
  ["redirects to a megabyte", says(`HTTP/1.1 302 Found\r\nlocation: /${"a".repeat(1024 * 1024)}\r\n\r\n`), "body"],
];

/** As soon as it is connected to, by https. */
const TLS: readonly (readonly [what: string, behave: Behave, ends: Ends])[] = [
  ["speaks HTTP where TLS is due", says(`${OK}\r\n`), "tls"],
  ["sends a TLS alert", says(Buffer.from([0x15, 3, 3, 0, 2, 2, 40])), "tls"],
  ["resets in the handshake", (socket) => socket.once("data", () => socket.resetAndDestroy()), "tls"],
  ["closes in the handshake", (socket) => socket.once("data", () => socket.end()), "tls"],
  ["stalls in the handshake", () => undefined, "timeout"],
  ["asks for a new handshake without end", afterHello(endlessly("", () => HELLO_REQUESTS)), "tls"],
  ["changes its cipher without end", afterHello(endlessly("", () => CIPHER_CHANGES)), "tls"],
  ["sends empty records without end", afterHello(endlessly("", () => EMPTY_RECORDS)), "tls"],
  ["sends warnings without end", afterHello(endlessly("", () => WARNINGS)), "tls"],
  ["sends a record of impossible length", says(Buffer.from([0x16, 3, 3, 0xff, 0xff, 2, 0, 0, 1])), "tls"],
];

/** A misbehaving server that listens on loopback. */
export interface HostileServer {
  readonly what: string;
  readonly ends: Ends;
  readonly url: string;
  close(): void;
}

/** Starts all of them. */
export function startHostileServers(): Promise<HostileServer[]> {
  return Promise.all([
    ...AFTER_REQUEST.map((hostile) => start(hostile, "http", (socket, behave) => socket.once("data", () => behave(socket)))),
    ...TLS.map((hostile) => start(hostile, "https", (socket, behave) => behave(socket))),
  ]);
}

async function start(
  [what, behave, ends]: (typeof AFTER_REQUEST)[number],
  scheme: "http" | "https",
  onSocket: (socket: Socket, behave: Behave) => void,
): Promise<HostileServer> {
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket)).on("error", () => undefined);
    onSocket(socket, behave);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    what,
    ends,
    url: `${scheme}://127.0.0.1:${port}/`,
    close: () => {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}
