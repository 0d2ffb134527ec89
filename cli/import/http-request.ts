import { textOf, withoutCredentials } from "./values.ts";
import type { Warnings } from "./warnings.ts";

/** What a source says of a request, in its own words. */
export interface GivenRequest {
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly body?: string | undefined;
  /** Value of the authorization header, where the headers hold none. */
  readonly authorization?: string | undefined;
  /** Of the body, where the headers hold none. */
  readonly contentType?: string | undefined;
}

/**
 * Method, headers and body as a target has them: the host is a field of its own, and GET and HEAD have no body.
 * @param bodyPlace where the body stands in the source
 */
export function requestFields(given: GivenRequest, bodyPlace: string, warnings: Warnings): Record<string, unknown> {
  const method = given.method?.toUpperCase() || "GET";
  const fields: Record<string, unknown> = method === "GET" ? {} : { method };
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given.headers ?? {})) {
    if (name.toLowerCase() === "host") fields["hostHeader"] = textOf(value);
    else headers[name] = textOf(value) ?? "";
  }
  if (given.body) {
    if (method === "GET" || method === "HEAD") warnings.add("lost", "body-with-get", bodyPlace, `a body is not sent with ${method}`);
    else {
      fields["body"] = given.body;
      addHeader(headers, "content-type", given.contentType);
    }
  }
  addHeader(headers, "authorization", given.authorization);
  if (Object.keys(headers).length > 0) fields["headers"] = headers;
  return fields;
}

function addHeader(headers: Record<string, string>, name: string, value: string | undefined): void {
  const hasOne = Object.keys(headers).some((other) => other.toLowerCase() === name);
  if (value !== undefined && !hasOne) headers[name] = value;
}

/** A URL without the credentials in it, which a header carries: that is said. */
export function urlOf(text: string, place: string, warnings: Warnings): { url: string; authorization?: string } {
  const split = withoutCredentials(text);
  if (split.authorization !== undefined) {
    warnings.add("changed", "url-credentials", place, "user and password go into the authorization header");
  }
  return split;
}

/** A proxy, as an http target has it; `undefined` for one that is not spoken to, such as SOCKS. */
export function proxyFields(text: string): { proxy: string; proxyAuthorization?: string } | undefined {
  const { url, authorization } = withoutCredentials(text);
  if (!/^https?:\/\//i.test(url)) return undefined;
  return { proxy: url, ...(authorization !== undefined && { proxyAuthorization: authorization }) };
}
