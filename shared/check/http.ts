import { STATUS_CODES } from "node:http";
import querystring from "node:querystring";
import * as z from "zod";
import type { AnswerHead } from "../net/answer-head.ts";
import { bareHost } from "../net/bare-host.ts";
import type { CookieJar } from "../net/cookie-jar.ts";
import { type HttpRequest, type HttpResponse, httpExchange } from "../net/http-exchange.ts";
import { cleanText } from "../text/clean-text.ts";
import { type Assertion, assertionSchema, failedAssertion, readsBody } from "./assertions.ts";
import { type CheckContext, type CheckError, type CheckOutcome, defineCheckType } from "./check-type.ts";
import { clientIdentityFields, identityIssues, identityOf } from "./client-identity.ts";
import { certificateWarningDaysField, hostField, resolverReach, routed, routeFields, urlReach } from "./fields.ts";
import { headersField, lowerCased } from "./http-headers.ts";
import { httpUrlField } from "./http-url-field.ts";
import { type OAuth2Config, oauth2Field } from "./oauth2.ts";
import { proxyFields, proxyIssues, proxyOf } from "./proxy.ts";

/** As `curl --max-redirs` and browsers do, and enough for every honest chain. */
const MAX_REDIRECTS = 10;
const MAX_BODY_BYTES = 1024 * 1024;
/** Characters of an address on the way that are kept: a server may lead to one of a quarter of a megabyte. */
const MAX_TOLD_URL = 2_000;
const REDIRECT_STATUSES = new Set([301, 302, 303, 307, 308]);

/** What every request of ours says of itself. */
const ownHeaders = ({ userAgent }: CheckContext): Record<string, string> => ({ "user-agent": userAgent, accept: "*/*" });

const hostHeaderField = z
  .string()
  .trim()
  .max(260, "must have at most 260 characters")
  .refine((host) => hostOf(host) !== undefined, 'must be a host name, with a port if it has one of its own, such as "www.example.com"');

/** The host of a `Host` header, without its port. */
function hostOf(header: string): string | undefined {
  const url = /[/?#@\s\\]/.test(header) ? null : URL.parse(`http://${header}/`);
  return url === null || url.hostname === "" ? undefined : bareHost(url.hostname);
}

const statusRange = z
  .string()
  .regex(/^[1-9]\d\d-[1-9]\d\d$/, { error: 'must be a code such as 200 or a range such as "200-299"', abort: true })
  .refine((range) => range.slice(0, 3) <= range.slice(4), "must begin with its lower code: else it could never hold");

const shape = {
  type: z.literal("http"),
  url: httpUrlField,
  method: z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]).default("GET"),
  headers: headersField.default({}),
  body: z
    .string()
    .max(64 * 1024, "must have at most 65536 characters")
    .optional(),
  expectedStatuses: z
    .array(z.union([z.int().min(100, "must be 100 to 999").max(999, "must be 100 to 999"), statusRange]))
    .min(1, "must name at least one status")
    .max(50)
    .default(["200-299"])
    .meta({ description: "Codes and ranges that mean up, after redirects." }),
  followRedirects: z
    .boolean()
    .default(true)
    .meta({ description: "At most 10; headers of yours are dropped on another origin, and a body is not taken there." }),
  verifyTls: z.boolean().default(true).meta({ description: "False accepts any certificate." }),
  hostHeader: hostHeaderField.optional().meta({
    description: "Host to ask for, when it is not the URL's: a site behind an address or a load balancer. Its name is verified, too.",
  }),
  servername: hostField
    .optional()
    .meta({ description: "Name to verify and to send as SNI, when it is neither the hostHeader's nor the URL's." }),
  certificateWarningDays: certificateWarningDaysField,
  ...routeFields,
  ...clientIdentityFields,
  ...proxyFields,
  oauth2: oauth2Field.optional(),
  httpVersion: z.enum(["auto", "1.1", "2"]).default("auto").meta({
    description: "auto speaks HTTP/1.1, and HTTP/2 with a server that knows no other; each check has a fresh connection.",
  }),
  assertions: z.array(assertionSchema).max(20, "must have at most 20 assertions").default([]),
};
type HttpConfig = z.output<z.ZodObject<typeof shape>>;

