import { isIP } from "node:net";
import { reverseName } from "../../shared/check/dns-records.ts";
import { isObject } from "../../shared/text/is-object.ts";
import { own } from "../../shared/text/own.ts";
import { type GatusAlerting, toldBy } from "./gatus-alerts.ts";
import { applyConditions } from "./gatus-assertions.ts";
import { applyClient } from "./gatus-client.ts";
import { type GatusEndpoint, plain, resolved, withVariables } from "./gatus-endpoint.ts";
import { type GivenRequest, requestFields, urlOf } from "./http-request.ts";
import type { Draft, ImportContext, Importer, SourceFile } from "./importer.ts";
import { isRecordType, nameServer } from "./records.ts";
import { becomesPing, keepsKey } from "./remarks.ts";
import { durationMs, flagOf, hostAndPort, isOff, listOf, objectOf, textOf } from "./values.ts";
import { parseYaml } from "./yaml-file.ts";

/** Gatus' default. Source: TwiN/gatus, config/endpoint/endpoint.go. */
const INTERVAL_S = 60;
const YEAR_S = 31_536_000;

/** Reads Gatus' YAML: one file, or a folder of them, in a ConfigMap or Helm values, too. */
export const gatus: Importer = {
  id: "gatus",
  reads: "Gatus: config.yaml, or the folder of its files",
  hasVariables: true,
  async read(files, context) {
    const parts = files.flatMap((file) => configurations(file));
    if (!parts.some(({ config }) => ENDPOINT_KEYS.some((key) => key in config))) {
      throw new Error(`${files[0]?.path ?? "the source"} holds no endpoints: it is no configuration of Gatus`);
    }
    const alerting = new Map<string, { settings: Record<string, unknown>; prefix: string }>();
    // Files are merged into each other, however deep (TwiN/deepmerge).
    for (const { config, prefix } of parts)
      for (const [kind, settings] of Object.entries(objectOf(config["alerting"])))
        alerting.set(kind, { settings: merged(alerting.get(kind)?.settings ?? {}, objectOf(settings)), prefix });
    return parts.flatMap((part) => new Reader(part, alerting, context).drafts());
  },
};

function merged(before: Record<string, unknown>, after: Record<string, unknown>): Record<string, unknown> {
  const both = Object.entries(after).map(([name, value]) => {
    const old = before[name];
    return [name, isObject(old) && isObject(value) ? merged(old, value) : value];
  });
  return { ...before, ...Object.fromEntries(both) };
}

const ENDPOINT_KEYS = ["endpoints", "external-endpoints", "suites"];
/** Top-level keys that are read, or told of otherwise. */
const READ_KEYS = new Set([...ENDPOINT_KEYS, "alerting", "maintenance"]);

interface Part {
  readonly config: Record<string, unknown>;
  /** Of places: empty, or `folder/file:`. */
  readonly prefix: string;
  readonly file: SourceFile;
}

/** A ConfigMap or Helm values around a configuration is looked through. */
function configurations(file: SourceFile): Part[] {
  const prefix = file.label === "" ? "" : `${file.label}:`;
  const partsOf = (document: unknown): Part[] => {
    const config = objectOf(document);
    if (config["kind"] === "List") return listOf(config["items"]).flatMap(partsOf);
    if (config["kind"] === "ConfigMap") {
      return Object.entries(objectOf(config["data"])).flatMap(([name, text]) =>
        parseYaml(Buffer.from(String(text)), `${file.path}, ${name}`).map((inner) => ({ config: objectOf(inner), prefix, file })),
      );
    }
    const inner = objectOf(config["config"] ?? objectOf(config["gatus"])["config"]);
    const has = (keys: Record<string, unknown>) => ENDPOINT_KEYS.some((key) => key in keys);
    return [{ config: !has(config) && has(inner) ? inner : config, prefix, file }];
  };
  return parseYaml(file.bytes, file.path).flatMap(partsOf);
}

class Reader {
  readonly #part: Part;
  readonly #alerting: GatusAlerting;
  readonly #context: ImportContext;

  constructor(part: Part, alerting: GatusAlerting, context: ImportContext) {
    this.#part = part;
    this.#alerting = alerting;
    this.#context = context;
  }

