import { randomUUID } from "node:crypto";
import querystring from "node:querystring";
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";
import { ANONYMOUS, allows, type Principal, ROLES } from "../../shared/access/authorize.ts";
import { invalidField, RequestError } from "../../shared/errors.ts";
import { record } from "../../shared/log/record.ts";
import { batch } from "../../shared/log/tables.ts";
import { cleanText } from "../../shared/text/clean-text.ts";
import { isObject } from "../../shared/text/is-object.ts";
import { lowerCaseNames } from "../wiring/headers.ts";
import type { ApiDeps, ApiResponse, RawInput, Route } from "./route.ts";

/** Bodies are configuration; API Gateway itself would take 10 MB. */
const MAX_BODY_BYTES = 256 * 1024;

/** What a caller without valid credentials is told, whatever was wrong with them. */
export const CREDENTIALS_HINT = "Send a valid API token in the x-api-key header, or a token or JWT as Authorization: Bearer.";

/** Finds the route of an event, checks access and input, and calls it. Throws what `problemOf` explains. */
export async function dispatch(routes: readonly Route[], deps: ApiDeps, event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> {
  const { route, params } = findRoute(routes, event.httpMethod, event.path);
  const principal = principalOf(event);
  limitRate(deps, principal, event);
  if (route.access !== "public") {
    if (principal === undefined) throw new RequestError("unauthenticated", CREDENTIALS_HINT);
    if (!allows(principal.role, route.access)) throw new RequestError("forbidden", `This needs the role ${route.access}.`);
  }
  const response = await route.handle(deps, {
    params: route.params?.parse(params),
    query: route.query?.parse(singleValues(event)),
    body: route.takesAnything ? undefined : route.body?.parse(bodyOf(event)),
    raw: route.takesAnything ? rawInput(event) : NOTHING,
    headers: lowerCaseNames(event.headers),
    principal,
    path: event.path,
    baseUrl: baseUrl(event),
  });
  if (response.change !== undefined)
    await audit(deps, route, { principal, appliedBy: lowerCaseNames(event.headers)[APPLIED_BY_HEADER] }, response.change);
  return toResult(response, event.httpMethod === "HEAD");
}

const NOTHING: RawInput = { query: {}, contentType: "", text: "" };
const MAX_RAW_CHARACTERS = 64 * 1024;

function rawInput({ body, isBase64Encoded, headers, multiValueQueryStringParameters }: APIGatewayProxyEvent): RawInput {
  const query = Object.entries(multiValueQueryStringParameters ?? {}).map(([name, [value = ""] = []]) => [name, value]);
  const text = isBase64Encoded ? Buffer.from(body ?? "", "base64").toString("utf8") : (body ?? "");
  return {
    query: Object.fromEntries(query),
    contentType: lowerCaseNames(headers)["content-type"] ?? "",
    // The end is what a log says last.
    text: text.slice(-MAX_RAW_CHARACTERS),
  };
}

function limitRate({ rateLimiter }: ApiDeps, principal: Principal | undefined, { requestContext }: APIGatewayProxyEvent): void {
  const retryAfterSeconds = rateLimiter.take(
    principal === undefined || principal.id === ANONYMOUS ? `address:${requestContext.identity?.sourceIp}` : principal.id,
  );
  if (retryAfterSeconds > 0) throw new RequestError("rate-limited", `Try again in ${retryAfterSeconds} s.`, { retryAfterSeconds });
}

/** What the command line says with each change that it applies: the project's name. */
const APPLIED_BY_HEADER = "x-applied-by";

/** Records who changed what. It waits in the spool while the log is away. */
async function audit(
  deps: ApiDeps,
  { id }: Route,
  { principal, appliedBy }: { readonly principal: Principal | undefined; readonly appliedBy: string | undefined },
  change: NonNullable<ApiResponse["change"]>,
): Promise<void> {
  const entry = { at: new Date(deps.clock.now()).toISOString(), id: randomUUID(), who: principal?.id ?? "anonymous", action: id };
  const { before, after } = changedFields(change);
  // So that a plan tells what its own project did from what was done by hand.
  const told =
    appliedBy === undefined ? after : { ...(isObject(after) && after), appliedBy: cleanText(querystring.unescape(appliedBy), 100) };
  await record(deps, `${entry.at}#${entry.id}`, batch("audit", [{ ...entry, what: change.what, before, after: told }]));
}

/** Of a thing that was changed, the fields that were: what stays the same must not push what changed out of the entry. */
function changedFields({ before, after }: NonNullable<ApiResponse["change"]>): { before: unknown; after: unknown } {
  if (!isObject(before) || !isObject(after)) return { before, after };
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  const pick = (fields: Record<string, unknown>) =>
    Object.fromEntries(changed.flatMap((name) => (name in fields ? [[name, fields[name]]] : [])));
  return { before: pick(before), after: pick(after) };
}

/** Whether a request needs no authorizer: its route is public, or there is none, which the router tells. */
export function isPublic(routes: readonly Route[], method: string, path: string): boolean {
  try {
    return findRoute(routes, method, path).route.access === "public";
  } catch {
    return true;
  }
}

function findRoute(routes: readonly Route[], method: string, rawPath: string): { route: Route; params: Record<string, string> } {
  const path = withoutSlashes(rawPath);
  const matches = routes.flatMap((route) => {
    const params = matchPath(route, path);
    return params === undefined ? [] : [{ route, params }];
  });
  if (matches.length === 0) throw new RequestError("not-found", `There is nothing at ${path}. See /docs.`);
  // RFC 9110, 9.3.2: HEAD is GET without its body.
  const match =
    matches.find(({ route }) => route.method === method) ?? matches.find(({ route }) => method === "HEAD" && route.method === "GET");
  if (match === undefined) {
    const allowed = matches.map(({ route }) => route.method).join(", ");
    throw new RequestError("method-not-allowed", `${path} takes ${allowed}.`, { allow: allowed });
  }
  return match;
}

function withoutSlashes(path: string): string {
  let end = path.length;
  while (end > 1 && path[end - 1] === "/") end--;
  return path.slice(0, end);
}

function matchPath({ path: pattern, takesAnything }: Route, path: string): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined ? part !== value : value === "") return undefined;
    if (name !== undefined) params[name] = decoded(value, takesAnything === true);
  }
  return params;
}

