import { isObject } from "../../shared/text/is-object.ts";
import { own } from "../../shared/text/own.ts";
import { parseCsv } from "./csv.ts";
import { requestFields, urlOf } from "./http-request.ts";
import type { Draft, ImportContext, Importer, SourceFile } from "./importer.ts";
import { becomesPing, getsAddress, isOfNoType } from "./remarks.ts";
import { basic, escaped, flagOf, hostOf, isOff, listOf, numberOf, objectOf, portOf, statusRanges, textOf } from "./values.ts";
import type { Warnings } from "./warnings.ts";
import { parseJson } from "./yaml-file.ts";

/** UptimeRobot's free plan checks this often. */
const INTERVAL_S = 300;

/** Reads UptimeRobot's CSV export, or the JSON of its API (v2 `getMonitors`, v3 `monitors`). */
export const uptimeRobot: Importer = {
  id: "uptimerobot",
  reads: "UptimeRobot: its CSV export, or the JSON of getMonitors",
  async read(files, context) {
    const monitors = files.flatMap((file) => monitorsOf(file, context));
    if (monitors.length === 0) throw new Error(`${files[0]?.path ?? "the source"} holds no monitors of UptimeRobot`);
    return monitors.flatMap((monitor, index) => draftOf(monitor, index, context) ?? []);
  },
};

/** One monitor, whatever it was written in: names in lower case, without blanks. */
type Monitor = Readonly<Record<string, unknown>>;

function monitorsOf({ bytes, path, label }: SourceFile, { warnings }: ImportContext): Monitor[] {
  const text = bytes.toString("utf8").trimStart();
  if (!/^[[{]/.test(text.replace(/^\uFEFF/, ""))) {
    return parseCsv(text, path).map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [nameOf(name), value])));
  }
  const json = parseJson(bytes, path);
  const list = Array.isArray(json) ? json : listOf(objectOf(json)["monitors"] ?? objectOf(json)["data"]);
  warnOfPages(objectOf(json), list.length, (text) => warnings.add("lost", "pages", label || path, text));
  return list.map((monitor) => Object.fromEntries(Object.entries(objectOf(monitor)).map(([name, value]) => [nameOf(name), value])));
}

/** The API answers page by page: 50 monitors of v2, and v3 names the next page. */
function warnOfPages({ pagination, nextLink }: Record<string, unknown>, count: number, lost: (text: string) => void): void {
  const total = numberOf(objectOf(pagination)["total"]) ?? 0;
  if (total <= count && textOf(nextLink) === undefined) return;
  lost(`this page has ${count}${total > count ? ` of ${total}` : ""} monitors: fetch the others, and import them as well`);
}

function nameOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z]/g, "");
}

type Kind = "http" | "keyword" | "ping" | "port" | "heartbeat";

/** API v2 has numbers, v3 and the CSV words. Source: https://uptimerobot.com/api/ */
const KINDS: Readonly<Record<string, Kind>> = {
  "1": "http",
  "2": "keyword",
  "3": "ping",
  "4": "port",
  "5": "heartbeat",
  http: "http",
  https: "http",
  "http(s)": "http",
  keyword: "keyword",
  ping: "ping",
  port: "port",
  heartbeat: "heartbeat",
};

/** Of API v2, by their number. */
const METHODS: Readonly<Record<string, string>> = {
  "1": "HEAD",
  "2": "GET",
  "3": "POST",
  "4": "PUT",
  "5": "PATCH",
  "6": "DELETE",
  "7": "OPTIONS",
};

