import { createHash } from "node:crypto";
import { isObject } from "../text/is-object.ts";
import { type DialContext, Trace } from "./dial.ts";
import { httpExchange } from "./http-exchange.ts";
import type { HttpProxy } from "./http-proxy.ts";

/** A client of an OAuth 2 token endpoint. */
export interface OAuth2Client {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  readonly audience?: string | undefined;
  readonly tokenEndpointAuthMethod: "client_secret_basic" | "client_secret_post";
}

/** A token endpoint that gives none. */
export class TokenError extends Error {
  override readonly name = "TokenError";
}

export interface BearerToken {
  readonly token: string;
  /** Whether it was got before now, so that a refusal may be answered with a new one. */
  readonly kept: boolean;
}

/** Of the token's life, so that it does not end on its way. Milliseconds. */
const MARGIN_MS = 30_000;
/** RFC 6749 leaves a token's life out at will: asked anew after this. */
const DEFAULT_LIFE_MS = 300_000;
const MAX_KEPT = 1_000;
const MAX_ANSWER_BYTES = 64 * 1024;
/** Longer ones do not fit into the headers that most servers take. */
const MAX_TOKEN_CHARACTERS = 16_384;

const kept = new Map<string, { readonly token: string; readonly until: number }>();

/**
 * A token by the client's credentials (RFC 6749, 4.4), kept for its life by this process.
 * @param now epoch ms @param fresh asks for a new one, whatever is kept
 * @throws {TokenError}
 */
export async function bearerToken(
  client: OAuth2Client,
  context: DialContext & { readonly userAgent: string },
  { now, proxy, fresh = false }: { now: number; proxy?: HttpProxy | undefined; fresh?: boolean },
): Promise<BearerToken> {
  const key = createHash("sha256").update(JSON.stringify(client)).digest("base64");
  const known = kept.get(key);
  if (!fresh && known !== undefined && known.until > now) return { token: known.token, kept: true };
  const { token, lifeMs } = await askToken(client, context, proxy);
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(key, { token, until: now + lifeMs - MARGIN_MS });
  return { token, kept: false };
}

async function askToken(client: OAuth2Client, context: DialContext & { readonly userAgent: string }, proxy: HttpProxy | undefined) {
  const { tokenUrl, clientId, clientSecret, scopes, audience, tokenEndpointAuthMethod } = client;
  const form = new URLSearchParams({ grant_type: "client_credentials" });
  if (scopes.length > 0) form.set("scope", scopes.join(" "));
  if (audience !== undefined) form.set("audience", audience);
  const headers: Record<string, string> = {
    "user-agent": context.userAgent,
    accept: "application/json",
    "content-type": "application/x-www-form-urlencoded",
  };
  if (tokenEndpointAuthMethod === "client_secret_post") {
    form.set("client_id", clientId);
    form.set("client_secret", clientSecret);
  } else headers["authorization"] = `Basic ${Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString("base64")}`;
  const { status, body } = await httpExchange(
    { method: "POST", url: new URL(tokenUrl), headers, body: form.toString(), maxBodyBytes: MAX_ANSWER_BYTES, proxy },
    // What the token takes is not the target's time.
    { ...context, trace: new Trace() },
  );
  const answer = parsed(body);
  if (status !== 200) throw new TokenError(`the token endpoint answered ${status}${reasonOf(answer)}`);
  const { access_token: token, token_type: type, expires_in: seconds } = answer;
  if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token) || token.length > MAX_TOKEN_CHARACTERS) {
    throw new TokenError("the token endpoint's answer holds no access_token");
  }
  if (typeof type === "string" && type.toLowerCase() !== "bearer") throw new TokenError(`the token endpoint gives tokens of type ${type}`);
  const life = Number(seconds);
  return { token, lifeMs: life > 0 ? life * 1_000 : DEFAULT_LIFE_MS };
}

/** RFC 6749, 2.3.1: both parts are encoded as in a form. */
function formEncoded(text: string): string {
  return new URLSearchParams({ text }).toString().slice("text=".length);
}

function parsed(body: Buffer): Record<string, unknown> {
  try {
    const answer: unknown = JSON.parse(body.toString("utf8").replace(/^\uFEFF/, ""));
    return isObject(answer) ? answer : {};
  } catch {
    return {};
  }
}

// RFC 6749, 5.2.
function reasonOf({ error, error_description: description }: Record<string, unknown>): string {
  const words = [error, description].filter((text) => typeof text === "string" && text !== "");
  return words.length === 0 ? "" : `: ${words.join(", ")}`;
}
