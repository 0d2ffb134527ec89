import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import * as z from "zod";
import { ROLES } from "../../shared/access/authorize.ts";
import { messageOf } from "../../shared/errors.ts";

const ALGORITHM = "ES256";
const LIFETIME_SECONDS = 3_600;
/** The `iss` of its tokens: the same at each start, whatever its port. */
export const DEV_ISSUER = "http://dev-issuer.invalid";
/** The `aud` of its tokens. */
export const DEV_AUDIENCE = "server-tracker-local";

const requestSchema = z.object({
  client_secret: z.string("client_secret must be the API key"),
  role: z.enum(ROLES, `role must be one of ${ROLES.join(", ")}`).default("viewer"),
  sub: z.string().max(100).default("developer"),
});

/** What {@link createDevIssuer} stands on. */
export interface DevIssuerOptions {
  /** Folder that keeps its key pair, so that tokens outlive a restart. */
  readonly folder: string;
  /** Who knows this may have tokens: the API key of the installation. */
  readonly apiKey: string;
}

/**
 * A small OpenID Connect issuer for one machine, so that login by JWT works without Amazon Cognito: its keys, and
 * `POST /token` with the API key for a token of any role. It listens on loopback alone.
 */
export async function createDevIssuer({ folder, apiKey }: DevIssuerOptions): Promise<Server> {
  const jwk = await keyPair(join(folder, "issuer-key.json"));
  const { d: _private, ...publicKey } = jwk;
  const key = await importJWK(jwk, ALGORITHM);
  const routes: Record<string, (body: string) => Promise<unknown> | unknown> = {
    "GET /.well-known/jwks.json": () => ({ keys: [publicKey] }),
    "POST /token": async (body) => {
      const asked = requestSchema.parse(Object.fromEntries(new URLSearchParams(body)));
      if (asked.client_secret !== apiKey) throw new Error("client_secret must be the API key");
      const token = await new SignJWT({ token_use: "access", "cognito:groups": [asked.role] })
        .setProtectedHeader({ alg: ALGORITHM, kid: String(jwk.kid) })
        .setIssuer(DEV_ISSUER)
        .setAudience(DEV_AUDIENCE)
        .setSubject(asked.sub)
        .setIssuedAt()
        .setExpirationTime(`${LIFETIME_SECONDS}s`)
        .sign(key);
      return { access_token: token, token_type: "Bearer", expires_in: LIFETIME_SECONDS };
    },
  };
  return createServer((request, response) => {
    const route = routes[`${request.method} ${request.url}`];
    const send = (status: number, body: unknown) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      body += chunk.slice(0, 10_000 - body.length);
    });
    request.on("end", () => {
      if (route === undefined) return void send(404, { error: "not_found" });
      Promise.resolve()
        .then(() => route(body))
        .then(
          (answer) => send(200, answer),
          (error: unknown) =>
            send(400, {
              error: "invalid_request",
              error_description: error instanceof z.ZodError ? error.issues.map(({ message }) => message).join("; ") : messageOf(error),
            }),
        );
    });
  });
}

async function keyPair(file: string): Promise<JWK> {
  if (existsSync(file)) return JSON.parse(await readFile(file, "utf8")) as JWK; // written below
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const jwk = await exportJWK(privateKey);
  const named = { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: ALGORITHM, use: "sig" };
  await writeFile(file, JSON.stringify(named), { mode: 0o600 });
  return named;
}
