import type { Duplex } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from "node:zlib";
import { BodyCollector } from "../net/body-collector.ts";
import type { HttpResponse } from "../net/http-exchange.ts";

/** A body as text, or why it is none. */
export type BodyText =
  | {
      readonly text: string;
      /** True when there was more than is read: what is missing may hold anything. */
      readonly cut: boolean;
    }
  | { readonly unreadable: string };

/** Of a body, decoded: as much as is read of one that is not compressed. */
const MAX_DECODED_BYTES = 1024 * 1024;
/** Codings that may lie over each other. */
const MAX_CODINGS = 4;

// RFC 9110, 8.4.1 and the IANA registry. `deflate` is zlib by the RFC, and raw from some servers: the first byte tells.
const DECODERS: Readonly<Record<string, (body: Buffer) => Duplex>> = {
  gzip: () => createGunzip(),
  "x-gzip": () => createGunzip(),
  deflate: (body) =>
    (body[0] ?? 0) % 16 === 8 && body.length > 1 && body.readUInt16BE(0) % 31 === 0 ? createInflate() : createInflateRaw(),
  br: () => createBrotliDecompress(),
  zstd: () => createZstdDecompress(),
};

/** Reads a body as a browser would: its content codings undone, its bytes as characters. */
export async function readBody({ headers, body, truncated }: HttpResponse): Promise<BodyText> {
  const codings = listOf(headers["content-encoding"]).filter((coding) => coding !== "identity");
  const unknown = codings.find((coding) => !Object.hasOwn(DECODERS, coding));
  if (unknown !== undefined) return { unreadable: `body cannot be read: its coding "${brief(unknown)}" is not known here` };
  if (codings.length > MAX_CODINGS) return { unreadable: `body cannot be read: ${codings.length} codings lie over each other` };
  let bytes = body;
  let cut = truncated;
  for (const coding of codings.reverse()) {
    const decoded = await decode(coding, bytes, cut);
    if (decoded === undefined) return { unreadable: `body cannot be read as ${coding}` };
    bytes = decoded.bytes;
    cut = decoded.cut;
  }
  return asText(bytes, cut, String(headers["content-type"] ?? ""));
}

function listOf(header: string | string[] | undefined): string[] {
  return [header ?? ""]
    .flat()
    .flatMap((value) => value.split(","))
    .map((part) => part.trim().toLowerCase())
    .filter(Boolean);
}

/** @returns what came out within the limit; `undefined` when nothing of it could be decoded */
function decode(coding: string, bytes: Buffer, wasCut: boolean): Promise<{ bytes: Buffer; cut: boolean } | undefined> {
  const { promise, resolve } = Promise.withResolvers<{ bytes: Buffer; cut: boolean } | undefined>();
  const decoder = DECODERS[coding]?.(bytes);
  const out = new BodyCollector(MAX_DECODED_BYTES);
  decoder
    ?.on("data", (chunk: Buffer) => {
      if (out.take(chunk)) return;
      resolve({ bytes: out.bytes(), cut: true });
      decoder.destroy();
    })
    .on("end", () => resolve({ bytes: out.bytes(), cut: wasCut }))
    // The rest of a body that was cut cannot be decoded; what came before it can.
    .on("error", () => resolve(wasCut ? { bytes: out.bytes(), cut: true } : undefined))
    .end(bytes);
  return promise;
}

/** Of an HTML page in which browsers look for its charset. https://html.spec.whatwg.org/#prescan-a-byte-stream-to-determine-its-encoding */
const PRESCAN_BYTES = 1_024;

function asText(bytes: Buffer, cut: boolean, contentType: string): BodyText {
  const label = bomOf(bytes) ?? /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1] ?? declaredIn(bytes);
  // A body that was cut may end within a character.
  const options = { stream: cut };
  if (label === undefined) {
    try {
      return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes, options), cut };
    } catch {
      // As browsers read what names no charset and is not UTF-8.
      return { text: new TextDecoder("windows-1252").decode(bytes, options), cut };
    }
  }
  try {
    return { text: new TextDecoder(label).decode(bytes, options), cut };
  } catch {
    return { unreadable: `body cannot be read: its charset "${brief(label)}" is not known here` };
  }
}

function bomOf(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : undefined;
}

function declaredIn(bytes: Buffer): string | undefined {
  const start = bytes.toString("latin1", 0, PRESCAN_BYTES);
  const declared =
    /<meta\s[^>]{0,200}charset\s{0,5}=\s{0,5}["']?\s{0,5}([\w:.-]{1,40})/i.exec(start)?.[1] ??
    /^\s{0,100}<\?xml\s[^>]{0,200}encoding\s{0,5}=\s{0,5}["']([\w:.-]{1,40})/.exec(start)?.[1];
  // What can be read so far is no UTF-16, whatever it says of itself.
  return declared !== undefined && /^utf-?16/i.test(declared) ? "utf-8" : declared;
}

function brief(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39).toWellFormed()}…` : text;
}
