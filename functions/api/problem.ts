import * as z from "zod";
import {
  type FieldError,
  LOG_ASLEEP,
  LogAsleepError,
  RequestError,
  type RequestErrorKind,
  StoreUnavailableError,
} from "../../shared/errors.ts";
import { NameTakenError, TooManyTargetsError, VersionConflictError } from "../../shared/targets/target-store.ts";
import { cleanText } from "../../shared/text/clean-text.ts";
import { fieldErrors } from "../../shared/text/field-errors.ts";

/** Also said by API Gateway, in front of the function. */
export const UNAUTHENTICATED_TITLE = "Credentials are missing or not valid";

/** Errors become HTTP here and nowhere else. */
const STATUS: Record<RequestErrorKind, readonly [status: number, title: string]> = {
  invalid: [400, "The request is not valid"],
  unauthenticated: [401, UNAUTHENTICATED_TITLE],
  forbidden: [403, "The caller may not do this"],
  "not-found": [404, "There is no such thing"],
  "method-not-allowed": [405, "The path does not take this method"],
  "rate-limited": [429, "Too many requests"],
  conflict: [409, "The request conflicts with what is there"],
  "precondition-failed": [412, "The target was changed meanwhile"],
  "too-large": [413, "The request is too large"],
  "unsupported-media-type": [415, "The body must be JSON"],
  unavailable: [503, "A store does not answer"],
  // Nothing is wrong: the answer is being fetched.
  asleep: [202, "The log sleeps, and is being woken"],
};

/** RFC 9457 problem details, with the fields at fault. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});
export type Problem = z.output<typeof problemSchema>;

/**
 * What a caller is told of an error.
 * @returns the problem, and headers that go with its status; `internal` when the error is ours, to be logged
 */
export function problemOf(error: unknown): { problem: Problem; headers: Record<string, string>; internal: boolean } {
  const known = asRequestError(error);
  if (known === undefined) {
    const detail = "Something went wrong here. It has been logged; trying again may help.";
    return { problem: { type: "about:blank", title: "Internal error", status: 500, detail }, headers: {}, internal: true };
  }
  const [status, title] = STATUS[known.kind];
  const problem = {
    type: known.kind === "asleep" ? LOG_ASLEEP : "about:blank",
    title,
    status,
    detail: cleanText(known.message, MAX_DETAIL),
    ...(known.fields.length > 0 && { errors: named(known.fields) }),
  };
  const headers = {
    ...(known.kind === "unauthenticated" && { "www-authenticate": 'Bearer realm="server-tracker"' }),
    ...(known.allow !== undefined && { allow: known.allow }),
    ...(known.retryAfterSeconds !== undefined && { "retry-after": String(known.retryAfterSeconds) }),
  };
  return { problem, headers, internal: known.kind === "unavailable" };
}

/** An answer must not be many times its request. */
const MAX_FIELDS = 20;
const MAX_DETAIL = 1_000;

function named(fields: readonly FieldError[]): FieldError[] {
  const shown = fields
    .slice(0, MAX_FIELDS)
    .map(({ field, message }) => ({ field: cleanText(field, 200), message: cleanText(message, 500) }));
  const more = fields.length - shown.length;
  return more > 0 ? [...shown, { field: "", message: `and ${more} more` }] : shown;
}

function asRequestError(error: unknown): RequestError | undefined {
  if (error instanceof RequestError) return error;
  if (error instanceof z.ZodError)
    return new RequestError("invalid", summary(fieldErrors(error.issues)), { fields: fieldErrors(error.issues) });
  if (error instanceof NameTakenError) {
    return new RequestError("conflict", error.message, { fields: [{ field: "name", message: `${error.message}: choose another name` }] });
  }
  if (error instanceof TooManyTargetsError) return new RequestError("conflict", error.message);
  if (error instanceof VersionConflictError) return new RequestError("conflict", `${error.message}: read it again and repeat`);
  if (error instanceof LogAsleepError) {
    return new RequestError("asleep", "The log has been asleep, and wakes within half a minute: ask again then.", { retryAfterSeconds: 5 });
  }
  if (error instanceof StoreUnavailableError) {
    return new RequestError("unavailable", "The log does not answer right now. Checks and alerts go on; try again soon.", {
      retryAfterSeconds: 5,
    });
  }
  if (isStoreTrouble(error)) {
    return new RequestError("unavailable", "The state store does not answer right now. Try again soon.", {
      retryAfterSeconds: 5,
      cause: error,
    });
  }
  return undefined;
}

/** What the SDK throws, its own retries included, when DynamoDB does not answer or has too much to do. */
const STORE_TROUBLE = new Set([
  "TimeoutError",
  "ThrottlingException",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "InternalServerError",
  "ServiceUnavailable",
]);

function isStoreTrouble(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return STORE_TROUBLE.has(error.name) || ("code" in error && /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND)/.test(String(error.code)));
}

function summary(fields: readonly FieldError[]): string {
  return fields
    .slice(0, MAX_FIELDS)
    .map(({ field, message }) => (field ? `${field}: ${message}` : message))
    .join("; ");
}
