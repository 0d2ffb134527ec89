import type { AnswerHead } from "./answer-head.ts";
import { BodyCollector } from "./body-collector.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { InvalidAnswerError } from "./invalid-answer.ts";
import { PeerClosedError } from "./peer-closed.ts";

/** Where a body ends: after that many bytes, with its last chunk, or with the connection. Source: RFC 9112, 6.3. */
export type BodyEnd = number | "chunks" | "connection";

/** Statuses whose answers have no body. RFC 9110, 6.4.1. */
const BODILESS: ReadonlySet<number> = new Set([204, 304]);

/** @param method of the request @throws {InvalidAnswerError} when the head says two ends of it, or none that is one */
export function bodyEnd({ status, headers }: AnswerHead, method: string): BodyEnd {
  if (method === "HEAD" || BODILESS.has(status)) return 0;
  const codings = [headers["transfer-encoding"] ?? []].flat().join(",").toLowerCase().split(",");
  // It overrides a length; what is not in chunks has none of its own.
  if (codings.some((coding) => coding.trim() === "chunked")) return "chunks";
  return contentLength(headers) ?? "connection";
}

/** As curl reads one: a sign, and what stands behind its digits, say nothing; the same said twice is said once (RFC 9110, 8.6). */
function contentLength(headers: AnswerHead["headers"]): number | undefined {
  const said = [headers["content-length"] ?? []].flat().flatMap((value) => value.split(",").filter((one) => one !== ""));
  const lengths = new Set(said.map((value) => value.trim().replace(/^\+?(\d+).*$/, "$1")));
  const [length] = lengths;
  if (length === undefined) return undefined;
  if (lengths.size > 1) throw new InvalidAnswerError("it says two lengths of its body");
  if (!/^\d+$/.test(length) || !Number.isSafeInteger(Number(length)))
    throw new InvalidAnswerError("the length that it says of its body is none");
  return Number(length);
}

/** Reads a body up to its end, or to as much of it as is wanted. */
export class BodyReader {
  readonly #end: BodyEnd;
  readonly #content: BodyCollector;
  readonly #chunks: ChunkReader | undefined;

  constructor(end: BodyEnd, maxBytes: number) {
    this.#end = end;
    this.#content = new BodyCollector(maxBytes);
    this.#chunks = end === "chunks" ? new ChunkReader(this.#content) : undefined;
  }

  /** @returns whether no more of it is wanted @throws {InvalidAnswerError} when its chunks are none */
  take(bytes: Buffer): boolean {
    if (this.#chunks !== undefined) return this.#chunks.take(bytes);
    if (typeof this.#end !== "number") return !this.#content.take(bytes);
    const left = this.#end - this.#content.size;
    return !this.#content.take(bytes, 0, Math.min(left, bytes.length)) || bytes.length >= left;
  }

  /** The connection ended. @throws {PeerClosedError} before the body did */
  close(): void {
    if (this.#end !== "connection") throw new PeerClosedError();
  }

  bytes(): Buffer {
    return this.#content.bytes();
  }

  /** Whether there was more than is wanted. */
  get truncated(): boolean {
    return this.#content.isCut;
  }
}
