import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importers, importFrom } from "../../../cli/import/index.ts";
import { parseTargetConfig } from "../../../shared/targets/target.ts";

/*
 * Each folder of fixtures is one import, by the rules of IMPORT.md: what a right importer makes of it. Where the API has a
 * field by now that it had not when the rule was written (ping, STARTTLS, banners, OAuth 2, …), the expectation says so.
 */
const FIXTURES = join(import.meta.dirname, "fixtures");

interface Expected {
  readonly options: { readonly roundSeconds: number; readonly env?: Record<string, string> };
  readonly targets: readonly Record<string, unknown>[];
  readonly warnings: readonly {
    readonly level: string;
    readonly topic: string;
    readonly at: readonly string[];
    readonly says: readonly string[];
  }[];
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "import-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The files of a fixture, a folder as it is, a database built from its SQL. */
function pathsOf(name: string): string[] {
  const at = join(FIXTURES, name);
  return readdirSync(at).flatMap((file) => {
    if (file === "expected.json" || file === "targets") return [];
    if (file !== "kuma.sql") return [join(at, file)];
    const path = join(folder, "kuma.db");
    const database = new DatabaseSync(path);
    database.exec(readFileSync(join(at, file), "utf8"));
    database.close();
    return [path];
  });
}

const byName = (targets: readonly Record<string, unknown>[], roundSeconds: number) =>
  Object.fromEntries(targets.map((target) => [target["name"], parseTargetConfig(target, roundSeconds)]));
const topics = (warnings: readonly { level: string; topic: string; at: readonly string[] }[]) =>
  warnings
    .map(({ level, topic, at }) => ({ level, topic, at: [...at].sort() }))
    .sort((a, b) => `${a.level}${a.topic}`.localeCompare(`${b.level}${b.topic}`));

describe.each(readdirSync(FIXTURES))("%s", (name) => {
  const expected = JSON.parse(readFileSync(join(FIXTURES, name, "expected.json"), "utf8")) as Expected;
  const { roundSeconds, env = {} } = expected.options;

  it("becomes what it means, and says what it does not", async () => {
    const { targets, warnings } = await importFrom(name.split("-")[0] ?? "", pathsOf(name), { roundSeconds, env });
    expect(byName(targets, roundSeconds)).toEqual(byName(expected.targets, roundSeconds));
    expect(topics(warnings)).toEqual(topics(expected.warnings));
    for (const { level, topic, says } of expected.warnings) {
      const text = warnings.find((warning) => warning.level === level && warning.topic === topic)?.text.toLowerCase() ?? "";
      for (const word of says) expect(text).toContain(word.toLowerCase());
    }
  });
});

async function fileOf(name: string, text: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const options = { roundSeconds: 30, env: {} };
const gatusOf = async (endpoint: string) =>
  importFrom("gatus", [await fileOf("one.yaml", `endpoints:\n  - name: one\n${endpoint.replace(/^/gm, "    ")}\n`)], options);
const said = (warnings: readonly { level: string; topic: string }[]) =>
  warnings.map(({ level, topic }) => `${level}: ${topic}`).filter((text) => text !== "note: silent");

describe("gatus: a condition", () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    ['"[STATUS] == pat(2*)"', { expectedStatuses: ["200-299"] }, []],
    ['"[STATUS] >= 200 && [STATUS] < 400"', { expectedStatuses: ["100-599"] }, ["lost: condition-malformed", "note: any-status"]],
    ['"[STATUS] < 50"', {}, ["lost: status-impossible"]],
    ['"[BODY] == OK"', { assertions: [{ kind: "body", operator: "eq", value: "OK" }] }, ["note: any-status"]],
    [
      '"[BODY] == pat(<h1>*</h1>)"',
      { assertions: [{ kind: "body", operator: "matches", value: "^\\s*<h1>[\\s\\S]*</h1>\\s*$" }] },
      ["note: any-status"],
    ],
    [
      '"[BODY].state == any(up, 1)"',
      { assertions: [{ kind: "jsonPath", path: "$.state", operator: "in", value: ["up", 1] }] },
      ["note: any-status"],
    ],
    [
      '"len([BODY].items) > 2"',
      { assertions: [{ kind: "jsonPath", path: "$.items.length()", operator: "gt", value: 2 }] },
      ["note: any-status"],
    ],
    [
      '"[BODY].a-b[0] != pat(*x*)"',
      { assertions: [{ kind: "jsonPath", path: "$.a-b[0]", operator: "lacks", value: "x" }] },
      ["note: any-status"],
    ],
    ['"[RESPONSE_TIME] > 5"', {}, ["lost: response-time-floor", "note: any-status"]],
    ['"[CONNECTED] == false"', { expect: "down" }, ["note: any-status"]],
    ['"[IP] == 1.2.3.4"', {}, ["lost: ip", "note: any-status"]],
    ['"nonsense"', {}, ["lost: condition-malformed", "note: any-status"]],
    ['"[STATUS] == pat([3-2]*)"', {}, ["lost: condition-malformed", "note: any-status"]],
    ['"[BODY] == pat([)"', {}, ["lost: condition-malformed", "note: any-status"]],
    [
      '"[BODY] == pat(a]?)"',
      { assertions: [{ kind: "body", operator: "matches", value: "^\\s*a\\][\\s\\S]\\s*$" }] },
      ["note: any-status"],
    ],
  ])("%s", async (condition, fields, warnings) => {
    const { targets, warnings: found } = await gatusOf(`url: https://a.example.com/\nconditions: [${condition}]`);
    expect(said(found)).toEqual(warnings);
    if (targets.length > 0) expect(targets[0]).toMatchObject(fields);
  });
});

