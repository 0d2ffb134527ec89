import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * Makes the key of a heartbeat target's ping URL: the target's id and 128 random bits, so that a ping
 * finds its target without an index. Only the hash is stored.
 */
export function createHeartbeatSecret(): { secret: string; hash: string } {
  const secret = randomBytes(16).toString("hex");
  return { secret, hash: hashSecret(secret) };
}

/** The key as it stands in the URL. */
export function heartbeatKey(targetId: string, secret: string): string {
  return `${targetId.replaceAll("-", "")}${secret}`;
}

/** Takes a key apart; `undefined` when it cannot be one. */
export function parseHeartbeatKey(key: string): { targetId: string; secret: string } | undefined {
  const [, id, secret] = /^([0-9a-f]{32})([0-9a-f]{32})$/.exec(key) ?? [];
  if (id === undefined || secret === undefined) return undefined;
  return { targetId: id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"), secret };
}

/** A path for logs: keys of heartbeats, and links that acknowledge, stand in theirs. */
export function withoutKey(path: string): string {
  return path.replace(/^(\/(?:heartbeat|acknowledge|ping|api\/push|api\/v1\/endpoints)\/).*/s, "$1…");
}

export function matchesHash(secret: string, hash: string): boolean {
  return timingSafeEqual(Buffer.from(hashSecret(secret), "hex"), Buffer.from(hash, "hex"));
}

function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
