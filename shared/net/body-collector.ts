const MIN_BODY_BUFFER = 1_024;

/** Collects a body up to a limit in one buffer that grows: a body in chunks of a byte each must not become a million buffers. */
export class BodyCollector {
  private readonly maxBytes: number;
  private buffer = Buffer.alloc(0);
  /** Bytes taken so far. */
  size = 0;
  /** Whether there was more than fits. */
  isCut = false;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** @param end of what is taken of it, from `start` @returns false when there was more than fits */
  take(chunk: Buffer, start = 0, end = chunk.length): boolean {
    const length = Math.min(end - start, this.maxBytes - this.size);
    if (this.size + length > this.buffer.length) {
      const grown = Buffer.allocUnsafe(Math.min(this.maxBytes, Math.max(MIN_BODY_BUFFER, this.buffer.length * 2, this.size + length)));
      this.buffer.copy(grown, 0, 0, this.size);
      this.buffer = grown;
    }
    // Copied: a parser may use the memory behind its chunks again.
    // A byte by hand: the call costs ten times that.
    if (length === 1) this.buffer[this.size] = chunk[start] ?? 0;
    else chunk.copy(this.buffer, this.size, start, start + length);
    this.size += length;
    this.isCut ||= length < end - start;
    return !this.isCut;
  }

  bytes(): Buffer {
    return this.buffer.subarray(0, this.size);
  }
}
