import type { Socket } from "node:net";
import { BodyCollector } from "./body-collector.ts";
import { ChunkFraming } from "./chunk-framing.ts";

/** An answer that is larger than any client would take, in what precedes and frames its body. */
export class AnswerLimitError extends Error {
  override readonly name = "AnswerLimitError";
}

/** Of status lines, headers and interim answers before a body; curl takes 300 KB, browsers 256 KiB. */
export const MAX_HEAD_BYTES = 256 * 1024;
/** Bytes that may frame a body beside its content: this, and six for each byte of content, as in chunks of one byte each. */
const MAX_FRAMING_BYTES = 256 * 1024;
const FRAMING_PER_BYTE = 6;

const EMPTY: Buffer = Buffer.alloc(0);

/**
 * Stands between a socket and the HTTP parser that reads from it, and hands on what every client reads alike:
 *
 * - interim answers (1xx but 101) go, whether anybody asked for them or not (RFC 9110, 15.2);
 * - a head that browsers take and the parser does not is put straight: bare line feeds (RFC 9112, 2.2), blanks before a
 *   colon, lines without one, names that are none, folded lines (RFC 9112, 5.2), control characters, a status line with other
 *   blanks or another version, a Content-Length with more than its digits, or said twice (RFC 9110, 8.6), one beside a
 *   Transfer-Encoding (RFC 9112, 6.3);
 * - so is the framing of a body in chunks;
 * - what precedes and frames a body has a bound, so that a server that sends such for ever cannot keep the loop busy.
 *
 * @param contentBytes how much content the parser has made of it so far
 */
export function filterAnswer(socket: Socket, contentBytes: () => number): void {
  const read = socket.read.bind(socket);
  let head = new BodyCollector(MAX_HEAD_BYTES);
  /** The last bytes of `head`, in which an end may have begun. */
  let seam: Buffer = EMPTY;
  let inHead = true;
  let headBytes = 0;
  let bodyBytes = 0;
  let framing: ChunkFraming | undefined;

  const refuse = (what: string): Buffer => {
    socket.destroy(new AnswerLimitError(what));
    return EMPTY;
  };
  const takeBody = (chunk: Buffer): Buffer => {
    bodyBytes += chunk.length;
    const beside = bodyBytes - contentBytes();
    // The parser is a chunk behind: what it is about to read is content.
    const bound = MAX_FRAMING_BYTES + chunk.length + FRAMING_PER_BYTE * contentBytes();
    if (beside > bound) return refuse("the body's framing is larger than its content");
    return framing === undefined ? chunk : framing.take(chunk);
  };
  const takeHead = (chunk: Buffer): Buffer => {
    headBytes += chunk.length;
    // Nearly always: one piece, nothing odd. It is handed on as it came.
    const plainEnd = head.size === 0 ? endOfPlainHead(chunk) : undefined;
    if (plainEnd !== undefined) return passOn(chunk, plainEnd);
    const added = head.size === 0 ? withoutLeadingBreaks(chunk) : chunk;
    if (headBytes > MAX_HEAD_BYTES || !head.take(added))
      return refuse(`what precedes the body is larger than ${MAX_HEAD_BYTES / 1_024} KiB`);
    // What is no HTTP/1 goes to the parser at once, which says so.
    if (head.size - added.length < PROTOCOL.length && !mayBeHead(head.bytes())) return passOn(head.bytes(), head.size);
    // Only what came is searched, however small the pieces.
    seam = Buffer.concat([seam, added]);
    const ended = endOfHead(seam) !== undefined;
    seam = seam.subarray(-2);
    return ended ? takeWhole(head.bytes()) : EMPTY;
  };
  const takeWhole = (bytes: Buffer): Buffer => {
    let left = bytes;
    for (let end = endOfHead(left); end !== undefined; end = endOfHead(left)) {
      if (!isInterim(left)) {
        const straight = putStraight(left.subarray(0, end));
        return passOn(Buffer.concat([straight, left.subarray(end)]), straight.length);
      }
      left = left.subarray(end);
    }
    head = new BodyCollector(MAX_HEAD_BYTES);
    head.take(left);
    seam = left.subarray(-2);
    return EMPTY;
  };
  /** @param end of the head in it */
  const passOn = (bytes: Buffer, end: number): Buffer => {
    inHead = false;
    bodyBytes = bytes.length - end;
    if (!CHUNKED.test(bytes.toString("latin1", 0, end))) return bytes;
    framing = new ChunkFraming();
    return end === bytes.length ? bytes : Buffer.concat([bytes.subarray(0, end), framing.take(bytes.subarray(end))]);
  };

  socket.read = (size?: number) => {
    for (;;) {
      const chunk: Buffer | null = read(size);
      if (chunk === null || socket.destroyed) return null;
      const passed = inHead ? takeHead(chunk) : takeBody(chunk);
      if (passed.length > 0) return passed;
    }
  };
}

const LINE_FEED = 10;
const RETURN = 13;

