import type { Duplex } from "node:stream";
import { constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from "node:zlib";
import { BodyCollector } from "../net/body-collector.ts";
import type { HttpResponse } from "../net/http-exchange.ts";

/** A body as text, or why it is none. */
export type BodyText =
  | {
      readonly text: string;
      /** Why the text is not all there was: what is missing may hold anything. */
      readonly missing?: Missing;
    }
  | { readonly unreadable: string };

/** What is not there of a text, in words. */
export interface Missing {
  /** Such as `is longer than 1 MiB`. */
  readonly why: string;
  /** What there is, such as `within its first MiB`. */
  readonly within: string;
}

/** Of a body, decoded: as much as is read of one that is not compressed. */
const MAX_DECODED_BYTES = 1024 * 1024;
/** Codings that may lie over each other. */
const MAX_CODINGS = 4;
/** zstd frames of a body, of which each costs a decoder: those of 1 MiB that hold nothing cost eight seconds (measured). */
const MAX_FRAMES = 256;

/** RFC 9659, 3: 8 MiB, as browsers; a frame may ask for as much memory as it names. */
const ZSTD_WINDOW = { [constants.ZSTD_d_windowLogMax]: 23 };

// RFC 9110, 8.4.1 and the IANA registry. `deflate` is zlib by the RFC, and raw from some servers: the first byte tells.
const DECODERS: Readonly<Record<string, (body: Buffer) => Duplex>> = {
  gzip: () => createGunzip(),
  "x-gzip": () => createGunzip(),
  deflate: (body) => (isZlib(body) ? createInflate() : createInflateRaw()),
  br: () => createBrotliDecompress(),
  zstd: () => createZstdDecompress({ params: ZSTD_WINDOW }),
};

/** Reads a body as a browser would: its content codings undone, its bytes as characters. */
export async function readBody({ headers, body, truncated }: HttpResponse): Promise<BodyText> {
  // Of the transfer (RFC 9112, 7) they lie over those of the content.
  const named = [...listOf(headers["content-encoding"]), ...listOf(headers["transfer-encoding"])];
  const codings = named.filter((coding) => coding !== "identity" && coding !== "chunked");
  const unknown = codings.find((coding) => !Object.hasOwn(DECODERS, coding));
  // What no browser knows either, they show as it came; where that is no text, it is none.
  if (unknown !== undefined)
    return (
      plainText({ bytes: body, missing: truncated ? TOO_LONG : undefined }, contentTypeOf(headers)) ?? {
        unreadable: `body cannot be read: its coding "${brief(unknown)}" is not known here`,
      }
    );
  if (codings.length > MAX_CODINGS) return { unreadable: `body cannot be read: ${codings.length} codings lie over each other` };
  let decoded: Decoded = { bytes: body, missing: truncated ? TOO_LONG : undefined };
  for (const coding of codings.reverse()) {
    const next = await decode(coding, decoded);
    if (next === undefined) return { unreadable: `body cannot be read as ${coding}` };
    decoded = next;
  }
  const text = asText(decoded, contentTypeOf(headers));
  if (typeof text !== "string") return text;
  return decoded.missing === undefined ? { text } : { text, missing: decoded.missing };
}

function contentTypeOf(headers: HttpResponse["headers"]): string {
  return [headers["content-type"] ?? ""].flat().join(", ");
}

/** A body that is text as it stands: what is compressed holds characters that no text has. */
function plainText(body: Decoded, contentType: string): BodyText | undefined {
  const text = asText(body, contentType);
  if (typeof text !== "string" || /[^\P{Cc}\t\n\f\r]/u.test(text)) return undefined;
  return body.missing === undefined ? { text } : { text, missing: body.missing };
}

const TOO_LONG: Missing = { why: "is longer than 1 MiB", within: "within its first MiB" };
const TOO_MANY: Missing = { why: `has more than ${MAX_FRAMES} frames`, within: `within its first ${MAX_FRAMES} frames` };
const UNFINISHED: Missing = { why: "ends before its compression does", within: "in what came of it" };

interface Decoded {
  readonly bytes: Buffer;
  readonly missing: Missing | undefined;
}

function listOf(header: string | string[] | undefined): string[] {
  return [header ?? ""]
    .flat()
    .flatMap((value) => value.split(","))
    .map((part) => part.trim().toLowerCase())
    .filter(Boolean);
}

/** @returns what came out within the limit; `undefined` when nothing of it could be decoded */
async function decode(coding: string, { bytes, missing }: Decoded): Promise<Decoded | undefined> {
  // Nothing is nothing in any coding, as servers answer that compress what they do not have.
  if (bytes.length === 0) return { bytes, missing };
  const out = new BodyCollector(MAX_DECODED_BYTES);
  let left = bytes;
  for (let frames = 0; frames < MAX_FRAMES; frames++) {
    const decoder = DECODERS[coding]?.(left);
    const end = decoder === undefined ? "failed" : await run(decoder, left, out);
    if (end === "full") return { bytes: out.bytes(), missing: TOO_LONG };
    if (end === "failed") return missing === undefined ? withoutTrailer(coding, bytes, out) : { bytes: out.bytes(), missing };
    left = left.subarray(end.read);
    // RFC 8878, 3: frames may follow each other.
    if (coding !== "zstd" || left.length === 0) return { bytes: out.bytes(), missing };
  }
  return { bytes: out.bytes(), missing: TOO_MANY };
}

/** @returns how it ended, and how many bytes were read of what was given */
function run(
  decoder: Duplex & { readonly bytesWritten?: number },
  bytes: Buffer,
  out: BodyCollector,
): Promise<{ read: number } | "full" | "failed"> {
  const { promise, resolve } = Promise.withResolvers<{ read: number } | "full" | "failed">();
  decoder
    .on("data", (chunk: Buffer) => {
      if (out.take(chunk)) return;
      resolve("full");
      decoder.destroy();
    })
    .on("end", () => resolve({ read: Math.max(1, decoder.bytesWritten ?? bytes.length) }))
    .on("error", () => resolve("failed"))
    .end(bytes);
  return promise;
}

/**
 * What clients read all the same: a whole body whose checksum is missing, and as much as there is of one that ends in the
 * middle. @param out what came out of it before it failed
 */
async function withoutTrailer(coding: string, bytes: Buffer, out: BodyCollector): Promise<Decoded | undefined> {
  const deflated = deflatedIn(coding, bytes);
  if (deflated !== undefined) {
    const whole = new BodyCollector(MAX_DECODED_BYTES);
    const end = await run(createInflateRaw(), deflated, whole);
    if (end === "full") return { bytes: whole.bytes(), missing: TOO_LONG };
    if (end !== "failed") return { bytes: whole.bytes(), missing: undefined };
  }
  const flushed = FLUSHERS[coding]?.();
  if (flushed === undefined) return undefined;
  const part = new BodyCollector(MAX_DECODED_BYTES);
  const end = await run(flushed, bytes, part);
  // Broken, and not only cut.
  if (end === "failed") return undefined;
  return { bytes: part.size >= out.size ? part.bytes() : out.bytes(), missing: UNFINISHED };
}

/** Decoders that take an end wherever it comes. */
const FLUSHERS: Readonly<Record<string, () => Duplex>> = {
  gzip: () => createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }),
  "x-gzip": () => createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }),
  deflate: () => createInflate({ finishFlush: constants.Z_SYNC_FLUSH }),
  br: () => createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH }),
  zstd: () => createZstdDecompress({ finishFlush: constants.ZSTD_e_flush, params: ZSTD_WINDOW }),
};

