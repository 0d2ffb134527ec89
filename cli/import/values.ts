import querystring from "node:querystring";
import { bareHost } from "../../shared/net/bare-host.ts";
import { isObject } from "../../shared/text/is-object.ts";

/** Reading what nobody validated: each gives `undefined` for what is of another type. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

export function numberOf(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

export function objectOf(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** SQLite and old backups have 0 and 1, and YAML as Go's parsers read it yes and on (YAML 1.1). */
export function flagOf(value: unknown): boolean {
  return value === true || /^(?:1|true|yes|y|on)$/i.test(textOf(value) ?? "");
}

/** Whether something is switched off, in the words of {@link flagOf}; what is left out is not. */
export function isOff(value: unknown): boolean {
  return value === false || /^(?:0|false|no|n|off)$/i.test(textOf(value) ?? "");
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds of a duration as Go and Prometheus write them: `1h30m`, `45s`, `1d`. A bare 0 is one. */
export function durationMs(value: unknown): number | undefined {
  const text = textOf(value)?.trim();
  if (text === undefined || text === "") return undefined;
  if (text === "0") return 0;
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h|d))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)/g)].reduce(
    (sum, [, amount = "0", unit = ""]) => sum + Number(amount) * (UNITS_MS[unit] ?? 0),
    0,
  );
}

/** Seconds after which somebody is reminded, as a target takes them: a minute to a week. */
export function fitReminder(ms: number): number {
  return Math.min(604_800, Math.max(60, Math.round(ms / 1_000)));
}

/** A URL without its credentials, and the header that carries them. */
export function withoutCredentials(text: string): { url: string; authorization?: string } {
  const url = URL.parse(text);
  if (url === null || (url.username === "" && url.password === "")) return { url: text };
  // Does not throw for a % that stands for itself.
  const login = `${querystring.unescape(url.username)}:${querystring.unescape(url.password)}`;
  return { url: text.replace(/^([a-z]+:\/\/)[^@/]*@/i, "$1"), authorization: basic(login) };
}

/** The host of an address with or without a scheme and a port. */
export function hostOf(address: string): string {
  return bareHost(URL.parse(address)?.hostname || URL.parse(`http://${address}`)?.hostname || address);
}

/** Host and port of an address, whatever its scheme; a port that is the scheme's own is one, too. */
export function hostAndPort(address: string): { host: string; port: number | undefined } {
  const rest = address.replace(/^[a-z0-9+.-]+:\/\//i, "");
  const port = Number(/^(?:[^@/?#]*@)?(?:\[[^\]]*\]|[^:/?#]*):(\d+)(?:[/?#]|$)/.exec(rest)?.[1] ?? Number.NaN);
  return { host: bareHost(URL.parse(`http://${rest}`)?.hostname ?? ""), port: Number.isNaN(port) ? undefined : port };
}

/** The port that an address names. */
export function portOf(address: string): number | undefined {
  return numberOf(/:(\d+)\/?$/.exec(address)?.[1]);
}

/** @param login `user:password` */
export function basic(login: string): string {
  return `Basic ${Buffer.from(login).toString("base64")}`;
}

/** Numbers and booleans by their look; the rest is text. */
export function scalarOf(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text) && Number.isSafeInteger(Math.trunc(Number(text))) ? Number(text) : text;
}

/** Codes as the API has them: ascending, ranges where several follow. */
export function statusRanges(codes: readonly number[]): (number | string)[] {
  const ranges: [number, number][] = [];
  for (const code of [...new Set(codes)].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === code - 1) last[1] = code;
    else ranges.push([code, code]);
  }
  return ranges.map(([from, to]) => (from === to ? from : `${from}-${to}`));
}

/** A text in which nothing means anything to RE2. */
export function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** The text that a pattern is, when it is nothing but a text. */
export function literalOf(pattern: string): string | undefined {
  return /[\^$*+?()[\]{}|]|(?<!\\)\.|\\[^\\^$.*+?()[\]{}|/-]/.test(pattern.replace(/\\[\\^$.*+?()[\]{}|/-]/g, ""))
    ? undefined
    : pattern.replace(/\\([\\^$.*+?()[\]{}|/-])/g, "$1");
}

/** A path of steps such as `a.b[0]["c d"]` as the API has it; `undefined` when it is more than a path. */
export function jsonPathOf(path: string): string | undefined {
  const steps = path.replace(/^\$/, "").replace(/^([^.[])/, ".$1");
  if (steps === "") return "$";
  const found = [...steps.matchAll(/\.([^.[\]()'"*]+)|\[(-?\d+)\]|\[(?:"([^"\\]+)"|'([^'\\]+)')\]/g)];
  if (found.reduce((length, [whole]) => length + whole.length, 0) !== steps.length) return undefined;
  return `$${found
    .map(([, name, index, double, single]) => {
      if (index !== undefined) return `[${index}]`;
      const key = name ?? double ?? single ?? "";
      return /^[A-Za-z_$][\w$-]*$/.test(key) ? `.${key}` : `["${key}"]`;
    })
    .join("")}`;
}
