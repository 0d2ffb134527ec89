import { channelOf } from "./channels.ts";
import type { Draft, ImportContext, Importer, SourceFile } from "./importer.ts";
import { isKumaDatabase, readKumaDatabase } from "./kuma-database.ts";
import { basic, flagOf, jsonPathOf, listOf, numberOf, objectOf, scalarOf, textOf, withoutCredentials } from "./values.ts";
import { parseJson } from "./yaml-file.ts";

/** A monitor's fields by the names of its JSON; the database's are made these. */
export type KumaMonitor = Readonly<Record<string, unknown>>;

/** What a backup, a database or the socket's lists hold. */
export interface KumaData {
  readonly monitors: readonly KumaMonitor[];
  readonly notifications: readonly KumaMonitor[];
  readonly proxies: readonly KumaMonitor[];
  /** Names of other things it has rows of, such as status pages. */
  readonly ignored: readonly string[];
  /** Ids of monitors with maintenance windows. */
  readonly maintained: readonly number[];
}

/** Kuma's own. Source: louislam/uptime-kuma, server/model/monitor.js. */
const DEFAULT_TIMEOUT_S = 48;
const DEFAULT_INTERVAL_S = 60;
const MAX_REDIRECTS = 10;
const MAX_THRESHOLD = 20;

/** Reads Uptime Kuma's database, its JSON backup, or the lists of its socket. */
export const kuma: Importer = {
  id: "kuma",
  reads: "Uptime Kuma: kuma.db (with its -wal beside it), a JSON backup, or monitorList.json and notificationList.json",
  async read(files, context) {
    const data = await dataOf(files);
    if (data.monitors.length === 0) throw new Error(`${files[0]?.path ?? "the source"} holds no monitors of Uptime Kuma`);
    return new Reader(data, context).drafts();
  },
};

async function dataOf(files: readonly SourceFile[]): Promise<KumaData> {
  const parts = await Promise.all(files.map(async (file) => (isKumaDatabase(file.bytes) ? readKumaDatabase(file.path) : fromJson(file))));
  return {
    monitors: parts.flatMap(({ monitors }) => monitors),
    notifications: parts.flatMap(({ notifications }) => notifications),
    proxies: parts.flatMap(({ proxies }) => proxies),
    ignored: parts.flatMap(({ ignored }) => ignored),
    maintained: parts.flatMap(({ maintained }) => maintained),
  };
}

function fromJson({ bytes, path }: SourceFile): KumaData {
  if (/\.sql(?:\.gz)?$/i.test(path))
    throw new Error(`${path} is a dump: only SQLite's own file and JSON are read. Of a MariaDB Kuma, send the socket's lists`);
  const json = parseJson(bytes, path);
  const values = (value: unknown) => (Array.isArray(value) ? value : Object.values(objectOf(value))).map(objectOf);
  const whole = objectOf(json);
  const nothing = { monitors: [], notifications: [], proxies: [], ignored: [], maintained: [] };
  if ("monitorList" in whole) {
    const ignored = ["statusPageList", "statusPage"].filter((name) => values(whole[name]).length > 0);
    return {
      ...nothing,
      monitors: values(whole["monitorList"]),
      notifications: values(whole["notificationList"]),
      proxies: values(whole["proxyList"]),
      ignored,
    };
  }
  const found = values(json);
  if (found.some((entry) => "config" in entry && !("interval" in entry))) return { ...nothing, notifications: found };
  return { ...nothing, monitors: found.filter((entry) => "type" in entry) };
}

/** Of HTTP checks, with what they ask of the answer. */
const HTTP_TYPES = new Set(["http", "keyword", "json-query"]);

class Reader {
  readonly #data: KumaData;
  readonly #context: ImportContext;
  readonly #byId: ReadonlyMap<number, KumaMonitor>;
  readonly #merged = new Map<string, string>();

  constructor(data: KumaData, context: ImportContext) {
    this.#data = data;
    this.#context = context;
    this.#byId = new Map(data.monitors.map((monitor) => [numberOf(monitor["id"]) ?? -1, monitor]));
  }

  drafts(): Draft[] {
    for (const name of this.#data.ignored) this.#context.warnings.add("note", "ignored", name, `${name} is not read`);
    if (this.#data.monitors.some((monitor) => HTTP_TYPES.has(String(monitor["type"])) && this.#timeoutMs(monitor) === undefined)) {
      this.#context.warnings.add("changed", "timeout", "", `the default timeout of ${DEFAULT_TIMEOUT_S} s becomes 10 s`);
    }
    return this.#data.monitors.flatMap((monitor) => this.#draft(monitor) ?? []);
  }

  #lost(topic: string, place: string, text: string): void {
    this.#context.warnings.add("lost", topic, place, text);
  }