export const httpCheck = defineCheckType({
  type: "http",
  shape,
  label: (config) => config.url,
  reaches: (config) => [
    urlReach(config.url, "url"),
    ...resolverReach(config.resolver),
    ...(config.oauth2 === undefined ? [] : [urlReach(config.oauth2.tokenUrl, "oauth2.tokenUrl")]),
    ...(config.proxy === undefined ? [] : [urlReach(config.proxy, "proxy")]),
  ],
  secrets: ["headers", "body", "clientKey", "proxyAuthorization", "oauth2.clientSecret"],
  patterns: ({ assertions }) =>
    assertions.flatMap((assertion, index) =>
      "operator" in assertion && /matches/i.test(assertion.operator)
        ? [[`assertions.${index}.value`, String(assertion.value)] as const]
        : [],
    ),
  secretsGoTo: ({ url, verifyTls, hostHeader, servername, resolver, proxy, oauth2 }) =>
    [
      new URL(url).origin,
      ...(proxy === undefined ? [] : [`through ${new URL(proxy).origin}`]),
      ...(oauth2 === undefined ? [] : [`with a token of ${new URL(oauth2.tokenUrl).origin}`]),
      ...(hostHeader === undefined ? [] : [`as ${hostHeader}`]),
      ...(servername === undefined ? [] : [`verified as ${servername}`]),
      ...(resolver === undefined ? [] : [`as ${resolver} finds it`]),
      ...(verifyTls ? [] : ["with any certificate"]),
    ].join(", "),
  refine: (config) => [
    ...statusIssues(config),
    ...bodyIssues(config),
    ...assertionIssues(config),
    ...identityIssues(config),
    ...proxyIssues(config),
    ...oauth2Issues(config),
  ],
  run: async (config, given) => {
    const context = routed(config, given);
    return config.oauth2 === undefined ? checkOnce(config, context) : checkWithToken(config, config.oauth2, context);
  },
});

async function checkOnce(config: HttpConfig, context: CheckContext, token?: string): Promise<CheckOutcome> {
  const start = performance.now();
  const followed = await follow(firstRequest(config, context, token), config, context);
  if ("class" in followed) return { status: "down", error: followed };
  const { response, url } = followed;
  return judge(config, response, {
    secure: url.protocol === "https:",
    totalMs: performance.now() - start,
    context,
  });
}

/** With a bearer token that the check gets itself; its latency is the target's alone. */
async function checkWithToken(config: HttpConfig, client: OAuth2Config, context: CheckContext): Promise<CheckOutcome> {
  // Loaded where it is needed.
  const { bearerToken, TokenError } = await import("../net/client-credentials.ts");
  const options = { now: context.now, proxy: proxyOf(config) };
  const timed = async (token: string) => {
    const start = performance.now();
    const outcome = await checkOnce(config, context, token);
    return { ...outcome, latencyMs: performance.now() - start };
  };
  try {
    const { token, kept } = await context.trace.onTheWay(() => bearerToken(client, context, options));
    const outcome = await timed(token);
    // It may have been revoked before its time.
    if (!kept || outcome.httpStatus !== 401 || outcome.status !== "down") return outcome;
    const renewed = await context.trace.onTheWay(() => bearerToken(client, context, { ...options, fresh: true }));
    return await timed(renewed.token);
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    return { status: "down", error: { class: "status", about: "way", text: error.message } };
  }
}

function oauth2Issues({ oauth2, headers }: HttpConfig) {
  const own = Object.keys(headers).find((name) => name.toLowerCase() === "authorization");
  return oauth2 === undefined || own === undefined
    ? []
    : [{ path: `headers.${own}`, message: "must be left out with oauth2, which sends a token there" }];
}

/** The codes that an expectation stands for, first and last. */
function codesOf(expected: number | string): readonly [from: number, to: number] {
  if (typeof expected === "number") return [expected, expected];
  const [from = 0, to = 0] = expected.split("-").map(Number);
  return [from, to];
}

function statusIssues({ expectedStatuses, followRedirects }: HttpConfig) {
  const path = "expectedStatuses";
  if (expectedStatuses.every((expected) => codesOf(expected)[1] < 200))
    return [{ path, message: "could never hold: what answers a request has a status from 200" }];
  // A redirect that leads nowhere is the answer; one that is expected leads somewhere.
  const isFollowed = (expected: number | string) => {
    const [from, to] = codesOf(expected);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index).every((code) => REDIRECT_STATUSES.has(code));
  };
  return followRedirects && expectedStatuses.every(isFollowed)
    ? [{ path, message: "are of redirects, which are followed: set followRedirects to false to see them" }]
    : [];
}

function bodyIssues({ body, method }: HttpConfig) {
  return body !== undefined && (method === "GET" || method === "HEAD")
    ? [{ path: "body", message: `must be left out with method ${method}: use POST, PUT or PATCH` }]
    : [];
}

/** Statuses whose answers have no body. RFC 9110, 6.4.1. */
const BODILESS: ReadonlySet<number> = new Set([204, 304]);