function draftOf(monitor: Monitor, index: number, { warnings }: ImportContext): Draft | undefined {
  const place = `monitor ${textOf(monitor["id"]) ?? String(index + 1)}`;
  const name = textOf(monitor["friendlyname"]) ?? textOf(monitor["name"]) ?? place;
  const type = (textOf(monitor["type"]) ?? "http").toLowerCase();
  const kind = own(KINDS, type);
  if (kind === undefined) return isOfNoType(warnings, place, name, `type ${type}`);
  if (kind === "ping") becomesPing(warnings, place, name);
  if (kind === "heartbeat") getsAddress(warnings, place, name);
  const checked = checkedOf(kind, monitor, place, warnings);
  const status = (textOf(monitor["status"]) ?? "").toLowerCase();
  const timeout = numberOf(monitor["timeout"]);
  remark(monitor, place, warnings);
  const tags = listOf(monitor["tags"]).flatMap((tag) => textOf(isObject(tag) ? tag["name"] : tag) ?? []);
  warnings.add("todo", "channels", "", "alert contacts are not imported: set the deployment's channels");
  return {
    place,
    config: {
      ...checked,
      type: String(checked["type"]),
      name,
      ...((status === "0" || status === "paused") && { paused: true }),
      ...(tags.length > 0 && { tags }),
    },
    intervalSeconds: intervalOf(monitor),
    ...(timeout !== undefined && { timeoutMs: timeout * 1_000 }),
  };
}

/** What a port monitor of API v2 names instead of a port. */
const SUB_TYPE_PORTS: Readonly<Record<string, number>> = { "1": 80, "2": 443, "3": 21, "4": 25, "5": 110, "6": 143 };

/** Says what of a monitor is not imported. */
function remark(monitor: Monitor, place: string, warnings: Warnings): void {
  if ([...listOf(monitor["mwindows"]), ...listOf(monitor["maintenancewindowsids"])].length > 0)
    warnings.add("lost", "maintenance", place, "its maintenance windows are not imported");
  if (flagOf(monitor["domainexpirationreminder"]))
    warnings.add("lost", "domain-expiration", place, "register a target of type domain for the end of its domain's registration");
  const contacts = [...listOf(monitor["alertcontacts"]), ...listOf(monitor["assignedalertcontacts"])].map(objectOf);
  const isSet = (name: string) => contacts.some((contact) => (numberOf(contact[name]) ?? 0) > 0);
  if (isSet("threshold"))
    warnings.add("changed", "alert-delay", place, "alerts that waited for minutes are told at once: see failureThreshold");
  if (isSet("recurrence")) warnings.add("lost", "reminder", place, "alerts that were repeated are told once: see remindEverySeconds");
  if (/^(?:2|digest)$/i.test(textOf(monitor["httpauthtype"]) ?? textOf(monitor["authtype"]) ?? ""))
    warnings.add("lost", "digest", place, "Digest is not spoken: its login is sent as Basic");
}

function intervalOf(monitor: Monitor): number {
  return numberOf(monitor["interval"]) ?? INTERVAL_S;
}

function checkedOf(kind: Kind, monitor: Monitor, place: string, warnings: Warnings): Record<string, unknown> {
  const address = textOf(monitor["url"]) ?? textOf(monitor["urlip"]) ?? "";
  const host = hostOf(address);
  switch (kind) {
    case "ping":
      return { type: "ping", host };
    case "port":
      return {
        type: "tcp",
        host,
        port: numberOf(monitor["port"]) ?? portOf(address) ?? own(SUB_TYPE_PORTS, textOf(monitor["subtype"]) ?? ""),
      };
    case "heartbeat":
      return {
        type: "heartbeat",
        periodSeconds: Math.max(10, intervalOf(monitor)),
        graceSeconds: numberOf(monitor["graceperiod"]) ?? 0,
      };
    case "http":
      return httpOf(address, monitor, place, warnings);
    case "keyword":
      return { ...httpOf(address, monitor, place, warnings), ...keywordOf(monitor, place, warnings), method: methodOf(monitor, "GET") };
  }
}