describe("gatus: an address", () => {
  it.each<[string, Record<string, unknown>]>([
    ["icmp://host.example.com", { type: "ping", host: "host.example.com" }],
    ["starttls://mail.example.com:25", { type: "tls", host: "mail.example.com", port: 25, startTls: "smtp" }],
    ["ssh://host.example.com:2222", { type: "tcp", port: 2222, banner: "^SSH-" }],
    ["wss://live.example.com/feed", { type: "websocket", url: "wss://live.example.com/feed" }],
    ["grpcs://api.example.com:8443", { type: "grpc", port: 8443, tls: true }],
    ["tcp://[2001:db8::1]:5432", { type: "tcp", host: "2001:db8::1", port: 5432 }],
  ])("%s", async (url, fields) => {
    const { targets } = await gatusOf(`url: "${url}"\nconditions: ["[CONNECTED] == true"]`);
    expect(targets).toEqual([expect.objectContaining(fields)]);
    expect(() => parseTargetConfig(targets[0], 30)).not.toThrow();
  });

  it.each(["udp://a.example.com:53", "sctp://a.example.com:1"])("%s is lost, and said to be", async (url) => {
    const { targets, warnings } = await gatusOf(`url: "${url}"`);
    expect(targets).toEqual([]);
    expect(warnings).toEqual([expect.objectContaining({ level: "lost", topic: url.split(":")[0], at: ["endpoints[0]"] })]);
  });

  it("by a proxy, a resolver, with a token, and behind a ConfigMap, is what it was", async () => {
    const client =
      "client:\n  dns-resolver: tcp://8.8.8.8:53\n  proxy-url: http://u:p@proxy.example.com:3128\n  oauth2: { token-url: https://id.example.com/t, client-id: a, client-secret: b, scopes: [s] }";
    const { targets } = await gatusOf(`url: https://a.example.com/\nconditions: ["[STATUS] == 200"]\n${client}`);
    expect(targets[0]).toMatchObject({
      resolver: "8.8.8.8",
      proxy: "http://proxy.example.com:3128",
      proxyAuthorization: "Basic dTpw",
      oauth2: { tokenUrl: "https://id.example.com/t", clientId: "a", clientSecret: "b", scopes: ["s"] },
    });
    expect(targets[0]).not.toHaveProperty("paused");
    const map =
      'kind: ConfigMap\ndata:\n  config.yaml: |\n    endpoints:\n      - { name: inner, url: "https://b.example.com/", conditions: ["[STATUS] == 200"] }\n';
    expect((await importFrom("gatus", [await fileOf("map.yaml", map)], options)).targets).toEqual([
      expect.objectContaining({ name: "inner" }),
    ]);
  });
});

