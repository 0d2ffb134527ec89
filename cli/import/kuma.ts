import { bareHost } from "../../shared/net/bare-host.ts";
import { own } from "../../shared/text/own.ts";
import { channelOf } from "./channels.ts";
import type { Draft, ImportContext, Importer } from "./importer.ts";
import { type KumaData, type KumaMonitor, readKumaData } from "./kuma-data.ts";
import { httpOf, isHttp, remarkTimeouts, timeoutMs } from "./kuma-http.ts";
import { becomesPing, hasNoDescription, isOfNoType, keepsKey, toldNobody } from "./remarks.ts";
import { fitReminder, flagOf, listOf, numberOf, objectOf, textOf } from "./values.ts";

/** Kuma's own. Source: louislam/uptime-kuma, server/model/monitor.js. */
const DEFAULT_INTERVAL_S = 60;
const MAX_THRESHOLD = 20;

/** Reads Uptime Kuma's database, its JSON backup, or the lists of its socket. */
export const kuma: Importer = {
  id: "kuma",
  reads: "Uptime Kuma: kuma.db (with its -wal beside it), a JSON backup, or monitorList.json and notificationList.json",
  async read(files, context) {
    const data = await readKumaData(files);
    if (data.monitors.length === 0) throw new Error(`${files[0]?.path ?? "the source"} holds no monitors of Uptime Kuma`);
    return new Reader(data, context).drafts();
  },
};

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
    remarkTimeouts(this.#data.monitors, this.#context.warnings);
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
    const type = String(checked["type"]);
    const isPush = type === "heartbeat";
    const family = FAMILY_TYPES.has(type) ? own(FAMILIES, String(monitor["ipFamily"])) : undefined;
    this.#remarks(monitor, place);
    const ms = timeoutMs(monitor);
    return {
      place,
      config: {
        ...checked,
        type,
        name,
        ...this.#group(monitor),
        ...(!isPush && this.#threshold(monitor, place)),
        ...this.#told(monitor, place),
        ...remindsOf(monitor),
        ...(!isPush && flagOf(monitor["upsideDown"]) && { expect: "down" }),
        ...(!this.#isActive(monitor) && { paused: true }),
        ...(family !== undefined && { ipFamily: family }),
      },
      intervalSeconds: numberOf(monitor["interval"]) ?? DEFAULT_INTERVAL_S,
      ...(ms !== undefined && { timeoutMs: ms }),
    };
  }

  /** What is checked, with its type; `undefined` where it is not imported. */
  #checked(monitor: KumaMonitor, place: string, name: string): Record<string, unknown> | undefined {
    const type = String(monitor["type"]);
    const { warnings } = this.#context;
    const host = bareHost((textOf(monitor["hostname"]) ?? "").trim());
    if (!["", "none"].includes(textOf(monitor["expectedTlsAlert"]) ?? "")) {
      this.#lost("tls-alert", place, `"${name}" is not imported: a TLS alert cannot be expected`);
      return undefined;
    }
    if (isHttp(monitor)) return httpOf(monitor, { place, name, proxies: this.#data.proxies, warnings });
    switch (type) {
      case "port":
        return { type: "tcp", host, port: numberOf(monitor["port"]) };
      case "dns":
        return this.#dns(monitor, host, place);
      case "push":
        if (!flagOf(monitor["upsideDown"])) return this.#push(monitor, place, name);
        this.#lost("upside-down", place, `"${name}" is not imported: a ping cannot mean that it is down`);
        return undefined;
      case "ping":
        becomesPing(warnings, place, name);
        return { type: "ping", host };
      case "group":
        this.#folder(monitor, place, name);
        return undefined;
      case "docker":
        this.#lost("docker", place, `"${name}" is not imported: containers are not asked of Docker; check what the container serves`);
        return undefined;
      default:
        return isOfNoType(warnings, place, name, `type ${type}`);
    }
  }

  /** A folder is no target: who it told is told by what is in it. */
  #folder(monitor: KumaMonitor, place: string, name: string): void {
    const { warnings } = this.#context;
    if (textOf(monitor["description"])) hasNoDescription(warnings, place);
    if (listOf(monitor["tags"]).length > 0) warnings.add("note", "ignored", place, `the tags of the folder "${name}" are not read`);
    if (idsOf(monitor).length > 0)
      warnings.add("changed", "group-alert", place, `the folder "${name}" does not alert: each of the targets in it does, by its channels`);
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
    // Of those that are joined by "or", none has to hold by itself.
    if (conditions.slice(1).some((value) => objectOf(value)["andOr"] === "or")) {
      this.#lost("dns-condition", place, `${conditions.length} conditions joined by "or" are not judged`);
      return [];
    }
    return conditions.flatMap((value) => {
      const { type, operator, variable, value: expected } = objectOf(value);
      const isRead = (type ?? "expression") === "expression" && operator === "equals" && variable === "record";
      if (isRead && COMPARED_RECORDS.has(recordType)) return [textOf(expected) ?? ""];
      this.#lost("dns-condition", place, `a condition (${textOf(operator) ?? "group"}) on ${recordType} records is not judged`);
      return [];
    });
  }

  #push(monitor: KumaMonitor, place: string, name: string): Record<string, unknown> {
    const interval = numberOf(monitor["interval"]) ?? DEFAULT_INTERVAL_S;
    const retry = numberOf(monitor["retryInterval"]) || interval;
    return {
      type: "heartbeat",
      periodSeconds: Math.max(10, interval),
      graceSeconds: (numberOf(monitor["maxretries"]) ?? 0) * retry,
      ...keepsKey(this.#context.warnings, place, name, textOf(monitor["pushToken"]) ?? ""),
    };
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
        `${retries} retries every ${retry} s become ${Math.min(wanted, MAX_THRESHOLD)} failing checks`,
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
    // Folders alert as what is in them goes down.
    const ids = [monitor, ...this.#ancestors(monitor)].flatMap(idsOf);
    const notifications = this.#data.notifications.filter(
      (each) => ids.includes(numberOf(each["id"]) ?? -1) && each["active"] !== false && each["active"] !== 0,
    );
    if (notifications.length === 0) {
      toldNobody(this.#context.warnings, place);
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
    if (textOf(monitor["description"])) hasNoDescription(this.#context.warnings, place);
    if (flagOf(monitor["retryOnlyOnStatusCodeFailure"]) && isHttp(monitor))
      this.#context.warnings.add("changed", "retries", place, "a keyword or value that is not there is tried again, too");
    if (flagOf(monitor["domainExpiryNotification"]) && isHttp(monitor)) {
      this.#lost("domain-expiration", place, "register a target of type domain for the end of its domain's registration");
    }
    const isMaintained = flagOf(monitor["maintenance"]) || this.#data.maintained.includes(numberOf(monitor["id"]) ?? -1);
    if (isMaintained) this.#lost("maintenance", place, "its maintenance windows are not imported");
  }
}

/** Of its notifications. */
function idsOf(monitor: KumaMonitor): number[] {
  return Object.entries(objectOf(monitor["notificationIDList"])).flatMap(([id, isOn]) => (flagOf(isOn) ? [Number(id)] : []));
}

/** Kuma tells again after so many checks that are down. */
function remindsOf(monitor: KumaMonitor): { remindEverySeconds?: number } {
  const checks = numberOf(monitor["resendInterval"]) ?? 0;
  return checks > 0 ? { remindEverySeconds: fitReminder(checks * (numberOf(monitor["interval"]) ?? DEFAULT_INTERVAL_S) * 1_000) } : {};
}

const FAMILY_TYPES = new Set(["http", "tcp", "ping"]);
const FAMILIES: Readonly<Record<string, number>> = { ipv4: 4, ipv6: 6 };
const COMPARED_RECORDS = new Set(["A", "AAAA", "CNAME", "NS", "TXT", "PTR"]);
function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