/** The deflated data of gzip (RFC 1952, 2.3) or zlib (RFC 1950, 2.2), without what is around it; `undefined` for none. */
function deflatedIn(coding: string, bytes: Buffer): Buffer | undefined {
  if (coding === "deflate") return isZlib(bytes) ? bytes.subarray(2) : undefined;
  if (!/gzip$/.test(coding) || bytes.length < 10 || bytes[0] !== 0x1f || bytes[1] !== 0x8b) return undefined;
  const flags = bytes[3] ?? 0;
  let at = 10;
  if ((flags & 4) !== 0) at += 2 + (bytes.length >= at + 2 ? bytes.readUInt16LE(at) : 0);
  // A file's name and a comment, each ended by a zero.
  for (const flag of [8, 16]) if ((flags & flag) !== 0) at = bytes.indexOf(0, at) + 1 || bytes.length;
  if ((flags & 2) !== 0) at += 2;
  return bytes.subarray(at);
}

function isZlib(body: Buffer): boolean {
  return (body[0] ?? 0) % 16 === 8 && body.length > 1 && body.readUInt16BE(0) % 31 === 0;
}

/** Of an HTML page in which browsers look for its charset. https://html.spec.whatwg.org/#prescan-a-byte-stream-to-determine-its-encoding */
const PRESCAN_BYTES = 1_024;

