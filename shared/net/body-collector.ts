const MIN_BODY_BUFFER = 1_024;

/** Collects a body up to a limit in one buffer that grows: a body in chunks of a byte each must not become a million buffers. */
export class BodyCollector {
  private readonly maxBytes: number;
  private buffer = Buffer.alloc(0);
  /** Bytes taken so far. */
  size = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** @returns false when there was more than fits */
  take(chunk: Buffer): boolean {
    const length = Math.min(chunk.length, this.maxBytes - this.size);
    if (this.size + length > this.buffer.length) {
      const grown = Buffer.allocUnsafe(Math.min(this.maxBytes, Math.max(MIN_BODY_BUFFER, this.buffer.length * 2, this.size + length)));
      this.buffer.copy(grown, 0, 0, this.size);
      this.buffer = grown;
    }
    // Copied: a parser may use the memory behind its chunks again.
    chunk.copy(this.buffer, this.size, 0, length);
    this.size += length;
    return length === chunk.length;
  }

  bytes(): Buffer {
    return this.buffer.subarray(0, this.size);
  }
}