it("takes a database that is being written, with what stands beside it", async () => {
  const path = join(folder, "live.db");
  const database = new DatabaseSync(path);
  database.exec("pragma journal_mode = wal; create table monitor (id integer, name text, type text, url text, interval integer)");
  database.exec("insert into monitor values (1, 'Live', 'http', 'https://live.example.com/', 60)");
  const { targets } = await importFrom("kuma", [path], options);
  database.close();
  expect(targets).toEqual([expect.objectContaining({ name: "Live", url: "https://live.example.com/" })]);
});

describe("hosted monitors", () => {
  it("uptimerobot: the CSV export and the API's JSON", async () => {
    const csv = `"ID","Type","Status","Friendly Name","URL/IP","Keyword Type","Keyword Value","Port"
"1","HTTP","Up","Shop, ""new""","https://shop.example.com/","","",""
"2","Keyword","Paused","No error","https://shop.example.com/","not exists","Fatal",""
"3","Port","Up","Mail","mail.example.com","","","25"
"4","Ping","Up","Gate","192.0.2.1","","",""
`;
    const { targets } = await importFrom("uptimerobot", [await fileOf("robot.csv", csv)], options);
    expect(targets).toEqual([
      expect.objectContaining({ name: 'Shop, "new"', url: "https://shop.example.com/", intervalSeconds: 300 }),
      expect.objectContaining({ name: "No error", paused: true, assertions: [{ kind: "bodyLacks", text: "Fatal" }] }),
      expect.objectContaining({ type: "tcp", host: "mail.example.com", port: 25 }),
      expect.objectContaining({ type: "ping", host: "192.0.2.1" }),
    ]);
    const json = JSON.stringify({
      monitors: [
        {
          id: 9,
          friendly_name: "API",
          url: "https://a.example.com",
          type: 2,
          keyword_type: 1,
          keyword_value: "ok",
          interval: 60,
          status: 2,
        },
      ],
    });
    expect((await importFrom("uptimerobot", [await fileOf("robot.json", json)], options)).targets).toEqual([
      expect.objectContaining({ name: "API", intervalSeconds: 60, assertions: [{ kind: "bodyContains", text: "ok" }] }),
    ]);
  });

  it("openstatus and betterstack", async () => {
    const open = `shop:\n  name: Shop\n  frequency: 1m\n  active: true\n  regions: [iad]\n  retry: 2\n  kind: http\n  request: { url: "https://a.example.com", method: POST, body: "{}" }\n  degradedAfter: 800\n  assertions:\n    - { kind: statusCode, compare: eq, target: 201 }\n    - { kind: header, compare: contains, key: server, target: x }\n`;
    const { targets, warnings } = await importFrom("openstatus", [await fileOf("openstatus.yaml", open)], options);
    expect(targets).toEqual([
      expect.objectContaining({
        name: "Shop",
        method: "POST",
        latencyLimitMs: 800,
        retries: 2,
        expectedStatuses: [201],
        intervalSeconds: 60,
      }),
    ]);
    expect(said(warnings)).toEqual(["lost: regions"]);
    const better = JSON.stringify({
      data: [
        {
          id: "7",
          type: "monitor",
          attributes: {
            url: "https://b.example.com",
            pronounceable_name: "B",
            monitor_type: "keyword",
            required_keyword: "yes",
            check_frequency: 30,
            confirmation_period: 60,
            paused: true,
          },
        },
      ],
    });
    expect((await importFrom("betterstack", [await fileOf("better.json", better)], options)).targets).toEqual([
      expect.objectContaining({ name: "B", paused: true, failureThreshold: 3, assertions: [{ kind: "bodyContains", text: "yes" }] }),
    ]);
  });
});