// What can never hold would be a target that is down for ever.
function assertionIssues({ assertions, method, url, followRedirects, expectedStatuses }: HttpConfig) {
  const insecure = new URL(url).protocol === "http:" && !followRedirects;
  const bodiless = expectedStatuses.every((expected) => {
    const [from, to] = codesOf(expected);
    return from === to && BODILESS.has(from);
  });
  return assertions.flatMap((assertion, index) => {
    const path = `assertions.${index}.kind`;
    const wantsBody = readsBody(assertion) && !fitsNothing(assertion);
    if (wantsBody && method === "HEAD") return [{ path, message: "proves nothing: an answer to HEAD has no body" }];
    if (wantsBody && bodiless)
      return [{ path, message: `proves nothing: an answer with status ${expectedStatuses.join(" or ")} has no body` }];
    if (assertion.kind === "certificate" && insecure) return [{ path, message: "could never hold: the target is not https" }];
    return [];
  });
}

/** Whether an assertion holds of a body that is empty. */
function fitsNothing(assertion: Assertion): boolean {
  return assertion.kind === "body" && assertion.operator === "eq" && assertion.value.trim() === "";
}

async function follow(
  first: HttpRequest,
  config: HttpConfig,
  context: CheckContext,
): Promise<{ response: HttpResponse; url: URL } | CheckError> {
  let request = first;
  let cookies: CookieJar | undefined;
  const seen = new Set<string>();
  for (let hops = 0; ; hops++) {
    const sent = await withCookies(request, cookies);
    const before = `${sent.method} ${sent.url.href} ${sent.headers["cookie"] ?? ""}`;
    const response = await exchanged(sent, context);
    context.trace.hops.push({ url: request.url.href.slice(0, MAX_TOLD_URL), status: response.status });
    const location = config.followRedirects ? locationOf(response) : undefined;
    if (location === undefined) return { response, url: request.url };
    const next = typeof location === "string" ? redirected(request, response.status, location, context) : location;
    if ("class" in next) return next;
    // What is asked again may be answered otherwise the next time; only so often, though.
    if (hops === MAX_REDIRECTS) {
      return redirectError(
        seen.has(before) ? `redirect loop at ${next.url.href}` : `more than ${MAX_REDIRECTS} redirects, the last to ${next.url.href}`,
      );
    }
    seen.add(before);
    cookies = await withSetCookies(cookies, response, askedFor(request));
    request = next;
  }
}

/** An answer in plain text through a proxy is the proxy's to give: while there is none, nobody knows whose silence it is. */
function exchanged(request: HttpRequest, context: CheckContext): Promise<HttpResponse> {
  const isOfProxy = request.proxy !== undefined && request.url.protocol === "http:";
  const exchange = () => httpExchange(request, context);
  return isOfProxy ? context.trace.onTheWay(exchange) : exchange();
}

