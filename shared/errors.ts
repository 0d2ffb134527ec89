/** One thing wrong with the input: where it is, and what to do about it. */
export interface FieldError {
  /** Path of the field as the caller wrote it, such as `assertions.0.path`. */
  readonly field: string;
  readonly message: string;
}

/** A fault of the caller. The API's edge turns `kind` into an HTTP status in one table. */
export class RequestError extends Error {
  readonly kind: RequestErrorKind;
  readonly fields: readonly FieldError[];
  readonly retryAfterSeconds: number | undefined;
  /** Methods the path does take, for `method-not-allowed`. */
  readonly allow: string | undefined;

  constructor(
    kind: RequestErrorKind,
    message: string,
    options: { fields?: readonly FieldError[]; retryAfterSeconds?: number; allow?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "RequestError";
    this.kind = kind;
    this.fields = options.fields ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.allow = options.allow;
  }
}

export type RequestErrorKind =
  | "invalid"
  | "unauthenticated"
  | "forbidden"
  | "not-found"
  | "method-not-allowed"
  | "conflict"
  | "rate-limited"
  | "precondition-failed"
  | "too-large"
  | "unsupported-media-type"
  | "unavailable"
  | "asleep";

/** A store did not answer in time or said it cannot now: the same call may succeed later. */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError";
}

/** Type of the problem that the API answers while its log is being woken: a client asks again. */
export const LOG_ASLEEP = "urn:server-tracker:log-asleep";

/** The log sleeps, which is no failure: what is to be written waits for its hour. */
export class LogAsleepError extends StoreUnavailableError {
  constructor() {
    super("the log sleeps");
  }
}

/** A store refused the statement itself: the same call will fail again. */
export class StatementError extends Error {
  override readonly name = "StatementError";
}

/** A stored item is of a form that this release does not understand; it is left as it is. */
export class UnreadableItemError extends Error {
  override readonly name = "UnreadableItemError";
}

/** A setting of the process is missing or wrong; the message names it and says what fits. */
export class SettingError extends Error {
  override readonly name = "SettingError";
}

/** A message that can be shown or stored for anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The caller's fault in one field. @param field its path as the caller wrote it */
export function invalidField(field: string, message: string): RequestError {
  return new RequestError("invalid", `${field}: ${message}`, { fields: [{ field, message }] });
}
