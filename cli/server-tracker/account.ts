import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as oidc from "openid-client";
import { messageOf } from "../../shared/errors.ts";
import { cleanText } from "../../shared/text/clean-text.ts";
import { CLI_SIGN_IN_URL, SIGN_IN_FILE } from "../../web/serving.ts";
import { type Profile, type SignIn, signInSchema, writeProfile } from "./config-file.ts";
import { CommandError } from "./exit-codes.ts";
import { openInBrowser } from "./open-in-browser.ts";
import type { Output } from "./output.ts";

/*
 * Signing in with an account, at the issuer that the page signs in at: by device authorization (RFC 8628) where the issuer
 * has it, which works on a machine without a browser too, else by authorization code with PKCE, led back to this machine
 * (RFC 8252). Amazon Cognito has the second alone.
 */

/** Seconds for each answer of an issuer. */
const TIMEOUT_S = 10;
/** Seconds that somebody has for signing in, where the issuer names no time. */
const SIGN_IN_S = 600;
/** Seconds before its end that a token is renewed. */
const RENEW_BEFORE_S = 60;
/** Where an issuer leads back to, for one that has another port than ours, or compares none (RFC 8252, 7.3): 0 takes a free one. */
const PORT_VARIABLE = "SERVER_TRACKER_LOGIN_PORT";
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/** Signs in by a browser. @returns token and account of a profile @throws {CommandError} naming what failed and what to do */
export async function signIn(api: string, { note }: Pick<Output, "note">): Promise<Profile> {
  const settings = await settingsOf(api);
  const config = await asked(settings.issuer, () => configurationOf(settings));
  const { device_authorization_endpoint, scopes_supported = [] } = config.serverMetadata();
  // Where the issuer knows it, this is what asks for a token that renews.
  const scope = scopes_supported.includes("offline_access") ? `${settings.scope} offline_access` : settings.scope;
  const tokens = await asked(
    settings.issuer,
    async () =>
      (device_authorization_endpoint === undefined ? undefined : await byDevice(config, scope, note)) ??
      (await byBrowser(config, scope, note)),
  );
  return profileOf(settings, tokens);
}

/** Renews a token that is about to end, and keeps it. @returns the profile to go on with @throws {CommandError} when the session has ended */
export async function renewed(name: string, profile: Profile): Promise<Profile> {
  const { account } = profile;
  if (account === undefined || account.expiresAt - RENEW_BEFORE_S > Date.now() / 1_000) return profile;
  const { signIn: settings, refreshToken } = account;
  if (refreshToken === undefined) throw new CommandError(ENDED);
  const tokens = await configurationOf(settings)
    .then((config) => oidc.refreshTokenGrant(config, refreshToken))
    .catch((error: unknown) => {
      throw new CommandError(error instanceof oidc.ResponseBodyError ? ENDED : failureOf(settings.issuer, error));
    });
  // An issuer that sends no new one lets the old one go on.
  const next = { ...profile, ...profileOf(settings, { refresh_token: refreshToken, ...tokens }) };
  await writeProfile(name, next);
  return next;
}

const ENDED = "Your session has ended: run `server-tracker login --account`.";

/** How people sign in at a deployment. */
async function settingsOf(api: string): Promise<SignIn> {
  const url = new URL(SIGN_IN_FILE, api);
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_S * 1_000) })
    .then((response) => (response.ok ? response.json() : undefined))
    .catch(() => undefined);
  const settings = signInSchema.safeParse(answer);
  if (settings.success) return settings.data;
  throw new CommandError(
    `${url} names no issuer: --api must be the page's address followed by /api, of a deployment where people have accounts. Else log in with an API token.`,
  );
}

async function configurationOf({ issuer, clientId, endpoints }: SignIn): Promise<oidc.Configuration> {
  // A deployment that names the addresses is taken at its word, by TLS: which algorithm signs is the issuer's affair.
  const config =
    endpoints === undefined
      ? await oidc.discovery(new URL(issuer), clientId, undefined, oidc.None(), { timeout: TIMEOUT_S, execute: insecure(issuer) })
      : new oidc.Configuration(
          { issuer, ...endpoints, id_token_signing_alg_values_supported: ["RS256", "ES256", "PS256", "EdDSA"] },
          clientId,
          undefined,
          oidc.None(),
        );
  config.timeout = TIMEOUT_S;
  for (const allow of insecure(endpoints?.token_endpoint ?? issuer)) allow(config);
  return config;
}

