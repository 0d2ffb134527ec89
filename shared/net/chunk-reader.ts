import type { BodyCollector } from "./body-collector.ts";
import { InvalidAnswerError } from "./invalid-answer.ts";

const EMPTY: Buffer = Buffer.alloc(0);
const LINE_FEED = 10;
const RETURN = 13;
/** Of a line that says how long a chunk is, extensions and all, and of a trailer. As Chromium. */
const MAX_LINE_BYTES = 16 * 1024;
/** Bytes that may frame a body beside its content: this, and six for each byte of content, as in chunks of one byte each. */
const MAX_FRAMING_BYTES = 256 * 1024;
const FRAMING_PER_BYTE = 6;
/** A size, with blanks around it, and extensions that nobody knows (RFC 9112, 7.1.1). */
const SIZE_LINE = /^[ \t]*0*([0-9a-f]{1,12})[ \t]*(?:;.*)?\r*$/i;

const MAX_PLAIN_DIGITS = 8;
/** The value of a byte that is a hexadecimal digit, -1 for others. */
const HEX_DIGITS = Int8Array.from({ length: 256 }, (_, byte) => "0123456789abcdef".indexOf(String.fromCharCode(byte).toLowerCase()));

/**
 * Reads a body in chunks (RFC 9112, 7.1) as browsers do: sizes may have blanks around them, lines may end with a line feed
 * alone, and trailers say nothing. What frames the content has a bound.
 */
export class ChunkReader {
  readonly #content: BodyCollector;
  /** What comes next: a size, that many bytes, their end, trailers. */
  #next: "size" | "data" | "end" | "trailers" | "nothing" = "size";
  /** Bytes of the chunk that have not come. */
  #left = 0;
  /** What is being read, behind a line or the end of a chunk that was not whole before. */
  #bytes = EMPTY;
  #at = 0;
  #framed = 0;
  #contained = 0;

  /** @param content takes what is in the chunks, as much as it wants */
  constructor(content: BodyCollector) {
    this.#content = content;
  }

  /**
   * @returns whether it was the last, or no more is wanted
   * @throws {InvalidAnswerError} when these are no chunks, or hardly anything but framing
   */
  take(piece: Buffer): boolean {
    this.#bytes = this.#bytes.length === 0 ? piece : Buffer.concat([this.#bytes, piece]);
    this.#at = 0;
    while (this.#at < this.#bytes.length && this.#next !== "nothing") {
      if (this.#next === "size") this.#wholeChunks();
      if (this.#at === this.#bytes.length || !this.#step()) break;
    }
    // Copied, so that what waits for the rest holds no more memory than it needs.
    this.#bytes = this.#at === this.#bytes.length ? EMPTY : Buffer.from(this.#bytes.subarray(this.#at));
    return this.#next === "nothing";
  }

  /** @returns whether there was enough for it */
  #step(): boolean {
    if (this.#next === "nothing") return false;
    if (this.#next === "data") return this.#data();
    const start = this.#at;
    const isWhole = this.#next === "end" ? this.#endOfData() : this.#line();
    this.#framed += this.#at - start;
    if (this.#framed > MAX_FRAMING_BYTES + FRAMING_PER_BYTE * this.#contained)
      throw new InvalidAnswerError("the body's framing is larger than its content");
    return isWhole;
  }

  #data(): boolean {
    const start = this.#at;
    const end = Math.min(start + this.#left, this.#bytes.length);
    this.#at = end;
    this.#left -= end - start;
    this.#contained += end - start;
    if (!this.#content.take(this.#bytes, start, end)) this.#next = "nothing";
    else if (this.#left === 0) this.#next = "end";
    return true;
  }

  #endOfData(): boolean {
    const [first, second] = [this.#bytes[this.#at], this.#bytes[this.#at + 1]];
    if (first === RETURN && second === undefined) return false;
    if (first !== LINE_FEED && (first !== RETURN || second !== LINE_FEED))
      throw new InvalidAnswerError("a chunk of its body is longer than it says");
    this.#at += first === LINE_FEED ? 1 : 2;
    this.#next = "size";
    return true;
  }

  #line(): boolean {
    const end = this.#bytes.indexOf(LINE_FEED, this.#at);
    if ((end === -1 ? this.#bytes.length : end) - this.#at > MAX_LINE_BYTES)
      throw new InvalidAnswerError(`a line that frames its body is longer than ${MAX_LINE_BYTES / 1_024} KiB`);
    if (end === -1) return false;
    const line = this.#bytes.toString("latin1", this.#at, end);
    this.#at = end + 1;
    if (this.#next === "size") this.#size(line);
    else if (/^\r*$/.test(line)) this.#next = "nothing";
    return true;
  }

  #size(line: string): void {
    const [, size] = SIZE_LINE.exec(line) ?? [];
    if (size === undefined) throw new InvalidAnswerError("the size of a chunk of its body is no number");
    this.#left = Number.parseInt(size, 16);
    this.#next = this.#left === 0 ? "trailers" : "data";
  }

  /**
   * Takes chunks that are all there, with sizes of digits alone, as nearly all are: in a loop of its own, since a body may be
   * a million chunks of a byte each (a tenth of the CPU that they take step by step).
   */
  #wholeChunks(): void {
    const [bytes, from, before] = [this.#bytes, this.#at, this.#contained];
    let at = from;
    for (;;) {
      let [size, digits] = [0, at];
      for (let digit = HEX_DIGITS[bytes[digits] ?? 0] ?? -1; digit !== -1 && digits - at < MAX_PLAIN_DIGITS; ) {
        size = size * 16 + digit;
        digit = HEX_DIGITS[bytes[++digits] ?? 0] ?? -1;
      }
      const end = digits + 2 + size;
      if (size === 0 || end + 2 > bytes.length || !isBreak(bytes, digits) || !isBreak(bytes, end)) break;
      this.#contained += size;
      at = end + 2;
      if (this.#content.take(bytes, digits + 2, end)) continue;
      this.#next = "nothing";
      break;
    }
    this.#at = at;
    this.#framed += at - from - (this.#contained - before);
  }
}

function isBreak(bytes: Buffer, at: number): boolean {
  return bytes[at] === RETURN && bytes[at + 1] === LINE_FEED;
}
