import { messageOf } from "../errors.ts";
import { ForbiddenAddressError } from "../net/address-guard.ts";
import { AnswerLimitError, MAX_HEAD_BYTES } from "../net/answer-filter.ts";
import type { PhaseName } from "../net/dial.ts";
import { ResolveError } from "../net/resolve-host.ts";
import type { CheckError } from "./check-type.ts";
import { PatternError } from "./pattern.ts";

/** The deadline of a check ran out. */
export class CheckTimeoutError extends Error {
  override readonly name = "CheckTimeoutError";
  readonly timeoutMs: number;
  constructor(timeoutMs: number) {
    super(`timeout after ${seconds(timeoutMs)}`);
    this.timeoutMs = timeoutMs;
  }
}

const WAITING_FOR: Record<PhaseName, string> = {
  dnsMs: "the name look-up",
  connectMs: "the connection",
  tlsMs: "the TLS handshake",
  ttfbMs: "the first byte",
  transferMs: "the rest of the body",
};

const CONNECT_TEXT: Record<string, string> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EPIPE: "connection closed by the server",
  EHOSTUNREACH: "host unreachable",
  EHOSTDOWN: "host is down",
  ENETUNREACH: "network unreachable",
  EADDRNOTAVAIL: "address not available",
  ETIMEDOUT: "connection timed out",
  UND_ERR_SOCKET: "connection closed by the server",
  ENETDOWN: "this machine's network is down",
  EAFNOSUPPORT: "this machine has no such network",
  EMFILE: "this process has as many files and connections open as it may",
  ENFILE: "this machine has as many files and connections open as it may",
  ENOBUFS: "this machine has no memory left for connections",
  ENOMEM: "this machine has no memory left",
  EPERM: "this machine does not let the connection out",
  EACCES: "this machine does not let the connection out",
};

/** What this machine says of itself: it has no way there. */
const OUR_OWN: ReadonlySet<string> = new Set([
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "ENETDOWN",
  "EAFNOSUPPORT",
  "EMFILE",
  "ENFILE",
  "ENOBUFS",
  "ENOMEM",
  "EPERM",
  "EACCES",
]);

const TLS_TEXT: Record<string, string> = {
  CERT_HAS_EXPIRED: "certificate has expired",
  CERT_NOT_YET_VALID: "certificate is not valid yet",
  DEPTH_ZERO_SELF_SIGNED_CERT: "certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "certificate chain ends in an unknown root",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "certificate is not signed by a known authority",
  UNABLE_TO_GET_ISSUER_CERT: "certificate is not signed by a known authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "certificate is not signed by a known authority",
  CERT_REVOKED: "certificate was revoked",
};

/** Turns what an attempt threw into an error class and a text a person understands. */
export function explainFailure(thrown: unknown, phase: PhaseName): CheckError {
  const error = deepestCause(thrown);
  if (error instanceof CheckTimeoutError) {
    return { class: "timeout", text: `${error.message}, waiting for ${WAITING_FOR[phase]}` };
  }
  if (error instanceof ForbiddenAddressError) return { class: "forbidden", text: error.message };
  if (error instanceof ResolveError) return { class: "dns", text: error.message };

  if (error instanceof PatternError) return { class: "assertion", about: "way", text: error.message };
  const code = codeOf(error);
  const unreadable = unreadableAnswer(error, code);
  if (unreadable !== undefined) return { class: "body", text: unreadable };
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return { class: "tls", text: `certificate is for another name: ${messageOf(error)}` };
  }
  const tls = TLS_TEXT[code];
  if (tls !== undefined) return { class: "tls", text: tls };
  if (code.includes("ALERT_CERTIFICATE_REQUIRED")) return { class: "tls", text: "the server asks for a client's certificate" };
  if (phase === "tlsMs" || code.startsWith("ERR_SSL") || code.startsWith("ERR_TLS") || code === "EPROTO") {
    return { class: "tls", text: `TLS handshake failed: ${CONNECT_TEXT[code] ?? tlsReason(error)}` };
  }
  const connect = CONNECT_TEXT[code];
  if (connect === undefined) return { class: "connect", text: messageOf(error) };
  return {
    class: "connect",
    ...(OUR_OWN.has(code) && { about: "way" }),
    text: phase === "ttfbMs" || phase === "transferMs" ? `${connect}, waiting for ${WAITING_FOR[phase]}` : connect,
  };
}

// What undici calls answers that no client asked for, as errors of the socket: 100 and 101.
const BAD_ANSWERS = new Set(["bad response", "bad upgrade"]);
// A status below 100 fails an assertion of undici's.
const UNREADABLE_CODES = new Set(["UND_ERR_RES_CONTENT_LENGTH_MISMATCH", "ERR_ASSERTION"]);

/** What is wrong with an answer that is none. */
function unreadableAnswer(error: unknown, code: string): string | undefined {
  if (error instanceof AnswerLimitError) return `not a valid HTTP answer: ${error.message}`;
  if (code === "UND_ERR_HEADERS_OVERFLOW") return `the answer's headers are larger than ${MAX_HEAD_BYTES / 1_024} KiB`;
  if (!(error instanceof Error)) return undefined;
  const isNone = error.name === "HTTPParserError" || BAD_ANSWERS.has(error.message) || UNREADABLE_CODES.has(code);
  return isNone ? `not a valid HTTP answer: ${code === "ERR_ASSERTION" ? "its status is none" : error.message}` : undefined;
}

// Several addresses were tried, or undici wrapped it: the first cause with a code is the one to tell.
function deepestCause(thrown: unknown): unknown {
  if (thrown instanceof AggregateError) return thrown.errors[0] ?? thrown;
  if (thrown instanceof Error && thrown.cause instanceof Error && codeOf(thrown).startsWith("UND_ERR")) {
    return thrown.cause;
  }
  return thrown;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

// OpenSSL: "C0A7…:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/…"
function tlsReason(error: unknown): string {
  const parts = messageOf(error).split(":");
  return (parts.length > 5 ? parts[5] : undefined) ?? messageOf(error);
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