function httpOf(address: string, monitor: Monitor, place: string, warnings: Warnings): Record<string, unknown> {
  const { url, authorization } = urlOf(/^https?:\/\//i.test(address) ? address : `http://${address}`, place, warnings);
  const login = textOf(monitor["httpusername"]);
  const given = {
    method: methodOf(monitor, "HEAD"),
    headers: objectOf(monitor["customhttpheaders"]),
    ...bodyOf(monitor),
    authorization: authorization ?? (login ? basic(`${login}:${textOf(monitor["httppassword"]) ?? ""}`) : undefined),
  };
  const statuses = [
    ...listOf(monitor["successhttpresponsecodes"]).flatMap((code) => statusOf(textOf(code) ?? "")),
    ...customStatuses(monitor),
  ];
  const limitMs = numberOf(monitor["responsetimethreshold"]) ?? 0;
  return {
    type: "http",
    url,
    ...requestFields(given, place, warnings),
    ...(statuses.length > 0 && { expectedStatuses: statuses }),
    ...(isOff(monitor["followredirections"]) && { followRedirects: false }),
    ...((isOff(monitor["checksslerrors"]) || flagOf(monitor["ignoresslerrors"])) && { verifyTls: false }),
    ...(limitMs > 0 && { latencyLimitMs: limitMs }),
  };
}

/** @param least what HEAD becomes: its answer has no body in which a keyword could be */
function methodOf(monitor: Monitor, least: "GET" | "HEAD"): string {
  const given = textOf(monitor["httpmethod"]) ?? textOf(monitor["httpmethodtype"]) ?? "GET";
  const method = own(METHODS, given) ?? given.toUpperCase();
  return method === "HEAD" ? least : method;
}

/** What is sent: text, JSON or the fields of a form. */
function bodyOf(monitor: Monitor): { body?: string | undefined; contentType?: string } {
  const body = monitor["postvalue"] ?? monitor["postvaluedata"];
  if (!isObject(body)) {
    const isJson = /^(?:1|application\/json)$/i.test(textOf(monitor["postcontenttype"]) ?? "");
    return { body: textOf(body), ...(isJson && { contentType: "application/json" }) };
  }
  const isForm = /^(?:1|key_value)$/i.test(textOf(monitor["posttype"]) ?? textOf(monitor["postvaluetype"]) ?? "");
  if (!isForm) return { body: JSON.stringify(body), contentType: "application/json" };
  const fields = Object.entries(body).map(([name, value]) => [name, textOf(value) ?? JSON.stringify(value)] as const);
  return { body: String(new URLSearchParams(Object.fromEntries(fields))), contentType: "application/x-www-form-urlencoded" };
}

/** API v2: `404:0_200:1`, 1 for what is up; those named for up beside the usual ones. */
function customStatuses(monitor: Monitor): (number | string)[] {
  const pairs = [...(textOf(monitor["customhttpstatuses"]) ?? "").matchAll(/(\d{3}):([01])/g)].map(
    ([, code, isUp]) => [Number(code), isUp === "1"] as const,
  );
  if (pairs.length === 0) return [];
  const codes = new Set(Array.from({ length: 100 }, (_, index) => index + 200));
  for (const [code, isUp] of pairs) {
    if (isUp) codes.add(code);
    else codes.delete(code);
  }
  return statusRanges([...codes]);
}

/** `200` and `2xx`. */
function statusOf(text: string): (number | string)[] {
  if (/^[1-5]xx$/i.test(text)) return [`${text[0]}00-${text[0]}99`];
  return /^[1-5]\d\d$/.test(text) ? [Number(text)] : [];
}

function keywordOf(monitor: Monitor, place: string, warnings: Warnings): { assertions?: unknown[] } {
  const text = textOf(monitor["keywordvalue"]) ?? "";
  if (text === "") {
    warnings.add("lost", "keyword", place, "its keyword is not in the export");
    return {};
  }
  const type = textOf(monitor["keywordtype"]) ?? "1";
  // API v3 says when it alerts, the others what must be.
  const isAbsence = /^(?:2|not ?exists?|alert_exists)$/i.test(type);
  warnings.add(
    "todo",
    "keyword-type",
    place,
    `"${type}" is read as: the page must ${isAbsence ? "not " : ""}have the keyword. Exports say when it alerts or what must be: see that it is so`,
  );
  const isCaseless = /^(?:1|caseinsensitive)$/i.test(textOf(monitor["keywordcasetype"]) ?? "0");
  if (isCaseless) return { assertions: [{ kind: "body", operator: isAbsence ? "notMatches" : "matches", value: `(?i)${escaped(text)}` }] };
  return { assertions: [{ kind: isAbsence ? "bodyLacks" : "bodyContains", text }] };
}