  #draft(monitor: KumaMonitor): Draft | undefined {
    const place = `monitor ${textOf(monitor["id"]) ?? "?"}`;
    const name = textOf(monitor["name"]) ?? place;
    const checked = this.#checked(monitor, place, name);
    if (checked === undefined) return undefined;
    const isPush = checked["type"] === "heartbeat";
    const config: Record<string, unknown> & { type: string; name: string } = {
      ...checked,
      type: String(checked["type"]),
      name,
      ...this.#group(monitor),
      ...(!isPush && this.#threshold(monitor, place)),
      ...this.#told(monitor, place),
    };
    if (config.type !== "heartbeat" && flagOf(monitor["upsideDown"])) config["expect"] = "down";
    if (!this.#isActive(monitor)) config["paused"] = true;
    const family = { ipv4: 4, ipv6: 6 }[String(monitor["ipFamily"])];
    if (family !== undefined && FAMILY_TYPES.has(config.type)) config["ipFamily"] = family;
    this.#remarks(monitor, place);
    const timeoutMs = HTTP_TYPES.has(String(monitor["type"])) ? this.#timeoutMs(monitor) : undefined;
    return {
      place,
      config,
      intervalSeconds: numberOf(monitor["interval"]) ?? DEFAULT_INTERVAL_S,
      ...(timeoutMs !== undefined && { timeoutMs }),
    };
  }

  /** What is checked, with its type; `undefined` where it is not imported. */
  #checked(monitor: KumaMonitor, place: string, name: string): Record<string, unknown> | undefined {
    const type = String(monitor["type"]);
    const host = (textOf(monitor["hostname"]) ?? "").replace(/^\[|\]$/g, "");
    if (textOf(monitor["expectedTlsAlert"]) !== undefined && !["", "none"].includes(String(monitor["expectedTlsAlert"]))) {
      this.#lost("tls-alert", place, `"${name}" is not imported: a TLS alert cannot be expected`);
      return undefined;
    }
    if (HTTP_TYPES.has(type)) return this.#http(monitor, type, place, name);
    switch (type) {
      case "port":
        return { type: "tcp", host, port: numberOf(monitor["port"]) };
      case "dns":
        return this.#dns(monitor, host, place);
      case "push":
        return this.#push(monitor, place, name);
      case "ping":
        this.#context.warnings.add("note", "icmp", place, `"${name}" becomes a ping (ICMP), which a machine sends and Lambda cannot`);
        return { type: "ping", host };
      case "group":
        return undefined;
      case "docker":
        this.#lost("docker", place, `"${name}" is not imported: containers are not asked of Docker; check what the container serves`);
        return undefined;
      default:
        this.#lost("type", place, `"${name}" is not imported: there is no check of type ${type}`);
        return undefined;
    }
  }

