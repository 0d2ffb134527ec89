import type { CheckStatus } from "../check/check-type.ts";
import { cleanText } from "../text/clean-text.ts";
import { isObject } from "../text/is-object.ts";
import { own } from "../text/own.ts";

/** A request to a heartbeat's address, as it came: every one is a ping, whatever it holds. */
export interface PingRequest {
  /** What follows the key in the path, such as `start`, `fail` or an exit code. */
  readonly signal?: string | undefined;
  readonly query: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly text: string;
  /** What a word for the status in the query means that is not known; `up` when left out. */
  readonly unknownIs?: CheckStatus | undefined;
}

/** What a ping says. */
export interface Ping {
  /** The job begins: no sign yet that it does well. */
  readonly starts: boolean;
  /** The job says something on its way, and nothing of how it ends. */
  readonly notes: boolean;
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
  err: "down",
  no: "down",
  critical: "down",
  fatal: "down",
  unhealthy: "down",
  degraded: "degraded",
  warning: "degraded",
  warn: "degraded",
};

/**
 * Reads a ping as people send them: nothing, JSON, a form, the end of a log; our words, Uptime Kuma's (`status`, `msg`,
 * `ping`), Gatus' (`success`, `error`, `duration`), Healthchecks' (`/start`, `/fail`, `/{exit code}`). What cannot be
 * understood is said in the message, and no ping is lost for it.
 */
export async function readPing({ signal: given, query, contentType, text, unknownIs = "up" }: PingRequest): Promise<Ping> {
  const signal = given?.toLowerCase();
  const fields = { ...(await fieldsOf(contentType, text)), ...query };
  const notes: string[] = [];
  const word = [fields["status"], fields["success"]].find((each) => each !== undefined && each.trim() !== "");
  const known = word === undefined ? "up" : own(STATUS_WORDS, word.trim().toLowerCase());
  const told = known ?? (word === query["status"] ? unknownIs : "up");
  if (known === undefined && word !== undefined) notes.push(`status "${cleanText(word, 40)}" is not known, taken as ${told}`);
  const latencyMs = durationOf(fields["latencyMs"] ?? fields["ping"] ?? fields["duration"], notes);
  const failure = failureOf(signal, notes);
  const words = [failure, fields["message"] ?? fields["msg"] ?? fields["error"], ...notes].filter(
    (part) => part !== undefined && part !== "",
  );
  const message = cleanText(words.join("; "), MAX_MESSAGE);
  return {
    starts: signal === "start",
    notes: signal === "log",
    status: failure === undefined ? told : "down",
    ...(message !== "" && { message }),
    ...(latencyMs !== undefined && { latencyMs }),
  };
}

/** Names that a form of a ping begins with: what begins otherwise is a log, whatever its content type. */
const KNOWN_FIELD = /^(?:status|success|message|msg|error|ping|duration|latencyMs)=/;

/** What a body says by name; other text, and names that mean nothing here, are a message. */
async function fieldsOf(contentType: string, text: string): Promise<Record<string, string>> {
  if (text.trim() === "") return {};
  const named = await namedIn(contentType, text);
  return named !== undefined && Object.keys(named).some((name) => FIELDS.has(name)) ? named : { message: text };
}

/** What pings say by name. */
const FIELDS: ReadonlySet<string> = new Set(["status", "success", "message", "msg", "error", "ping", "duration", "latencyMs"]);

async function namedIn(contentType: string, text: string): Promise<Record<string, string> | undefined> {
  if (/^\s*\{/.test(text)) {
    const json = parsed(text);
    if (json !== undefined) return json;
  }
  // Also what curl -d sends without being told otherwise: a form, by its content type, that is mostly a log.
  const line = text.trim();
  const isForm = /^application\/x-www-form-urlencoded/i.test(contentType);
  if (isForm && (/^[\w.-]+=[^\s]*(&[\w.-]+=[^\s]*)*$/.test(line) || (KNOWN_FIELD.test(line) && !/[\r\n]/.test(line)))) {
    return Object.fromEntries(new URLSearchParams(line));
  }
  if (/^multipart\/form-data/i.test(contentType)) {
    const form = await new Response(text, { headers: { "content-type": contentType } }).formData().catch(() => undefined);
    if (form !== undefined) return Object.fromEntries([...form].filter((field): field is [string, string] => typeof field[1] === "string"));
  }
  return undefined;
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

/** Milliseconds, as a number, as text, or with units as Go writes it: `1m2.5s`. */
function durationOf(value: string | undefined, notes: string[]): number | undefined {
  if (value === undefined || value.trim() === "" || value === "null") return undefined;
  const text = value.trim();
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s{0,5}(ns|us|µs|μs|ms|s|m|h)?/g)];
  const isWhole =
    parts.reduce((length, [part]) => length + part.length, 0) === text.length && (parts.length === 1 || parts.every(([, , unit]) => unit));
  const ms = isWhole ? parts.reduce((sum, [, number = "", unit = "ms"]) => sum + Number(number) * (UNIT_MS[unit] ?? 1), 0) : Number.NaN;
  if (ms >= 0 && ms <= MAX_LATENCY_MS) return ms;
  notes.push(`duration "${cleanText(value, 40)}" is not understood`);
  return undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** What a path says of a failure: `/fail`, or an exit code that is not 0. */
function failureOf(signal: string | undefined, notes: string[]): string | undefined {
  if (signal === undefined || signal === "start" || signal === "success" || signal === "log") return undefined;
  if (signal === "fail") return "";
  // Windows and PowerShell have codes beyond 255, and below 0.
  if (/^-?\d{1,20}$/.test(signal)) return /^-?0+$/.test(signal) ? undefined : `exit code ${signal}`;
  notes.push(`"${cleanText(signal, 40)}" is not known, taken as a ping`);
  return undefined;
}