/** @param orAsItIs where no request may be refused for how it is written */
function decoded(part: string, orAsItIs: boolean): string {
  try {
    return decodeURIComponent(part);
  } catch {
    if (orAsItIs) return part;
    throw new RequestError("invalid", "The path is not valid percent-encoding.");
  }
}

function principalOf({ requestContext }: APIGatewayProxyEvent): Principal | undefined {
  const context = requestContext.authorizer;
  if (context?.["principalId"] === undefined) return undefined;
  return { id: String(context["principalId"]), role: ROLES.find((candidate) => candidate === context["role"]) };
}

function singleValues({ multiValueQueryStringParameters }: APIGatewayProxyEvent): Record<string, string> {
  // Without a prototype: names come from outside.
  const single: Record<string, string> = Object.create(null);
  for (const [name, values = []] of Object.entries(multiValueQueryStringParameters ?? {})) {
    if (values.length > 1) throw invalidField(name, "must be given once");
    single[name] = values[0] ?? "";
  }
  return single;
}

/** None is one without fields. */
function bodyOf(event: APIGatewayProxyEvent): unknown {
  const body = parseBody(event);
  return body === undefined ? {} : body;
}

function parseBody({ body, isBase64Encoded, headers }: APIGatewayProxyEvent): unknown {
  if (body === null || body === "") return undefined;
  const text = isBase64Encoded ? Buffer.from(body, "base64").toString("utf8") : body;
  if (Buffer.byteLength(text) > MAX_BODY_BYTES) throw new RequestError("too-large", `The body may have at most ${MAX_BODY_BYTES} bytes.`);
  const contentType = lowerCaseNames(headers)["content-type"] ?? "application/json";
  if (!/^application\/([\w.-]+\+)?json\b/i.test(contentType)) {
    throw new RequestError("unsupported-media-type", `Send the body as application/json, not ${contentType.slice(0, 100)}.`);
  }
  if (nestedDeeperThan(MAX_DEPTH, text)) throw new RequestError("invalid", `The body is nested deeper than ${MAX_DEPTH} levels.`);
  try {
    return JSON.parse(text, refusingProto);
  } catch (error) {
    if (error instanceof RequestError) throw error;
    throw new RequestError("invalid", `The body is not JSON: ${error instanceof Error ? error.message : ""}`);
  }
}

// It would be dropped without a word, where every other field that is not known is refused.
function refusingProto(name: string, value: unknown): unknown {
  if (name === "__proto__") throw invalidField(name, "is no field of anything here: leave it out");
  return value;
}

/** Deeper than any target; far from where a walk over it would end the stack. */
const MAX_DEPTH = 32;

// One pass, whatever is sent: a regular expression would look at an unfinished string again from each of its quotes.
function nestedDeeperThan(limit: number, json: string): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < json.length; index++) {
    const mark = json[index];
    if (inString && mark === "\\") index++;
    else if (mark === '"') inString = !inString;
    else if (!inString) depth += NESTING[mark ?? ""] ?? 0;
    if (depth > limit) return true;
  }
  return false;
}

const NESTING: Readonly<Record<string, number>> = { "[": 1, "{": 1, "]": -1, "}": -1 };

function baseUrl({ headers, requestContext }: APIGatewayProxyEvent): string {
  const { host = "localhost", "x-forwarded-proto": protocol = "https" } = lowerCaseNames(headers);
  // They go into links and pages.
  if (!/^https?$/.test(protocol) || !/^[\w.:[\]-]{1,260}$/.test(host)) throw new RequestError("invalid", "The Host header is not valid.");
  const stage = requestContext.path.startsWith(`/${requestContext.stage}/`) ? `/${requestContext.stage}` : "";
  return `${protocol}://${host}${stage}`;
}

function toResult({ status, body, headers = {} }: ApiResponse, headOnly: boolean): APIGatewayProxyResult {
  const secured = { "cache-control": "no-store", "x-content-type-options": "nosniff", ...headers };
  if (body === undefined || headOnly) return { statusCode: status, headers: secured, body: "" };
  if (body instanceof Uint8Array) {
    return { statusCode: status, headers: secured, body: Buffer.from(body).toString("base64"), isBase64Encoded: true };
  }
  if (typeof body === "string") return { statusCode: status, headers: secured, body };
  return { statusCode: status, headers: { "content-type": "application/json", ...secured }, body: JSON.stringify(body) };
}
