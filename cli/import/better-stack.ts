import { requestFields, urlOf } from "./http-request.ts";
import type { Draft, ImportContext, Importer } from "./importer.ts";
import { becomesPing, getsAddress, isCheckedFromOneRegion, isOfNoType } from "./remarks.ts";
import { basic, escaped, flagOf, hostOf, isOff, listOf, numberOf, objectOf, portOf, textOf, withoutCredentials } from "./values.ts";
import type { Warnings } from "./warnings.ts";
import { parseJson } from "./yaml-file.ts";

const MAX_THRESHOLD = 20;
const FREQUENCY_S = 180;

/** Reads the JSON of Better Stack's API: `GET /api/v2/monitors` and `/heartbeats`. */
export const betterStack: Importer = {
  id: "betterstack",
  reads: "Better Stack: the JSON of /api/v2/monitors and /api/v2/heartbeats",
  async read(files, context) {
    const items = files.flatMap((file) => {
      const json = parseJson(file.bytes, file.path);
      if (textOf(objectOf(objectOf(json)["pagination"])["next"]))
        context.warnings.add(
          "lost",
          "pages",
          file.label || file.path,
          "there are more pages than this one: fetch them, and import them as well",
        );
      return (Array.isArray(json) ? json : listOf(objectOf(json)["data"])).map(objectOf);
    });
    if (items.length === 0) throw new Error(`${files[0]?.path ?? "the source"} holds no monitors of Better Stack`);
    context.warnings.add("todo", "channels", "", "whom it told is not in the source: set the deployment's channels");
    return items.flatMap((item) => draftOf(item, context) ?? []);
  },
};

function draftOf(item: Record<string, unknown>, context: ImportContext): Draft | undefined {
  const fields = objectOf(item["attributes"] ?? item);
  const isHeartbeat = item["type"] === "heartbeat" || fields["period"] !== undefined;
  const place = `${isHeartbeat ? "heartbeat" : "monitor"} ${textOf(item["id"]) ?? "?"}`;
  const address = withoutCredentials(textOf(fields["url"]) ?? "").url;
  const name = textOf(fields["pronounceable_name"]) || textOf(fields["name"]) || address || place;
  const isPaused = flagOf(fields["paused"]) || fields["status"] === "paused";
  const common: Common = { name, ...(isPaused && { paused: true }) };
  return isHeartbeat ? heartbeatOf(fields, place, common, context) : monitorOf(fields, place, common, context);
}

interface Common {
  readonly name: string;
  readonly paused?: true;
}

function heartbeatOf(fields: Record<string, unknown>, place: string, common: Common, { warnings }: ImportContext): Draft {
  getsAddress(warnings, place, common.name);
  const periodSeconds = Math.max(10, numberOf(fields["period"]) ?? 300);
  return { place, config: { type: "heartbeat", ...common, periodSeconds, graceSeconds: numberOf(fields["grace"]) ?? 0 } };
}

function monitorOf(fields: Record<string, unknown>, place: string, common: Common, { warnings }: ImportContext): Draft | undefined {
  const type = textOf(fields["monitor_type"]) ?? "status";
  const checked = checkedOf(type, fields, place, warnings);
  if (checked === undefined) return isOfNoType(warnings, place, common.name, `type ${type}`);
  if (type === "ping") becomesPing(warnings, place, common.name);
  if (listOf(fields["regions"]).length > 0) isCheckedFromOneRegion(warnings, place);
  const proxied = remark(fields, place, warnings);
  const frequency = numberOf(fields["check_frequency"]) ?? FREQUENCY_S;
  const timeout = numberOf(fields["request_timeout"]);
  return {
    place,
    config: {
      ...checked,
      ...familyOf(fields, String(checked["type"])),
      type: String(checked["type"]),
      ...common,
      ...thresholdsOf(fields, frequency),
      ...(proxied && { paused: true }),
    },
    intervalSeconds: frequency,
    // Of http in seconds, of the others in ms.
    ...(timeout !== undefined && { timeoutMs: timeout > 100 ? timeout : timeout * 1_000 }),
  };
}