/** Plain HTTP never leaves this machine. */
function insecure(url: string): ((config: oidc.Configuration) => void)[] {
  return LOOPBACK.test(new URL(url).hostname) ? [oidc.allowInsecureRequests] : [];
}

type Tokens = Pick<Awaited<ReturnType<typeof oidc.refreshTokenGrant>>, "access_token" | "refresh_token" | "expires_in">;

function profileOf(
  settings: SignIn,
  { access_token, refresh_token, expires_in = 3_600 }: Tokens,
): Required<Pick<Profile, "token" | "account">> {
  const expiresAt = Math.floor(Date.now() / 1_000) + expires_in;
  return { token: access_token, account: { signIn: settings, refreshToken: refresh_token, expiresAt } };
}

/** @returns nothing where this client may not sign in so */
async function byDevice(config: oidc.Configuration, scope: string, note: (text: string) => void): Promise<Tokens | undefined> {
  const device = await oidc.initiateDeviceAuthorization(config, { scope }).catch((error: unknown) => {
    if (error instanceof oidc.ResponseBodyError && error.error === "unauthorized_client") return undefined;
    throw error;
  });
  if (device === undefined) return undefined;
  const { verification_uri: url, verification_uri_complete: complete = url, user_code: code } = device;
  note(`Open ${cleanText(url, 500)} on any machine, and enter ${cleanText(code, 50)}`);
  if (process.stderr.isTTY) openInBrowser(httpAddress(complete));
  return oidc.pollDeviceAuthorizationGrant(config, device);
}

async function byBrowser(config: oidc.Configuration, scope: string, note: (text: string) => void): Promise<Tokens> {
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const back = Promise.withResolvers<URL>();
  const home = new URL(CLI_SIGN_IN_URL);
  const server = createServer((request, response) => {
    const url = URL.parse(request.url ?? "", home);
    const isOurs = url?.pathname === home.pathname && url.searchParams.get("state") === state;
    response.writeHead(isOurs ? 200 : 404, { "content-type": "text/plain; charset=utf-8", connection: "close" });
    response.end(isOurs ? "Go back to the terminal: this window can be closed." : "Nobody waits for this: run the command again.");
    if (isOurs) back.resolve(url);
  });
  const deadline = setTimeout(() => back.reject(new Error(`nobody signed in within ${SIGN_IN_S / 60} minutes`)), SIGN_IN_S * 1_000);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(portOf(home), "localhost", resolve);
    });
    const redirect = new URL(home);
    redirect.port = String((server.address() as AddressInfo).port); // as one that listens on TCP has
    const address = oidc.buildAuthorizationUrl(config, {
      redirect_uri: redirect.href,
      scope,
      state,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    });
    note(`Open ${address.href}`);
    if (process.stderr.isTTY) openInBrowser(httpAddress(address.href));
    return await oidc.authorizationCodeGrant(config, new URL((await back.promise).search, redirect), {
      pkceCodeVerifier: verifier,
      expectedState: state,
    });
  } finally {
    clearTimeout(deadline);
    server.close();
    server.closeIdleConnections();
  }
}

function portOf(home: URL): number {
  const port = Number(process.env[PORT_VARIABLE] || home.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new CommandError(`${PORT_VARIABLE} must be a port`);
  return port;
}

/** What is given to this machine's programs to open. @throws {Error} when it is no web address */
function httpAddress(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new Error("its address for signing in is no web address");
  return url.href;
}

async function asked<Value>(issuer: string, ask: () => Promise<Value>): Promise<Value> {
  try {
    return await ask();
  } catch (error) {
    throw error instanceof CommandError ? error : new CommandError(failureOf(issuer, error));
  }
}

function failureOf(issuer: string, error: unknown): string {
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE")
    return `port ${portOf(new URL(CLI_SIGN_IN_URL))} is taken, where the issuer leads back to: stop what listens there, or set ${PORT_VARIABLE} to another that the issuer takes`;
  if (error instanceof oidc.ResponseBodyError || error instanceof oidc.AuthorizationResponseError)
    return `${issuer} refuses: ${error.error_description ?? error.error}`;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : messageOf(error);
  return `${issuer}: ${cause}`;
}
