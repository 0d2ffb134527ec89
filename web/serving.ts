/*
 * What whoever serves the page must do, the local server and CloudFront alike: its addresses, its files, and what goes
 * along with them.
 */

/** Addresses of the page; each is answered with `index.html`. The API has some of the same, below `/api` at the page's origin. */
export const PAGES =
  /^\/(?:targets(?:\/new|\/[\w-]{36}(?:\/edit)?)?|incidents(?:\/[\w.-]{36,47})?|channels|maintenance|status-pages|reports|access)?\/?$/;

/** What Vite names by its content, and what stands beside it. */
export const FILES = /^\/(?:assets\/[\w-]+\.\w+|favicon\.svg)$/;

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

/** Nothing inline, nothing from elsewhere. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Of status pages: nothing inline, nothing from elsewhere; no form. @param isEmbed whether other sites may frame it */
export function statusPolicy(isEmbed: boolean): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${isEmbed ? "*" : "'none'"}`,
  ].join("; ");
}
