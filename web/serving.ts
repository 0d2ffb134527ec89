/*
 * What whoever serves the page must do, the local server and CloudFront alike: its addresses, its files, and what goes
 * along with them.
 */

/** Addresses of the page; each is answered with `index.html`. The API has some of the same, below `/api` at the page's origin. */
export const PAGES =
  /^\/(?:targets(?:\/[\w-]+(?:\/edit)?)?|incidents(?:\/[\w.-]+)?|channels|maintenance|status-pages|reports|access|sign-in)?\/?$/;

/** What Vite names by its content, and what stands beside it, {@link SIGN_IN_FILE} included. */
export const FILES = /^\/(?:assets\/[\w-]+\.\w+|favicon\.svg|sign-in\.json)$/;

/** Files of status pages: whoever serves the page serves them beside it. A folder's address ends with a slash. */
export const STATUS_FILES = /^\/status(?:\/[\w-][\w.-]*)+\/?$/;

/** Of those, what is a folder's document. */
export const STATUS_FOLDER = /\/$/;

/** Addresses of folders without the slash: they are sent to the one with it, so that what a document names is found. */
export const STATUS_FOLDER_BARE = /\/(?:[\w-]+|[\w-]+\.\d+)$/;

/** What of a status page other sites may show in a frame. */
export const STATUS_EMBED = /^\/status\/[\w-]+\/embed\//;

/** Below `/api` stands what the API has at its root, but for the addresses of other monitors' pings, which begin so, too. */
export const PINGS_BELOW_API = /^\/api\/(?:push|v1\/endpoints)\//;

/** What the page is told of how people sign in, as JSON; an empty object where API tokens are the only way. */
export const SIGN_IN_FILE = "/sign-in.json";

/** An OpenID Connect issuer that lets people in, and the page's client there: public, authorization code with PKCE. */
export interface SignInSettings {
  /** The `iss` of its tokens. */
  readonly issuer: string;
  readonly clientId: string;
  /** Separated by spaces. */
  readonly scope: string;
  /** Its addresses, named as in its description (OpenID Connect Discovery 1.0); the page asks for that where they are left out. */
  readonly endpoints?: {
    readonly authorization_endpoint: string;
    readonly token_endpoint: string;
    readonly device_authorization_endpoint?: string;
    readonly revocation_endpoint?: string;
    readonly end_session_endpoint?: string;
  };
}

/** What the page asks an issuer for: who somebody is, by its usual claims. */
export const PAGE_SCOPE = "openid email";

/** Where an issuer sends people back to, at the page's origin. */
export const SIGN_IN_PATH = "/sign-in";

/**
 * Where an issuer sends people back to who sign in by the command line, on their own machine (RFC 8252, 7.3). Amazon Cognito
 * compares the port too, and takes no other host than `localhost` without TLS.
 */
export const CLI_SIGN_IN_URL = "http://localhost:8976/signed-in";

/** Nothing inline, nothing from elsewhere; no form. */
function policy({
  connect = [],
  images = [],
  frameAncestors = "'none'",
}: {
  connect?: readonly string[];
  images?: readonly string[];
  frameAncestors?: string;
}): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src ${["'self'", ...images].join(" ")}`,
    `connect-src ${["'self'", ...connect].join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${frameAncestors}`,
  ].join("; ");
}

/** Of the page, besides its content type. @param issuers origins that it asks for tokens */
export function pageHeaders(issuers: readonly string[]): Readonly<Record<string, string>> {
  return {
    // A logo that is not published yet is shown from the form.
    "content-security-policy": policy({ connect: issuers, images: ["data:"] }),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    // People whose session has ended sign in again in a window of its own, beside their work.
    "cross-origin-opener-policy": "same-origin-allow-popups",
  };
}

/** The Content-Security-Policy of status pages. @param isEmbed whether other sites may frame it */
export function statusPolicy(isEmbed: boolean): string {
  return policy(isEmbed ? { frameAncestors: "*" } : {});
}
