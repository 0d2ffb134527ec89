import type { Draft, ImportContext, Importer } from "./importer.ts";
import { basic, listOf, numberOf, objectOf, textOf, withoutCredentials } from "./values.ts";
import { parseJson } from "./yaml-file.ts";

const FREQUENCY_S = 180;

/** Reads the JSON of Better Stack's API: `GET /api/v2/monitors` and `/heartbeats`. */
export const betterStack: Importer = {
  id: "betterstack",
  reads: "Better Stack: the JSON of /api/v2/monitors and /api/v2/heartbeats",
  async read(files, context) {
    const items = files.flatMap((file) => {
      const json = parseJson(file.bytes, file.path);
      return (Array.isArray(json) ? json : listOf(objectOf(json)["data"])).map(objectOf);
    });
    if (items.length === 0) throw new Error(`${files[0]?.path ?? "the source"} holds no monitors of Better Stack`);
    context.warnings.add("todo", "channels", "", "whom it told is not in the source: set the deployment's channels");
    return items.flatMap((item) => draftOf(item, context) ?? []);
  },
};

function draftOf(item: Record<string, unknown>, { warnings }: ImportContext): Draft | undefined {
  const fields = objectOf(item["attributes"] ?? item);
  const isHeartbeat = item["type"] === "heartbeat" || fields["period"] !== undefined;
  const place = `${isHeartbeat ? "heartbeat" : "monitor"} ${textOf(item["id"]) ?? "?"}`;
  const name = textOf(fields["pronounceable_name"]) || textOf(fields["name"]) || textOf(fields["url"]) || place;
  const paused = fields["paused"] === true || fields["status"] === "paused";
  if (isHeartbeat) {
    warnings.add("todo", "ping-url", place, `"${name}" gets an address of its own: the job must call it`);
    const config = {
      type: "heartbeat",
      name,
      periodSeconds: Math.max(10, numberOf(fields["period"]) ?? 300),
      graceSeconds: numberOf(fields["grace"]) ?? 0,
    };
    return { place, config: { ...config, ...(paused && { paused }) } };
  }
  const type = textOf(fields["monitor_type"]) ?? "status";
  const checked = checkedOf(type, fields);
  if (checked === undefined) {
    warnings.add("lost", "type", place, `"${name}" is not imported: there is no check of type ${type}`);
    return undefined;
  }
  if (type === "ping") warnings.add("note", "icmp", place, `"${name}" becomes a ping (ICMP), which a machine sends and Lambda cannot`);
  if (listOf(fields["regions"]).length > 0) warnings.add("lost", "regions", place, "it is checked from one region, the deployment's");
  const frequency = numberOf(fields["check_frequency"]) ?? FREQUENCY_S;
  const confirmation = numberOf(fields["confirmation_period"]) ?? 0;
  const recovery = numberOf(fields["recovery_period"]) ?? 0;
  const threshold = (seconds: number) => Math.min(20, Math.ceil(seconds / frequency) + 1);
  const timeout = numberOf(fields["request_timeout"]);
  return {
    place,
    config: {
      ...checked,
      type: String(checked["type"]),
      name,
      ...(confirmation > 0 && { failureThreshold: threshold(confirmation) }),
      ...(recovery > 0 && { successThreshold: threshold(recovery) }),
      ...(paused && { paused }),
    },
    intervalSeconds: frequency,
    // Of http in seconds, of the others in ms.
    ...(timeout !== undefined && { timeoutMs: timeout > 100 ? timeout : timeout * 1_000 }),
  };
}

function checkedOf(type: string, fields: Record<string, unknown>): Record<string, unknown> | undefined {
  const address = textOf(fields["url"]) ?? "";
  const host = (URL.parse(address)?.hostname || address.replace(/:\d+$/, "")).replace(/^\[|\]$/g, "");
  const port = numberOf(fields["port"]) ?? numberOf(/:(\d+)/.exec(address)?.[1]);
  if (type === "ping") return { type: "ping", host };
  if (type === "tcp")
    return { type: "tcp", host, port, ...(textOf(fields["required_keyword"]) && { banner: textOf(fields["required_keyword"]) }) };
  if (type === "dns") {
    const record = textOf(fields["required_keyword"]);
    return { type: "dns", host: textOf(fields["request_body"]) ?? host, resolver: host, ...(record && { expectedRecords: [record] }) };
  }
  if (!HTTP_TYPES.has(type)) return undefined;
  const { url, authorization } = withoutCredentials(address);
  const headers = Object.fromEntries(
    listOf(fields["request_headers"]).map((header) => [textOf(objectOf(header)["name"]) ?? "", textOf(objectOf(header)["value"]) ?? ""]),
  );
  const user = textOf(fields["auth_username"]);
  const login = authorization ?? (user ? basic(`${user}:${textOf(fields["auth_password"]) ?? ""}`) : undefined);
  if (login !== undefined) headers["authorization"] = login;
  const method = (textOf(fields["http_method"]) ?? "GET").toUpperCase();
  const body = textOf(fields["request_body"]);
  const keyword = textOf(fields["required_keyword"]);
  const codes = listOf(fields["expected_status_codes"]).flatMap((code) => numberOf(code) ?? []);
  return {
    type: "http",
    url,
    ...(method !== "GET" && { method }),
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(body && method !== "GET" && method !== "HEAD" && { body }),
    ...(codes.length > 0 && { expectedStatuses: codes }),
    ...(fields["follow_redirects"] === false && { followRedirects: false }),
    ...(fields["verify_ssl"] === false && { verifyTls: false }),
    ...(keyword &&
      type.startsWith("keyword") && { assertions: [{ kind: type === "keyword_absence" ? "bodyLacks" : "bodyContains", text: keyword }] }),
  };
}

const HTTP_TYPES = new Set(["status", "expected_status_code", "keyword", "keyword_absence"]);
