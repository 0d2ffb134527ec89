import type { CheckStatus } from "../check/check-type.ts";
import { cleanText } from "../text/clean-text.ts";
import { isObject } from "../text/is-object.ts";

/** A request to a heartbeat's address, as it came: every one is a ping, whatever it holds. */
export interface PingRequest {
  /** What follows the key in the path, such as `start`, `fail` or an exit code. */
  readonly signal?: string | undefined;
  readonly query: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly text: string;
}

/** What a ping says. */
export interface Ping {
  /** The job begins: no sign yet that it does well. */
  readonly starts: boolean;
  readonly status: CheckStatus;
  readonly message?: string;
  /** How long the job took, ms. */
  readonly latencyMs?: number;
}

const MAX_MESSAGE = 300;
const MAX_LATENCY_MS = 86_400_000;

const STATUS_WORDS: Readonly<Record<string, CheckStatus>> = {
  up: "up",
  ok: "up",
  success: "up",
  true: "up",
  1: "up",
  0: "down",
  down: "down",
  fail: "down",
  failure: "down",
  failed: "down",
  error: "down",
  false: "down",
  degraded: "degraded",
  warning: "degraded",
  warn: "degraded",
};

/**
 * Reads a ping as people send them: nothing, JSON, a form, the end of a log; our words, Uptime Kuma's (`status`, `msg`,
 * `ping`), Gatus' (`success`, `error`, `duration`), Healthchecks' (`/start`, `/fail`, `/{exit code}`). What cannot be
 * understood is said in the message, and no ping is lost for it.
 */
export function readPing({ signal, query, contentType, text }: PingRequest): Ping {
  const fields = { ...fieldsOf(contentType, text), ...query };
  const notes: string[] = [];
  const word = fields["status"] ?? fields["success"];
  const told = word === undefined ? undefined : STATUS_WORDS[word.trim().toLowerCase()];
  if (word !== undefined && told === undefined) notes.push(`status "${cleanText(word, 40)}" is not known, taken as up`);
  const latencyMs = durationOf(fields["latencyMs"] ?? fields["ping"] ?? fields["duration"], notes);
  const failure = failureOf(signal, notes);
  const words = [failure, fields["message"] ?? fields["msg"] ?? fields["error"], ...notes].filter(
    (part) => part !== undefined && part !== "",
  );
  const message = cleanText(words.join("; "), MAX_MESSAGE);
  return {
    starts: signal === "start",
    status: failure === undefined ? (told ?? "up") : "down",
    ...(message !== "" && { message }),
    ...(latencyMs !== undefined && { latencyMs }),
  };
}

/** What a body says by name; other text is a message. */
function fieldsOf(contentType: string, text: string): Record<string, string> {
  if (text.trim() === "") return {};
  if (/^\s*\{/.test(text)) {
    const json = parsed(text);
    if (json !== undefined) return json;
  }
  // Also what curl -d sends without being told otherwise: a form, by its content type, that is mostly a log.
  if (/^application\/x-www-form-urlencoded/i.test(contentType) && /^[\w.-]+=[^\s]*(&[\w.-]+=[^\s]*)*$/.test(text.trim())) {
    return Object.fromEntries(new URLSearchParams(text.trim()));
  }
  return { message: text };
}

function parsed(text: string): Record<string, string> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    if (!isObject(json)) return undefined;
    const plain = Object.entries(json).filter(([, value]) => value !== null && typeof value !== "object");
    return Object.fromEntries(plain.map(([name, value]) => [name, String(value)]));
  } catch {
    return undefined;
  }
}

/** Milliseconds, as a number, as text, or with a unit as Go writes it: `1.5s`. */
function durationOf(value: string | undefined, notes: string[]): number | undefined {
  if (value === undefined || value.trim() === "" || value === "null") return undefined;
  const [, number = "", unit = "ms"] = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h)?\s*$/.exec(value) ?? [];
  const ms = number === "" ? Number.NaN : Number(number) * (UNIT_MS[unit] ?? 1);
  if (ms >= 0 && ms <= MAX_LATENCY_MS) return ms;
  notes.push(`duration "${cleanText(value, 40)}" is not understood`);
  return undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** What a path says of a failure: `/fail`, or an exit code that is not 0. */
function failureOf(signal: string | undefined, notes: string[]): string | undefined {
  if (signal === undefined || signal === "start" || signal === "success" || signal === "log" || signal === "0") return undefined;
  if (signal === "fail") return "";
  if (/^\d{1,3}$/.test(signal) && Number(signal) <= 255) return `exit code ${Number(signal)}`;
  notes.push(`"${cleanText(signal, 40)}" is not known, taken as a ping`);
  return undefined;
}
