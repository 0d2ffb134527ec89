import type { Socket } from "node:net";
import { BodyCollector } from "./body-collector.ts";
import { InvalidAnswerError } from "./invalid-answer.ts";
import { PeerClosedError } from "./peer-closed.ts";

/** What an HTTP/1 answer says before its body. */
export interface AnswerHead {
  /** 100 to 999; interim answers are passed over, so below 200 only what is refused. */
  readonly status: number;
  readonly statusText: string;
  /** Names in lower case; a character of a value is a byte. What is sent several times is a list. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Of status lines, headers and interim answers before a body; curl takes 300 KB, browsers 256 KiB. */
export const MAX_HEAD_BYTES = 256 * 1024;

/** Of answers that say one is on its way: each a second for a quarter of an hour. */
export const MAX_INTERIM = 1_000;

const PROTOCOL = "HTTP/";
/** Of the line that an answer begins with that is none. */
const MAX_TOLD_BYTES = 60;
/** In which the end of a head may have begun: a line feed, and returns before the next. */
const SEAM_BYTES = 8;
const LINE_FEED = 10;
const RETURN = 13;

/**
 * Reads the head of an answer as browsers and curl do, in whatever pieces it comes:
 *
 * - interim answers (1xx but 101) go, whether anybody asked for them or not (RFC 9110, 15.2);
 * - line feeds may stand alone, line breaks before the answer (RFC 9112, 2.2), and the connection's end for the empty line;
 * - parts of the status line may be told by any blanks, and a version beyond ours is spoken as ours (RFC 9112, 4);
 * - folded lines go on from the one before (RFC 9112, 5.2), blanks around names and values and control characters are not
 *   of them, and lines without a name say nothing.
 */
export class HeadReader {
  #bytes = new BodyCollector(MAX_HEAD_BYTES);
  /** The last bytes of it, in which an end may have begun. */
  #seam: Buffer = Buffer.alloc(0);
  /** Interim answers and all. */
  #size = 0;
  #interim = 0;

