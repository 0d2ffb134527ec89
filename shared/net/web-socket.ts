import { isUtf8 } from "node:buffer";
import { createHash, randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { type AnswerHead, readHead } from "./answer-head.ts";
import { bareHost } from "./bare-host.ts";
import { type DialContext, dial } from "./dial.ts";
import { requestHead } from "./request-head.ts";
import { SocketReader } from "./socket-reader.ts";

/** The server did not take the connection for a WebSocket, or ended it. */
export class WebSocketError extends Error {
  override readonly name = "WebSocketError";
  /** Of an answer that was none of the protocol's. */
  readonly httpStatus: number | undefined;
  constructor(message: string, httpStatus?: number) {
    super(message);
    this.httpStatus = httpStatus;
  }
}

export interface WebSocketRequest {
  /** `ws` or `wss`. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** False accepts any certificate. */
  readonly verifyTls: boolean;
}

/** An open WebSocket, for as long as the context's signal lets it be. */
export interface WebSocketConnection {
  /** Sends a text message. */
  send(text: string): void;
  /** The next text or binary message; pings and pongs are passed over. @throws {WebSocketError} when the server closes */
  receive(): Promise<string>;
  close(): void;
}

// RFC 6455, 1.3
const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/**
 * Opens a WebSocket (RFC 6455) on a guarded connection of its own, and records its phases.
 * @throws {WebSocketError} when the server answers otherwise
 */
export async function openWebSocket({ url, headers, verifyTls }: WebSocketRequest, context: DialContext): Promise<WebSocketConnection> {
  const secure = url.protocol === "wss:";
  const host = bareHost(url.hostname);
  const port = Number(url.port) || (secure ? 443 : 80);
  const socket = await dial({ host, port, ...(secure && { tls: { verify: verifyTls, alpn: ["http/1.1"] } }) }, context);
  const key = randomBytes(16).toString("base64");
  const upgrade = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": key };
  const endTtfb = context.trace.begin("ttfbMs");
  socket.write(requestHead("GET", url.pathname + url.search, { host: url.host, ...headers, ...upgrade }), "latin1");
  const answer = await readHead(socket);
  endTtfb();
  try {
    assertWebSocket(answer, key, headers);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  const reader = new SocketReader(socket);
  const said = { bytes: 0 };
  return {
    send: (text) => void socket.write(frameOf(OPCODE.text, Buffer.from(text))),
    receive: () => nextMessage(reader, socket, said),
    close: () => {
      socket.write(frameOf(OPCODE.close, Buffer.from([0x03, 0xe8])));
      socket.destroySoon();
    },
  };
}

/** @param key of the request @param asked its headers @throws {WebSocketError} when the server answered otherwise */
function assertWebSocket({ status, statusText, headers }: AnswerHead, key: string, asked: WebSocketRequest["headers"]): void {
  // That all is well says nothing of why it is down.
  const said = `${status} ${statusText}`.trim();
  if (status !== 101) throw new WebSocketError(status < 400 ? `${said}: an answer, and no WebSocket` : said, status);
  const connection = [headers["connection"] ?? ""].flat().join(",").toLowerCase().split(",");
  const accept = createHash("sha1")
    .update(key + ACCEPT_SUFFIX)
    .digest("base64");
  const isWebSocket = String(headers["upgrade"]).toLowerCase() === "websocket" && connection.some((option) => option.trim() === "upgrade");
  if (!isWebSocket || headers["sec-websocket-accept"] !== accept)
    throw new WebSocketError("the server switched to another protocol than WebSocket");
  // RFC 6455, 4.1: a client must fail a connection with what it did not ask for.
  const unasked = ["sec-websocket-extensions", "sec-websocket-protocol"].find((name) => !wasAsked(headers[name], asked[name]));
  if (unasked !== undefined) throw new WebSocketError(`the server answered with a ${unasked} that nobody asked for`);
}

/** Whether all that an answer chooses is among what was offered, without its parameters. */
function wasAsked(chosen: string | string[] | undefined, offered: string | undefined): boolean {
  const names = (list: string) => list.split(",").flatMap((item) => item.split(";")[0]?.trim() || []);
  const known = names(offered ?? "");
  return names([chosen ?? ""].flat().join(",")).every((name) => known.includes(name));
}

const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
/** Of a message that is looked at; what is longer goes on unread. */
const MAX_MESSAGE_BYTES = 16 * 1024;
/** Of all that a server says before it has said what is waited for. */
const MAX_SAID_BYTES = 8 * 1024 * 1024;
/** Frames of one message, and of pings between them. */
const MAX_FRAMES = 100;

async function nextMessage(reader: SocketReader, socket: Socket, said: { bytes: number }): Promise<string> {
  const parts: Buffer[] = [];
  let kind: number | undefined;
  for (let frames = 0; frames < MAX_FRAMES; frames++) {
    const { opcode, isLast, payload } = await nextFrame(reader, said);
    if (opcode === OPCODE.ping) socket.write(frameOf(OPCODE.pong, payload));
    if (opcode === OPCODE.close) throw new WebSocketError(`the server closed the WebSocket${closeReason(payload)}`);
    if (opcode > OPCODE.binary) continue;
    // RFC 6455, 5.4: what goes on is a continuation, and only that.
    if ((opcode === OPCODE.continuation) !== (kind !== undefined)) throw new WebSocketError(NOT_ITS_FRAMES);
    kind ??= opcode;
    parts.push(payload);
    if (isLast) return messageIn(Buffer.concat(parts), kind);
  }
  throw new WebSocketError(`no whole message within ${MAX_FRAMES} frames`);
}

/** @throws {WebSocketError} for a text that is none: RFC 6455, 8.1 */
function messageIn(bytes: Buffer, kind: number): string {
  if (kind === OPCODE.text && bytes.length < MAX_MESSAGE_BYTES && !isUtf8(bytes))
    throw new WebSocketError("the server's text is not UTF-8");
  return bytes.toString("utf8", 0, MAX_MESSAGE_BYTES);
}

const NOT_ITS_FRAMES = "the server's frames are not WebSocket's";
/** RFC 6455, 5.2: what a client does not know it must not pass over. */
const KNOWN: ReadonlySet<number> = new Set([0, 1, 2, 8, 9, 10]);
/** RFC 6455, 5.5. */
const MAX_CONTROL_BYTES = 125;

async function nextFrame(reader: SocketReader, said: { bytes: number }): Promise<{ opcode: number; isLast: boolean; payload: Buffer }> {
  const [first = 0, second = 0] = await reader.bytes(2);
  const [opcode, isLast, short] = [first & 0x0f, (first & 0x80) !== 0, second & 0x7f];
  const isControl = opcode >= OPCODE.close;
  // RFC 6455, 5.1: a server does not mask.
  if ((second & 0x80) !== 0 || (first & 0x70) !== 0 || !KNOWN.has(opcode)) throw new WebSocketError(NOT_ITS_FRAMES);
  if (isControl && (!isLast || short > MAX_CONTROL_BYTES)) throw new WebSocketError(NOT_ITS_FRAMES);
  const length =
    short === 126 ? (await reader.bytes(2)).readUInt16BE() : short === 127 ? Number((await reader.bytes(8)).readBigUInt64BE()) : short;
  said.bytes += length;
  if (said.bytes > MAX_SAID_BYTES) throw new WebSocketError(`the server sends more than ${MAX_SAID_BYTES / 1_048_576} MiB`);
  const payload = Buffer.from(await reader.bytes(Math.min(length, MAX_MESSAGE_BYTES)));
  for (let left = length - payload.length; left > 0; left -= MAX_MESSAGE_BYTES) await reader.bytes(Math.min(left, MAX_MESSAGE_BYTES));
  return { opcode, isLast, payload };
}

function closeReason(payload: Buffer): string {
  return payload.length < 2 ? "" : ` (${payload.readUInt16BE()}${payload.length > 2 ? ` ${payload.toString("utf8", 2)}` : ""})`;
}

// RFC 6455, 5.3: what a client sends is masked.
function frameOf(opcode: number, payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const masked = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  const length =
    payload.length < 126 ? Buffer.from([0x80 | payload.length]) : Buffer.from([0x80 | 126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([Buffer.from([0x80 | opcode]), length, mask, masked]);
}
