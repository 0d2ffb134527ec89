/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of files are written so. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importFrom } from "../../../cli/import/index.ts";
import { loadPatterns, matchesPattern } from "../../../shared/check/pattern.ts";
import { makeCertificate } from "../../support/certificates.ts";

/* What people's files hold beside the plain way: other spellings, other places, broken quotes. Nothing of it is dropped silently. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "import-real-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
}
let count = 0;
const imported = async (source: string, text: string, env: Record<string, string> = {}) =>
  importFrom(source, [await file(`${++count}.${source === "uptimerobot" && !text.startsWith("{") ? "csv" : "yaml"}`, text)], {
    roundSeconds: 30,
    env,
  });
const said = ({ warnings }: Awaited<ReturnType<typeof importFrom>>) => warnings.map(({ level, topic }) => `${level}: ${topic}`);

describe("uptimerobot", () => {
  const head = "ID,Type,Status,Friendly Name,URL/IP,Keyword Type,Keyword Value,Port\n";
  it("has quotes in plain cells, cells of several lines, and an empty last one", async () => {
    const { targets } = await imported(
      "uptimerobot",
      `${head}1,HTTP(s),Up,One,https://a.example,,,\r\n2,HTTP(s),Up,Our "best" blog,https://b.example,,,\n3,HTTP(s),Up,"a ""quoted"",\nname",https://c.example,,,\n4,Port,Up,Four,d.example,,,5432`,
    );
    expect(targets.map(({ name }) => name)).toEqual(["One", 'Our "best" blog', 'a "quoted", name', "Four"]);
    expect(targets[3]).toMatchObject({ type: "tcp", port: 5432 });
  });

  it("is refused in one line when a quote is never closed", async () => {
    await expect(imported("uptimerobot", `${head}1,HTTP(s),Up,One,https://a.example,,,\n2,HTTP(s),Up,"Blo`)).rejects.toThrow(
      /the quote in line 3 is never closed/,
    );
  });

  it("names ports, statuses and tags as its APIs do, and no type of JavaScript's", async () => {
    const url = "https://a.example/";
    const monitors = [
      { id: 1, type: 4, sub_type: 4, friendly_name: "mail", url: "a.example", port: "" },
      { id: 2, type: 1, friendly_name: "web", url, custom_http_statuses: "404:1_204:0", tags: [{ name: "shop" }], mwindows: [{ id: 1 }] },
      { id: 3, type: "constructor", friendly_name: "odd", url },
      { id: 4, type: 5, friendly_name: "job", interval: 86_400, timeout: 30 },
      { id: 5, type: "HTTP", friendlyName: "v3", url, maintenanceWindowsIds: [1], domainExpirationReminder: true },
      { id: 6, type: 3, friendly_name: "slow", url: "a.example", alert_contacts: [{ id: 1, threshold: 5, recurrence: 10 }] },
    ];
    const result = await imported("uptimerobot", JSON.stringify({ monitors }));
    expect(result.targets).toMatchObject([
      { name: "mail", port: 25 },
      { name: "web", expectedStatuses: ["200-203", "205-299", 404], tags: ["shop"] },
      { name: "job", type: "heartbeat", periodSeconds: 86_400 },
      { name: "v3" },
      { name: "slow" },
    ]);
    expect(said(result)).toEqual([
      ...["lost: maintenance", "lost: type", "lost: domain-expiration", "lost: reminder"],
      ...["changed: alert-delay", "todo: channels", "todo: ping-url", "note: icmp"],
    ]);
    expect(result.warnings.find(({ topic }) => topic === "maintenance")?.at).toEqual(["monitor 2", "monitor 5"]);
  });
});

describe("gatus", () => {
  const endpoint = "url: https://a.example/\n    conditions: ['[STATUS] == 200']";
  it("reads yes, no, on and off as Go does", async () => {
    const { targets } = await imported(
      "gatus",
      `endpoints:\n  - name: a\n    enabled: no\n    client: { insecure: yes, ignore-redirect: on }\n    ${endpoint}\n`,
    );
    expect(targets).toMatchObject([{ paused: true, verifyTls: false, followRedirects: false }]);
  });

  it("has files in folders, and alerting in several of them", async () => {
    await file(
      "walk/a.yaml",
      `endpoints:\n  - name: a\n    alerts: [{ type: discord }]\n    ${endpoint}\nalerting: { discord: { default-alert: { failure-threshold: 10 } } }\n`,
    );
    await file("walk/prod/b.yaml", `endpoints:\n  - name: b\n    ${endpoint}\nalerting: { discord: { webhook-url: https://x.example } }\n`);
    const { targets } = await importFrom("gatus", [join(folder, "walk")], { roundSeconds: 30, env: {} });
    expect(targets.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(targets[0]).toMatchObject({ failureThreshold: 10 });
  });

  it("has variables anywhere, and loses what needs one that is not given", async () => {
    const text = `endpoints:\n  - name: \${APP} web\n    group: \${TEAM}\n    interval: \${EVERY}\n    url: https://a.example/\n    conditions: ['[STATUS] == 200', '[BODY].version == \${VERSION}']\n`;
    const env = { APP: "Shop", TEAM: "core", EVERY: "2m", VERSION: "1.2" };
    expect((await imported("gatus", text, env)).targets).toMatchObject([
      { name: "Shop web", group: "core", intervalSeconds: 120, assertions: [{ path: "$.version", value: 1.2 }] },
    ]);
    const { EVERY: _, ...less } = env;
    const lost = await imported("gatus", text, less);
    expect([lost.targets, said(lost)]).toEqual([[], ["lost: env"]]);
  });

  it("reminds as before", async () => {
    const alerts = "alerts: [{ type: discord, minimum-reminder-interval: 30m }, { type: slack, minimum-reminder-interval: 10s }]";
    const result = await imported("gatus", `endpoints:\n  - name: a\n    ${alerts}\n    ${endpoint}\n`);
    expect(result.targets).toMatchObject([{ remindEverySeconds: 60 }]);
    expect(said(result)).toContain("changed: reminder");
  });
});

describe("gatus, as its own code reads it", () => {
  const of = async (endpoint: string, more = "") =>
    imported("gatus", `${more}endpoints:\n  - name: one\n    group: shop\n${endpoint.replace(/^/gm, "    ")}\n`, { HOME: "/root" });
  const http = (condition: string) => of(`url: https://a.example/\nconditions: ["[STATUS] == 200", ${JSON.stringify(condition)}]`);

  it.each<[string, Record<string, unknown>]>([
    ["[BODY] == pat(OK)", { kind: "body", operator: "matches", value: "^\\s*OK\\s*$" }],
    ["[BODY] == any(OK, UP)", { kind: "body", operator: "matches", value: "^\\s*(?:OK|UP)\\s*$" }],
    ["has([BODY]) == true", { kind: "body", operator: "matches", value: "\\S" }],
    [
      "[HEADER].Content-Type == pat(text/html*)",
      { kind: "header", name: "Content-Type", operator: "matches", value: "^text/html[\\s\\S]*$" },
    ],
    ["[header].X-State == ok", { kind: "header", name: "X-State", operator: "eq", value: "ok" }],
    ["5 < [BODY].n", { kind: "jsonPath", path: "$.n", operator: "gt", value: 5 }],
    ["[body].Name == b", { kind: "jsonPath", path: "$.Name", operator: "eq", value: "b" }],
  ])("judges %s", async (condition, assertion) => {
    const result = await http(condition);
    expect(result.targets[0]?.["assertions"]).toEqual([assertion]);
    expect(said(result)).toEqual(["note: silent"]);
  });

  it.each([
    ["[status] == 201", [201]],
    ["200 == [STATUS]", [200]],
    ["300 > [STATUS]", ["100-299"]],
  ])("takes %s for a condition on the status", async (condition, statuses) => {
    const { targets } = await of(`url: https://a.example/\nconditions: ["${condition}"]`);
    expect(targets[0]?.["expectedStatuses"]).toEqual(statuses);
  });

  it.each<[string, string, Record<string, unknown>, string[]]>([
    ["a length of the whole", 'url: https://a.example/\nconditions: ["[STATUS] == 200", "len([BODY]) > 100"]', {}, ["lost: json-length"]],
    ["a status without HTTP", 'url: tcp://a.example:80\nconditions: ["[STATUS] == 200"]', { port: 80 }, ["lost: status"]],
    [
      "a command over SSH",
      'url: ssh://a.example:80\nbody: "{}"\nconditions: ["[STATUS] == 0"]',
      { port: 80, banner: "^SSH-" },
      ["lost: send-expect", "lost: status", "changed: ssh"],
    ],
    [
      "the strictest of two limits",
      'url: tcp://a.example:1\nconditions: ["[RESPONSE_TIME] < 300", "[RESPONSE_TIME] < 3000"]',
      { latencyLimitMs: 300 },
      [],
    ],
    [
      "a limit beyond the timeout",
      'url: tcp://a.example:1\nconditions: ["[RESPONSE_TIME] < 10000"]',
      { latencyLimitMs: undefined, slowIs: undefined },
      [],
    ],
    ["port 80 of gRPC", 'url: grpc://a.example:80\nconditions: ["[CONNECTED] == true"]', { port: 80, tls: false }, []],
    ["port 80 of TLS", 'url: tls://a.example:80\nconditions: ["[CONNECTED] == true"]', { port: 80 }, []],
    [
      "a name server that is the target",
      'url: 1.1.1.1\ndns: { query-name: example.com, query-type: A }\nclient: { dns-resolver: "tcp://8.8.8.8:53" }\nconditions: ["[DNS_RCODE] == NOERROR"]',
      { resolver: "1.1.1.1" },
      [],
    ],
    ["a family", 'url: tcp://a.example:1\nclient: { network: ip6 }\nconditions: ["[CONNECTED] == true"]', { ipFamily: 6 }, []],
    [
      "its own names in a body",
      'url: https://a.example/\nmethod: POST\nbody: "[ENDPOINT_NAME] of [ENDPOINT_GROUP] [RANDOM_STRING_10]"\nconditions: ["[STATUS] == 200"]',
      { body: "one of shop [RANDOM_STRING_10]" },
      ["lost: body-placeholder"],
    ],
    [
      "a variable of what is not read",
      'url: https://a.example/\nui: { description: "$NOPE" }\nconditions: ["[STATUS] == 200"]',
      {},
      ["note: ignored"],
    ],
    [
      "alerts with channels of their own",
      'url: https://a.example/\nconditions: ["[STATUS] == 200"]\nalerts: [{ type: slack, failure-threshold: 50, send-on-resolved: true, provider-override: { webhook-url: x } }]',
      { failureThreshold: 20, channels: ["slack"] },
      ["changed: channels-merged", "changed: threshold", "todo: channels"],
    ],
  ])("keeps, or says of, %s", async (_, endpoint, fields, warnings) => {
    const result = await of(endpoint);
    const { targets } = result;
    expect([targets.length, Object.fromEntries(Object.keys(fields).map((name) => [name, targets[0]?.[name]]))]).toEqual([1, fields]);
    expect(said(result).filter((text) => text !== "note: silent")).toEqual(warnings);
  });

  it("has texts that are no variables, of theirs or of ours", async () => {
    const headers = '{ X-A: "$${FOO}", X-B: "$$FOO", X-C: "$FOO", X-D: "${FOO}", X-E: "a$$" }';
    const { targets } = await imported(
      "gatus",
      `endpoints: [{ name: one, url: "https://a.example/", headers: ${headers}, conditions: ["[STATUS] == 200"] }]`,
    );
    expect(targets[0]?.["headers"]).toEqual({ "X-A": "$${FOO}", "X-B": "$FOO", "X-C": "${FOO}", "X-D": "${FOO}", "X-E": "a$" });
  });

  it("expands a variable once", async () => {
    const result = await imported(
      "gatus",
      'endpoints: [{ name: one, group: "g$$HOME", url: "https://a.example/", conditions: ["[STATUS] == 200"] }]',
      {
        HOME: "/root",
      },
    );
    expect(result.targets).toMatchObject([{ group: "g$HOME" }]);
  });

  it("is found in a list of Kubernetes, in Helm's values, and once in a ConfigMap that is mounted", async () => {
    const text = "external-endpoints: [{ name: job, token: abcdefgh12345678 }]";
    const list = { kind: "List", items: [{ kind: "ConfigMap", data: { "config.yaml": text } }] };
    expect((await imported("gatus", JSON.stringify(list))).targets).toHaveLength(1);
    expect((await imported("gatus", `config:\n  ${text}`)).targets).toHaveLength(1);
    await file("mounted/..2026_01/config.yaml", text);
    await symlink("..2026_01", join(folder, "mounted/..data"));
    await symlink("..data/config.yaml", join(folder, "mounted/config.yaml"));
    expect((await importFrom("gatus", [join(folder, "mounted")], { roundSeconds: 30, env: {} })).targets).toHaveLength(1);
  });

  it("counts what is not imported, and no maintenance window", async () => {
    const text = `maintenance: { start: "23:00", duration: 1h, enabled: false }\n`;
    expect(said(await of('url: https://a.example/\nconditions: ["[STATUS] == 200"]', text))).toEqual(["note: silent"]);
    const window = `maintenance: [{ start: "23:00", duration: 1h }, { start: "01:00", duration: 2h }]\n`;
    const result = await of('conditions: ["[STATUS] == 200"]', window);
    expect([result.dropped, said(result)]).toEqual([1, ["lost: maintenance", "lost: url"]]);
    const texts = result.warnings.map(({ text: says }) => says).join();
    expect(texts).toContain("01:00");
    expect(texts).toContain("it has no url");
  });
});

describe("a folder", () => {
  it("that holds more than a configuration is refused in one line", async () => {
    for (let index = 0; index < 1_001; index++) await file(`many/${index}.json`, "[]");
    await expect(importFrom("gatus", [join(folder, "many")], { roundSeconds: 30, env: {} })).rejects.toThrow(
      /holds more than a configuration/,
    );
  });
});

describe("names", () => {
  it("of which 5,000 are one are made unique one by one", async () => {
    const endpoints = Array.from({ length: 5_000 }, () => ({ name: "a", url: "icmp://a.example", conditions: ["[CONNECTED] == true"] }));
    const { targets } = await imported("gatus", JSON.stringify({ endpoints }));
    expect(new Set(targets.map(({ name }) => name)).size).toBe(5_000);
  });
});

describe("blackbox", () => {
  const modules =
    "modules:\n  http_2xx: { prober: http }\n  tcp_connect: { prober: tcp }\n  ca: { prober: http, http: { tls_config: { ca_file: /ca.pem }, follow_redirects: no } }\n  tls: { prober: tcp, tcp: { tls: yes } }\n";
  const job = (fields: string) =>
    `${modules}scrape_configs:\n  - job_name: j\n    metrics_path: /probe\n${fields.replace(/^/gm, "    ")}\n`;
  const usual = "{ source_labels: [__address__], target_label: __param_target }";

  it("finds a target's module in its labels, by name or by a relabeling", async () => {
    const byLabel = job("static_configs:\n  - { targets: ['db.example:5432'], labels: { __param_module: tcp_connect } }");
    expect((await imported("blackbox", byLabel)).targets).toMatchObject([{ type: "tcp", host: "db.example", port: 5432 }]);
    const relabelled = job(
      `static_configs:\n  - { targets: ['ssh.example:22'], labels: { module: tcp_connect } }\nrelabel_configs: [${usual}, { source_labels: [module], target_label: __param_module }]`,
    );
    expect((await imported("blackbox", relabelled)).targets).toMatchObject([{ type: "tcp", port: 22 }]);
  });

  it.each<[string, string, string, Record<string, unknown>]>([
    [
      "a path is put behind it",
      "{ targets: [shop.example.com] }",
      "{ source_labels: [__address__], regex: '(.*)', target_label: __param_target, replacement: 'https://$1/healthz' }",
      { url: "https://shop.example.com/healthz" },
    ],
    [
      "it stands in a label",
      "{ targets: [web1], labels: { url: 'https://a.example/' } }",
      "{ source_labels: [url], target_label: __param_target }",
      { url: "https://a.example/", name: "https://a.example/" },
    ],
    [
      "module and target are one text",
      "{ targets: ['tcp_connect;db.example:5432'] }",
      "{ source_labels: [__address__], regex: '(.*);(.*)', target_label: __param_module, replacement: '$1' }, { source_labels: [__address__], regex: '(?P<m>.*);(.*)', target_label: __param_target, replacement: '$2' }",
      { type: "tcp", host: "db.example", port: 5432 },
    ],
    [
      "a pattern that does not fit changes nothing",
      "{ targets: ['https://a.example/'] }",
      "{ source_labels: [__address__], regex: 'http://(.*)', target_label: __param_target, replacement: 'nowhere' }",
      { url: "https://a.example/" },
    ],
  ])("works out what is probed: %s", async (_, group, relabelings, fields) => {
    const exporter =
      "{ source_labels: [__param_target], target_label: instance }, { target_label: __address__, replacement: 'exporter:9115' }";
    const result = await imported("blackbox", job(`static_configs: [${group}]\nrelabel_configs: [${relabelings}, ${exporter}]`));
    expect(result.targets).toMatchObject([fields]);
    expect(said(result)).not.toContain("changed: relabel");
  });

  it("asks a server's greeting line by line, as Go takes patterns", async () => {
    const expected = async (expect: string) => {
      const talk = `modules:\n  m: { prober: tcp, tcp: { query_response: [{ expect: ${JSON.stringify(expect)} }] } }\nscrape_configs:\n  - { job_name: j, metrics_path: /probe, params: { module: [m] }, static_configs: [{ targets: ['a.example:22'] }] }\n`;
      const result = await imported("blackbox", talk);
      return { banner: result.targets[0]?.["banner"] as string | undefined, said: said(result) };
    };
    await loadPatterns();
    for (const [expect_, text, other] of [
      ["^SSH-2.0-(.*)$", "SSH-2.0-OpenSSH_9.6\r\n", "SSH-1.99-x\r\n"],
      ["^220 ready$", "220-a\r\n220-b\r\n220 ready\r\n", "220-a\r\n"],
      ["^+OK", "OK here\r\n", "ERR\r\n"],
      ["^[$]5$", "x\n$5\n", "$5 x\n"],
      ["^[^+]x$", "ax\r\n", "+x\r\n"],
      ["[[:digit:]$]^*z", "5z\n", "az\n"],
    ] as const) {
      const { banner = "" } = await expected(expect_);
      expect([expect_, matchesPattern(text, banner), matchesPattern(other, banner)]).toEqual([expect_, true, false]);
    }
    // What is no pattern leaves the connection.
    expect(await expected("(?<!a)b")).toEqual({ banner: undefined, said: ["lost: query-response"] });
  });

  it("takes what proves who asks wherever it stands, and pauses what it cannot have", async () => {
    const of = async (module: string) =>
      imported(
        "blackbox",
        `modules:\n  m: ${module}\nscrape_configs:\n  - { job_name: j, metrics_path: /probe, params: { module: [m] }, static_configs: [{ targets: ['a.example:443', 'b.example:80'] }] }\n`,
      );
    const headers = await of("{ prober: http, http: { http_headers: { X-Key: { values: [a], secrets: [b] } } } }");
    expect(headers.targets[0]).toMatchObject({ headers: { "X-Key": "a, b" } });
    for (const [module, topic] of [
      ["{ prober: http, http: { http_headers: { X: { files: [/x] } } } }", "todo: secret-file"],
      ["{ prober: http, http: { basic_auth: { username_file: /u, password: p } } }", "todo: secret-file"],
      ["{ prober: http, http: { proxy_from_environment: true } }", "lost: proxy"],
      ["{ prober: tcp, tcp: { tls: true, tls_config: { ca_file: /ca.pem } } }", "lost: tls-ca"],
      ["{ prober: tcp, tcp: { tls: true, tls_config: { cert_file: /c, key_file: /k } } }", "lost: mtls"],
      ["{ prober: grpc, grpc: { tls: true, tls_config: { ca_file: /ca.pem } } }", "lost: tls-ca"],
    ] as const) {
      const result = await of(module);
      expect([module, result.targets.map(({ paused }) => paused), said(result)]).toEqual([
        module,
        [true, true],
        expect.arrayContaining([topic]),
      ]);
      expect(JSON.stringify(result.targets)).not.toContain("Basic");
    }
    const grpc = await of("{ prober: grpc, grpc: { tls_config: { min_version: TLS13 } } }");
    expect(grpc.targets).toMatchObject([{ port: 443 }, { port: 80 }]);
    expect(said(grpc)).toContain("lost: tls-version");
  });

  it("counts each target whose module there is not, and jobs in other files", async () => {
    const result = await imported(
      "blackbox",
      `${modules}scrape_config_files: [jobs/*.yml]\nscrape_configs:\n  - { job_name: j, metrics_path: /probe, params: { module: [nope] }, static_configs: [{ targets: [a, b, c] }] }\n`,
    );
    expect([result.targets.length, result.dropped, said(result)]).toEqual([0, 3, ["lost: jobs", "lost: module"]]);
  });

  it("finds a target in the parameters", async () => {
    const text = job(
      "params: { module: [http_2xx], target: ['https://direct.example'] }\nstatic_configs: [{ targets: ['exporter:9115'] }]",
    );
    expect((await imported("blackbox", text)).targets.map(({ url }) => url)).toEqual(["https://direct.example"]);
  });

  it("pauses what needs an authority of its own, and reads yes and no", async () => {
    const result = await imported("blackbox", job("params: { module: [ca] }\nstatic_configs: [{ targets: ['https://a.example'] }]"));
    expect(result.targets).toMatchObject([{ paused: true, followRedirects: false }]);
    expect(said(result)).toContain("lost: tls-ca");
    const tls = await imported("blackbox", job("params: { module: [tls] }\nstatic_configs: [{ targets: ['a.example:443'] }]"));
    expect(tls.targets).toMatchObject([{ type: "tls" }]);
  });

  it("finds Probes in a list, with their relabelings", async () => {
    const probe = {
      kind: "Probe",
      metadata: { name: "p" },
      spec: {
        module: "http_2xx",
        targets: {
          staticConfig: {
            static: ["https://a.example"],
            relabelingConfigs: [
              { targetLabel: "team", replacement: "core" },
              { sourceLabels: ["env"], regex: "dev", action: "drop" },
            ],
          },
        },
      },
    };
    const result = await imported("blackbox", `${modules}---\n${JSON.stringify({ kind: "List", items: [probe] })}\n`);
    expect(result.targets).toMatchObject([{ url: "https://a.example", tags: ["team=core"] }]);
    expect(said(result)).toContain("lost: relabel");
  });
});

describe("the others", () => {
  it("openstatus: records of DNS, too many retries, and what is no monitor", async () => {
    const result = await imported(
      "openstatus",
      JSON.stringify({
        name: {
          kind: "dns",
          name: "n",
          retry: 9,
          request: { uri: "a.example" },
          assertions: [{ kind: "dnsRecord", key: "CNAME", compare: "eq", target: "b.example" }],
        },
        other: {
          kind: "dns",
          name: "o",
          request: { uri: "a.example" },
          assertions: [{ kind: "dnsRecord", key: "A", compare: "contains", target: "1" }],
        },
        nothing: { name: "x" },
      }),
    );
    expect(result.targets).toMatchObject([{ recordType: "CNAME", expectedRecords: ["b.example"] }, { name: "o" }]);
    expect(said(result)).toEqual(expect.arrayContaining(["lost: assertion", "lost: type", "changed: retries"]));
  });

  it("betterstack: the family of addresses, and a group that is a number", async () => {
    const attributes = { monitor_type: "status", url: "https://a.example/", ip_version: "ipv6", monitor_group_id: 7 };
    const result = await imported("betterstack", JSON.stringify({ data: [{ id: "1", attributes }] }));
    expect(result.targets).toMatchObject([{ ipFamily: 6 }]);
    expect(said(result)).toContain("lost: group");
  });

  it("uptimerobot: a text that is JSON by its type", async () => {
    const monitor = {
      id: 1,
      type: 1,
      friendly_name: "a",
      url: "https://a.example/",
      http_method: 3,
      post_value: "{}",
      post_content_type: 1,
    };
    const { targets } = await imported("uptimerobot", JSON.stringify({ monitors: [monitor] }));
    expect(targets).toMatchObject([{ body: "{}", headers: { "content-type": "application/json" } }]);
  });

  it("betterstack: proxies, maintenance, domains, and further pages", async () => {
    const attributes = {
      monitor_type: "status",
      url: "https://a.example",
      proxy_host: "p",
      maintenance_from: "01:00:00",
      domain_expiration: 14,
    };
    const result = await imported("betterstack", JSON.stringify({ data: [{ id: "1", attributes }], pagination: { next: "https://…" } }));
    expect(result.targets).toMatchObject([{ paused: true }]);
    expect(said(result)).toEqual(expect.arrayContaining(["lost: proxy", "lost: maintenance", "lost: domain-expiration", "lost: pages"]));
  });

  it("kuma: what a monitor and its folder say, as its own code reads it", async () => {
    const base = { active: 1, interval: 60, notificationIDList: {} };
    const web = { ...base, type: "http", url: "https://a.example/" };
    const identity = await makeCertificate("client.test", 90);
    const record = (value: string, andOr: string) => ({ type: "expression", variable: "record", operator: "equals", value, andOr });
    const dns = { ...base, type: "dns", hostname: "a.example", dns_resolve_server: "1.1.1.1", dns_resolve_type: "A" };
    const monitorList = [
      { ...base, id: 1, name: "Shop", type: "group", notificationIDList: { 1: true }, description: "d", tags: [{ name: "t" }] },
      { ...web, id: 2, name: "told by its folder", parent: 1 },
      { ...web, id: 3, name: "json", type: "keyword", keyword: '"status":"ok", "n": 1' },
      { ...web, id: 4, name: "text", type: "keyword", keyword: "all: well", retryOnlyOnStatusCodeFailure: true },
      { ...base, id: 5, name: "upside down", type: "push", pushToken: "abcdefgh12345678", upsideDown: true },
      { ...web, id: 6, name: "by a proxy that is off", proxyId: 1 },
      { ...web, id: 7, name: "own authority", authMethod: "mtls", tlsCert: identity.cert, tlsKey: identity.key, tlsCa: "a" },
      { ...dns, id: 8, name: "or", conditions: [record("1.2.3.4", "and"), record("5.6.7.8", "or")] },
      { ...dns, id: 9, name: "and", conditions: [record("1.2.3.4", "or"), record("5.6.7.8", "and")] },
      { ...base, id: 10, name: "odd push", type: "push", interval: 86_410, pushToken: "abcdefgh12345679" },
    ];
    const notificationList = [{ id: 1, name: "ops", config: JSON.stringify({ type: "slack" }) }];
    const proxyList = [{ id: 1, protocol: "http", host: "proxy.example", port: 3128, active: false }];
    const result = await imported("kuma", JSON.stringify({ monitorList, notificationList, proxyList }));
    const by = new Map(result.targets.map((target) => [target.name, target]));
    expect(by.get("told by its folder")).toMatchObject({ group: "Shop", channels: ["slack"] });
    const { value } = (by.get("json") as unknown as { assertions: [{ value: string }] }).assertions[0];
    await loadPatterns();
    for (const text of ['{"status":"ok","n":1}', '{ "status": "ok",\n  "n": 1 }']) expect(matchesPattern(text, value)).toBe(true);
    expect(matchesPattern('{"status":"no","n":1}', value)).toBe(false);
    expect(by.get("text")?.["assertions"]).toEqual([{ kind: "bodyContains", text: "all: well" }]);
    expect([by.has("upside down"), by.get("by a proxy that is off")?.["proxy"], by.get("own authority")?.["paused"]]).toEqual([
      false,
      undefined,
      true,
    ]);
    expect([by.get("or")?.["expectedRecords"], by.get("and")?.["expectedRecords"]]).toEqual([undefined, ["1.2.3.4", "5.6.7.8"]]);
    expect(by.get("odd push")).toMatchObject({ periodSeconds: 86_410 });
    expect(said(result).toSorted()).toEqual(
      [
        ...["changed: group-alert", "changed: retries", "changed: timeout", "lost: description", "lost: dns-condition", "lost: tls-ca"],
        ...["lost: upside-down", "note: ignored", "note: silent", "todo: channels", "todo: ping-url"],
      ].toSorted(),
    );
  });

  it("kuma: long names, tags and folders are cut, and blanks are none of an address", async () => {
    const monitorList = {
      1: { id: 1, type: "group", name: "f".repeat(80), interval: 60 },
      2: { id: 2, type: "group", name: "g".repeat(80), parent: 1, interval: 60 },
      3: {
        id: 3,
        type: "port",
        name: "n".repeat(250),
        hostname: " a.example ",
        port: 1,
        parent: 2,
        interval: 60,
        tags: [{ name: "t".repeat(60) }],
        resendInterval: 5,
      },
    };
    const result = await imported("kuma", JSON.stringify({ monitorList }));
    expect(result.targets).toMatchObject([{ host: "a.example", name: "n".repeat(200), tags: ["t".repeat(50)], remindEverySeconds: 300 }]);
    expect(said(result)).toEqual(expect.arrayContaining(["changed: renamed", "changed: tags", "changed: group"]));
  });
});
