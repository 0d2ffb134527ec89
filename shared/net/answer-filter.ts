import type { Socket } from "node:net";
import { BodyCollector } from "./body-collector.ts";

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
 *   colon, lines without one, one Content-Length said twice (RFC 9110, 8.6), one beside a Transfer-Encoding (RFC 9112, 6.3);
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

  const refuse = (what: string): Buffer => {
    socket.destroy(new AnswerLimitError(what));
    return EMPTY;
  };
  const takeBody = (chunk: Buffer): Buffer => {
    bodyBytes += chunk.length;
    const framing = bodyBytes - contentBytes();
    // The parser is a chunk behind: what it is about to read is content.
    const bound = MAX_FRAMING_BYTES + chunk.length + FRAMING_PER_BYTE * contentBytes();
    return framing > bound ? refuse("the body's framing is larger than its content") : chunk;
  };
  const takeHead = (chunk: Buffer): Buffer => {
    headBytes += chunk.length;
    // Nearly always: one piece, nothing odd. It is handed on as it came.
    if (head.size === 0 && isPlainHead(chunk)) return passOn(chunk, chunk.length - (endOfHead(chunk) ?? 0));
    const added = head.size === 0 ? withoutLeadingBreaks(chunk) : chunk;
    if (headBytes > MAX_HEAD_BYTES || !head.take(added))
      return refuse(`what precedes the body is larger than ${MAX_HEAD_BYTES / 1_024} KiB`);
    // What is no HTTP/1 goes to the parser at once, which says so.
    if (head.size - added.length < PROTOCOL.length && !mayBeHead(head.bytes())) return passOn(head.bytes());
    // Only what came is searched, however small the pieces.
    seam = Buffer.concat([seam, added]);
    const ended = endOfHead(seam) !== undefined;
    seam = seam.subarray(-2);
    return ended ? takeWhole(head.bytes()) : EMPTY;
  };
  const takeWhole = (bytes: Buffer): Buffer => {
    let left = bytes;
    for (let end = endOfHead(left); end !== undefined; end = endOfHead(left)) {
      if (!isInterim(left)) return passOn(Buffer.concat([putStraight(left.subarray(0, end)), left.subarray(end)]), left.length - end);
      left = left.subarray(end);
    }
    head = new BodyCollector(MAX_HEAD_BYTES);
    head.take(left);
    seam = left.subarray(-2);
    return EMPTY;
  };
  const passOn = (bytes: Buffer, ofBody = 0): Buffer => {
    inHead = false;
    bodyBytes = ofBody;
    return bytes;
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

const PROTOCOL = Buffer.from("HTTP/1.");

function mayBeHead(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, PROTOCOL.length);
  return bytes.compare(PROTOCOL, 0, length, 0, length) === 0;
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

function isPlainHead(chunk: Buffer): boolean {
  if (chunk.length < PROTOCOL.length || !mayBeHead(chunk) || isInterim(chunk)) return false;
  const end = endOfHead(chunk);
  return end !== undefined && !isOdd(chunk.toString("latin1", 0, end));
}

const ODD_LINE = /(?:^|[^\r])\n|\n[^:\r\n]*[ \t]:|\n(?![ \t\r])[^:\r\n]+\r/;

function isOdd(text: string): boolean {
  const lower = text.toLowerCase();
  const length = lower.indexOf("\ncontent-length:");
  const twice = length !== -1 && (lower.includes("\ncontent-length:", length + 1) || lower.includes("\ntransfer-encoding:"));
  const list = length !== -1 && lower.slice(length + 1, lower.indexOf("\n", length + 1)).includes(",");
  return twice || list || ODD_LINE.test(text);
}

function putStraight(head: Buffer): Buffer {
  const text = head.toString("latin1");
  return isOdd(text) ? Buffer.from(straightened(text), "latin1") : head;
}

function straightened(text: string): string {
  const [statusLine = "", ...lines] = text.replace(/(?:\r?\n)+$/, "").split(/\r?\n/);
  const fields = lines.flatMap((line) => {
    // A line that begins with a blank goes on from the one before: obsolete, and the parser's to judge.
    if (/^[ \t]/.test(line)) return [line];
    const colon = line.indexOf(":");
    return colon === -1 ? [] : [`${line.slice(0, colon).trimEnd()}${line.slice(colon)}`];
  });
  const isNamed = (name: string) => (line: string) => line.toLowerCase().startsWith(`${name}:`);
  const lengths = new Set(
    fields.filter(isNamed("content-length")).flatMap((line) =>
      line
        .slice(line.indexOf(":") + 1)
        .split(",")
        .map((value) => value.trim()),
    ),
  );
  const chunked = fields.some(isNamed("transfer-encoding"));
  // Lengths that contradict each other stay, for the parser to refuse.
  if (lengths.size > 1 && !chunked) return `${[statusLine, ...fields].join("\r\n")}\r\n\r\n`;
  const others = fields.filter((line) => !isNamed("content-length")(line));
  const [only] = lengths;
  const kept = only === undefined || chunked ? others : [...others, `content-length: ${only}`];
  return `${[statusLine, ...kept].join("\r\n")}\r\n\r\n`;
}