  /**
   * @returns the head, and what came behind it; `undefined` while it is not whole
   * @throws {InvalidAnswerError} when it is none, or larger than {@link MAX_HEAD_BYTES}
   */
  take(chunk: Buffer): { head: AnswerHead; rest: Buffer } | undefined {
    this.#size += chunk.length;
    // Nearly always: one piece. It is read where it is.
    const whole = this.#bytes.size === 0 ? this.#read(chunk) : undefined;
    if (whole?.head !== undefined) return { head: whole.head, rest: whole.rest };
    const added = whole?.rest ?? chunk;
    if (this.#size > MAX_HEAD_BYTES || !this.#bytes.take(added))
      throw new InvalidAnswerError(`what precedes the body is larger than ${MAX_HEAD_BYTES / 1_024} KiB`);
    assertHead(this.#bytes.bytes());
    // Only what came is searched, however small the pieces.
    this.#seam = Buffer.concat([this.#seam, added]);
    const ended = whole === undefined && endOfHead(this.#seam) !== undefined;
    this.#seam = this.#seam.subarray(-SEAM_BYTES);
    return ended ? this.#again() : undefined;
  }

  /** The connection ended: of a head without its empty line, all that came. @throws {PeerClosedError} when there is none */
  close(): AnswerHead {
    const bytes = this.#bytes.bytes();
    if (!bytes.includes(LINE_FEED)) throw new PeerClosedError();
    const status = statusOf(bytes);
    if (isInterim(status)) throw new PeerClosedError();
    return { ...status, headers: headersOf(bytes.toString("latin1")) };
  }

  /** Reads what was collected, and keeps what is not whole of it. */
  #again(): { head: AnswerHead; rest: Buffer } | undefined {
    const { head, rest } = this.#read(this.#bytes.bytes());
    if (head !== undefined) return { head, rest };
    this.#bytes = new BodyCollector(MAX_HEAD_BYTES);
    this.#bytes.take(rest);
    this.#seam = rest.subarray(-SEAM_BYTES);
    return undefined;
  }

  /** @returns the first answer in it that is not interim, or what is behind those that are */
  #read(bytes: Buffer): { head?: AnswerHead; rest: Buffer } {
    let rest = withoutLeadingBreaks(bytes);
    for (let end = endOfHead(rest); end !== undefined; end = endOfHead(rest)) {
      const status = statusOf(rest);
      if (!isInterim(status)) return { head: { ...status, headers: headersOf(rest.toString("latin1", 0, end)) }, rest: rest.subarray(end) };
      if (++this.#interim > MAX_INTERIM) throw new InvalidAnswerError(`more than ${MAX_INTERIM} interim answers come before it`);
      rest = withoutLeadingBreaks(rest.subarray(end));
    }
    return { rest };
  }
}

/**
 * Reads the head of an answer from a connection, for what is no HTTP behind it: that stays in the socket, for who reads next.
 * Its deadline is the socket's: whoever dialled destroys it with the signal.
 * @throws {InvalidAnswerError} @throws {PeerClosedError} @throws what ended the socket
 */
export async function readHead(socket: Socket): Promise<AnswerHead> {
  const reader = new HeadReader();
  const read = Promise.withResolvers<AnswerHead>();
  const onData = (chunk: Buffer) => {
    try {
      const whole = reader.take(chunk);
      if (whole === undefined) return;
      socket.off("data", onData).pause();
      if (whole.rest.length > 0) socket.unshift(whole.rest);
      read.resolve(whole.head);
    } catch (error) {
      read.reject(error);
    }
  };
  const onEnd = () => read.reject(new PeerClosedError());
  socket.on("data", onData).once("error", read.reject).once("end", onEnd).once("close", onEnd);
  try {
    if (socket.destroyed) throw socket.errored ?? new PeerClosedError();
    return await read.promise;
  } finally {
    socket.off("data", onData).off("error", read.reject).off("end", onEnd).off("close", onEnd);
  }
}

// Some servers end a body with a line break too many, which precedes nothing here (RFC 9112, 2.2).
function withoutLeadingBreaks(bytes: Buffer): Buffer {
  let start = 0;
  while (bytes[start] === RETURN || bytes[start] === LINE_FEED) start++;
  return start === 0 ? bytes : bytes.subarray(start);
}

/** @throws {InvalidAnswerError} when no head of HTTP can begin like this, before more of it is waited for */
function assertHead(bytes: Buffer): void {
  const start = bytes.toString("latin1", 0, PROTOCOL.length);
  if (PROTOCOL.startsWith(start.toUpperCase())) return;
  const [line = ""] = bytes.toString("latin1", 0, MAX_TOLD_BYTES).split(/[\r\n]/, 1);
  throw new InvalidAnswerError(`it begins with ${JSON.stringify(line)}`);
}

/** Where the bytes after the first empty line begin. */
function endOfHead(bytes: Buffer): number | undefined {
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) {
    let next = at + 1;
    // Programs that write text on Windows end a line with two returns.
    while (bytes[next] === RETURN && next - at < SEAM_BYTES) next++;
    if (bytes[next] === LINE_FEED) return next + 1;
  }
  return undefined;
}

const STATUS_LINE = /^HTTP\/\d(?:\.\d)?[ \t]+(\d{3})(?!\d)[ \t]*(.*)/i;

function statusOf(head: Buffer): { status: number; statusText: string } {
  const [, status, statusText = ""] = STATUS_LINE.exec(head.toString("latin1", 0, head.indexOf(LINE_FEED))) ?? [];
  if (status === undefined) {
    assertHead(head);
    throw new InvalidAnswerError("its first line has no status");
  }
  if (status < "100") throw new InvalidAnswerError(`its status is ${status}`);
  return { status: Number(status), statusText: withoutBlanks(statusText) };
}

/** 101 is none: nothing of HTTP comes after it. */
function isInterim({ status }: { status: number }): boolean {
  return status < 200 && status !== 101;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What is of no line, the returns at their ends included. */
const CONTROLS = /[^\t\n\x20-\x7e\x80-\xff]+/g;

function headersOf(text: string): AnswerHead["headers"] {
  // What nobody takes: Fetch forbids it, and curl ends there.
  if (text.includes("\0")) throw new InvalidAnswerError("its headers hold a NUL");
  // Without a prototype: a header may be called like what objects have.
  const headers: Record<string, string | string[] | undefined> = Object.create(null);
  const [, ...lines] = text.replace(CONTROLS, "").split("\n");
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const colon = line.indexOf(":");
    const name = withoutBlanks(line.slice(0, Math.max(0, colon))).toLowerCase();
    const parts = [withoutBlanks(line.slice(colon + 1))];
    while (isFolded(lines[at + 1])) parts.push(withoutBlanks(lines[++at] ?? ""));
    // Nobody can ask for what has no name.
    if (isFolded(line) || !TOKEN.test(name)) continue;
    const value = parts.filter((part, index) => index === 0 || part !== "").join(" ");
    const before = headers[name];
    if (Array.isArray(before)) before.push(value);
    else headers[name] = before === undefined ? value : [before, value];
  }
  return headers;
}

/** RFC 9112, 5.2. */
function isFolded(line: string | undefined): boolean {
  return line?.startsWith(" ") === true || line?.startsWith("\t") === true;
}

/** RFC 9110, 5.5: without the blanks around it. By hand: a pattern would try the end of each run of blanks again from each of them. */
function withoutBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (end > start && isBlank(text, end - 1)) end--;
  while (start < end && isBlank(text, start)) start++;
  return text.slice(start, end);
}

function isBlank(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 32 || code === 9;
}
