import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { join } from "node:path";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, jwtVerify, SignJWT } from "jose";
import * as z from "zod";
import { ROLES, type Role } from "../../shared/access/authorize.ts";
import { messageOf } from "../../shared/errors.ts";
import type { SignInSettings } from "../../web/serving.ts";
import { createDeviceCodes } from "./dev-device-codes.ts";
import {
  type AuthorizationRequest,
  authorizationRequest,
  DEV_AUDIENCE,
  type LoginRequest,
  loginPage,
  signedInPage,
} from "./dev-login-page.ts";

const ALGORITHM = "ES256";
const LIFETIME_SECONDS = 3_600;
const REFRESH_SECONDS = 30 * 86_400;
const CODE_SECONDS = 60;
const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
/** Codes that wait to be exchanged; the oldest makes room. */
const MAX_CODES = 100;
const MAX_BODY_CHARS = 10_000;
/** The `iss` of its tokens: the same at each start, whatever its port. */
export const DEV_ISSUER = "http://dev-issuer.invalid";

const role = z.enum(ROLES, `role must be one of ${ROLES.join(", ")}`);
const tokenRequest = z.object({
  client_secret: z.string("client_secret must be the API key"),
  role: role.default("viewer"),
  sub: z.string().max(100).default("developer"),
});
const codeRequest = z.object({ code: z.string(), code_verifier: z.string(), redirect_uri: z.string() });
const refreshRequest = z.object({ refresh_token: z.string() });
const login = authorizationRequest.extend({ api_key: z.string(), role });
const deviceRequest = z.object({ client_id: z.literal(DEV_AUDIENCE, `client_id must be ${DEV_AUDIENCE}`) });
const deviceLogin = z.object({ user_code: z.string().max(100), api_key: z.string(), role });
const deviceTokenRequest = z.object({ device_code: z.string() });
const WRONG_KEY = "This is not the API key that npm start prints.";
const refreshClaims = z.object({ use: z.literal("refresh"), sub: z.string(), role });

/** What {@link createDevIssuer} stands on. */
export interface DevIssuerOptions {
  /** Folder that keeps its key pair, so that tokens outlive a restart. */
  readonly folder: string;
  /** Who knows this may have tokens: the API key of the installation. */
  readonly apiKey: string;
}