function firstRequest(config: HttpConfig, context: CheckContext, token: string | undefined): HttpRequest {
  return {
    method: config.method,
    url: new URL(config.url),
    headers: {
      ...ownHeaders(context),
      ...lowerCased(config.headers),
      ...(config.hostHeader !== undefined && { host: config.hostHeader }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: config.body,
    verifyTls: config.verifyTls,
    servername: config.servername ?? (config.hostHeader === undefined ? undefined : hostOf(config.hostHeader)),
    identity: identityOf(config),
    proxy: proxyOf(config),
    httpVersion: config.httpVersion,
    wantsBody: (head) => isExpected(config, head.status) && (!config.followRedirects || locationOf(head) === undefined),
    maxBodyBytes: MAX_BODY_BYTES,
  };
}

/** Where a redirect leads; an error where it says two places, `undefined` where it says none, which browsers show as it is. */
function locationOf({ status, headers }: AnswerHead): string | CheckError | undefined {
  if (!REDIRECT_STATUSES.has(status)) return undefined;
  const places = new Set([headers["location"] ?? ""].flat().map((place) => place.trim()));
  if (places.size > 1) return redirectError(`redirect to ${places.size} places at once`);
  const [place = ""] = places;
  // Headers arrive a character a byte; what is no ASCII is a byte of a URL, as browsers take it.
  return place === "" ? undefined : place.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The address as the server knows it: with the host that a header asks for. */
function askedFor({ url, headers }: HttpRequest): URL {
  const { host } = headers;
  if (host === undefined) return url;
  const asked = new URL(url);
  asked.host = host;
  return asked;
}

/** Cookies for the length of one check; loaded when the first is set. */
async function withSetCookies(jar: CookieJar | undefined, { headers }: HttpResponse, url: URL): Promise<CookieJar | undefined> {
  const set = [headers["set-cookie"] ?? []].flat();
  if (set.length === 0) return jar;
  const filled = jar ?? (await import("../net/cookie-jar.ts")).createCookieJar();
  await filled.take(set, url);
  return filled;
}

async function withCookies(request: HttpRequest, jar: CookieJar | undefined): Promise<HttpRequest> {
  const set = await jar?.headerFor(askedFor(request));
  if (set === undefined) return request;
  // What the server sets takes the place of what the owner gave it to begin with.
  const names = new Set(cookiesIn(set).map(cookieName));
  const own = cookiesIn(request.headers["cookie"] ?? "").filter((cookie) => !names.has(cookieName(cookie)));
  return { ...request, headers: { ...request.headers, cookie: [...own, set].join("; ") } };
}

function cookiesIn(header: string): string[] {
  return header.split(/;\s*/).filter(Boolean);
}

function cookieName(cookie: string): string {
  return cookie.slice(0, Math.max(0, cookie.indexOf("="))).trim();
}

function redirected(request: HttpRequest, status: number, location: string, context: CheckContext): HttpRequest | CheckError {
  const url = URL.parse(location, request.url.href) ?? undefined;
  if (url === undefined) return redirectError("redirect to an address that is no URL");
  if (url.protocol !== "http:" && url.protocol !== "https:") return redirectError(`redirect to ${url.protocol}// is not followed`);
  url.hash = "";
  // RFC 9110, 15.4: 303 always becomes GET, and 301/302 do for POST, as browsers settled it.
  const toGet = (status === 303 && request.method !== "HEAD") || ((status === 301 || status === 302) && request.method === "POST");
  const otherOrigin = url.origin !== request.url.origin;
  if (otherOrigin && !toGet && request.body !== undefined) return redirectError(`redirect of a body to ${url.origin} is not followed`);
  // The owner's headers are for the origin they were written for; they may hold credentials.
  return {
    ...request,
    url,
    method: toGet ? "GET" : request.method,
    headers: headersTo(url, otherOrigin ? ownHeaders(context) : request.headers, toGet),
    servername: otherOrigin ? undefined : request.servername,
    identity: otherOrigin ? undefined : request.identity,
    body: toGet ? undefined : request.body,
  };
}

/** Headers of a request that follows a redirect. @param withoutBody whether what is said of a body is left out */
function headersTo(url: URL, headers: HttpRequest["headers"], withoutBody: boolean): HttpRequest["headers"] {
  const login = loginIn(url);
  const given = { ...headers, ...(login !== undefined && { authorization: login }) };
  return withoutBody ? Object.fromEntries(Object.entries(given).filter(([name]) => !name.startsWith("content-"))) : given;
}

/** What an address says of who asks, which is taken out of it: a header carries it, as with every client. */
function loginIn(url: URL): string | undefined {
  if (url.username === "" && url.password === "") return undefined;
  // Does not throw for a % that stands for itself.
  const login = `${querystring.unescape(url.username)}:${querystring.unescape(url.password)}`;
  url.username = "";
  url.password = "";
  return `Basic ${Buffer.from(login).toString("base64")}`;
}

async function judge(
  config: HttpConfig,
  response: HttpResponse,
  { secure, totalMs, context }: { secure: boolean; totalMs: number; context: CheckContext },
): Promise<CheckOutcome> {
  const seen = {
    httpStatus: response.status,
    ...(response.truncated && { note: "body cut at 1 MiB" }),
  };
  if (!isExpected(config, response.status)) {
    const reason = response.statusText || STATUS_CODES[response.status] || "";
    const text = `${response.status} ${cleanText(reason, 60)}`.trim();
    // A proxy that wants to know who asks has not asked.
    const isOfProxy = response.status === 407 && config.proxy !== undefined && !secure;
    return { status: "down", error: { class: "status", text, ...(isOfProxy && { about: "way" }) }, ...seen };
  }
  const certificate = secure ? context.trace.certificate : undefined;
  const assertions = context.inDetail ? [] : undefined;
  const failed = await failedAssertion(config.assertions, { response, totalMs, lostMs: context.lostMs(), certificate }, assertions);
  return { ...(failed ?? { status: "up" }), ...seen, ...(assertions !== undefined && { assertions }) };
}

function isExpected({ expectedStatuses }: HttpConfig, status: number): boolean {
  return expectedStatuses.some((expected) => {
    const [from, to] = codesOf(expected);
    return status >= from && status <= to;
  });
}

function redirectError(text: string): CheckError {
  return { class: "redirect", text };
}
