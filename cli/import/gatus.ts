import { existsSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { dirname, join } from "node:path";
import { reverseName } from "../../shared/check/dns-records.ts";
import { isObject } from "../../shared/text/is-object.ts";
import { channelOf } from "./channels.ts";
import { allowsStatus, argumentOf, type Condition, containedText, parseCondition, patternOf, valuesOf } from "./gatus-condition.ts";
import type { Draft, ImportContext, Importer, SourceFile } from "./importer.ts";
import {
  durationMs,
  escaped,
  flagOf,
  jsonPathOf,
  listOf,
  numberOf,
  objectOf,
  scalarOf,
  statusRanges,
  textOf,
  withoutCredentials,
} from "./values.ts";
import { parseYaml } from "./yaml-file.ts";

/** Gatus' defaults. Source: TwiN/gatus, config/endpoint/endpoint.go, alerting/alert/alert.go. */
const INTERVAL_S = 60;
const FAILURE_THRESHOLD = 3;
const SUCCESS_THRESHOLD = 2;
const YEAR_S = 31_536_000;

/** Reads Gatus' YAML: one file, or a folder of them, in a ConfigMap or Helm values, too. */
export const gatus: Importer = {
  id: "gatus",
  reads: "Gatus: config.yaml, or the folder of its files",
  async read(files, context) {
    const parts = files.flatMap((file) => configurations(file));
    if (!parts.some(({ config }) => ENDPOINT_KEYS.some((key) => key in config))) {
      throw new Error(`${files[0]?.path ?? "the source"} holds no endpoints: it is no configuration of Gatus`);
    }
    const alerting = new Map(
      parts.flatMap(({ config, prefix }) =>
        Object.entries(objectOf(config["alerting"])).map(([kind, settings]) => [kind, { settings: objectOf(settings), prefix }] as const),
      ),
    );
    return parts.flatMap((part) => new Reader(part, alerting, context).drafts());
  },
};

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
  return parseYaml(file.bytes, file.path).flatMap((document): Part[] => {
    const config = objectOf(document);
    if (config["kind"] === "ConfigMap") {
      return Object.entries(objectOf(config["data"])).flatMap(([name, text]) =>
        parseYaml(Buffer.from(String(text)), `${file.path}, ${name}`).map((inner) => ({ config: objectOf(inner), prefix, file })),
      );
    }
    const inner = objectOf(config["config"] ?? objectOf(config["gatus"])["config"]);
    return [{ config: !("endpoints" in config) && "endpoints" in inner ? inner : config, prefix, file }];
  });
}

type Alerting = ReadonlyMap<string, { readonly settings: Record<string, unknown>; readonly prefix: string }>;

/** One endpoint while it is read. */
interface Endpoint {
  readonly fields: Record<string, unknown>;
  readonly place: string;
  readonly name: string;
  readonly client: Record<string, unknown>;
  /** Fields of the target. */
  readonly target: Record<string, unknown>;
  readonly assertions: Record<string, unknown>[];
}

class Reader {
  readonly #part: Part;
  readonly #alerting: Alerting;
  readonly #context: ImportContext;

  constructor(part: Part, alerting: Alerting, context: ImportContext) {
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
    const { start, duration, every } = objectOf(Array.isArray(value) ? value[0] : value);
    const when = [textOf(start), textOf(duration), listOf(every).map(textOf).join(", ")].filter(Boolean).join(", ");
    this.#lost("maintenance", place, `maintenance ${when} is not imported`);
  }