/** Who signs in, and as what. */
interface Person {
  readonly sub: string;
  readonly role: Role;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A request that is refused, in OAuth's words (RFC 6749, 5.2; RFC 8628, 3.5). */
class OAuthError extends Error {
  readonly code: string;
  constructor(message: string, code = "invalid_grant") {
    super(message);
    this.code = code;
  }
}

/** How the page signs people in at an issuer of {@link createDevIssuer}. @param url where it listens */
export function devSignIn(url: string): SignInSettings {
  return {
    issuer: DEV_ISSUER,
    clientId: DEV_AUDIENCE,
    scope: "openid",
    endpoints: {
      authorization_endpoint: `${url}/authorize`,
      token_endpoint: `${url}/token`,
      device_authorization_endpoint: `${url}/device_authorization`,
    },
  };
}

/**
 * A small OpenID Connect issuer for one machine, so that login by JWT works without Amazon Cognito: its keys, a login
 * page (authorization code with PKCE, and device authorization), and `POST /token` with the API key for a token of any role. It listens on loopback
 * alone.
 */
export async function createDevIssuer({ folder, apiKey }: DevIssuerOptions): Promise<Server> {
  const tokens = await tokenMaker(join(folder, "issuer-key.json"));
  const codes = new Map<string, { readonly request: AuthorizationRequest; readonly person: Person; readonly until: number }>();

  function exchange({ code, code_verifier, redirect_uri }: z.output<typeof codeRequest>): Promise<unknown> {
    const given = codes.get(code);
    // Once, whatever comes of it.
    codes.delete(code);
    const isOurs = given !== undefined && given.until > Date.now() && given.request.redirect_uri === redirect_uri;
    if (!isOurs || given.request.code_challenge !== createHash("sha256").update(code_verifier).digest("base64url"))
      throw new OAuthError("the code is not valid any more");
    return tokens.session(given.person, given.request.nonce);
  }

  const devices = createDeviceCodes<Person>();

  function deviceTokens({ device_code }: z.output<typeof deviceTokenRequest>): Promise<unknown> {
    const person = devices.take(device_code);
    if (person === "waiting") throw new OAuthError("nobody has signed in with this code yet", "authorization_pending");
    if (person === undefined) throw new OAuthError("the code is not valid any more", "expired_token");
    return tokens.session(person, undefined);
  }

  const routes: Record<string, (text: string, origin: string) => Promise<Answer> | Answer> = {
    "GET /.well-known/jwks.json": () => json(200, tokens.keys),
    "GET /authorize": (query) => page(200, { page: authorizationRequest.parse(formOf(query)) }),
    "POST /device_authorization": (body, origin) => {
      deviceRequest.parse(formOf(body));
      return json(200, devices.start(`${origin}/device`));
    },
    "GET /device": (query) => page(200, { userCode: formOf(query)["user_code"] ?? "" }),
    "POST /device": (body) => {
      const { user_code, api_key, role: asked } = deviceLogin.parse(formOf(body));
      if (api_key !== apiKey) return page(403, { userCode: user_code }, WRONG_KEY);
      if (!devices.approve(user_code, { sub: "developer", role: asked }))
        return page(400, { userCode: user_code }, "No terminal waits with this code.");
      return document(200, signedInPage());
    },
    "POST /authorize": (body) => {
      const { api_key, role: asked, ...request } = login.parse(formOf(body));
      if (api_key !== apiKey) return page(403, { page: request }, WRONG_KEY);
      const code = randomBytes(24).toString("base64url");
      codes.set(code, { request, person: { sub: "developer", role: asked }, until: Date.now() + CODE_SECONDS * 1_000 });
      for (const oldest of [...codes.keys()].slice(0, Math.max(0, codes.size - MAX_CODES))) codes.delete(oldest);
      const back = new URL(request.redirect_uri);
      back.searchParams.set("code", code);
      back.searchParams.set("state", request.state);
      return { status: 303, headers: { location: back.href } };
    },
    "POST /token": async (body) => {
      const { grant_type, ...asked } = formOf(body);
      if (grant_type === "authorization_code") return json(200, await exchange(codeRequest.parse(asked)));
      if (grant_type === DEVICE_GRANT) return json(200, await deviceTokens(deviceTokenRequest.parse(asked)));
      if (grant_type === "refresh_token") return json(200, await tokens.refresh(refreshRequest.parse(asked).refresh_token));
      const { client_secret, ...person } = tokenRequest.parse(asked);
      if (client_secret !== apiKey) throw new OAuthError("client_secret must be the API key");
      return json(200, await tokens.access(person));
    },
  };

  async function answer(request: IncomingMessage): Promise<Answer> {
    const origin = `http://${request.headers.host}`;
    const url = URL.parse(`${origin}${request.url}`);
    const route = routes[`${request.method} ${url?.pathname}`];
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += String(chunk).slice(0, MAX_BODY_CHARS - body.length);
    return route === undefined ? json(404, { error: "not_found" }) : route(request.method === "GET" ? (url?.search ?? "") : body, origin);
  }

  return createServer((request, response) => {
    answer(request)
      .catch((error: unknown) =>
        json(400, {
          error: error instanceof OAuthError ? error.code : "invalid_request",
          error_description: error instanceof z.ZodError ? error.issues.map(({ message }) => message).join("; ") : messageOf(error),
        }),
      )
      .then(({ status, headers, body }) => response.writeHead(status, { ...headers, "cache-control": "no-store" }).end(body))
      .catch(() => response.destroy());
  });
}

function formOf(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

/** Of any origin: what it takes to be answered is in the request. */
function json(status: number, body: unknown): Answer {
  return { status, headers: { "content-type": "application/json", "access-control-allow-origin": "*" }, body: JSON.stringify(body) };
}

function page(status: number, request: LoginRequest, failure?: string): Answer {
  // Chromium asks for the address that a form's answer leads to as well.
  return document(status, loginPage(request, failure), "page" in request ? ` ${new URL(request.page.redirect_uri).origin}` : "");
}

function document(status: number, body: string, leadsTo = ""): Answer {
  return {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": `default-src 'none'; form-action 'self'${leadsTo}; base-uri 'none'; frame-ancestors 'none'`,
      "referrer-policy": "no-referrer",
    },
    body,
  };
}

interface TokenMaker {
  readonly keys: { readonly keys: readonly JWK[] };
  /** An access token, as a machine gets one. */
  access(person: Person): Promise<Record<string, unknown>>;
  /** What somebody gets who signs in on the page. */
  session(person: Person, nonce: string | undefined): Promise<Record<string, unknown>>;
  /** @throws {OAuthError} when it is not ours, or has ended */
  refresh(token: string): Promise<Record<string, unknown>>;
}

async function tokenMaker(keyFile: string): Promise<TokenMaker> {
  const jwk = await keyPair(keyFile);
  const { d: _private, ...publicKey } = jwk;
  const [key, ours] = await Promise.all([importJWK(jwk, ALGORITHM), importJWK(publicKey, ALGORITHM)]);
  const signed = ({ sub }: Person, claims: JWTPayload, seconds: number) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: ALGORITHM, kid: String(jwk.kid) })
      .setIssuer(DEV_ISSUER)
      .setAudience(claims["use"] === "refresh" ? DEV_ISSUER : DEV_AUDIENCE)
      .setSubject(sub)
      .setIssuedAt()
      .setExpirationTime(`${seconds}s`)
      .sign(key);
  const access = async (person: Person) => ({
    access_token: await signed(person, { token_use: "access", "cognito:groups": [person.role] }, LIFETIME_SECONDS),
    token_type: "Bearer",
    expires_in: LIFETIME_SECONDS,
  });
  const session = async (person: Person, nonce: string | undefined) => ({
    ...(await access(person)),
    scope: "openid",
    id_token: await signed(person, { token_use: "id", ...(nonce !== undefined && { nonce }) }, LIFETIME_SECONDS),
    refresh_token: await signed(person, { use: "refresh", role: person.role }, REFRESH_SECONDS),
  });
  return {
    keys: { keys: [publicKey] },
    access,
    session,
    async refresh(token) {
      const verified = await jwtVerify(token, ours, { issuer: DEV_ISSUER, audience: DEV_ISSUER, algorithms: [ALGORITHM] }).catch(
        () => undefined,
      );
      const claims = refreshClaims.safeParse(verified?.payload);
      if (!claims.success) throw new OAuthError("the session has ended");
      return session(claims.data, undefined);
    },
  };
}

async function keyPair(file: string): Promise<JWK> {
  if (existsSync(file)) return JSON.parse(await readFile(file, "utf8")) as JWK; // written below
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const jwk = await exportJWK(privateKey);
  const named = { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: ALGORITHM, use: "sig" };
  await writeFile(file, JSON.stringify(named), { mode: 0o600 });
  return named;
}
