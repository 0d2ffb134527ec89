import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importFrom } from "../../../cli/import/index.ts";

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
    ];
    const result = await imported("uptimerobot", JSON.stringify({ monitors }));
    expect(result.targets).toMatchObject([
      { name: "mail", port: 25 },
      { name: "web", expectedStatuses: ["200-203", "205-299", 404], tags: ["shop"] },
    ]);
    expect(said(result)).toEqual(expect.arrayContaining(["lost: type", "lost: maintenance"]));
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
