import { JwtVerifier } from "aws-jwt-verify";
import { SimpleJwksCache } from "aws-jwt-verify/jwk";
import type { JwtHeader, JwtPayload } from "aws-jwt-verify/jwt-model";
import * as z from "zod";
import { messageOf } from "../errors.ts";
import { type Authenticator, ROLES, type Role } from "./authorize.ts";

export interface JwtSettings {
  /** The `iss` of every token, and where its keys are found. */
  readonly issuer: string;
  /** Accepted audiences: one of them must be the token's `aud`, or its `client_id` where it has no `aud` (as Amazon Cognito's access tokens). */
  readonly audiences: readonly string[];
  /** Where the issuer's keys are; found by OpenID Connect discovery when left out. */
  readonly jwksUri?: string | undefined;
  /** The claim that names roles: a text or a list of texts. */
  readonly rolesClaim: string;
}

/** Scopes such as `server-tracker/editor` name a role too: machines that sign in by client credentials are in no group. */
export const SCOPE_PREFIX = "server-tracker/";

/** Asymmetric ones alone: with HS256 in the list, the public key could be used to sign. */
const ALGORITHMS = ["RS256", "ES256", "EdDSA"];
/** Clocks of issuer and Lambda may differ by this much. */
const CLOCK_SKEW_SECONDS = 30;
const FETCH_TIMEOUT_MS = 3_000;
const MAX_DOCUMENT_BYTES = 256 * 1024;

const discoverySchema = z.object({ issuer: z.string(), jwks_uri: z.url() });

/**
 * JWTs of an OpenID Connect issuer: signature by its published keys (fetched again when a token names a new
 * one), issuer, audience, expiry, not-before, token use. A token without a role we know is authenticated and
 * may do nothing.
 * @param logger told when the issuer cannot be asked: callers see a 401 as for a wrong token
 */
export function jwtAuthenticator({ issuer, audiences, jwksUri, rolesClaim }: JwtSettings, logger: IssuerLogger): Authenticator {
  const fetchDocument = documentFetcher(logger);
  let ready: Promise<{ verify(jwt: string): Promise<unknown> }> | undefined;

  async function createVerifier() {
    const uri = jwksUri ?? (await discoverJwksUri(issuer, fetchDocument));
    return JwtVerifier.create(
      {
        issuer,
        jwksUri: uri,
        audience: null, // checked below: it may be in `client_id`
        graceSeconds: CLOCK_SKEW_SECONDS,
        customJwtCheck: ({ header, payload }) => {
          const problem = problemOf(header, payload, audiences);
          if (problem !== undefined) throw new Error(problem);
        },
      },
      { jwksCache: new SimpleJwksCache({ fetcher: { fetch: fetchDocument } }) },
    );
  }

  return async (credential) => {
    if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(credential)) return undefined;
    try {
      // An issuer that did not answer is asked again with the next call.
      ready ??= createVerifier().catch((error: unknown) => {
        ready = undefined;
        throw error;
      });
      const claims = z.looseObject({ sub: z.string().optional() }).parse(await (await ready).verify(credential));
      return { id: `user:${claims.sub ?? "unknown"}`, role: roleOf([...textsOf(claims[rolesClaim]), ...scopesOf(claims["scope"])]) };
    } catch {
      return undefined; // no oracle about which part was wrong
    }
  };
}

/** The kinds of JWT that are access tokens; many issuers name none. */
const TYPES = ["", "jwt", "at+jwt", "application/at+jwt"];
/** Claims of ID tokens, which tell a page who signed in and open nothing. */
const ID_TOKEN_CLAIMS = ["nonce", "at_hash", "c_hash"];

/** What is wrong with a token whose signature, issuer and times are right. */
function problemOf(header: JwtHeader, payload: JwtPayload, audiences: readonly string[]): string | undefined {
  // `client_id` says who asked for a token; only where nobody is named as its audience does it say whom it is for.
  const named = [payload.aud ?? payload["client_id"] ?? []].flat().map(String);
  const problems = {
    "an algorithm that is not accepted": !ALGORITHMS.includes(String(header.alg)),
    "a token that never expires": typeof payload.exp !== "number",
    "a type that is no access token": !TYPES.includes(String(header["typ"] ?? "").toLowerCase()),
    "a use that is not access": (payload["token_use"] ?? "access") !== "access",
    "an ID token": ID_TOKEN_CLAIMS.some((claim) => payload[claim] !== undefined),
    "somebody else's token": !audiences.some((audience) => named.includes(audience)),
  };
  return Object.entries(problems).find(([, found]) => found)?.[0];
}

/** The highest of the roles that are named. */
function roleOf(named: readonly string[]): Role | undefined {
  return [...ROLES].reverse().find((role) => named.includes(role));
}

function textsOf(claim: unknown): string[] {
  return typeof claim === "string" ? claim.split(/[\s,]+/) : Array.isArray(claim) ? claim.filter((text) => typeof text === "string") : [];
}

function scopesOf(claim: unknown): string[] {
  return textsOf(claim).flatMap((scope) => (scope.startsWith(SCOPE_PREFIX) ? [scope.slice(SCOPE_PREFIX.length)] : []));
}

async function discoverJwksUri(issuer: string, fetchDocument: FetchDocument): Promise<string> {
  const document = await fetchDocument(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  const { issuer: named, jwks_uri } = discoverySchema.parse(JSON.parse(Buffer.from(document).toString("utf8")));
  if (named !== issuer) throw new Error(`the issuer calls itself ${named}`);
  return jwks_uri;
}

export interface IssuerLogger {
  warn(message: string): void;
}

type FetchDocument = (uri: string) => Promise<ArrayBuffer>;

function documentFetcher(logger: IssuerLogger): FetchDocument {
  return async (uri) => {
    try {
      const response = await fetch(uri, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS), redirect: "error" });
      if (!response.ok) throw new Error(`it answered ${response.status}`);
      const body = await response.arrayBuffer();
      if (body.byteLength > MAX_DOCUMENT_BYTES) throw new Error("it is too long");
      return body;
    } catch (error) {
      logger.warn(`${uri} could not be read, so that no JWT is taken: ${messageOf(error)}`);
      throw error;
    }
  };
}
