import { ALERT_KINDS, type AlertKind } from "../status/alert-kinds.ts";
import type { Alert, Digest } from "./notifier.ts";

/** What every channel says of an alert, before it is put into the channel's own form. Plain text. */
export interface Wording {
  /** Such as `Google Production is down`. */
  readonly title: string;
  /** What failed, in words: `connect: connection refused`. */
  readonly reason: string | undefined;
  /** Label and value, in the order to show. */
  readonly facts: readonly (readonly [label: string, value: string])[];
  /** Earlier changes the channel missed, a line each. */
  readonly missed: readonly string[];
  /** What stands above those. */
  readonly missedTitle: string;
}

/** What a reader may open, by what it is called: addresses of ours alone. */
export function linksOf({ link, acknowledgeLink }: Alert): (readonly [label: string, url: string])[] {
  return [
    ...(link === undefined ? [] : [["Open", link] as const]),
    ...(acknowledgeLink === undefined ? [] : [["Acknowledge", acknowledgeLink] as const]),
  ];
}

/** How an alert is shown: a digest as the worst it counts. */
export function traitsOf({ kind, digest }: Alert): (typeof ALERT_KINDS)[AlertKind] {
  return ALERT_KINDS[digest?.worst ?? kind];
}

/** What an alert says. */
export function wordingOf(alert: Alert): Wording {
  if (alert.digest !== undefined) return digestWording(alert.digest);
  if (alert.kind === "test") return TEST_WORDING;
  if (alert.kind === "monitor") return monitorWording(alert);
  return {
    title: `${ALERT_KINDS[alert.kind].emoji} ${alert.target.name} ${titleVerb(alert)}`,
    reason: reasonOf(alert),
    facts: factsOf(alert),
    missedTitle: "Meanwhile",
    missed: [
      ...(alert.olderMissed === undefined ? [] : [`${alert.olderMissed} earlier ${alert.olderMissed === 1 ? "change" : "changes"}`]),
      ...alert.missed.map(({ at, to, text }) => `${utcTime(at)} ${to}${text && `: ${text}`}`),
    ],
  };
}

function factsOf(alert: Alert): [string, string][] {
  const { target, httpStatus, latencyMs, certificateDaysLeft, note, hides, lastedMs } = alert;
  const facts: [string, string][] = [["Target", target.label]];
  if (httpStatus !== undefined) facts.push(["HTTP status", String(httpStatus)]);
  if (latencyMs !== undefined) facts.push(["Latency", `${Math.round(latencyMs)} ms`]);
  if (certificateDaysLeft !== undefined) facts.push(["Certificate", daysLeft(certificateDaysLeft)]);
  if (note !== undefined) facts.push(["Note", note]);
  if (target.group !== undefined) facts.push(["Group", target.group]);
  if (target.tags.length > 0) facts.push(["Tags", target.tags.join(", ")]);
  if (hides !== undefined) facts.push(["Hides", hidden(hides)]);
  if (lastedMs !== undefined) facts.push([alert.from === "down" ? "Was down for" : "Was degraded for", duration(lastedMs)]);
  return facts;
}

const TEST_WORDING: Wording = {
  title: `${ALERT_KINDS.test.emoji} A test of Server Tracker: nothing is wrong`,
  reason: "Somebody asked whether alerts arrive here. They do.",
  facts: [],
  missed: [],
  missedTitle: "",
};

function monitorWording({ lastedMs = 0 }: Alert): Wording {
  return {
    title: `${ALERT_KINDS.monitor.emoji} Server Tracker sees again`,
    reason: `For ${duration(lastedMs)} nearly every check failed to connect at once: the monitor's own network. That time is unknown, and nobody was alarmed.`,
    facts: [],
    missed: [],
    missedTitle: "",
  };
}

function digestWording({ worst, kinds, groups, tags, reasons, hosts, names, more }: Digest): Wording {
  const line = (counts: readonly (readonly [string, number])[]) => counts.map(([word, count]) => `${word} (${count})`).join(", ");
  const facts: [string, string][] = [];
  if (groups.length > 0) facts.push(["Groups", line(groups)]);
  if (tags.length > 0) facts.push(["Tags", line(tags)]);
  if (hosts.length > 0) facts.push(["Hosts", line(hosts)]);
  return {
    title: `${ALERT_KINDS[worst].emoji} ${kinds.map(([kind, count]) => `${count} ${DIGEST_WORDS[kind] ?? kind}`).join(", ")}`,
    reason: reasons.length === 0 ? undefined : line(reasons),
    facts,
    missed: more > 0 ? [...names, `and ${more} more`] : names,
    missedTitle: "Among them",
  };
}

const DIGEST_WORDS: Partial<Record<AlertKind, string>> = {
  reminder: "still down",
  escalation: "down and not acknowledged",
  degradedReminder: "still degraded",
  degradedEscalation: "degraded and not acknowledged",
  certificate: "with a certificate that expires",
  slo: "that spend their error budget too fast",
};

function hidden({ count, names }: NonNullable<Alert["hides"]>): string {
  const more = count > names.length ? ` and ${count - names.length} more` : "";
  return `${count} ${count === 1 ? "target that depends" : "targets that depend"} on it: ${names.join(", ")}${more}`;
}

function titleVerb(alert: Alert): string {
  if (alert.kind === "certificate" && (alert.certificateDaysLeft ?? 0) < 0) return "has a certificate that has expired";
  return alert.kind === "recovered" && alert.to === "degraded" ? "is up again, but degraded" : ALERT_KINDS[alert.kind].verb;
}