  drafts(): Draft[] {
    const { config, prefix } = this.#part;
    for (const key of Object.keys(config)) {
      if (!READ_KEYS.has(key)) this.#context.warnings.add("note", "ignored", `${prefix}${key}`, `${key} is Gatus' own and not read`);
    }
    if (config["maintenance"] !== undefined) this.#maintenance(`${prefix}maintenance`, config["maintenance"]);
    listOf(config["suites"]).forEach((suite, index) => {
      this.#lost(
        "suites",
        `${prefix}suites[${index}]`,
        `suite "${textOf(objectOf(suite)["name"]) ?? ""}": several steps in one are not checked`,
      );
    });
    return [
      ...listOf(config["endpoints"]).flatMap((fields, index) => this.#endpoint(objectOf(fields), `${prefix}endpoints[${index}]`) ?? []),
      ...listOf(config["external-endpoints"]).map((fields, index) =>
        this.#external(objectOf(fields), `${prefix}external-endpoints[${index}]`),
      ),
    ];
  }

  #lost(topic: string, place: string, text: string): void {
    this.#context.warnings.add("lost", topic, place, text);
  }

  #maintenance(place: string, value: unknown): void {
    for (const window of Array.isArray(value) ? value : [value]) {
      const { start, duration, every, timezone, enabled } = objectOf(window);
      const when = [textOf(start), textOf(duration), listOf(every).map(textOf).join(", "), textOf(timezone)].filter(Boolean).join(", ");
      if (!isOff(enabled)) this.#lost("maintenance", place, `maintenance ${when} must be set by hand (POST /maintenance)`);
    }
  }

  #endpoint(given: Record<string, unknown>, place: string): Draft | undefined {
    const { env, warnings } = this.#context;
    const read = Object.fromEntries(Object.entries(given).filter(([name]) => READ_FIELDS.has(name)));
    const { fields, missing } = withEnvironment(read, env);
    const name = textOf(fields["name"]) ?? place;
    if (missing !== undefined) {
      this.#lost("env", place, `"${name}" is not imported: its ${missing.field} needs the variable ${missing.variable}`);
      return undefined;
    }
    const client = objectOf(given["client"]);
    const endpoint: GatusEndpoint = { fields, place, name, client, target: this.#common(fields, textOf(fields["group"])), assertions: [] };
    const type = this.#dialled(endpoint);
    if (type === undefined || !applyConditions(endpoint, type, warnings)) return undefined;
    applyClient(endpoint, type, this.#part.file.path, this.#context);
    this.#ignored(given, place);
    const intervalMs = durationMs(plain(given["interval"], env));
    if (intervalMs === undefined && given["interval"] !== undefined)
      warnings.add("changed", "interval", place, `"${name}" has no interval that can be read: it is checked every ${INTERVAL_S} s`);
    const timeoutMs = durationMs(plain(client["timeout"], env));
    return {
      place,
      namePlace: `${place}.name`,
      config: {
        ...endpoint.target,
        ...this.#toldBy(fields, place),
        type,
        name,
        ...(endpoint.assertions.length > 0 && { assertions: endpoint.assertions }),
      },
      intervalSeconds: intervalMs === undefined ? INTERVAL_S : intervalMs / 1_000,
      intervalPlace: `${place}.interval`,
      ...(timeoutMs !== undefined && { timeoutMs, timeoutPlace: `${place}.client.timeout` }),
    };
  }

  #toldBy(fields: Record<string, unknown>, place: string): Record<string, unknown> {
    return toldBy(fields, place, { alerting: this.#alerting, prefix: this.#part.prefix, warnings: this.#context.warnings });
  }

  /** Fields that every type has. */
  #common(fields: Record<string, unknown>, named: string | undefined): Record<string, unknown> {
    const group = named?.trim();
    const labels = Object.entries(objectOf(fields["extra-labels"])).map(([key, value]) => `${key}=${textOf(value) ?? ""}`);
    return {
      ...(group && { group }),
      ...(labels.length > 0 && { tags: labels }),
      ...(isOff(fields["enabled"]) && { paused: true }),
    };
  }

  /** What is dialled, by the address' scheme. @returns the check type; `undefined` where it is not imported */
  #dialled(endpoint: GatusEndpoint): string | undefined {
    const { fields, place, name, target } = endpoint;
    const { warnings } = this.#context;
    const address = textOf(fields["url"]) ?? "";
    if (isObject(fields["dns"])) return this.#dns(endpoint, address, objectOf(fields["dns"]));
    const scheme = /^([a-z0-9+]+):\/\//i.exec(address)?.[1]?.toLowerCase() ?? "";
    if (scheme === "http" || scheme === "https") return this.#http(endpoint, address);
    const { host, port } = hostAndPort(address);
    const at = (fallback: number) => ({ host, port: port ?? fallback });
    const certificate = { minDaysLeft: 0, ...(flagOf(endpoint.client["insecure"]) && { verifyTls: false }) };
    const unsent = fields["body"] === undefined ? undefined : own(UNSENT, scheme);
    if (unsent !== undefined) this.#lost("send-expect", `${place}.body`, unsent);
    switch (scheme) {
      case "tcp":
        Object.assign(target, at(80), this.#sent(endpoint));
        return "tcp";
      case "tls":
        Object.assign(target, at(443), certificate);
        return "tls";
      case "starttls":
        Object.assign(target, at(587), certificate, { startTls: "smtp" });
        return "tls";
      case "icmp":
        Object.assign(target, { host });
        becomesPing(warnings, place, name);
        return "ping";
      case "ssh":
        Object.assign(target, at(22), { banner: "^SSH-" });
        warnings.add("changed", "ssh", place, `"${name}": the server's greeting is read; nobody signs in`);
        return "tcp";
      case "ws":
      case "wss":
        Object.assign(target, { url: address }, requestFields({ headers: this.#headers(endpoint) }, place, warnings), this.#sent(endpoint));
        return "websocket";
      case "grpc":
      case "grpcs":
        Object.assign(target, at(scheme === "grpcs" ? 443 : 50_051), { tls: scheme === "grpcs" });
        return "grpc";
      default:
        this.#lost(scheme || "url", place, `"${name}" is not imported: ${whyNotDialled(address, scheme)}`);
        return undefined;
    }
  }

  #dns({ target, place, name }: GatusEndpoint, server: string, dns: Record<string, unknown>): string | undefined {
    const type = (textOf(dns["query-type"]) ?? "A").toUpperCase();
    if (!isRecordType(type)) {
      this.#lost("dns-type", place, `"${name}" is not imported: records of type ${type} are not asked for`);
      return undefined;
    }
    const host = (textOf(dns["query-name"]) ?? "").replace(/\.$/, "");
    const asked = type === "PTR" && isIP(host) !== 0 ? reverseName(host) : host;
    Object.assign(target, { host: asked, recordType: type, resolver: nameServer(server) });
    return "dns";
  }

  #http(endpoint: GatusEndpoint, address: string): string {
    const { fields, place, target } = endpoint;
    const { warnings } = this.#context;
    const { url, authorization } = urlOf(address, `${place}.url`, warnings);
    const isGraphql = flagOf(fields["graphql"]);
    const given: GivenRequest = {
      method: textOf(fields["method"]),
      headers: this.#headers(endpoint),
      body: textOf(fields["body"]),
      authorization,
      contentType: isGraphql ? "application/json" : undefined,
    };
    Object.assign(target, { url }, requestFields(given, `${place}.body`, warnings));
    if (target["body"] !== undefined) {
      const body = this.#sent(endpoint).send;
      target["body"] = isGraphql ? JSON.stringify({ query: body }) : body;
    }
    return "http";
  }

  #headers({ fields, place }: GatusEndpoint): Record<string, string> {
    const given = Object.entries(objectOf(fields["headers"]));
    const { warnings } = this.#context;
    return Object.fromEntries(
      given.map(([name, value]) => [name, withVariables(textOf(value) ?? "", `${place}.headers.${name}`, warnings)]),
    );
  }

  /** What is sent when it is connected, if anything. */
  #sent({ fields, place, name }: GatusEndpoint): { send?: string } {
    const body = textOf(fields["body"]);
    if (!body) return {};
    const [group, url] = [textOf(fields["group"]) ?? "", textOf(fields["url"]) ?? ""];
    const known: Readonly<Record<string, string>> = { ENDPOINT_NAME: name, ENDPOINT_GROUP: group, ENDPOINT_URL: url };
    const filled = body.replace(/\[(ENDPOINT_NAME|ENDPOINT_GROUP|ENDPOINT_URL)\]/g, (_, of: string) => known[of] ?? "");
    const changing = /\[(?:RANDOM_STRING_\d+|LOCAL_ADDRESS|CONTEXT)[^\]]*\]/.exec(filled)?.[0];
    if (changing !== undefined) this.#lost("body-placeholder", `${place}.body`, `${changing} is sent as it stands`);
    return { send: withVariables(filled, `${place}.body`, this.#context.warnings) };
  }

  #ignored(fields: Record<string, unknown>, place: string): void {
    if (fields["maintenance-windows"] !== undefined) this.#maintenance(`${place}.maintenance-windows`, fields["maintenance-windows"]);
    for (const key of Object.keys(fields)) {
      if (!READ_FIELDS.has(key)) this.#context.warnings.add("note", "ignored", `${place}.${key}`, `${key} is not read`);
    }
  }

  #external(fields: Record<string, unknown>, place: string): Draft {
    const name = textOf(fields["name"]) ?? place;
    const target = { ...this.#common(fields, plain(fields["group"], this.#context.env)), ...this.#toldBy(fields, place) };
    const interval = durationMs(plain(objectOf(fields["heartbeat"])["interval"], this.#context.env));
    if (interval === undefined || interval === 0) {
      this.#context.warnings.add("changed", "no-silence", place, `"${name}" had no interval: its silence counts after a year`);
    }
    const token = withVariables(textOf(fields["token"]) ?? "", `${place}.token`, this.#context.warnings);
    const formerKey = token && `${keyPart(textOf(fields["group"]) ?? "")}_${keyPart(name)}:${token}`;
    const periodSeconds = interval === undefined || interval === 0 ? YEAR_S : Math.min(YEAR_S, Math.max(10, Math.round(interval / 1_000)));
    const config = {
      ...target,
      type: "heartbeat",
      name,
      periodSeconds,
      graceSeconds: 0,
      ...keepsKey(this.#context.warnings, place, name, formerKey),
    };
    return { place, namePlace: `${place}.name`, config };
  }
}

/** Schemes whose endpoints may have a body that a check of ours does not send. */
const UNSENT: Readonly<Record<string, string>> = { ssh: "a command is not run over SSH", tls: "nothing is sent within TLS" };

function whyNotDialled(address: string, scheme: string): string {
  if (address === "") return "it has no url";
  return `there is no check of ${scheme ? `${scheme}://` : `"${address}"`}`;
}

/** How an endpoint's key names its group and itself. Source: TwiN/gatus, config/key/key.go. */
function keyPart(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[/_., #+&]/g, "-");
}

const READ_FIELDS = new Set([
  "name",
  "group",
  "url",
  "method",
  "headers",
  "body",
  "graphql",
  "dns",
  "interval",
  "conditions",
  "client",
  "alerts",
  "enabled",
  "extra-labels",
  "maintenance-windows",
]);

/** Fields that hold secrets: variables stay in them, as the API gets them where the target is applied. */
const SECRET_FIELDS = new Set(["headers", "body", "token", "client"]);

/** An endpoint with its variables put in, but for where secrets stand. @returns the first that is not given, too */
function withEnvironment(
  given: Record<string, unknown>,
  env: ImportContext["env"],
): { readonly fields: Record<string, unknown>; readonly missing: { readonly field: string; readonly variable: string } | undefined } {
  let missing: { field: string; variable: string } | undefined;
  const filled = (value: unknown, field: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => filled(item, field));
    if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, filled(inner, field)]));
    if (typeof value !== "string") return value;
    const found = resolved(value, env);
    if ("missing" in found) missing ??= { field: field === "url" ? "address" : field, variable: found.missing };
    return "missing" in found ? value : found.text;
  };
  const fields = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, SECRET_FIELDS.has(name) || name === "alerts" ? value : filled(value, name)]),
  );
  return { fields, missing };
}