describe("a request", () => {
  const url = "https://ann:50%25off%@a.example.com/";
  const authorization = `Basic ${Buffer.from("ann:50%off%").toString("base64")}`;
  const blackbox = {
    modules: { web: { prober: "http", http: { body: "x" } } },
    scrape_configs: [{ job_name: "web", metrics_path: "/probe", params: { module: ["web"] }, static_configs: [{ targets: [url] }] }],
  };
  it.each<[string, unknown]>([
    ["gatus", { endpoints: [{ name: "a", url, body: "x", conditions: ["[STATUS] == 200"] }] }],
    ["kuma", { monitorList: { 1: { id: 1, type: "http", name: "a", url, body: "x", interval: 60 } } }],
    ["blackbox", blackbox],
    ["uptimerobot", { monitors: [{ id: 1, type: 1, friendly_name: "a", url, http_method: 2, post_value: "x" }] }],
    ["openstatus", { a: { kind: "http", name: "a", request: { url, body: "x" } } }],
    ["betterstack", { data: [{ id: "1", attributes: { monitor_type: "status", url, request_body: "x" } }] }],
  ])("of %s with credentials in its URL and a body that GET does not send: both are told, neither shown", async (source, content) => {
    const { targets, warnings } = await importFrom(source, [await fileOf(`request-${source}.json`, JSON.stringify(content))], options);
    expect(targets).toEqual([expect.objectContaining({ url: "https://a.example.com/", headers: { authorization } })]);
    expect(targets[0]).not.toHaveProperty("body");
    expect(said(warnings)).toEqual(expect.arrayContaining(["lost: body-with-get", "changed: url-credentials"]));
    expect(`${targets[0]?.name} ${JSON.stringify(warnings)}`).not.toMatch(/ann:|off%/);
    expect(() => parseTargetConfig(targets[0], 30)).not.toThrow();
  });

  it("of UptimeRobot is what its API v3 says", async () => {
    const monitor = {
      id: 1,
      type: "KEYWORD",
      friendlyName: "shop",
      url: "https://a.example.com/",
      httpMethodType: "POST",
      postValueType: "KEY_VALUE",
      postValueData: { q: "a b" },
      successHttpResponseCodes: ["2xx", "404"],
      followRedirections: false,
      checkSSLErrors: false,
      keywordType: "ALERT_EXISTS",
      keywordCaseType: "CaseInsensitive",
      keywordValue: "fatal.",
    };
    const path = await fileOf(
      "v3.json",
      JSON.stringify({ data: [monitor, { ...monitor, id: 2, friendlyName: "b", keywordType: "ALERT_NOT_EXISTS" }] }),
    );
    const { targets } = await importFrom("uptimerobot", [path], options);
    expect(targets).toMatchObject([
      {
        method: "POST",
        body: "q=a+b",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        expectedStatuses: ["200-299", 404],
        followRedirects: false,
        verifyTls: false,
        assertions: [{ kind: "body", operator: "notMatches", value: "(?i)fatal\\." }],
      },
      { assertions: [{ kind: "body", operator: "matches", value: "(?i)fatal\\." }] },
    ]);
    for (const target of targets) expect(() => parseTargetConfig(target, 30)).not.toThrow();
  });

  it("of OpenStatus takes the statuses that all of its conditions leave", async () => {
    const assertions = [
      { kind: "statusCode", compare: "gte", target: 200 },
      { kind: "statusCode", compare: "lt", target: 300 },
      { kind: "statusCode", compare: "contains", target: 2 },
    ];
    const file = await fileOf(
      "statuses.yaml",
      JSON.stringify({ a: { kind: "http", name: "a", request: { url: "https://a.example.com" }, assertions } }),
    );
    const { targets, warnings } = await importFrom("openstatus", [file], options);
    expect(targets).toMatchObject([{ expectedStatuses: ["200-299"] }]);
    expect(said(warnings)).toEqual(["lost: assertion"]);
  });
});