  /** Variables, as Gatus resolves them; `undefined` where one is not given. */
  #resolved(text: string): { text: string } | { missing: string } {
    let missing: string | undefined;
    const resolved = text.replace(/\$\$|\$\{(\w+)\}|\$(\w+)/g, (whole, braced: string | undefined, plain: string | undefined) => {
      if (whole === "$$") return "$";
      const name = braced ?? plain ?? "";
      const value = this.#context.env[name];
      if (value === undefined) missing ??= name;
      return value ?? "";
    });
    return missing === undefined ? { text: resolved } : { missing };
  }

  /** Variables stay where secrets stand: they are put in at apply. */
  #withVariables(text: string, place: string): string {
    const names = [...text.replaceAll("$$", "").matchAll(/\$\{(\w+)\}|\$([A-Za-z_]\w*)/g)].map(
      ([, braced, plain]) => braced ?? plain ?? "",
    );
    for (const name of names) this.#context.warnings.add("todo", "env", place, `${name} must be given where the target is applied`);
    return text.replace(/\$(?!\$|\{)([A-Za-z_]\w*)/g, (_, name: string) => `\${${name}}`).replaceAll("$$", "$");
  }

  #endpoint(given: Record<string, unknown>, place: string): Draft | undefined {
    const name = textOf(given["name"]) ?? place;
    const resolved = this.#resolved(textOf(given["url"]) ?? "");
    if ("missing" in resolved) {
      this.#lost("env", place, `"${name}" is not imported: its address needs the variable ${resolved.missing}`);
      return undefined;
    }
    const fields = { ...given, url: resolved.text };
    const endpoint: Endpoint = { fields, place, name, client: objectOf(given["client"]), target: this.#common(fields), assertions: [] };
    const type = this.#dialled(endpoint);
    if (type === undefined) return undefined;
    if (!this.#conditions(endpoint, type)) return undefined;
    this.#client(endpoint, type);
    this.#ignored(endpoint);
    this.#alerts(endpoint);
    const intervalMs = durationMs(this.#plain(given["interval"]));
    const timeoutMs = durationMs(this.#plain(endpoint.client["timeout"]));
    return {
      place,
      namePlace: `${place}.name`,
      config: { ...endpoint.target, type, name, ...(endpoint.assertions.length > 0 && { assertions: endpoint.assertions }) },
      intervalSeconds: intervalMs === undefined ? INTERVAL_S : intervalMs / 1_000,
      intervalPlace: `${place}.interval`,
      ...(timeoutMs !== undefined && { timeoutMs, timeoutPlace: `${place}.client.timeout` }),
    };
  }

  #plain(value: unknown): string | undefined {
    const text = textOf(value);
    const resolved = text === undefined ? undefined : this.#resolved(text);
    return resolved === undefined || "missing" in resolved ? text : resolved.text;
  }

  /** Fields that every type has. */
  #common(fields: Record<string, unknown>): Record<string, unknown> {
    const group = this.#plain(fields["group"])?.trim();
    const labels = Object.entries(objectOf(fields["extra-labels"])).map(([key, value]) => `${key}=${textOf(value) ?? ""}`);
    return {
      ...(group && { group }),
      ...(labels.length > 0 && { tags: labels }),
      ...(fields["enabled"] === false && { paused: true }),
    };
  }

  /** What is dialled, by the address' scheme. @returns the check type; `undefined` where it is not imported */
  #dialled(endpoint: Endpoint): string | undefined {
    const { fields, place, name, target } = endpoint;
    const address = String(fields["url"]);
    if (isObject(fields["dns"])) return this.#dns(endpoint, address, objectOf(fields["dns"]));
    const scheme = /^([a-z0-9+]+):\/\//i.exec(address)?.[1]?.toLowerCase() ?? "";
    if (scheme === "http" || scheme === "https") return this.#http(endpoint, address);
    const { hostname = "", port = "" } = URL.parse(address.replace(/^[a-z0-9+]+:/i, "http:")) ?? {};
    const host = hostname.replace(/^\[|\]$/g, "");
    const at = (fallback: number) => ({ host, port: Number(port) || fallback });
    const certificate = { minDaysLeft: 0, ...(flagOf(endpoint.client["insecure"]) && { verifyTls: false }) };
    switch (scheme) {
      case "tcp":
        Object.assign(target, at(80));
        this.#sent(endpoint, "send");
        return "tcp";
      case "tls":
        Object.assign(target, at(443), certificate);
        return "tls";
      case "starttls":
        Object.assign(target, at(587), certificate, { startTls: "smtp" });
        return "tls";
      case "icmp":
        Object.assign(target, { host });
        this.#context.warnings.add("note", "icmp", place, `"${name}" becomes a ping (ICMP), which a machine sends and Lambda cannot`);
        return "ping";
      case "ssh":
        Object.assign(target, at(22), { banner: "^SSH-" });
        this.#context.warnings.add("changed", "ssh", place, `"${name}": the server's greeting is read; nobody signs in`);
        return "tcp";
      case "ws":
      case "wss":
        Object.assign(target, { url: address });
        this.#headers(endpoint);
        this.#sent(endpoint, "send");
        return "websocket";
      case "grpc":
      case "grpcs":
        Object.assign(target, at(scheme === "grpcs" ? 443 : 50_051), { tls: scheme === "grpcs" });
        return "grpc";
      default:
        this.#lost(scheme || "url", place, `"${name}" is not imported: there is no check of ${scheme ? `${scheme}://` : `"${address}"`}`);
        return undefined;
    }
  }

  #dns({ target, place, name }: Endpoint, server: string, dns: Record<string, unknown>): string | undefined {
    const type = (textOf(dns["query-type"]) ?? "A").toUpperCase();
    if (!DNS_TYPES.has(type)) {
      this.#lost("dns-type", place, `"${name}" is not imported: records of type ${type} are not asked for`);
      return undefined;
    }
    const host = (this.#plain(dns["query-name"]) ?? "").replace(/\.$/, "");
    Object.assign(target, {
      host: type === "PTR" && isIP(host) !== 0 ? reverseName(host) : host,
      recordType: type,
      resolver: server.replace(/^(?:udp|tcp|tls):\/\//, "").replace(/:53$/, ""),
    });
    return "dns";
  }

  #http(endpoint: Endpoint, address: string): string {
    const { fields, place, target } = endpoint;
    const { url, authorization } = withoutCredentials(address);
    target["url"] = url;
    const method = textOf(fields["method"])?.toUpperCase();
    if (method !== undefined && method !== "GET") target["method"] = method;
    this.#headers(endpoint);
    if (authorization !== undefined) {
      target["headers"] = { ...objectOf(target["headers"]), authorization };
      this.#context.warnings.add("changed", "url-credentials", `${place}.url`, "user and password go into the authorization header");
    }
    this.#sent(endpoint, "body");
    return "http";
  }

  #headers({ fields, place, target }: Endpoint): void {
    const headers: Record<string, string> = {};
    for (const [header, value] of Object.entries(objectOf(fields["headers"]))) {
      const text = this.#withVariables(textOf(value) ?? "", `${place}.headers.${header}`);
      if (header.toLowerCase() === "host") target["hostHeader"] = text;
      else headers[header] = text;
    }
    if (Object.keys(headers).length > 0) target["headers"] = headers;
  }

  /** @param field of the target that holds what is sent */
  #sent({ fields, place, target }: Endpoint, field: "body" | "send"): void {
    const body = textOf(fields["body"]);
    if (body === undefined || body === "") return;
    const method = textOf(fields["method"])?.toUpperCase() ?? "GET";
    if (field === "body" && (method === "GET" || method === "HEAD")) {
      this.#lost("body-with-get", `${place}.body`, `a body is not sent with ${method}`);
      return;
    }
    const text = this.#withVariables(body, `${place}.body`);
    if (field === "send" || fields["graphql"] !== true) {
      target[field] = text;
      return;
    }
    target["body"] = JSON.stringify({ query: text });
    target["headers"] = { ...objectOf(target["headers"]), "content-type": "application/json" };
  }

  /** @returns whether the endpoint can be imported */
  #conditions(endpoint: Endpoint, type: string): boolean {
    const statuses: Condition[] = [];
    const places = listOf(endpoint.fields["conditions"]).map((text, index) => ({
      text: textOf(text) ?? "",
      place: `${endpoint.place}.conditions[${index}]`,
    }));
    for (const { text, place } of places) {
      const condition = parseCondition(text);
      if (condition === undefined || /&&|\|\|/.test(text)) {
        const taken = condition && `${condition.left} ${condition.operator} "${condition.right}"`;
        this.#lost(
          "condition-malformed",
          place,
          `"${text}" is no condition: Gatus makes ${taken ?? "nothing"} of it${taken === undefined ? "" : ", and what is no number is 0"}`,
        );
        continue;
      }
      if (condition.left === "[STATUS]") statuses.push(condition);
      else this.#condition(endpoint, type, condition, place, text);
    }
    if (type !== "http") return true;
    const codes = Array.from({ length: 500 }, (_, index) => index + 100).filter((code) =>
      statuses.every((condition) => allowsStatus(condition, code)),
    );
    if (codes.length === 0) {
      this.#lost("status-impossible", endpoint.place, `"${endpoint.name}" is not imported: no status satisfies its conditions`);
      return false;
    }
    if (statuses.length === 0) {
      this.#context.warnings.add(
        "note",
        "any-status",
        endpoint.place,
        `"${endpoint.name}" takes any status, an error, too: say which with expectedStatuses`,
      );
    }
    endpoint.target["expectedStatuses"] = statusRanges(codes);
    return true;
  }

  /** One condition that is not on the status. */
  #condition(endpoint: Endpoint, type: string, condition: Condition, place: string, text: string): void {
    const { left, operator, right } = condition;
    if (left === "[CONNECTED]") {
      const isWanted = (right === "true") === (operator === "==");
      if (!isWanted) endpoint.target["expect"] = "down";
    } else if (left === "[RESPONSE_TIME]") this.#responseTime(endpoint, type, condition, place);
    else if (left === "[CERTIFICATE_EXPIRATION]") this.#certificate(endpoint, type, condition, place);
    else if (left === "[DOMAIN_EXPIRATION]") {
      this.#lost("domain-expiration", place, `"${text}": register a target of type domain for it`);
    } else if (left === "[IP]") this.#lost("ip", place, `"${text}": which address answers is not judged`);
    else if (left === "[DNS_RCODE]") this.#rcode(endpoint, condition, place, text);
    else if (/^(?:\[BODY\]|has\(|len\()/.test(left)) this.#body(endpoint, type, condition, place, text);
    else this.#lost("condition-malformed", place, `"${text}" is not a condition that is known`);
  }

  #responseTime({ target, assertions }: Endpoint, type: string, { operator, right }: Condition, place: string): void {
    const limitMs = numberOf(right) ?? durationMs(right);
    if (limitMs === undefined || (operator !== "<" && operator !== "<=")) {
      this.#lost("response-time-floor", place, `an answer is not asked to be slow ([RESPONSE_TIME] ${operator} ${right})`);
    } else if (type === "http") assertions.push({ kind: "responseTime", maxMs: Math.round(limitMs) });
    else Object.assign(target, { latencyLimitMs: Math.round(limitMs), slowIs: "down" });
  }

  #certificate({ target, assertions }: Endpoint, type: string, { operator, right }: Condition, place: string): void {
    const limitMs = durationMs(right) ?? numberOf(right);
    if (limitMs === undefined || !operator.startsWith(">")) {
      this.#lost("condition-malformed", place, `[CERTIFICATE_EXPIRATION] ${operator} ${right} is not judged`);
      return;
    }
    const days = limitMs / 86_400_000;
    const minDaysLeft = Math.ceil(days);
    if (days !== minDaysLeft) {
      this.#context.warnings.add(
        "changed",
        "certificate-days",
        place,
        `${right} becomes ${minDaysLeft} days: certificates are judged by whole days`,
      );
    }
    if (type === "http") assertions.push({ kind: "certificate", minDaysLeft });
    else if (type === "tls") Object.assign(target, { minDaysLeft, expiryIs: "down" });
    else this.#lost("condition-malformed", place, `a ${type} check sees no certificate`);
  }

  #rcode({ target }: Endpoint, { operator, right }: Condition, place: string, text: string): void {
    if (operator === "==" && right === "NOERROR") return;
    if (operator === "==" && RCODES.has(right)) target["expectedRcode"] = right;
    else this.#lost("dns-rcode", place, `"${text}" is not judged`);
  }

  #body(endpoint: Endpoint, type: string, condition: Condition, place: string, text: string): void {
    if (type === "dns") this.#dnsValue(endpoint, condition, place, text);
    else if (type === "tcp" || type === "websocket") this.#answer(endpoint, type, condition, place, text);
    else if (type !== "http") this.#lost("send-expect", place, `"${text}": a ${type} check reads no body`);
    else if (condition.left === "[BODY]") this.#wholeBody(endpoint, condition, place, text);
    else this.#jsonValue(endpoint, condition, place, text);
  }

  #dnsValue({ target }: Endpoint, { left, operator, right }: Condition, place: string, text: string): void {
    const type = String(target["recordType"]);
    const isPlain = left === "[BODY]" && operator === "==" && argumentOf("pat", right) === undefined && type !== "MX" && type !== "SRV";
    if (!isPlain) {
      this.#lost("dns-value", place, `"${text}": records of type ${type} are not compared so`);
      return;
    }
    const values = valuesOf(right);
    target["expectedRecords"] = [...listOf(target["expectedRecords"]), ...values];
    if (values.length > 1) target["match"] = "any";
  }

  /** What a tcp or websocket server says. */
  #answer({ target }: Endpoint, type: string, { left, operator, right }: Condition, place: string, text: string): void {
    const glob = argumentOf("pat", right);
    const pattern = glob === undefined ? `^${escaped(right)}\\s*$` : patternOf(glob).replace(/^\^\[\\s\\S\]\*|\[\\s\\S\]\*\$$/g, "");
    if (left !== "[BODY]" || operator !== "==" || pattern === "" || argumentOf("any", right) !== undefined) {
      this.#lost("send-expect", place, `"${text}": what the server says is not compared so`);
    } else target[type === "tcp" ? "banner" : "answer"] = pattern;
  }

  #wholeBody({ assertions }: Endpoint, { operator, right }: Condition, place: string, text: string): void {
    const glob = argumentOf("pat", right);
    const contained = glob === undefined ? undefined : containedText(glob);
    if (operator !== "==" && operator !== "!=") this.#lost("body-pattern", place, `"${text}": a body has no order`);
    else if (contained !== undefined) assertions.push({ kind: operator === "==" ? "bodyContains" : "bodyLacks", text: contained });
    else if (glob !== undefined)
      assertions.push({ kind: "body", operator: operator === "==" ? "matches" : "notMatches", value: patternOf(glob) });
    else if (argumentOf("any", right) !== undefined) {
      const pattern = `^(?:${valuesOf(right).map(escaped).join("|")})$`;
      assertions.push({ kind: "body", operator: operator === "==" ? "matches" : "notMatches", value: pattern });
    } else assertions.push({ kind: "body", operator: operator === "==" ? "eq" : "ne", value: right });
  }

  #jsonValue({ assertions }: Endpoint, { left, operator, right }: Condition, place: string, text: string): void {
    const has = argumentOf("has", left);
    const length = argumentOf("len", left);
    const path = jsonPathOf((has ?? length ?? left).replace(/^\[BODY\]/, ""));
    if (path === undefined) {
      this.#lost("json-pattern", place, `"${text}": its path is not one that is read`);
    } else if (has !== undefined) {
      assertions.push({ kind: "jsonPath", path, operator: "exists", value: (right === "true") === (operator === "==") });
    } else {
      const judged = judgedBy(operator, right);
      if (judged === undefined) this.#lost("json-any", place, `"${text}" is not judged`);
      else assertions.push({ kind: "jsonPath", path: length === undefined ? path : `${path}.length()`, ...judged });
    }
  }

  #client(endpoint: Endpoint, type: string): void {
    const { client, target, place } = endpoint;
    const pause = (topic: string, text: string) => {
      target["paused"] = true;
      this.#lost(topic, `${place}.client`, `${text}; "${endpoint.name}" is imported paused`);
    };
    if (flagOf(client["insecure"]) && (type === "http" || type === "websocket" || type === "grpc")) target["verifyTls"] = false;
    if (flagOf(client["ignore-redirect"]) && type === "http") target["followRedirects"] = false;
    const resolver = this.#plain(client["dns-resolver"]);
    if (resolver !== undefined) target["resolver"] = resolver.replace(/^(?:udp|tcp):\/\//, "").replace(/:53$/, "");
    const proxy = this.#plain(client["proxy-url"]);
    if (proxy !== undefined) this.#proxy(endpoint, type, proxy, pause);
    if (client["tunnel"] !== undefined) pause("tunnel", "an SSH tunnel is not opened");
    if (client["identity-aware-proxy"] !== undefined) pause("iap", "a token of Google's Identity-Aware Proxy is not made");
    if (isObject(client["oauth2"])) this.#oauth2(endpoint, type, objectOf(client["oauth2"]), pause);
    if (isObject(client["tls"])) this.#identity(endpoint, objectOf(client["tls"]), pause);
    if (flagOf(client["store-cookies"])) this.#lost("cookies", `${place}.client`, "cookies are kept for the length of one check alone");
  }

  #proxy({ target }: Endpoint, type: string, proxy: string, pause: (topic: string, text: string) => void): void {
    const { url, authorization } = withoutCredentials(proxy);
    if (type !== "http" || !/^https?:/.test(url))
      pause("proxy", `the proxy of a ${type} check (${URL.parse(url)?.protocol ?? "?"}) is not used`);
    else Object.assign(target, { proxy: url, ...(authorization !== undefined && { proxyAuthorization: authorization }) });
  }

  #oauth2({ target, place }: Endpoint, type: string, oauth2: Record<string, unknown>, pause: (topic: string, text: string) => void): void {
    const tokenUrl = this.#plain(oauth2["token-url"]);
    const clientId = this.#plain(oauth2["client-id"]);
    const secret = textOf(oauth2["client-secret"]);
    if (type !== "http" || tokenUrl === undefined || clientId === undefined || secret === undefined) {
      pause("oauth2", "its OAuth 2 client is not complete");
      return;
    }
    const clientSecret = this.#withVariables(secret, `${place}.client.oauth2.client-secret`);
    const scopes = listOf(oauth2["scopes"]).flatMap((scope) => textOf(scope) ?? []);
    target["oauth2"] = { tokenUrl, clientId, clientSecret, ...(scopes.length > 0 && { scopes }) };
  }

  /** A client's certificate stands in files beside the configuration. */
  #identity({ target }: Endpoint, tls: Record<string, unknown>, pause: (topic: string, text: string) => void): void {
    const read = (name: string) => {
      const path = this.#plain(tls[name]);
      const file = path === undefined ? undefined : join(dirname(this.#part.file.path), path);
      return file !== undefined && existsSync(file) ? readFileSync(file, "utf8") : undefined;
    };
    const [clientCertificate, clientKey] = [read("certificate-file"), read("private-key-file")];
    if (clientCertificate === undefined || clientKey === undefined)
      pause("mtls", "its client certificate does not stand beside the configuration");
    else Object.assign(target, { clientCertificate, clientKey });
  }

  #ignored({ fields, place }: Endpoint): void {
    if (fields["maintenance-windows"] !== undefined) this.#maintenance(`${place}.maintenance-windows`, fields["maintenance-windows"]);
    for (const key of Object.keys(fields)) {
      if (!READ_FIELDS.has(key)) this.#context.warnings.add("note", "ignored", `${place}.${key}`, `${key} is not read`);
    }
  }

  /** Whom it told, and after how many results. */
  #alerts({ fields, place, target }: Endpoint): void {
    const channels = new Set<string>();
    const failure: number[] = [];
    const success: number[] = [];
    const alerts = listOf(fields["alerts"]).map((alert, index) => ({ own: objectOf(alert), at: `${place}.alerts[${index}]` }));
    let enabled = 0;
    for (const { own, at } of alerts) {
      const kind = textOf(own["type"]) ?? "";
      const provider = this.#alerting.get(kind);
      const alert = { ...objectOf(provider?.settings["default-alert"]), ...own };
      if (alert["enabled"] === false) continue;
      enabled++;
      failure.push(numberOf(alert["failure-threshold"]) ?? FAILURE_THRESHOLD);
      success.push(numberOf(alert["success-threshold"]) ?? SUCCESS_THRESHOLD);
      const channel = this.#channel(kind, provider?.prefix ?? this.#part.prefix);
      if (channel !== undefined) channels.add(channel);
      if (own["description"] !== undefined) this.#lost("alert-description", at, "alerts say why in the check's own words, not in these");
      if (!flagOf(alert["send-on-resolved"])) {
        this.#context.warnings.add("changed", "recovery-told", at, "a recovery is told, too: whoever heard of a down hears of its end");
      }
      const reminder = textOf(alert["minimum-reminder-interval"]);
      if (reminder !== undefined && durationMs(reminder) !== 0)
        this.#lost("reminder", at, `an alert is told once, not again every ${reminder}`);
    }
    if (enabled > 0) Object.assign(target, { failureThreshold: capped(failure), successThreshold: capped(success) });
    if (channels.size > 0) target["channels"] = [...channels];
    else if (enabled === 0) {
      target["channels"] = [];
      this.#context.warnings.add("note", "silent", place, "told nobody, and does not: channels is empty");
    }
  }

  #channel(kind: string, prefix: string): string | undefined {
    const channel = channelOf(kind);
    const place = `${prefix}alerting.${kind}`;
    if (channel === undefined) this.#lost("channels", place, `${kind} is no channel here`);
    else this.#context.warnings.add("todo", "channels", place, `${kind}: set ${channel.settings} in the deployment`);
    return channel?.id;
  }

  #external(fields: Record<string, unknown>, place: string): Draft {
    const name = textOf(fields["name"]) ?? place;
    const target = this.#common(fields);
    this.#alerts({ fields, place, name, client: {}, target, assertions: [] });
    const interval = durationMs(this.#plain(objectOf(fields["heartbeat"])["interval"]));
    if (interval === undefined || interval === 0) {
      this.#context.warnings.add("changed", "no-silence", place, `"${name}" had no interval: its silence counts after a year`);
    }
    this.#context.warnings.add("todo", "ping-url", place, `"${name}" gets an address of its own: the job must call it`);
    const periodSeconds = interval === undefined || interval === 0 ? YEAR_S : Math.min(YEAR_S, Math.max(10, Math.round(interval / 1_000)));
    return { place, namePlace: `${place}.name`, config: { ...target, type: "heartbeat", name, periodSeconds, graceSeconds: 0 } };
  }
}

