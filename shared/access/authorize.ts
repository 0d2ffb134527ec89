import { createHash, timingSafeEqual } from "node:crypto";

/** What a caller may do: viewers read, editors also write, admins also settle who may do what. */
export const ROLES = ["viewer", "editor", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Who calls without credentials where reading is public. */
export const ANONYMOUS = "anonymous";

export interface Principal {
  /** Who it is, for the audit: `api-key`, `token:<id>` or `user:<subject>`. */
  readonly id: string;
  /** None: the caller is known, and may do nothing. */
  readonly role?: Role | undefined;
}

/** One way to tell who is calling, such as an API key, a token or a JWT. */
export type Authenticator = (credential: string) => Promise<Principal | undefined> | Principal | undefined;

/** Whether `role` includes what `needed` may do. */
export function allows(role: Role | undefined, needed: Role): boolean {
  return role !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/**
 * The one door: tells who is calling from the `x-api-key` or `Authorization: Bearer` header, by
 * asking each authenticator. @param headers names in lower case
 */
export async function authenticate(
  headers: Readonly<Record<string, string | undefined>>,
  authenticators: readonly Authenticator[],
): Promise<Principal | undefined> {
  const bearer = /^Bearer +(\S+)$/i.exec(headers["authorization"] ?? "")?.[1];
  // An empty key is none: it must not hide a bearer.
  const credential = headers["x-api-key"] || bearer;
  if (credential === undefined || credential === "") return undefined;
  for (const ask of authenticators) {
    const principal = await ask(credential);
    if (principal !== undefined) return principal;
  }
  return undefined;
}

/** The deployment's API key; hashed first, so that the comparison takes the same time for every guess. */
export function apiKeyAuthenticator(apiKey: string): Authenticator {
  const expected = digest(apiKey);
  return (credential) => (timingSafeEqual(digest(credential), expected) ? { id: "api-key", role: "admin" } : undefined);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