// Some servers end a body with a line break too many, which precedes nothing here (RFC 9112, 2.2).
function withoutLeadingBreaks(bytes: Buffer): Buffer {
  let start = 0;
  while (bytes[start] === RETURN || bytes[start] === LINE_FEED) start++;
  return start === 0 ? bytes : bytes.subarray(start);
}

const PROTOCOL = "HTTP/";
const CHUNKED = /\ntransfer-encoding:[^\r\n]*chunked[ \t]*\r/i;

function mayBeHead(bytes: Buffer): boolean {
  const start = bytes.toString("latin1", 0, PROTOCOL.length);
  return PROTOCOL.startsWith(start.toUpperCase());
}

function isInterim(head: Buffer): boolean {
  const status = head.toString("latin1", 8, 13);
  return /^ 1\d\d[ \r]?/.test(status) && !status.startsWith(" 101");
}

/** Where the bytes after the first empty line begin. */
function endOfHead(bytes: Buffer): number | undefined {
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) {
    if (bytes[at + 1] === LINE_FEED) return at + 2;
    if (bytes[at + 1] === RETURN && bytes[at + 2] === LINE_FEED) return at + 3;
  }
  return undefined;
}

/** Where the body begins behind a head with nothing odd. */
function endOfPlainHead(chunk: Buffer): number | undefined {
  if (chunk.length < PROTOCOL.length || !mayBeHead(chunk) || isInterim(chunk)) return undefined;
  const end = endOfHead(chunk);
  return end === undefined || isOdd(chunk.toString("latin1", 0, end)) ? undefined : end;
}

/** A status line as the parser takes it. */
const STATUS_LINE = /^HTTP\/1\.[01] \d{3}(?: [^\r\n]*)?\r\n/;
/** Bare line feeds and returns, control characters, folded lines, lines without a colon, names that are none. */
const ODD_LINE =
  /(?:^|[^\r])\n|\r(?!\n)|[^\t\n\r\x20-\x7e\x80-\xff]|\n[ \t]|\n[^:\r\n]+\r|\n[!#$%&'*+.^_`|~0-9A-Za-z-]*[^!#$%&'*+.^_`|~0-9A-Za-z:\r\n-][^:\r\n]*:|\n:/;

function isOdd(text: string): boolean {
  const lower = text.toLowerCase();
  const length = lower.indexOf("\ncontent-length:");
  const twice = length !== -1 && (lower.includes("\ncontent-length:", length + 1) || lower.includes("\ntransfer-encoding:"));
  const isPlain = length === -1 || /\ncontent-length:[ \t]*\d+\r/.test(lower);
  return twice || !isPlain || !STATUS_LINE.test(text) || ODD_LINE.test(text);
}

function putStraight(head: Buffer): Buffer {
  const text = head.toString("latin1");
  // NUL is what nobody takes: Fetch forbids it, and curl ends there.
  return isOdd(text) && !text.includes("\0") ? Buffer.from(straightened(text), "latin1") : head;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

function straightened(text: string): string {
  const [statusLine = "", ...lines] = unfolded(text)
    .replace(/(?:\r?\n)+$/, "")
    .split(/\r?\n/)
    .map((line) => line.replace(/[^\t\x20-\x7e\x80-\xff]/g, ""));
  const fields = lines.flatMap((line) => {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon)).trimEnd();
    // Nobody can ask for what has no name.
    return TOKEN.test(name) ? [`${name}${line.slice(colon)}`] : [];
  });
  const isNamed = (name: string) => (line: string) => line.toLowerCase().startsWith(`${name}:`);
  const lengths = new Set(
    fields.filter(isNamed("content-length")).flatMap((line) =>
      line
        .slice(line.indexOf(":") + 1)
        .split(",")
        // As curl reads one: a sign, and what stands behind its digits, say nothing.
        .map((value) => value.trim().replace(/^\+?(\d+).*$/, "$1")),
    ),
  );
  const chunked = fields.some(isNamed("transfer-encoding"));
  // Lengths that contradict each other stay, for the parser to refuse.
  const status = straightStatus(statusLine);
  if (lengths.size > 1 && !chunked) return `${[status, ...fields].join("\r\n")}\r\n\r\n`;
  const others = fields.filter((line) => !isNamed("content-length")(line));
  const [only] = lengths;
  const kept = only === undefined || chunked ? others : [...others, `content-length: ${only}`];
  return `${[status, ...kept].join("\r\n")}\r\n\r\n`;
}

/** A line that begins with a blank goes on from the one before (RFC 9112, 5.2). */
function unfolded(text: string): string {
  return text.replace(/[ \t]*\r?\n[ \t]+(?=[^ \t\r\n])/g, " ");
}

/** RFC 9112, 4: parts of a status line may be told by any blanks; a version beyond ours is spoken as ours. */
function straightStatus(line: string): string {
  const [, version, status, reason = ""] = /^HTTP\/(\d(?:\.\d)?)[ \t]+(\d{3})(?!\d)[ \t]*(.*)$/i.exec(line) ?? [];
  return status === undefined ? line : `HTTP/${version === "1.0" ? "1.0" : "1.1"} ${status} ${reason}`;
}