const DNS_TYPES = new Set(["A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"]);
const RCODES = new Set(["NXDOMAIN", "SERVFAIL", "REFUSED"]);
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
const JSON_OPERATORS = { "==": "eq", "!=": "ne", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte" } as const;

/** Operator and value of a JSON assertion. */
function judgedBy(operator: Condition["operator"], right: string): { operator: string; value: unknown } | undefined {
  const isEqual = operator === "==";
  const glob = argumentOf("pat", right);
  const contained = glob === undefined ? undefined : containedText(glob);
  const isSameness = isEqual || operator === "!=";
  if (contained !== undefined && isSameness) return { operator: isEqual ? "contains" : "lacks", value: contained };
  if (glob !== undefined) return isSameness ? { operator: isEqual ? "matches" : "notMatches", value: patternOf(glob) } : undefined;
  if (argumentOf("any", right) !== undefined) {
    if (isEqual) return { operator: "in", value: valuesOf(right).map(scalarOf) };
    return operator === "!=" ? { operator: "notMatches", value: `^(?:${valuesOf(right).map(escaped).join("|")})$` } : undefined;
  }
  return { operator: JSON_OPERATORS[operator], value: scalarOf(right) };
}

function capped(thresholds: readonly number[]): number {
  return Math.min(20, Math.max(1, Math.min(...thresholds)));
}
