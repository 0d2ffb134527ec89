/*
 * What whoever serves the page must do, the local server and CloudFront alike: its addresses, its files, and what goes
 * along with them.
 */

/** Addresses of the page; each is answered with `index.html`. The API has some of the same, below `/api` at the page's origin. */
export const PAGES = /^\/(?:targets(?:\/new|\/[\w-]{36}(?:\/edit)?)?|incidents(?:\/[\w.-]{36,47})?|channels|maintenance|access)?\/?$/;

/** What Vite names by its content, and what stands beside it. */
export const FILES = /^\/(?:assets\/[\w-]+\.\w+|favicon\.svg)$/;

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
