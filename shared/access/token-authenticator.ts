import type { Clock } from "../time/clock.ts";
import type { Authenticator, Principal } from "./authorize.ts";
import type { TokenReader } from "./dynamo-token-reader.ts";
import { hashToken, looksLikeToken } from "./token.ts";

/** How long a revoked token may still be taken, in ms: a look-up for each call would double what a call costs. */
const REMEMBERED_MS = 30_000;
const MAX_REMEMBERED = 1_000;

/** API tokens: random secrets that are known by their hashes. */
export function tokenAuthenticator(tokens: TokenReader, clock: Clock): Authenticator {
  const remembered = new Map<string, { principal: Principal; until: number }>();

  return async (credential) => {
    if (!looksLikeToken(credential)) return undefined;
    const hash = hashToken(credential);
    const known = remembered.get(hash);
    if (known !== undefined && known.until > clock.now()) return known.principal;
    remembered.delete(hash);

    const token = await tokens.find(hash);
    if (token === undefined) return undefined;
    const expiresAt = token.expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(token.expiresAt);
    if (expiresAt <= clock.now()) return undefined;
    // Nice to know, and no reason to refuse a call.
    await tokens.touch(hash).catch(() => undefined);
    const principal = { id: `token:${token.id}`, role: token.role };
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(hash, { principal, until: Math.min(clock.now() + REMEMBERED_MS, expiresAt) });
    return principal;
  };
}