  #http(monitor: KumaMonitor, type: string, place: string, name: string): Record<string, unknown> | undefined {
    const address = textOf(monitor["url"]) ?? "";
    if (!/^https?:\/\//i.test(address)) {
      this.#lost("url", place, `"${name}" is not imported: "${address}" is no http address`);
      return undefined;
    }
    const { url, authorization } = withoutCredentials(address);
    if (authorization !== undefined) {
      this.#context.warnings.add("changed", "url-credentials", place, "user and password go into the authorization header");
    }
    const target: Record<string, unknown> = { type: "http", url };
    this.#request(monitor, target, place, authorization);
    const statuses = this.#statuses(monitor);
    if (statuses.length > 0) target["expectedStatuses"] = statuses;
    if (flagOf(monitor["ignoreTls"])) target["verifyTls"] = false;
    const redirects = numberOf(monitor["maxredirects"]) ?? MAX_REDIRECTS;
    if (redirects === 0) target["followRedirects"] = false;
    else if (redirects !== MAX_REDIRECTS) {
      this.#context.warnings.add("changed", "max-redirects", place, `${redirects} redirects at most become ${MAX_REDIRECTS}`);
    }
    const assertion = type === "http" ? undefined : this.#assertion(monitor, type, place);
    if (assertion !== undefined) target["assertions"] = [assertion];
    this.#proxy(monitor, target, place, name);
    if (flagOf(monitor["cacheBust"])) this.#lost("cache-bust", place, "nothing is added to the address to get past caches");
    return target;
  }

  #request(monitor: KumaMonitor, target: Record<string, unknown>, place: string, authorization: string | undefined): void {
    const method = (textOf(monitor["method"]) ?? "GET").toUpperCase();
    if (method !== "GET") target["method"] = method;
    const headers = this.#headers(monitor, target, place);
    const body = textOf(monitor["body"]);
    if (body !== undefined && body !== "") {
      if (method === "GET" || method === "HEAD") this.#lost("body-with-get", place, `a body is not sent with ${method}`);
      else {
        target["body"] = body;
        const type = CONTENT_TYPES[textOf(monitor["httpBodyEncoding"]) ?? "json"];
        if (type !== undefined && !hasHeader(headers, "content-type")) headers["content-type"] = type;
      }
    }
    const login = authorization ?? this.#login(monitor, target, place);
    if (login !== undefined && !hasHeader(headers, "authorization")) headers["authorization"] = login;
    if (Object.keys(headers).length > 0) target["headers"] = headers;
  }

  #headers(monitor: KumaMonitor, target: Record<string, unknown>, place: string): Record<string, string> {
    const text = textOf(monitor["headers"]);
    if (text === undefined || text.trim() === "") return {};
    const headers: Record<string, string> = {};
    try {
      for (const [name, value] of Object.entries(JSON.parse(text) as Record<string, unknown>)) {
        if (name.toLowerCase() === "host") target["hostHeader"] = String(value);
        else headers[name] = String(value);
      }
    } catch {
      this.#lost("headers", place, "its headers are no JSON");
    }
    return headers;
  }

  /** How it signs in. @returns a value of the authorization header */
  #login(monitor: KumaMonitor, target: Record<string, unknown>, place: string): string | undefined {
    const method = textOf(monitor["authMethod"]);
    const text = (name: string) => textOf(monitor[name]) || undefined;
    const pause = (topic: string, what: string) => {
      target["paused"] = true;
      this.#lost(topic, place, `${what}: "${textOf(monitor["name"])}" is imported paused`);
    };
    if (method === "basic" || (method === undefined && text("basic_auth_user") !== undefined)) {
      return basic(`${text("basic_auth_user") ?? ""}:${text("basic_auth_pass") ?? ""}`);
    }
    if (method === "bearer") return text("bearer_token") === undefined ? undefined : `Bearer ${text("bearer_token")}`;
    if (method === "oauth2-cc") {
      const [tokenUrl, clientId, clientSecret] = [text("oauth_token_url"), text("oauth_client_id"), text("oauth_client_secret")];
      if (tokenUrl === undefined || clientId === undefined || clientSecret === undefined)
        pause("oauth2", "its OAuth 2 client is not complete in the source");
      else {
        const scopes = (text("oauth_scopes") ?? "").split(/\s+/).filter(Boolean);
        const audience = text("oauth_audience");
        const tokenEndpointAuthMethod = text("oauth_auth_method") === "client_secret_post" ? "client_secret_post" : "client_secret_basic";
        target["oauth2"] = {
          tokenUrl,
          clientId,
          clientSecret,
          scopes,
          tokenEndpointAuthMethod,
          ...(audience !== undefined && { audience }),
        };
      }
    } else if (method === "ntlm") pause("ntlm", "NTLM is not spoken");
    else if (method === "mtls") {
      const [clientCertificate, clientKey] = [text("tlsCert"), text("tlsKey")];
      if (clientCertificate === undefined || clientKey === undefined) pause("mtls", "its client certificate is not complete in the source");
      else Object.assign(target, { clientCertificate, clientKey });
    }
    return undefined;
  }

  #statuses(monitor: KumaMonitor): (string | number)[] {
    return listOf(monitor["accepted_statuscodes"]).flatMap((status): (string | number)[] => {
      const text = textOf(status) ?? "";
      if (/^\d{3}$/.test(text)) return [Number(text)];
      return /^\d{3}-\d{3}$/.test(text) ? [text] : [];
    });
  }

  #assertion(monitor: KumaMonitor, type: string, place: string): Record<string, unknown> | undefined {
    if (type === "keyword") {
      const text = textOf(monitor["keyword"]) ?? "";
      return text === "" ? undefined : { kind: flagOf(monitor["invertKeyword"]) ? "bodyLacks" : "bodyContains", text };
    }
    const path = jsonPathOf(textOf(monitor["jsonPath"]) ?? "$");
    const operator = JSON_OPERATORS[textOf(monitor["jsonPathOperator"]) || "=="];
    if (path === undefined || operator === undefined) {
      this.#lost("jsonata", place, `"${textOf(monitor["jsonPath"])}" is more than a path (JSONata): what it asks is not checked`);
      return undefined;
    }
    return { kind: "jsonPath", path, operator, value: scalarOf(textOf(monitor["expectedValue"]) ?? "") };
  }

  #proxy(monitor: KumaMonitor, target: Record<string, unknown>, place: string, name: string): void {
    const id = numberOf(monitor["proxyId"]);
    if (id === undefined) return;
    const proxy = this.#data.proxies.find((candidate) => numberOf(candidate["id"]) === id);
    const protocol = textOf(proxy?.["protocol"]);
    if (proxy === undefined || (protocol !== "http" && protocol !== "https")) {
      target["paused"] = true;
      this.#lost("proxy", place, `its proxy (${protocol ?? "not in the source"}) is not used: "${name}" is imported paused`);
      return;
    }
    target["proxy"] = `${protocol}://${textOf(proxy["host"])}:${textOf(proxy["port"])}`;
    if (flagOf(proxy["auth"]))
      target["proxyAuthorization"] = basic(`${textOf(proxy["username"]) ?? ""}:${textOf(proxy["password"]) ?? ""}`);
  }

  #dns(monitor: KumaMonitor, host: string, place: string): Record<string, unknown> {
    const recordType = (textOf(monitor["dns_resolve_type"]) ?? "A").toUpperCase();
    const servers = (textOf(monitor["dns_resolve_server"]) ?? "")
      .split(",")
      .map((server) => server.trim())
      .filter(Boolean);
    const [server] = servers;
    if (servers.length > 1) this.#context.warnings.add("changed", "resolver", place, `of its name servers only ${server} is asked`);
    const port = numberOf(monitor["port"]) ?? 53;
    const resolver =
      server === undefined || port === 53 || /:\d+$/.test(server) ? server : `${server.includes(":") ? `[${server}]` : server}:${port}`;
    const expectedRecords = this.#records(monitor, recordType, place);
    return {
      type: "dns",
      host,
      recordType,
      ...(resolver !== undefined && { resolver }),
      ...(expectedRecords.length > 0 && { expectedRecords }),
    };
  }

  #records(monitor: KumaMonitor, recordType: string, place: string): string[] {
    const given = monitor["conditions"];
    const conditions = typeof given === "string" ? listOf(safeJson(given)) : listOf(given);
    return conditions.flatMap((value) => {
      const { type, operator, variable, andOr, value: expected } = objectOf(value);
      const isRead = (type ?? "expression") === "expression" && operator === "equals" && variable === "record" && andOr !== "or";
      if (isRead && COMPARED_RECORDS.has(recordType)) return [textOf(expected) ?? ""];
      this.#lost("dns-condition", place, `a condition (${textOf(operator) ?? "group"}) on ${recordType} records is not judged`);
      return [];
    });
  }

  #push(monitor: KumaMonitor, place: string, name: string): Record<string, unknown> {
    const interval = numberOf(monitor["interval"]) ?? DEFAULT_INTERVAL_S;
    const retry = numberOf(monitor["retryInterval"]) || interval;
    this.#context.warnings.add("todo", "ping-url", place, `"${name}" gets an address of its own: the job must call it`);
    return { type: "heartbeat", periodSeconds: Math.max(10, interval), graceSeconds: (numberOf(monitor["maxretries"]) ?? 0) * retry };
  }

  #threshold(monitor: KumaMonitor, place: string): { failureThreshold?: number } {
    const retries = numberOf(monitor["maxretries"]) ?? 0;
    if (retries <= 0) return {};
    const interval = numberOf(monitor["interval"]) ?? DEFAULT_INTERVAL_S;
    const retry = numberOf(monitor["retryInterval"]) || interval;
    const wanted = 1 + Math.ceil((retries * retry) / interval);
    if (retry !== interval) {
      this.#context.warnings.add(
        "changed",
        "retry-interval",
        place,
        `${retries} retries every ${retry} s become ${Math.min(wanted, MAX_THRESHOLD)} checks every ${interval} s`,
      );
    }
    if (wanted > MAX_THRESHOLD)
      this.#context.warnings.add("changed", "threshold", place, `${wanted} failures before it is down become ${MAX_THRESHOLD}`);
    return { failureThreshold: Math.min(wanted, MAX_THRESHOLD) };
  }

  /** Group, by its folders, and tags. */
  #group(monitor: KumaMonitor): { group?: string; tags?: string[] } {
    const names = this.#ancestors(monitor).map((folder) => textOf(folder["name"]) ?? "");
    const tags = listOf(monitor["tags"]).map((tag) => {
      const { name, value } = objectOf(tag);
      return textOf(value) ? `${textOf(name)}: ${textOf(value)}` : (textOf(name) ?? "");
    });
    return { ...(names.length > 0 && { group: names.join(" / ") }), ...(tags.length > 0 && { tags: [...new Set(tags)] }) };
  }

  /** Folders that it stands in, the outermost first; a cycle ends where it began. */
  #ancestors(monitor: KumaMonitor): KumaMonitor[] {
    const folders: KumaMonitor[] = [];
    const parentOf = (of: KumaMonitor) => this.#byId.get(numberOf(of["parent"]) ?? -1);
    for (let folder = parentOf(monitor); folder !== undefined && !folders.includes(folder); folder = parentOf(folder))
      folders.unshift(folder);
    return folders;
  }

  #isActive(monitor: KumaMonitor): boolean {
    const isOn = (each: KumaMonitor) => each["active"] === undefined || flagOf(each["active"]);
    return [monitor, ...this.#ancestors(monitor)].every(isOn);
  }

  /** Whom it told. */
  #told(monitor: KumaMonitor, place: string): { channels?: string[] } {
    const ids = Object.entries(objectOf(monitor["notificationIDList"])).flatMap(([id, isOn]) => (flagOf(isOn) ? [Number(id)] : []));
    const notifications = this.#data.notifications.filter(
      (each) => ids.includes(numberOf(each["id"]) ?? -1) && each["active"] !== false && each["active"] !== 0,
    );
    if (notifications.length === 0) {
      this.#context.warnings.add("note", "silent", place, "told nobody, and does not: channels is empty");
      return { channels: [] };
    }
    const channels = new Set(notifications.flatMap((notification) => this.#channel(notification) ?? []));
    return channels.size === 0 ? {} : { channels: [...channels] };
  }

  #channel(notification: KumaMonitor): string | undefined {
    const place = `notification ${textOf(notification["id"])}`;
    const config = objectOf(typeof notification["config"] === "string" ? safeJson(notification["config"]) : notification["config"]);
    const kind = textOf(config["type"]) ?? textOf(notification["type"]) ?? "unknown";
    const name = textOf(notification["name"]) ?? kind;
    const channel = channelOf(kind);
    if (channel === undefined) {
      this.#lost("channels", place, `"${name}": ${kind} is no channel here`);
      return undefined;
    }
    const first = this.#merged.get(channel.id) ?? place;
    this.#merged.set(channel.id, first);
    if (first !== place)
      this.#context.warnings.add("changed", "channels-merged", place, `"${name}" and ${first} become the one channel ${channel.id}`);
    this.#context.warnings.add("todo", "channels", place, `"${name}": set ${channel.settings} in the deployment`);
    return channel.id;
  }

  #remarks(monitor: KumaMonitor, place: string): void {
    const resend = numberOf(monitor["resendInterval"]) ?? 0;
    if (resend > 0) this.#lost("reminder", place, `an alert is told once, not again after ${resend} checks`);
    if (textOf(monitor["description"])) this.#lost("description", place, "a target has no description");
    if (flagOf(monitor["domainExpiryNotification"]) && HTTP_TYPES.has(String(monitor["type"]))) {
      this.#lost("domain-expiration", place, "register a target of type domain for the end of its domain's registration");
    }
    const isMaintained = flagOf(monitor["maintenance"]) || this.#data.maintained.includes(numberOf(monitor["id"]) ?? -1);
    if (isMaintained) this.#lost("maintenance", place, "its maintenance windows are not imported");
  }

  /** Milliseconds that a monitor names; `undefined` for Kuma's own default. */
  #timeoutMs(monitor: KumaMonitor): number | undefined {
    const seconds = numberOf(monitor["timeout"]);
    return seconds === undefined || seconds === 0 || seconds === DEFAULT_TIMEOUT_S ? undefined : seconds * 1_000;
  }
}

const FAMILY_TYPES = new Set(["http", "tcp", "ping"]);
const COMPARED_RECORDS = new Set(["A", "AAAA", "CNAME", "NS", "TXT", "PTR"]);
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  json: "application/json",
  xml: "text/xml",
  form: "application/x-www-form-urlencoded",
};
const JSON_OPERATORS: Readonly<Record<string, string>> = {
  "==": "eq",
  "!=": "ne",
  ">": "gt",
  ">=": "gte",
  "<": "lt",
  "<=": "lte",
  contains: "contains",
};

function hasHeader(headers: Record<string, string>, wanted: string): boolean {
  return Object.keys(headers).some((name) => name.toLowerCase() === wanted);
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
