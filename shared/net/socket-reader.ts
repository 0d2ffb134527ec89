import type { Socket } from "node:net";

/** Bytes that may come before what is waited for. */
const MAX_BYTES = 64 * 1024;

/**
 * Reads from a socket what a protocol in plain text says, no further than it is asked for. What comes too much goes
 * back into the socket at its release. Its deadline is the socket's: whoever dialled destroys it with the signal.
 */
export class SocketReader {
  readonly #socket: Socket;
  #buffered: Buffer = Buffer.alloc(0);
  #ended: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("readable", this.#onReadable).on("error", this.#onEnd).on("close", this.#onEnd).on("end", this.#onEnd);
  }

  readonly #onReadable = () => {
    // Only as much as is waited for: the rest may be for who reads next.
    this.#wake();
  };

  readonly #onEnd = (error?: unknown) => {
    this.#ended ??= error instanceof Error ? error : Object.assign(new Error("connection closed"), { code: "ECONNRESET" });
    this.#wake();
  };

  /** The next line, without its end. @throws what ended the socket */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#buffered.indexOf(10);
      if (end !== -1)
        return this.#take(end + 1)
          .toString("latin1")
          .replace(/\r?\n$/, "");
      await this.more();
    }
  }

  /** The next `count` bytes. @throws what ended the socket */
  async bytes(count: number): Promise<Buffer> {
    while (this.#buffered.length < count) await this.more();
    return this.#take(count);
  }

  /** What has come so far. */
  get seen(): Buffer {
    return this.#buffered;
  }

  /** Waits until something came. @throws what ended the socket, or that it sends without end */
  async more(): Promise<void> {
    for (;;) {
      const chunk: Buffer | null = this.#socket.read();
      if (chunk !== null) {
        // What came at once is no flood: it is taken in turn.
        if (this.#buffered.length > MAX_BYTES) throw new Error(`more than ${MAX_BYTES / 1_024} KiB before the answer`);
        this.#buffered = Buffer.concat([this.#buffered, chunk]);
        return;
      }
      if (this.#ended !== undefined) throw this.#ended;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Gives the socket back, with what was read too much. */
  release(): void {
    this.#socket.off("readable", this.#onReadable).off("error", this.#onEnd).off("close", this.#onEnd).off("end", this.#onEnd);
    if (this.#buffered.length > 0 && !this.#socket.destroyed) this.#socket.unshift(this.#buffered);
    this.#buffered = Buffer.alloc(0);
  }

  #take(count: number): Buffer {
    const taken = this.#buffered.subarray(0, count);
    this.#buffered = this.#buffered.subarray(count);
    return taken;
  }
}
