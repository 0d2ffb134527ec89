import { parseCsv } from "./csv.ts";
import type { Draft, ImportContext, Importer, SourceFile } from "./importer.ts";
import { basic, listOf, numberOf, objectOf, textOf, withoutCredentials } from "./values.ts";
import { parseJson } from "./yaml-file.ts";

/** UptimeRobot's free plan checks this often. */
const INTERVAL_S = 300;

/** Reads UptimeRobot's CSV export, or the JSON of its API (v2 `getMonitors`, v3 `monitors`). */
export const uptimeRobot: Importer = {
  id: "uptimerobot",
  reads: "UptimeRobot: its CSV export, or the JSON of getMonitors",
  async read(files, context) {
    const monitors = files.flatMap(monitorsOf);
    if (monitors.length === 0) throw new Error(`${files[0]?.path ?? "the source"} holds no monitors of UptimeRobot`);
    return monitors.flatMap((monitor, index) => draftOf(monitor, index, context) ?? []);
  },
};

/** One monitor, whatever it was written in: names in lower case, without blanks. */
type Monitor = Readonly<Record<string, unknown>>;

function monitorsOf({ bytes, path }: SourceFile): Monitor[] {
  const text = bytes.toString("utf8").trimStart();
  if (!/^[[{]/.test(text.replace(/^\uFEFF/, ""))) {
    return parseCsv(text).map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [nameOf(name), value])));
  }
  const json = parseJson(bytes, path);
  const list = Array.isArray(json) ? json : listOf(objectOf(json)["monitors"] ?? objectOf(json)["data"]);
  return list.map((monitor) => Object.fromEntries(Object.entries(objectOf(monitor)).map(([name, value]) => [nameOf(name), value])));
}

function nameOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z]/g, "");
}

/** API v2 has numbers, v3 and the CSV words. Source: https://uptimerobot.com/api/ */
const TYPES: Readonly<Record<string, "http" | "keyword" | "ping" | "port" | "heartbeat">> = {
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

function draftOf(monitor: Monitor, index: number, { warnings }: ImportContext): Draft | undefined {
  const id = textOf(monitor["id"]) ?? String(index + 1);
  const place = `monitor ${id}`;
  const name = textOf(monitor["friendlyname"]) ?? textOf(monitor["name"]) ?? place;
  const address = textOf(monitor["url"]) ?? textOf(monitor["urlip"]) ?? "";
  const kind = (textOf(monitor["type"]) ?? "http").toLowerCase();
  const type = TYPES[kind];
  const intervalSeconds = numberOf(monitor["interval"]) ?? INTERVAL_S;
  const checked = type === undefined ? undefined : checkedOf(type, address, monitor, place, warnings);
  if (checked === undefined) {
    warnings.add("lost", "type", place, `"${name}" is not imported: there is no check of type ${kind}`);
    return undefined;
  }
  if (type === "ping") warnings.add("note", "icmp", place, `"${name}" becomes a ping (ICMP), which a machine sends and Lambda cannot`);
  if (type === "heartbeat") warnings.add("todo", "ping-url", place, `"${name}" gets an address of its own: the job must call it`);
  const status = (textOf(monitor["status"]) ?? "").toLowerCase();
  warnings.add("todo", "channels", "", "alert contacts are not in the export: set the deployment's channels");
  return {
    place,
    config: { ...checked, type: String(checked["type"]), name, ...((status === "0" || status === "paused") && { paused: true }) },
    intervalSeconds,
    ...(numberOf(monitor["timeout"]) !== undefined && { timeoutMs: (numberOf(monitor["timeout"]) ?? 0) * 1_000 }),
  };
}

function checkedOf(
  type: "http" | "keyword" | "ping" | "port" | "heartbeat",
  address: string,
  monitor: Monitor,
  place: string,
  warnings: ImportContext["warnings"],
): Record<string, unknown> | undefined {
  const host = (URL.parse(address)?.hostname || address.replace(/:\d+$/, "")).replace(/^\[|\]$/g, "");
  if (type === "ping") return { type: "ping", host };
  if (type === "port") return { type: "tcp", host, port: numberOf(monitor["port"]) ?? numberOf(/:(\d+)$/.exec(address)?.[1]) };
  if (type === "heartbeat") {
    return {
      type: "heartbeat",
      periodSeconds: Math.max(10, numberOf(monitor["interval"]) ?? INTERVAL_S),
      graceSeconds: numberOf(monitor["graceperiod"]) ?? 0,
    };
  }
  const { url, authorization } = withoutCredentials(/^https?:\/\//i.test(address) ? address : `http://${address}`);
  const login = textOf(monitor["httpusername"]);
  const header = authorization ?? (login ? basic(`${login}:${textOf(monitor["httppassword"]) ?? ""}`) : undefined);
  const headers = { ...objectOf(monitor["customhttpheaders"]), ...(header !== undefined && { authorization: header }) };
  const keyword = textOf(monitor["keywordvalue"]) ?? "";
  const isAbsence = /^(?:2|not ?exists?|alertexists)$/i.test(textOf(monitor["keywordtype"]) ?? "1");
  if (type === "keyword" && keyword === "") warnings.add("lost", "keyword", place, "its keyword is not in the export");
  return {
    type: "http",
    url,
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(type === "keyword" && keyword !== "" && { assertions: [{ kind: isAbsence ? "bodyLacks" : "bodyContains", text: keyword }] }),
  };
}
