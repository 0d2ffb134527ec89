import type { Role } from "./authorize.ts";

/** An API token, as far as it may be shown. */
export interface ApiToken {
  /** The first characters of its hash: names it without giving it away. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601; a token without lasts until it is revoked. */
  readonly expiresAt?: string;
  /** ISO 8601, to within {@link LAST_USED_STEP_MS}. */
  readonly lastUsedAt?: string;
}

/** How exactly the last use is known: a write for each call would cost more than the call. */
export const LAST_USED_STEP_MS = 10 * 60_000;

/** Tokens there may be: a list that nobody can look through protects nobody. */
export const MAX_TOKENS = 200;

/** API tokens, by the hashes of their secrets. */
export interface TokenStore {
  /** @param hash of the secret, which is not kept */
  create(hash: string, token: Pick<ApiToken, "name" | "role" | "expiresAt">): Promise<ApiToken>;
  find(hash: string): Promise<ApiToken | undefined>;
  /** The newest first. */
  list(): Promise<ApiToken[]>;
  /** @returns the token that was, or `undefined` when there is none with this id */
  revoke(id: string): Promise<ApiToken | undefined>;
  /** Notes that a token was used. */
  touch(hash: string): Promise<void>;
}
