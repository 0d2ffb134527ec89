import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";
import { lowerCaseNames } from "../wiring/headers.ts";

/** What pages of another origin may send, and read of an answer. Credentials are headers here, and never cookies. */
const REQUEST_HEADERS = "authorization, x-api-key, content-type, if-match, if-none-match";
const ANSWER_HEADERS = "etag, location, retry-after, www-authenticate";
const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";
/** How long a browser may remember a preflight, in seconds. */
const PREFLIGHT_SECONDS = 600;

/**
 * Answers a request, and lets pages of the allowed origins read the answer. Source: Fetch, 3.2 (the CORS protocol).
 * @param allowed origins such as `https://status.example.com`; with none, nothing is added
 */
export async function acrossOrigins(
  allowed: readonly string[],
  event: APIGatewayProxyEvent,
  answer: () => Promise<APIGatewayProxyResult>,
): Promise<APIGatewayProxyResult> {
  if (allowed.length === 0) return answer();
  const { origin, "access-control-request-method": asks } = lowerCaseNames(event.headers);
  const isAllowed = origin !== undefined && allowed.includes(origin);
  // Caches must not hand one origin's answer to another.
  const allows = { vary: "origin", ...(isAllowed && { "access-control-allow-origin": origin }) };
  if (event.httpMethod === "OPTIONS" && isAllowed && asks !== undefined)
    return { statusCode: 204, headers: { ...allows, ...PREFLIGHT }, body: "" };
  const { headers, ...result } = await answer();
  return { ...result, headers: { ...headers, ...allows, ...(isAllowed && { "access-control-expose-headers": ANSWER_HEADERS }) } };
}

const PREFLIGHT = {
  "access-control-allow-methods": METHODS,
  "access-control-allow-headers": REQUEST_HEADERS,
  "access-control-max-age": String(PREFLIGHT_SECONDS),
};
