const EMPTY: Buffer = Buffer.alloc(0);
const LINE_FEED = 10;
const RETURN = 13;
/** Of a line that says how long a chunk is; what is longer goes to the parser, which refuses it. */
const MAX_LINE_BYTES = 16 * 1024;
const SIZE_LINE = /^[ \t]*([0-9a-f]{1,12})[ \t]*(?:;.*)?\r?$/i;
const PLAIN_SIZE_LINE = /^[0-9a-f]{1,12}\r$/i;

/**
 * Puts the framing of a chunked body as every parser takes it (RFC 9112, 7.1): sizes without blanks and extensions, lines
 * that end with CR and LF, no trailers. What is plain is handed on as it came; what is no framing, too, for the parser to
 * refuse.
 */
export class ChunkFraming {
  /** What comes next: a size, that many bytes, their end, trailers; or whatever there is. */
  #next: "size" | "data" | "end" | "trailers" | "anything" = "size";
  /** Bytes of the chunk that have not come. */
  #left = 0;
  /** A line, or the end of a chunk, that is not whole yet. */
  #held = EMPTY;
  #bytes = EMPTY;
  #at = 0;
  #parts: Buffer[] = [];
  /** Up to here it is in the parts. */
  #done = 0;

  /** @returns what to hand on of a piece of the body */
  take(piece: Buffer): Buffer {
    if (this.#next === "anything") return piece;
    this.#bytes = this.#held.length === 0 ? piece : Buffer.concat([this.#held, piece]);
    this.#held = EMPTY;
    this.#parts = [];
    this.#at = 0;
    this.#done = 0;
    while (this.#at < this.#bytes.length) this.#step();
    if (this.#parts.length === 0) return this.#bytes;
    return Buffer.concat([...this.#parts, this.#bytes.subarray(this.#done)]);
  }

  #step(): void {
    if (this.#next === "data") this.#skipData();
    else if (this.#next === "end") this.#endData();
    else if (this.#next === "anything") this.#at = this.#bytes.length;
    else this.#line();
  }

  #skipData(): void {
    const taken = Math.min(this.#left, this.#bytes.length - this.#at);
    this.#at += taken;
    this.#left -= taken;
    if (this.#left === 0) this.#next = "end";
  }

  #endData(): void {
    const [first, second] = [this.#bytes[this.#at], this.#bytes[this.#at + 1]];
    if (first === RETURN && second === undefined) {
      this.#hold();
      return;
    }
    if (first === LINE_FEED) this.#replace(this.#at + 1, "\r\n");
    else if (first === RETURN && second === LINE_FEED) this.#at += 2;
    else this.#next = "anything";
    if (this.#next === "end") this.#next = "size";
  }

  #line(): void {
    const end = this.#bytes.indexOf(LINE_FEED, this.#at);
    if (end === -1) {
      if (this.#bytes.length - this.#at > MAX_LINE_BYTES) this.#next = "anything";
      else this.#hold();
      return;
    }
    const line = this.#bytes.toString("latin1", this.#at, end);
    if (this.#next === "size") this.#size(line, end + 1);
    else this.#trailer(line, end + 1);
  }

  #size(line: string, end: number): void {
    const [, size] = SIZE_LINE.exec(line) ?? [];
    if (size === undefined) {
      this.#next = "anything";
      return;
    }
    if (PLAIN_SIZE_LINE.test(line)) this.#at = end;
    else this.#replace(end, `${size}\r\n`);
    this.#left = Number.parseInt(size, 16);
    this.#next = this.#left === 0 ? "trailers" : "data";
  }

  #trailer(line: string, end: number): void {
    const isLast = line === "" || line === "\r";
    this.#replace(end, isLast ? "\r\n" : "");
    if (isLast) this.#next = "anything";
  }

  /** Hands on something else for what stands up to `end`. */
  #replace(end: number, text: string): void {
    this.#parts.push(this.#bytes.subarray(this.#done, this.#at), Buffer.from(text, "latin1"));
    this.#done = end;
    this.#at = end;
  }

  /** Waits with the rest until more has come. */
  #hold(): void {
    this.#held = Buffer.from(this.#bytes.subarray(this.#at));
    this.#parts.push(this.#bytes.subarray(this.#done, this.#at));
    this.#done = this.#bytes.length;
    this.#at = this.#bytes.length;
  }
}
