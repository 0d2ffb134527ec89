import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncidentRef } from "./handle-incident.ts";

/** Makes and reads what stands in an address that acknowledges one incident without an account. */
export interface IncidentLinks {
  /** @param until epoch seconds at which it expires */
  make(ref: IncidentRef, until: number): string;
  /** @returns `undefined` for what was not made here, or has expired. @param now epoch ms */
  read(token: string, now: number): IncidentRef | undefined;
}

const ID_BYTES = 16;
const SIGNED_BYTES = ID_BYTES + 8;
/** 128 bits. */
const SIGNATURE_BYTES = 16;

/** How long a link works: as long as somebody may look for it in a chat. Seconds. */
export const LINK_LASTS_S = 7 * 86_400;

/** Id, begin and expiry in 24 bytes, and 16 of an HMAC-SHA256 over them. @param secret the field key; links have a key of their own made of it */
export function createIncidentLinks(secret: string): IncidentLinks {
  const key = createHmac("sha256", createHash("sha256").update(secret).digest()).update("links to incidents").digest();
  const signatureOf = (bytes: Buffer) => createHmac("sha256", key).update(bytes).digest().subarray(0, SIGNATURE_BYTES);
  return {
    make({ target, since }, until) {
      const bytes = Buffer.alloc(SIGNED_BYTES);
      bytes.write(target.replaceAll("-", ""), "hex");
      bytes.writeUInt32BE(since, ID_BYTES);
      bytes.writeUInt32BE(until, ID_BYTES + 4);
      return Buffer.concat([bytes, signatureOf(bytes)]).toString("base64url");
    },
    read(token, now) {
      const bytes = Buffer.from(token, "base64url");
      if (bytes.length !== SIGNED_BYTES + SIGNATURE_BYTES) return undefined;
      const signed = bytes.subarray(0, SIGNED_BYTES);
      if (!timingSafeEqual(signatureOf(signed), bytes.subarray(SIGNED_BYTES))) return undefined;
      if (signed.readUInt32BE(ID_BYTES + 4) * 1_000 <= now) return undefined;
      const hex = signed.toString("hex", 0, ID_BYTES);
      const target = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
      return { target, since: signed.readUInt32BE(ID_BYTES) };
    },
  };
}
