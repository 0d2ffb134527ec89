import { createServer } from "node:http";
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { listen } from "../../local/stand-ins/listen.ts";

export const AUDIENCE = "server-tracker-test";

type Algorithm = "RS256" | "ES256" | "EdDSA" | "ES384";

/** An OpenID Connect issuer on loopback, with a key of each kind. */
export interface TestIssuer {
  readonly url: string;
  /** Signs a token as the issuer does; `claims` and `options` make it wrong in one way or another. */
  sign(
    claims: JWTPayload,
    options?: { algorithm?: Algorithm; kid?: string; issuer?: string; audience?: string | null; expiresIn?: string | number | null },
  ): Promise<string>;
  /** Makes a new key, published from now on. @returns its id */
  rotate(): Promise<string>;
  /** PEM of the RSA key, as an attacker knows it. */
  readonly publicPem: string;
  close(): void;
}

export async function startIssuer(): Promise<TestIssuer> {
  const keys = new Map<string, { algorithm: Algorithm } & Awaited<ReturnType<typeof generateKeyPair>>>();
  async function add(algorithm: Algorithm, kid: string = algorithm): Promise<string> {
    const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
    keys.set(kid, { algorithm, privateKey, publicKey });
    return kid;
  }
  for (const algorithm of ["RS256", "ES256", "EdDSA", "ES384"] as const) await add(algorithm);
  const server = createServer(async (request, response) => {
    const published = await Promise.all(
      [...keys].map(async ([kid, { algorithm, publicKey }]) => ({ ...(await exportJWK(publicKey)), kid, alg: algorithm, use: "sig" })),
    );
    const documents: Record<string, unknown> = {
      "/.well-known/openid-configuration": { issuer: url, jwks_uri: `${url}/keys` },
      "/keys": { keys: published },
    };
    const document = documents[request.url ?? ""];
    response.writeHead(document === undefined ? 404 : 200, { "content-type": "application/json" }).end(JSON.stringify(document ?? {}));
  });
  const url = await listen(server);
  const rsa = keys.get("RS256");
  if (rsa === undefined) throw new Error("there is an RSA key");
  return {
    url,
    publicPem: await exportSPKI(rsa.publicKey),
    async sign(claims, { algorithm = "RS256", kid = algorithm, issuer = url, audience = AUDIENCE, expiresIn = "5m" } = {}) {
      const key = keys.get(kid) ?? keys.get(algorithm);
      if (key === undefined) throw new Error(`no key ${kid}`);
      const jwt = new SignJWT(claims).setProtectedHeader({ alg: key.algorithm, kid }).setIssuedAt().setIssuer(issuer);
      if (audience !== null) jwt.setAudience(audience);
      if (expiresIn !== null) jwt.setExpirationTime(expiresIn);
      return jwt.sign(key.privateKey);
    },
    rotate: () => add("RS256", `RS256-${keys.size}`),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