describe("what no check of ours has", () => {
  it("is said to be lost, of whatever source it is", async () => {
    const jobs = (module: string, target: string) =>
      `scrape_configs: [{ job_name: j, metrics_path: /probe, params: { module: [${module}] }, static_configs: [{ targets: ["${target}"] }] }]`;
    const blackbox = async (prober: string, fields: string, target: string) =>
      said(
        (
          await importFrom(
            "blackbox",
            [
              await fileOf("modules.yml", `modules: { m: { prober: ${prober}, ${prober}: ${fields} } }`),
              await fileOf("prometheus.yml", jobs("m", target)),
            ],
            options,
          )
        ).warnings,
      );
    expect(await blackbox("http", "{ compression: gzip, body_size_limit: 1MB, surprise: 1 }", "https://a.example")).toEqual([
      "lost: field",
    ]);
    expect(await blackbox("dns", "{ query_name: a.example, transport_protocol: tcp, dns_over_tls: true }", "192.0.2.1")).toEqual(
      expect.arrayContaining(["lost: field"]),
    );
    const page = {
      pagination: { offset: 0, limit: 50, total: 120 },
      monitors: [{ id: 1, friendly_name: "A", url: "https://a.example", type: 1 }],
    };
    const robot = await importFrom("uptimerobot", [await fileOf("page.json", JSON.stringify(page))], options);
    expect(said(robot.warnings)).toContain("lost: pages");
    const gatus = "endpoints: [{ name: a, url: 'https://a.example', interval: soon, conditions: ['[STATUS] == 200'] }]";
    expect(said((await importFrom("gatus", [await fileOf("soon.yaml", gatus)], options)).warnings)).toContain("changed: interval");
  });
});

describe("what cannot be read", () => {
  const aliases = Array.from({ length: 24 }, (_, index) => `b${index}: &b${index} [*b${index - 1},*b${index - 1}]`)
    .slice(1)
    .join("\n");
  it.each<[string, string, string | Buffer]>([
    ["broken YAML", "gatus", "endpoints: [ {"],
    ["another program's YAML", "gatus", "services: {}"],
    ["a YAML bomb", "gatus", `b0: &b0 [x]\n${aliases}\nendpoints: []`],
    ["an anchor that holds itself", "gatus", "endpoints: &a [*a]"],
    ["an anchor that holds itself within", "gatus", "endpoints:\n  - &x { name: a, url: 'https://x.example', self: *x }"],
    ["an anchor that is merged into itself", "gatus", "endpoints:\n  - &x\n    name: a\n    <<: *x"],
    ["lists in lists without end", "gatus", `endpoints: ${"[".repeat(5_000)}${"]".repeat(5_000)}`],
    ["a binary file", "gatus", Buffer.alloc(2_000)],
    ["half a database", "kuma", Buffer.from("SQLite format 3\0 and then nothing")],
    ["a dump of MariaDB", "kuma", "-- MariaDB dump"],
    ["broken JSON", "kuma", '{"monitorList": ['],
    ["modules without jobs", "blackbox", "modules: { a: { prober: http } }"],
    ["nothing", "uptimerobot", ""],
  ])("%s is told in one line", async (what, source, content) => {
    const path = await fileOf(what.includes("dump") ? "dump.sql" : `${what.replaceAll(" ", "-")}.yaml`, content);
    const failure = await importFrom(source, [path], options).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : ""),
    );
    expect(failure).toMatch(/./);
    expect(failure).not.toContain("call stack");
    expect(failure?.split("\n")).toHaveLength(1);
  });

  it("is a source that there is not, or a file", async () => {
    await expect(importFrom("nagios", ["x"], options)).rejects.toThrow(
      /there are: gatus, kuma, blackbox, uptimerobot, openstatus, betterstack/,
    );
    await expect(importFrom("gatus", [join(folder, "none.yaml")], options)).rejects.toThrow(/cannot be read/);
    expect(importers.every(({ reads }) => reads.length > 10)).toBe(true);
  });
});