/** `connect: connection refused`; what already says its kind, like `500 Internal Server Error`, stays alone. */
function reasonOf({ error }: Pick<Alert, "error">): string | undefined {
  if (error === undefined) return undefined;
  const needsClass = error.class === "connect" || error.class === "dns" || error.class === "tls";
  return needsClass ? `${error.class}: ${error.text}` : error.text;
}

/** `1 h 2 min 3 s`, the two or three largest units. @param ms milliseconds */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ] as const;
  const shown = parts.filter(([count]) => count > 0).slice(0, 3);
  return shown.length === 0 ? "0 s" : shown.map(([count, unit]) => `${count} ${unit}`).join(" ");
}

/** `2026-11-23 14:05:30 UTC`. @param ms epoch milliseconds */
function utcTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

function daysLeft(days: number): string {
  if (days < 0) return "has expired";
  return days === 1 ? "1 day left" : `${days} days left`;
}

/**
 * The alert as lines of plain text, for channels without a form of their own. What shows such a text makes links of what
 * looks like one: ours are, the target's own address is, and what a server answered is none.
 * @param inert what is done to texts of others, so that they are nothing but text
 */
export function plainLines(alert: Alert, inert: (text: string) => string = unlinked): string[] {
  return [...bodyLines(alert, inert), ...linkLines(alert)];
}

/** The same as one text that fits: its links are never cut. @param maxLength UTF-16 units */
export function plainText(alert: Alert, maxLength: number, inert: (text: string) => string = unlinked): string {
  return withLinks(bodyLines(alert, inert), alert, maxLength);
}

/** The same with its first line apart, for services that show a title. @param maxLength of the text, UTF-16 units */
export function titledText(alert: Alert, maxLength: number): { title: string; text: string } {
  const [title = "", ...rest] = bodyLines(alert, unlinked);
  return { title: cut(title, MAX_TITLE), text: withLinks(rest, alert, maxLength) };
}

/** What every service takes as a title: Gotify, ntfy and Pushover have 250 and more. */
const MAX_TITLE = 250;

function withLinks(lines: readonly string[], alert: Alert, maxLength: number): string {
  const links = linkLines(alert)
    .map((line) => `\n${line}`)
    .join("");
  const room = maxLength - links.length;
  return room < MIN_BODY ? cut(lines.join("\n") + links, maxLength) : cut(lines.join("\n"), room) + links;
}

/** Links that leave no room for what they are about help nobody. */
const MIN_BODY = 60;

function bodyLines(alert: Alert, inert: (text: string) => string): string[] {
  const { title, reason, facts, missed, missedTitle } = wordingOf(alert);
  return [
    inert(title),
    ...(reason === undefined ? [] : [inert(reason)]),
    ...facts.map(([label, value]) => `${label}: ${label === "Target" ? value : inert(value)}`),
    `Since: ${utcTime(alert.since)}`,
    ...(missed.length > 0 ? [`${missedTitle}:`, ...missed.map(inert)] : []),
  ];
}

function linkLines(alert: Alert): string[] {
  return linksOf(alert).map(([label, url]) => (label === "Open" ? url : `${label}: ${url}`));
}

/** An alert that can only be looked at. */
export function withoutAcknowledging({ acknowledgeLink: _, ...alert }: Alert): Alert {
  return alert;
}

/** Times that a message is made smaller; each takes a quarter of its texts. */
const MAX_FITTINGS = 12;
const MAX_WHOLE_FITTINGS = 7;

/**
 * What a service takes, whose limit is of all of a message: made smaller until it fits, at last without what is only handy.
 * @param make a message of so many characters, with or without that @param sizeOf in the limit's own unit
 */
export function fitted<Message>(
  limit: number,
  make: (room: number, isWhole: boolean) => Message,
  sizeOf: (message: Message) => number,
): Message {
  const rooms = Array.from({ length: MAX_FITTINGS }, (_, index) => Math.floor(limit * 0.75 ** (index + 1)));
  for (const isWhole of [true, false]) {
    // A link to act by is worth more than the ends of texts, and less than what they begin with.
    for (const room of isWhole ? rooms.slice(0, MAX_WHOLE_FITTINGS) : rooms) {
      const message = make(room, isWhole);
      if (sizeOf(message) <= limit) return message;
    }
  }
  return make(rooms.at(-1) ?? 0, false);
}

/** Text in which nothing looks like an address: a space without width stands where one would be seen. */
export function unlinked(text: string): string {
  return text.replace(/:(?=\/\/)|\bwww(?=\.)|\bmailto(?=:)/gi, "$&\u200b");
}

const ADDRESS = /^https?:\/\/[\w.~:/?#@!$&+,;=%-]+$/;

/** Text of others for a form that knows markdown and makes links of addresses; one that is an address stays whole, as code. */
export function markdownOf(text: string, maxLength: number, escaped: (text: string) => string): string {
  return ADDRESS.test(text) && text.length + 2 <= maxLength ? `\`${text}\`` : cut(unlinked(text), maxLength, escaped);
}

const characters = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * Cuts text to what a service takes, with an ellipsis: at a whole character as people see it, and never within what a
 * character is escaped as. @param maxLength UTF-16 units of the escaped text @param inForm what the service's form needs
 */
export function cut(text: string, maxLength: number, inForm: (text: string) => string = (same) => same): string {
  const whole = inForm(text);
  if (whole.length <= maxLength) return whole;
  let kept = "";
  for (const { segment } of characters.segment(text)) {
    const next = inForm(segment);
    if (kept.length + next.length > maxLength - 1) break;
    kept += next;
  }
  return `${kept}…`;
}
