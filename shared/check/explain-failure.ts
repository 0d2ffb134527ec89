import { messageOf } from "../errors.ts";
import { ForbiddenAddressError } from "../net/address-guard.ts";
import type { PhaseName } from "../net/dial.ts";
import { InvalidAnswerError } from "../net/invalid-answer.ts";
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
  transferMs: "the rest of the answer",
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
  PEER_CLOSED: "connection closed by the server",
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
  const error = firstOf(thrown);
  if (error instanceof CheckTimeoutError) {
    return { class: "timeout", text: `${error.message}, waiting for ${WAITING_FOR[phase]}` };
  }
  if (error instanceof ForbiddenAddressError) return { class: "forbidden", text: error.message };
  if (error instanceof ResolveError) return { class: "dns", text: error.message };
  if (error instanceof InvalidAnswerError) return { class: "body", text: `not a valid HTTP answer: ${error.message}` };
  if (error instanceof PatternError) return { class: "assertion", about: "way", text: error.message };
  const code = codeOf(error);
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

// Several addresses were tried: the first is the one to tell.
function firstOf(thrown: unknown): unknown {
  return thrown instanceof AggregateError ? (thrown.errors[0] ?? thrown) : thrown;
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
