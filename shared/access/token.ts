import { createHash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

const PREFIX = "st_";

/** Makes an API token's secret: `st_`, 256 random bits, and a checksum, by which scanners of leaked secrets can tell it. */
export function createTokenSecret(): string {
  const random = randomBytes(32).toString("base64url");
  return `${PREFIX}${random}${checksum(random)}`;
}

/** Whether a text can be a token's secret: costs no look-up. */
export function looksLikeToken(text: string): boolean {
  const [, random, sum] = /^st_([\w-]{43})([0-9a-f]{8})$/.exec(text) ?? [];
  return random !== undefined && sum === checksum(random);
}

/** What is stored of a secret: SHA-256, hex. 256 random bits need no slower hash. */
export function hashToken(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}
