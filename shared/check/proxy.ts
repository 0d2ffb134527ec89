import * as z from "zod";
import type { HttpProxy } from "../net/http-proxy.ts";

/** The way to targets that are reached through an HTTP proxy alone. */
export const proxyFields = {
  proxy: z
    .string()
    .trim()
    .max(300, "must have at most 300 characters")
    .refine((text) => isProxyUrl(text), 'must be the address of an HTTP proxy, such as "http://proxy.example:3128"')
    .refine(
      (text) => !isProxyUrl(text) || !(new URL(text).username || new URL(text).password),
      "must not hold a user name or password: use proxyAuthorization",
    )
    .optional()
    .meta({ description: "An HTTP proxy to go through; the name of the target is then looked up by it." }),
  proxyAuthorization: z
    .string()
    .max(4_096, "must have at most 4096 characters")
    .regex(/^[\x20-\x7e]+$/, "must not contain line breaks or control characters")
    .optional()
    .meta({ description: 'Header proxy-authorization, such as "Basic dXNlcjpzZWNyZXQ=". Stored encrypted, never shown.' }),
};

interface ProxyConfig {
  readonly proxy?: string | undefined;
  readonly proxyAuthorization?: string | undefined;
}

/** What an exchange takes of {@link proxyFields}. */
export function proxyOf({ proxy, proxyAuthorization }: ProxyConfig): HttpProxy | undefined {
  return proxy === undefined ? undefined : { url: new URL(proxy), authorization: proxyAuthorization };
}

/** What is wrong across {@link proxyFields}. */
export function proxyIssues({ proxy, proxyAuthorization }: ProxyConfig): { path: string; message: string }[] {
  return proxy === undefined && proxyAuthorization !== undefined
    ? [{ path: "proxyAuthorization", message: "must be left out without proxy" }]
    : [];
}

function isProxyUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.port !== "0" && url.pathname === "/" && url.search === "" && url.hash === "";
}
