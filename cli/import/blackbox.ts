import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { bareHost } from "../../shared/net/bare-host.ts";
import { httpOf, pausing, tlsOf } from "./blackbox-http.ts";
import { goPattern, inAnyLine } from "./go-pattern.ts";
import type { Draft, ImportContext, Importer, SourceFile } from "./importer.ts";
import { isExpectedRcode, isRecordType, nameServer } from "./records.ts";
import { isPlain, isUsual, type Relabeling, relabelingOf, relabelled } from "./relabeling.ts";
import { becomesPing } from "./remarks.ts";
import { durationMs, flagOf, hostAndPort, listOf, objectOf, textOf, withoutCredentials } from "./values.ts";
import { parseYaml } from "./yaml-file.ts";

/** Prometheus' default. */
const INTERVAL_S = 60;
/** Files that one `file_sd_configs` names. */
const MAX_FILES = 1_000;

/** Fields of probers beside http that no check of ours has. */
const UNREAD = ["source_ip_address", "transport_protocol", "dns_over_tls", "recursion_desired", "query_class", "payload_size", "ttl"];

/** Reads blackbox_exporter's modules with the Prometheus jobs, and the Operator's Probe resources, that use them. */
export const blackbox: Importer = {
  id: "blackbox",
  reads: "blackbox_exporter: blackbox.yml and prometheus.yml, with its file_sd files, and Probe resources",
  async read(files, context) {
    const documents = files.flatMap((file) =>
      parseYaml(file.bytes, file.path)
        .flatMap((document) => (objectOf(document)["kind"] === "List" ? listOf(objectOf(document)["items"]) : [document]))
        .map((document) => ({ file, config: objectOf(document) })),
    );
    const modules = Object.assign({}, ...documents.map(({ config }) => objectOf(config["modules"]))) as Record<string, unknown>;
    const probes = documents.filter(({ config }) => config["kind"] === "Probe");
    const jobs = documents.filter(({ config }) => "scrape_configs" in config);
    if (Object.keys(modules).length === 0) throw new Error("none of the files has modules: name blackbox.yml, too");
    if (jobs.length + probes.length === 0)
      throw new Error("none of the files has scrape_configs: name prometheus.yml, or Probe resources, too");
    const reader = new Reader(modules, context);
    return [...jobs.flatMap(({ file, config }) => reader.jobs(config, file)), ...probes.flatMap(({ config }) => reader.probe(config))];
  },
};

/** Keys of prometheus.yml that are read. */
const READ_KEYS = new Set(["global", "scrape_configs", "modules"]);

/** What is probed, with its labels. */
interface Group {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly name: string;
  readonly place: string;
  readonly module: string;
  /** By which a target's labels say what is probed, and how. */
  readonly relabelings: readonly Relabeling[];
  readonly intervalSeconds: number;
  readonly groups: readonly Group[];
  readonly tags: readonly string[];
}

class Reader {
  readonly #modules: Record<string, unknown>;
  readonly #context: ImportContext;

  constructor(modules: Record<string, unknown>, context: ImportContext) {
    this.#modules = modules;
    this.#context = context;
  }