/** Says what of a monitor is not imported. @returns whether it could not work without that */
function remark(fields: Record<string, unknown>, place: string, warnings: Warnings): boolean {
  if (textOf(fields["maintenance_from"])) warnings.add("lost", "maintenance", place, "its maintenance windows are not imported");
  if ((numberOf(fields["domain_expiration"]) ?? 0) > 0)
    warnings.add("lost", "domain-expiration", place, "register a target of type domain for the end of its domain's registration");
  if (textOf(fields["monitor_group_id"]))
    warnings.add(
      "lost",
      "group",
      place,
      `its group is number ${textOf(fields["monitor_group_id"])}, whose name is not in the source: set group`,
    );
  const isProxied = Boolean(textOf(fields["proxy_host"]));
  if (isProxied) warnings.add("lost", "proxy", place, "its proxy is not used: it is imported paused");
  return isProxied;
}

/** `ipv4` or `ipv6`, where a connection is made; both when left out. */
function familyOf(fields: Record<string, unknown>, type: string): { ipFamily?: 4 | 6 } {
  const family = /^ipv([46])$/i.exec(textOf(fields["ip_version"]) ?? "")?.[1];
  return family === undefined || (type !== "http" && type !== "tcp") ? {} : { ipFamily: family === "4" ? 4 : 6 };
}

/** Its periods of confirmation and recovery, in s, as results in a row. */
function thresholdsOf(fields: Record<string, unknown>, frequency: number): Record<string, number> {
  const threshold = (seconds: number) => Math.min(MAX_THRESHOLD, Math.ceil(seconds / frequency) + 1);
  const confirmation = numberOf(fields["confirmation_period"]) ?? 0;
  const recovery = numberOf(fields["recovery_period"]) ?? 0;
  return {
    ...(confirmation > 0 && { failureThreshold: threshold(confirmation) }),
    ...(recovery > 0 && { successThreshold: threshold(recovery) }),
  };
}

function checkedOf(type: string, fields: Record<string, unknown>, place: string, warnings: Warnings): Record<string, unknown> | undefined {
  const address = textOf(fields["url"]) ?? "";
  const host = hostOf(address);
  const keyword = textOf(fields["required_keyword"]);
  switch (type) {
    case "ping":
      return { type, host };
    case "tcp":
      return { type, host, port: numberOf(fields["port"]) ?? portOf(address), ...(keyword && { banner: escaped(keyword) }) };
    case "dns":
      return { type, host: textOf(fields["request_body"]) ?? host, resolver: host, ...(keyword && { expectedRecords: [keyword] }) };
    case "status":
    case "expected_status_code":
      return httpOf(fields, place, warnings);
    case "keyword":
    case "keyword_absence": {
      const assertions = keyword ? [{ kind: type === "keyword" ? "bodyContains" : "bodyLacks", text: keyword }] : [];
      return { ...httpOf(fields, place, warnings), ...(assertions.length > 0 && { assertions }) };
    }
    default:
      return undefined;
  }
}

function httpOf(fields: Record<string, unknown>, place: string, warnings: Warnings): Record<string, unknown> {
  const { url, authorization } = urlOf(textOf(fields["url"]) ?? "", place, warnings);
  const headers = listOf(fields["request_headers"]).map(objectOf);
  const user = textOf(fields["auth_username"]);
  const given = {
    method: textOf(fields["http_method"]),
    headers: Object.fromEntries(headers.map((header) => [textOf(header["name"]) ?? "", header["value"]])),
    body: textOf(fields["request_body"]),
    authorization: authorization ?? (user ? basic(`${user}:${textOf(fields["auth_password"]) ?? ""}`) : undefined),
  };
  const codes = listOf(fields["expected_status_codes"]).flatMap((code) => numberOf(code) ?? []);
  return {
    type: "http",
    url,
    ...requestFields(given, place, warnings),
    ...(codes.length > 0 && { expectedStatuses: codes }),
    ...(isOff(fields["follow_redirects"]) && { followRedirects: false }),
    ...(isOff(fields["verify_ssl"]) && { verifyTls: false }),
  };
}