function asText({ bytes, missing }: Decoded, contentType: string): string | { readonly unreadable: string } {
  const type = contentType.toLowerCase();
  const named = labelsIn(type);
  const known = named.find(isCharset);
  const mark = bomOf(bytes);
  // A body that was cut may end within a character.
  const options = { stream: missing !== undefined };
  const read = (label: string) => new TextDecoder(label).decode(bytes, options);
  if (mark !== undefined) return read(mark);
  // RFC 8259, 8.1: JSON is UTF-8, whatever is said beside it; what is not says the truth, perhaps.
  const isJson = /^[^;,]*[/+]json\b/.test(type);
  const label = isJson ? undefined : (known ?? declaredIn(bytes, type));
  if (label !== undefined) return read(label);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, options);
  } catch {
    // What is UTF-8 needs no name.
    if (!isJson && named.length > 0) return { unreadable: `body cannot be read: its charset "${brief(named[0] ?? "")}" is not known here` };
    // As browsers read what names no charset and is not UTF-8; JSON is UTF-8 with a mistake.
    return read(known ?? (isJson ? "utf-8" : "windows-1252"));
  }
}

function bomOf(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : undefined;
}

/** Charsets that are looked at: no server means more, and each costs a decoder. */
const MAX_LABELS = 10;

/** The charsets that a text names, the first of them. */
function labelsIn(text: string): string[] {
  const labels: string[] = [];
  for (const [, label = ""] of text.matchAll(/charset\s{0,5}=\s{0,5}["']?\s{0,5}([^\s"';,]{1,40})/gi)) {
    labels.push(label === "utf8mb4" ? "utf-8" : label);
    if (labels.length === MAX_LABELS) break;
  }
  return labels;
}

function isCharset(label: string): boolean {
  try {
    new TextDecoder(label);
    return true;
  } catch {
    return false;
  }
}

/** What a page or an XML document says of itself; other types say nothing. */
function declaredIn(bytes: Buffer, type: string): string | undefined {
  const [essence = ""] = type.split(/[;,]/);
  if (!/^\s*$|html|xml/.test(essence)) return undefined;
  const start = bytes.toString("latin1", 0, PRESCAN_BYTES).replace(/<!--(?:-?>|[\s\S]*?(?:-->|$))/g, "");
  const declared = declaredByMeta(start) ?? /^\s{0,100}<\?xml\s[^>]{0,200}encoding\s{0,5}=\s{0,5}["']([\w:.-]{1,40})/.exec(start)?.[1];
  if (declared === undefined || !isCharset(declared)) return undefined;
  // What can be read so far is no UTF-16, whatever it says of itself.
  return /^utf-?16/i.test(declared) ? "utf-8" : declared;
}

const ATTRIBUTE = /([^\s=>/"']+)\s{0,5}=\s{0,5}(?:"([^"]*)"|'([^']*)'|([^\s>]+))/g;

/** The charset of the first `<meta charset>`, or of one that stands for a header. */
function declaredByMeta(start: string): string | undefined {
  for (const [, inside = ""] of start.matchAll(/<meta[\s/]([^>]*)/gi)) {
    const attributes = new Map(
      [...inside.matchAll(ATTRIBUTE)].map(([, name = "", ...values]) => [
        name.toLowerCase(),
        values.find((value) => value !== undefined) ?? "",
      ]),
    );
    const charset = attributes.get("charset")?.trim();
    if (charset !== undefined && isCharset(charset)) return charset;
    const isHeader = attributes.get("http-equiv")?.toLowerCase() === "content-type";
    const label = isHeader ? labelsIn(attributes.get("content") ?? "").find(isCharset) : undefined;
    if (label !== undefined) return label;
  }
  return undefined;
}

function brief(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39).toWellFormed()}…` : text;
}
