import { CookieJar as ToughCookieJar } from "tough-cookie";

/** Cookies by RFC 6265, for the length of one check. */
export interface CookieJar {
  /** Takes `Set-Cookie` headers of an answer from `url`; what does not fit is left out, as browsers do. */
  take(headers: readonly string[], url: URL): Promise<void>;
  /** The `Cookie` header for a request to `url`; `undefined` when there is none. */
  headerFor(url: URL): Promise<string | undefined>;
}

/** Set by one answer at most: no client keeps more. */
const MAX_COOKIES = 50;
const MAX_COOKIE_BYTES = 8_192;

const DOMAIN = /;\s*domain\s*=\s*\.?([^;\s]*)\s*(?=;|$)/i;

function namesItself(header: string, host: string): boolean {
  return DOMAIN.exec(header)?.[1]?.toLowerCase() === host.toLowerCase();
}

/** A host with a dot at its end is the same host, and no cookie's domain. */
function addressOf({ href, hostname }: URL): URL {
  const url = new URL(href);
  if (hostname.endsWith(".")) url.hostname = hostname.slice(0, -1);
  return url;
}

export function createCookieJar(): CookieJar {
  const jar = new ToughCookieJar(undefined, { looseMode: true });
  return {
    async take(headers, from) {
      const url = addressOf(from);
      for (const header of headers.slice(0, MAX_COOKIES)) {
        if (header.length > MAX_COOKIE_BYTES) continue;
        const kept = await jar.setCookie(header, url.href, { ignoreError: true });
        // RFC 6265, 5.3, 5: what is a public suffix itself, and names itself, has a cookie of its own.
        if (kept === undefined && namesItself(header, url.hostname))
          await jar.setCookie(header.replace(DOMAIN, ""), url.href, { ignoreError: true });
      }
    },
    async headerFor(url) {
      return (await jar.getCookieString(addressOf(url).href)) || undefined;
    },
  };
}
