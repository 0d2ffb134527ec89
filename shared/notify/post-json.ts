import { messageOf } from "../errors.ts";
import { ForbiddenAddressError } from "../net/address-guard.ts";
import { bareHost } from "../net/bare-host.ts";
import { Trace } from "../net/dial.ts";
import { type HttpResponse, httpExchange } from "../net/http-exchange.ts";
import { cleanText } from "../text/clean-text.ts";
import { isObject } from "../text/is-object.ts";
import { DeliveryError, type NotifyContext } from "./notifier.ts";

/** Answers that no repetition will change. 401, 403, 404, 410: token or webhook gone. 400, 413, 422: the message itself. */
const PERMANENT = new Set([400, 401, 403, 404, 405, 410, 413, 422]);
const MIN_RETRY_AFTER_MS = 250;
/** A service that asks for more is asked again then all the same: an alert of yesterday helps nobody. */
const MAX_RETRY_AFTER_MS = 15 * 60_000;

/**
 * Posts JSON through the address guard and turns every answer but 2xx into a {@link DeliveryError}.
 * @param service what the error calls it; its URL may hold a secret, and neither it nor its host is named
 */
export async function postJson(
  service: string,
  url: string,
  body: string,
  { guard, signal, userAgent, now }: NotifyContext,
  headers: Readonly<Record<string, string>> = {},
  method: "POST" | "PUT" | "PATCH" | "GET" = "POST",
): Promise<HttpResponse> {
  const { hostname } = new URL(url);
  // Of some services the host is the secret: an address of their own for each webhook.
  const withoutHost = (error: unknown) => messageOf(error).replaceAll(bareHost(hostname), "its host");
  let response: HttpResponse;
  try {
    response = await httpExchange(
      {
        method,
        url: new URL(url),
        headers: { ...(method !== "GET" && { "content-type": "application/json" }), "user-agent": userAgent, ...headers },
        ...(method !== "GET" && { body }),
        maxBodyBytes: 16_384,
      },
      { guard, signal, trace: new Trace() },
    );
  } catch (error) {
    if (error instanceof ForbiddenAddressError)
      throw new DeliveryError(`${service}: ${withoutHost(error)}`, { permanent: true, cause: error });
    throw new DeliveryError(`${service} could not be reached: ${withoutHost(error)}`, { cause: error });
  }
  if (response.status >= 200 && response.status < 300) return response;
  const message = `${service} answered ${response.status} ${cleanText(response.statusText, 60)}`.trim();
  throw new DeliveryError(message, {
    permanent: PERMANENT.has(response.status),
    status: response.status,
    answer: response,
    retryAfterMs: response.status === 429 || response.status === 503 ? retryAfterMs(response, now) : undefined,
  });
}

/**
 * @param gone answers of a call to what is not there any more, or may not be changed; every other failure is thrown
 * @param isAsWished whether such an answer says that there is nothing to change
 * @returns whether it is there, as it should be
 */
export async function unlessGone(
  call: Promise<unknown>,
  gone: readonly number[],
  isAsWished: (answer: HttpResponse) => boolean = () => false,
): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (error instanceof DeliveryError && error.status !== undefined && gone.includes(error.status))
      return error.answer !== undefined && isAsWished(error.answer);
    throw error;
  }
}

/** A field of a JSON answer, by its path; `undefined` where there is none. */
export function answerField({ body }: HttpResponse, ...path: readonly string[]): unknown {
  try {
    return path.reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), JSON.parse(body.toString("utf8")));
  } catch {
    return undefined;
  }
}

// Discord: `retry_after` in the body, seconds as a float. Telegram: `parameters.retry_after`. Matrix: `retry_after_ms`.
// Others: the header, in seconds or as a date. https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
function retryAfterMs({ headers, body }: HttpResponse, now: number): number | undefined {
  const header = String(headers["retry-after"] ?? "").trim();
  const ofHeader = /^[A-Z][a-z]{2}, /.test(header)
    ? Math.max(0, Date.parse(header) - now) / 1_000
    : header === ""
      ? Number.NaN
      : Number(header);
  const seconds = bodyRetryAfter(body) ?? ofHeader;
  // A service that asks for no pause at all would be asked without end.
  return Number.isFinite(seconds) && seconds >= 0
    ? Math.min(Math.max(Math.ceil(seconds * 1_000), MIN_RETRY_AFTER_MS), MAX_RETRY_AFTER_MS)
    : undefined;
}

function bodyRetryAfter(body: Buffer): number | undefined {
  try {
    const json: unknown = JSON.parse(body.toString("utf8"));
    if (typeof json !== "object" || json === null) return undefined;
    const parameters = "parameters" in json && typeof json.parameters === "object" && json.parameters !== null ? json.parameters : json;
    if ("retry_after" in parameters && typeof parameters.retry_after === "number") return parameters.retry_after;
    return "retry_after_ms" in parameters && typeof parameters.retry_after_ms === "number" ? parameters.retry_after_ms / 1_000 : undefined;
  } catch {
    return undefined; // an answer that is no JSON has only its header
  }
}
