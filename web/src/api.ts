import createClient from "openapi-fetch";
import type { paths } from "./api-types.ts";
import { credentialHeaders, refused } from "./session.ts";

export type { Check, CheckResult, Incident, Problem, SummaryWindow, Target } from "./api-types.ts";

/** An answer of the API that is no success. */
export class ApiError extends Error {
  readonly status: number;
  /** By field, as the API names them: `assertions.0.kind`. */
  readonly fields: ReadonlyMap<string, string>;
  constructor(status: number, message: string, fields: ReadonlyMap<string, string> = new Map()) {
    super(message);
    this.status = status;
    this.fields = fields;
  }
}

/** The log sleeps, and is being woken: the same question is answered in a moment. */
export class LogAsleepError extends ApiError {}

/** As the API names that. */
const LOG_ASLEEP = "urn:server-tracker:log-asleep";

/** Milliseconds after which an answer is given up. */
const TIMEOUT_MS = 20_000;

/** The API, at the page's own origin. */
export const api = createClient<paths>({
  baseUrl: "/api",
  fetch: (request) => fetch(new Request(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)]) })),
});

/** How far the browser's clock is behind the API's, in ms. */
let clockBehindMs = 0;
/** What answers are late, and the header's whole seconds, make of no difference. Milliseconds. */
const CLOCK_SLACK_MS = 5_000;

/** The API's clock, epoch ms: what it is asked for, and what it says, is by that, however wrong the browser's is. */
export function now(): number {
  return Date.now() + clockBehindMs;
}

api.use({
  onResponse({ request, response }) {
    // An answer to who was here before, that comes late, says nothing of who is here now.
    if (response.status === 401 && credentialOf(request) === credentialOf({ headers: new Headers(credentialHeaders()) })) refused();
    const said = Date.parse(response.headers.get("date") ?? "");
    // One that a cache kept would be of another time.
    if (Number.isNaN(said) || response.headers.has("age")) return;
    const behind = said - Date.now();
    clockBehindMs = Math.abs(behind) < CLOCK_SLACK_MS ? 0 : behind;
  },
  onRequest({ request }) {
    // A credential that is being tried brings its own.
    if (request.headers.has("authorization") || request.headers.has("x-api-key")) return request;
    for (const [name, value] of Object.entries(credentialHeaders())) request.headers.set(name, value);
    return request;
  },
});

function credentialOf({ headers }: { readonly headers: Headers }): string | null {
  return headers.get("authorization") ?? headers.get("x-api-key");
}

interface Answered<Data> {
  readonly data?: Data;
  readonly error?: unknown;
  readonly response: Response;
}

/** The answer's body. @throws {ApiError} with what the API says of it, or that it does not answer */
export async function answered<Data>(call: Promise<Answered<Data>>): Promise<Data> {
  const { data, error, response } = await call.catch((thrown: unknown) => {
    const isTimeout = thrown instanceof DOMException && thrown.name === "TimeoutError";
    throw new ApiError(0, isTimeout ? `no answer within ${TIMEOUT_MS / 1_000} s` : "the API does not answer");
  });
  if (isAsleep(data)) throw new LogAsleepError(response.status, data.detail);
  if (response.ok) return data as Data; // typed by the route
  throw problem(response.status, error);
}

function isAsleep(data: unknown): data is { readonly detail: string } {
  return typeof data === "object" && data !== null && "type" in data && data.type === LOG_ASLEEP;
}

function problem(status: number, error: unknown): ApiError {
  if (typeof error !== "object" || error === null || !("detail" in error)) return new ApiError(status, `the API answered ${status}`);
  const { detail, errors = [] } = error as { detail: string; errors?: { field: string; message: string }[] }; // RFC 9457
  return new ApiError(status, detail, new Map(errors.map(({ field, message }) => [field, message])));
}

export type Overview = paths["/overview"]["get"]["responses"][200]["content"]["application/json"];
export type OverviewTarget = Overview["targets"][number];
export type Status = OverviewTarget["status"];
export type Series = paths["/targets/{id}/series"]["get"]["responses"][200]["content"]["application/json"];
export type SeriesRange = NonNullable<NonNullable<paths["/targets/{id}/series"]["get"]["parameters"]["query"]>["range"]>;