  #lost(topic: string, place: string, text: string): void {
    this.#context.warnings.add("lost", topic, place, text);
  }

  jobs(config: Record<string, unknown>, file: SourceFile): Draft[] {
    for (const key of Object.keys(config)) {
      if (key === "scrape_config_files") this.#lost("jobs", key, "jobs in other files are not read: name a file that has them");
      else if (!READ_KEYS.has(key)) this.#context.warnings.add("note", "ignored", key, `${key} is Prometheus' own and not read`);
    }
    const globalMs = durationMs(objectOf(config["global"])["scrape_interval"]);
    return listOf(config["scrape_configs"]).flatMap((value, index) => {
      const fields = objectOf(value);
      const place = `scrape_configs[${index}]`;
      const name = textOf(fields["job_name"]) ?? place;
      if (!/\/probe$/.test(textOf(fields["metrics_path"]) ?? "")) {
        this.#context.warnings.add("note", "ignored", place, `job "${name}" probes nothing`);
        return [];
      }
      const params = objectOf(fields["params"]);
      const module = textOf(listOf(params["module"])[0]) ?? "http_2xx";
      const intervalMs = durationMs(fields["scrape_interval"]) ?? globalMs ?? INTERVAL_S * 1_000;
      const found = [...this.#staticGroups(fields), ...this.#fileGroups(fields, file, place)];
      const relabelings = listOf(fields["relabel_configs"]).map(relabelingOf);
      // A target that stands in the parameters is what is probed; what is discovered is then the exporter.
      const fixed = listOf(params["target"]).flatMap((target) => textOf(target) ?? []);
      const isFixed = fixed.length > 0 && !relabelings.some(({ label }) => label === "__param_target");
      const groups = isFixed ? [{ targets: fixed, labels: found[0]?.labels ?? {} }] : found;
      this.#otherDiscovery(fields, place, name);
      const tags = this.#constantTags(relabelings, place);
      return this.#job({ name, place, module, intervalSeconds: intervalMs / 1_000, groups, relabelings, tags });
    });
  }

  /** A Probe of the Prometheus Operator. Source: its API reference, ProbeSpec. */
  probe(config: Record<string, unknown>): Draft[] {
    const spec = objectOf(config["spec"]);
    const name = textOf(objectOf(config["metadata"])["name"]) ?? "probe";
    const place = `Probe ${name}`;
    const { targets: given = {} } = spec;
    const fixed = objectOf(objectOf(given)["staticConfig"] ?? objectOf(given)["static"]);
    if (objectOf(given)["ingress"] !== undefined) this.#lost("discovery", place, "targets found by ingress are not imported");
    const labels = objectOf(fixed["labels"]);
    const targets = listOf(fixed["static"] ?? fixed["targets"]).flatMap((target) => textOf(target) ?? []);
    const intervalMs = durationMs(spec["interval"]) ?? INTERVAL_S * 1_000;
    const module = textOf(spec["module"]) ?? "http_2xx";
    const relabelings = listOf(fixed["relabelingConfigs"]).map(relabelingOf);
    return this.#job({
      name: textOf(spec["jobName"]) ?? name,
      place,
      module,
      intervalSeconds: intervalMs / 1_000,
      groups: [{ targets, labels }],
      relabelings,
      tags: this.#constantTags(relabelings, place),
    });
  }

  #staticGroups(fields: Record<string, unknown>): Group[] {
    return listOf(fields["static_configs"]).map(groupOf);
  }

  #fileGroups(fields: Record<string, unknown>, file: SourceFile, place: string): Group[] {
    return listOf(fields["file_sd_configs"]).flatMap((value) =>
      listOf(objectOf(value)["files"]).flatMap((pattern) => {
        const text = textOf(pattern) ?? "";
        const whole = resolve(dirname(file.path), text);
        const found = whole.includes("*") ? matching(whole) : existsSync(whole) ? [whole] : [];
        if (found.length > MAX_FILES) this.#lost("file-sd", place, `${text} names ${found.length} files: ${MAX_FILES} are read`);
        if (found.length === 0)
          this.#lost("file-sd", place, `${text} does not stand beside the configuration: its targets are not imported`);
        return found
          .slice(0, MAX_FILES)
          .flatMap((path) => parseYaml(readFileSync(path), path).flatMap((document) => listOf(document).map(groupOf)));
      }),
    );
  }

  #otherDiscovery(fields: Record<string, unknown>, place: string, name: string): void {
    const kinds = Object.keys(fields).filter((key) => key.endsWith("_sd_configs") && key !== "file_sd_configs");
    for (const kind of kinds) this.#lost("discovery", place, `targets that job "${name}" finds by ${kind} are not imported`);
  }

  /** Labels set to a constant become tags; what is probed, and by which module, is worked out for each target. */
  #constantTags(relabelings: readonly Relabeling[], place: string): string[] {
    return relabelings.flatMap((relabeling) => {
      const { from, label, replacement, action = "replace" } = relabeling;
      if (isUsual(relabeling) || (action === "replace" && (label === "__param_target" || label === "__param_module"))) return [];
      if (isPlain(relabeling) && from.length === 0 && label !== "" && !label.startsWith("__")) return [`${label}=${replacement ?? ""}`];
      const level = action === "drop" || action === "keep" ? "lost" : "changed";
      this.#context.warnings.add(level, "relabel", place, `a relabeling of ${label || action || "labels"} is not done`);
      return [];
    });
  }

  #job(job: Job): Draft[] {
    return job.groups.flatMap((group) => this.#group(job, group));
  }

  #group({ name, place, module: usual, relabelings, intervalSeconds, tags }: Job, { targets, labels: given }: Group): Draft[] {
    const labels = Object.fromEntries(Object.entries(given).map(([label, value]) => [label, textOf(value) ?? ""]));
    const own = Object.entries(labels).flatMap(([label, value]) => (label.startsWith("__") ? [] : [`${label}=${value}`]));
    const all = [...tags, ...own];
    return targets.flatMap((address): Draft[] => {
      const found = relabelled({ __param_target: address, __param_module: usual, ...labels, __address__: address }, relabelings);
      const { __param_target: target = address, __param_module: module = usual } = found;
      const settings = Object.hasOwn(this.#modules, module) ? this.#modules[module] : undefined;
      const shown = withoutCredentials(target).url;
      const at = `${place} ${shown}`;
      if (settings === undefined) {
        this.#context.warnings.dropped.add(at);
        this.#lost("module", place, `job "${name}" is without some of its targets: there is no module ${module}`);
        return [];
      }
      if (target === "") {
        this.#lost("relabel", at, `${withoutCredentials(address).url} is not imported: its relabelings make no target of it`);
        return [];
      }
      const checked = this.#checked(target, module, objectOf(settings), at);
      if (checked === undefined) return [];
      const timeoutMs = durationMs(objectOf(settings)["timeout"]);
      return [
        {
          place: at,
          config: { ...checked, type: String(checked["type"]), name: shown, group: name, ...(all.length > 0 && { tags: all }) },
          intervalSeconds,
          intervalPlace: place,
          ...(timeoutMs !== undefined && { timeoutMs, timeoutPlace: `modules.${module}` }),
        },
      ];
    });
  }

  #checked(target: string, module: string, settings: Record<string, unknown>, at: string): Record<string, unknown> | undefined {
    const prober = textOf(settings["prober"]) ?? "";
    const place = `modules.${module}`;
    const fields = objectOf(settings[prober]);
    this.#family(fields, place);
    const unread = UNREAD.filter((name) => fields[name] !== undefined);
    if (unread.length > 0) this.#lost("field", place, `not imported: ${unread.join(", ")}`);
    switch (prober) {
      case "http":
        return httpOf(target, fields, place, this.#context.warnings);
      case "tcp":
        return this.#tcp(target, fields, place);
      case "dns":
        return this.#dns(target, fields, place, at);
      case "grpc":
        return this.#grpc(target, fields, place);
      case "icmp":
        becomesPing(this.#context.warnings, at, target);
        return { type: "ping", host: bareHost(target) };
      default:
        this.#lost(prober || "prober", at, `${target} is not imported: there is no check by ${prober || "no prober"}`);
        return undefined;
    }
  }

  #family(fields: Record<string, unknown>, place: string): void {
    const named = ["preferred_ip_protocol", "ip_protocol_fallback", "source_ip_address"].filter((key) => fields[key] !== undefined);
    if (named.length > 0)
      this.#context.warnings.add("note", "ip-family", place, `${named.join(", ")}: both families are tried, side by side`);
  }

  #tcp(target: string, fields: Record<string, unknown>, place: string): Record<string, unknown> {
    const endpoint = endpointOf(target);
    const steps = listOf(fields["query_response"]).map(objectOf);
    if (flagOf(fields["tls"])) {
      if (steps.length > 0) this.#lost("query-response", place, `what is said within TLS (${said(steps)}) is not judged`);
      return {
        type: "tls",
        ...endpoint,
        minDaysLeft: 0,
        ...pausing(place, this.#context.warnings, (pause) => tlsOf(fields, pause)),
      };
    }
    return { type: "tcp", ...endpoint, ...this.#talk(steps, place) };
  }

  /** One question and one answer, or an answer alone, are a check's; a longer talk is not. */
  #talk(steps: readonly Record<string, unknown>[], place: string): Record<string, unknown> {
    if (steps.length === 0) return {};
    const [first = {}, second] = steps;
    const send = textOf(first["send"]);
    const expect = textOf(first["expect"]);
    const isAnswerAlone = steps.length === 1 && expect !== undefined && send === undefined;
    const isQuestion =
      send !== undefined && expect === undefined && second !== undefined && steps.length === 2 && second["send"] === undefined;
    const regexp = isAnswerAlone ? expect : isQuestion ? textOf(second["expect"]) : undefined;
    const banner = regexp === undefined ? undefined : goPattern(regexp);
    if (banner === undefined || steps.some((step) => flagOf(step["starttls"]))) {
      this.#lost("query-response", place, `a talk (${said(steps)}) is not held: the connection alone is checked`);
      return {};
    }
    // The exporter ends a line for its user.
    return { banner: inAnyLine(banner), ...(isQuestion && { send: `${send}\n` }) };
  }

  #dns(server: string, fields: Record<string, unknown>, place: string, at: string): Record<string, unknown> | undefined {
    const recordType = (textOf(fields["query_type"]) ?? "").toUpperCase();
    if (!isRecordType(recordType)) {
      this.#lost(
        "dns-type",
        at,
        `${server} is not imported: ${recordType === "" ? "ANY is asked for" : `records of type ${recordType} are not asked for`}`,
      );
      return undefined;
    }
    const rcodes = listOf(fields["valid_rcodes"]).flatMap((rcode) => textOf(rcode) ?? []);
    const expectedRcode = rcodes.length === 0 || rcodes.includes("NOERROR") ? undefined : rcodes[0];
    if (expectedRcode !== undefined && (!isExpectedRcode(expectedRcode) || rcodes.length > 1)) {
      this.#lost("dns-rcode", at, `${server} is not imported: ${rcodes.join(", ")} cannot be expected together`);
      return undefined;
    }
    for (const key of Object.keys(fields).filter((name) => name.startsWith("validate_"))) {
      this.#lost("dns-regexp", place, `${key} is not judged: ${JSON.stringify(fields[key]).slice(0, 150)}`);
    }
    return {
      type: "dns",
      host: (textOf(fields["query_name"]) ?? "").replace(/\.$/, ""),
      recordType,
      resolver: nameServer(server),
      ...(expectedRcode !== undefined && { expectedRcode }),
    };
  }

  #grpc(target: string, fields: Record<string, unknown>, place: string): Record<string, unknown> {
    return {
      type: "grpc",
      ...endpointOf(target),
      tls: flagOf(fields["tls"]),
      ...(textOf(fields["service"]) && { service: textOf(fields["service"]) }),
      ...pausing(place, this.#context.warnings, (pause) => tlsOf(fields, pause)),
    };
  }
}

function groupOf(value: unknown): Group {
  const { targets, labels } = objectOf(value);
  return { targets: listOf(targets).flatMap((target) => textOf(target) ?? []), labels: objectOf(labels) };
}

function endpointOf(target: string): { host: string; port: number } {
  const { host, port = 0 } = hostAndPort(target);
  return { host, port };
}

function said(steps: readonly Record<string, unknown>[]): string {
  return steps
    .map((step) => textOf(step["expect"]) ?? textOf(step["send"]) ?? (flagOf(step["starttls"]) ? "STARTTLS" : Object.keys(step).join(" ")))
    .join(", ")
    .slice(0, 100);
}

/** Files whose names fit; as in Prometheus, `*` stands in the last part of a path alone. */
function matching(pattern: string): string[] {
  const [folder, name] = [dirname(pattern), basename(pattern)];
  const fits = new RegExp(`^${name.replace(/[\\^$.|?+()[\]{}]/g, "\\$&").replaceAll("*", ".*")}$`, "s");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((each) => fits.test(each))
    .sort()
    .map((each) => join(folder, each));
}
