/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of files are written so. */
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { exportedFile } from "../../cli/server-tracker/exported-file.ts";
import { isPlan } from "../../cli/server-tracker/plan.ts";
import { listen } from "../../local/stand-ins/listen.ts";
import { buildCommand, type Command } from "../support/command.ts";
import { API_KEY, type Monitor, startMonitor } from "../support/monitor.ts";

/* What projects meet beside the plain way: other hands, names that move, networks that end, pipes that close. */
let command: Command;
let monitor: Monitor;

beforeAll(async () => {
  [command, monitor] = await Promise.all([buildCommand(), startMonitor()]);
});
afterAll(async () => {
  await monitor.close();
  await command.remove();
});

const access = () => ({ SERVER_TRACKER_API: monitor.url, SERVER_TRACKER_TOKEN: API_KEY });
const st = (args: readonly string[], env: Record<string, string> = {}) => command.run(args, { ...access(), ...env });
async function file(text: string, name = "project.yaml"): Promise<string> {
  const path = join(command.folder, name);
  await writeFile(path, text);
  return path;
}
const target = (name: string) => `{ name: "${name}", url: "http://${name.toLowerCase()}.example/" }`;
const plan = async (path: string, env: Record<string, string> = {}) => (await st(["plan", path], env)).out;

describe("an exported file", () => {
  const view = (name: string, more: Record<string, unknown> = {}) => ({ type: "http", name, url: "http://a.example/", ...more });
  const exported = (targets: Record<string, unknown>[], hasVariables = false) =>
    exportedFile({ targets }, "p", { roundSeconds: 30, hasVariables });
  const headers = (name: string) => ({ headers: { [name]: "********" } });
  const keyed = (key: string, name: string, more = {}) => view(name, { managed: { project: "p", key }, ...more });

  it("leaves a key to what has it, whatever else is called so", () => {
    const { targets } = parse(exported([view("API"), keyed("api", "Shop API")]).text) as { targets: Record<string, { name?: string }> };
    expect(Object.entries(targets).map(([key, { name }]) => [key, name])).toEqual([
      ["api-2", "API"],
      ["api", "Shop API"],
    ]);
  });

  it.each([
    ["names in other letters", keyed("магазин", "A", headers("authorization")), keyed("склад", "B", headers("authorization"))],
    ["names that run together", keyed("shop", "A", headers("api-token")), keyed("shop-api", "B", headers("token"))],
    [
      "two secrets of one target",
      keyed("x", "A", { ...headers("token"), oauth2: { token: "********" } }),
      keyed("y", "B", headers("token")),
    ],
  ])("gives each secret a variable of its own: %s", (_, ...targets) => {
    const { text, variables } = exported(targets);
    const found = [...text.matchAll(/\$\{([A-Za-z_]\w*)\}/g)].map(([, name]) => name);
    expect(found).toHaveLength(new Set(found).size);
    expect([...found].sort()).toEqual([...variables]);
    // Nor does one change its own for what comes before it.
    const [, last] = targets;
    expect(text).toContain(exported(targets.toReversed()).variables.at(-1) ?? "");
    expect(last).toBeDefined();
  });

  it("names variables as shells take them, and says what looks like one as it stands", () => {
    expect(exported([keyed("1password", "A", headers("authorization"))]).variables).toEqual(["_1PASSWORD_AUTHORIZATION"]);
    const { text } = exported([view("Title", { assertions: [{ kind: "bodyLacks", text: "${title} $${x}" }] })]);
    expect(parse(text)).toMatchObject({ targets: { title: { assertions: [{ text: "$${title} $$${x}" }] } } });
  });

  it("has no secret of another monitor's file in the open, and keeps its variables", () => {
    const secret = {
      headers: { "X-Auth-Key": "cfkey123", Authorization: "Bearer ${TOKEN}", Accept: "text/html" },
      body: '{"password":"hunter2"}',
    };
    const { text, variables } = exported([view("A", secret), { type: "heartbeat", name: "J", formerKey: "jobs:supersecret" }], true);
    expect(text).not.toMatch(/cfkey123|hunter2|supersecret/);
    expect(text).toContain("Bearer ${TOKEN}");
    expect(text).toContain("text/html");
    expect(variables).toEqual(["A_BODY", "A_X_AUTH_KEY", "J_FORMERKEY"]);
  });
});

describe("a project", () => {
  it("makes a channel and the target that is told on it, where each names the other", async () => {
    const hook = "{ type: webhook, settings: { url: 'http://127.0.0.1:1/' }, match: { targets: [till] }, digestAbove: 7 }";
    const path = await file(
      `version: 1\nproject: tied\nchannels: { tills: ${hook} }\ntargets: { till: { name: Till, url: "http://till.example/", channels: [tills] } }\n`,
      "tied.yaml",
    );
    const applied = await st(["apply", path, "--yes"]);
    expect([applied.code, applied.err]).toEqual([0, expect.not.stringContaining("refused")]);
    const { items } = (await monitor.api("GET", "/targets?name=Till")) as { items: [{ id: string; channels: string[] }] };
    expect(items[0].channels).toEqual(["tills"]);
    const channels = (await monitor.api("GET", "/channels")) as { items: { id: string; paused: boolean; match: { targets: string[] } }[] };
    expect(channels.items.find(({ id }) => id === "tills")).toMatchObject({
      paused: false,
      digestAbove: 7,
      match: { targets: [items[0].id] },
    });
    expect((await st(["plan", path, "--exit-code"])).code).toBe(0);
    // Where the target is refused, the channel tells of nothing, and the next apply goes on.
    const half = await file(
      `version: 1\nproject: half\nchannels: { half: ${hook} }\ntargets: { till: { name: Till, url: "http://till.example/", channels: [half] } }\n`,
      "half.yaml",
    );
    const refused = await st(["apply", half, "--yes"]);
    expect([refused.code, refused.err + refused.out]).toEqual([
      1,
      expect.stringContaining("it is paused, since targets that it is for were refused"),
    ]);
    await st(["apply", await file("version: 1\nproject: half\ntargets: {}\n", "half.yaml"), "--yes"]);
    await st(["apply", await file("version: 1\nproject: tied\ntargets: {}\n", "tied.yaml"), "--yes"]);
  });

  it("has each key once in a file", async () => {
    const path = await file(`version: 1\nproject: twice\ntargets:\n  shop: ${target("A")}\n  shop: ${target("B")}\n`);
    expect(await st(["validate", path])).toMatchObject({ code: 1, err: expect.stringMatching(/unique|duplicate/i) });
  });

  it("exports what looks like a variable, and plans nothing of it", async () => {
    const literal = "an answer of ${title}, $${twice}";
    await monitor.api("POST", "/targets", {
      name: "Literal",
      url: "http://a.example/",
      assertions: [{ kind: "bodyLacks", text: literal }],
    });
    const path = await file((await st(["export", "--project", "literal"])).out, "literal.yaml");
    expect(await plan(path)).toContain("0 to change");
  });

  it("moves names in a circle and along a chain", async () => {
    const files = (a: string, b: string, c: string) =>
      file(`version: 1\nproject: names\ntargets:\n  a: ${target(a)}\n  b: ${target(b)}\n  c: ${target(c)}\n`, "names.yaml");
    for (const [a, b, c] of [
      ["One", "Two", "Three"],
      ["Two", "One", "Three"],
      ["One", "Three", "Four"],
      ["Three", "Four", "One"],
    ] as const) {
      const path = await files(a, b, c);
      expect(await st(["apply", path, "--yes"])).toMatchObject({ code: 0, out: expect.stringContaining(", 0 refused.") });
      expect(await plan(path)).toContain("0 to add, 0 to change, 0 to delete, 3 unchanged");
    }
  });

  it("says of no change by its own hand that somebody else made it", async () => {
    const at = (seconds: number) =>
      file(
        `version: 1\nproject: свой\ntargets:\n  a: { name: Own, url: "http://own.example/", intervalSeconds: ${seconds} }\n`,
        "own.yaml",
      );
    for (const seconds of [60, 90]) await st(["apply", await at(seconds), "--yes"]);
    expect(await plan(await at(120))).not.toContain("last changed by");
    const { items } = (await monitor.api("GET", "/targets?name=Own")) as { items: { id: string }[] };
    await monitor.api("PATCH", `/targets/${items[0]?.id}`, { intervalSeconds: 150 });
    expect(await plan(await at(120))).toContain("last changed by api-key");
  });

  it("says who deleted what it would make anew, and nothing of what it deleted itself", async () => {
    const path = await file(`version: 1\nproject: gone\ntargets:\n  a: ${target("GoneA")}\n  b: ${target("GoneB")}\n`, "gone.yaml");
    await st(["apply", path, "--yes"]);
    const deleteByHand = async () => {
      const { items } = (await monitor.api("GET", "/targets?name=GoneA")) as { items: { id: string }[] };
      await monitor.api("DELETE", `/targets/${items[0]?.id}`);
    };
    await deleteByHand();
    await st(["apply", await file(`version: 1\nproject: gone\ntargets:\n  a: ${target("GoneA")}\n`, "less.yaml"), "--yes"]);
    await deleteByHand();
    const shown = await plan(path);
    expect(shown).toMatch(/\+ a {2}"GoneA" {2}new\n {4}deleted by api-key, 20\d\d-/);
    expect(shown).toMatch(/\+ b {2}"GoneB" {2}new\n\n/);
  });

  it("shows what changes where it changes: keys, entries of lists, the part of a long text", async () => {
    const files = (depends: string, tags: string, text: string, name: string) =>
      file(
        [
          "version: 1",
          "project: shown",
          "targets:",
          `  router: ${target("Router")}`,
          `  switch: ${target("Switch")}`,
          `  site: { name: Site, url: "http://site.example/", dependsOn: [${depends}], tags: [${tags}], assertions: [{ kind: bodyContains, text: "${text}" }] }`,
          "statusPages:",
          `  shown: { title: Shown, sections: [{ name: "${name}", targets: [site] }, { name: Rest, tags: [t] }] }`,
          "",
        ].join("\n"),
        "shown.yaml",
      );
    const long = "a word ".repeat(40);
    await st(["apply", await files("router", "a, b", `${long}old ${long}`, "First"), "--yes"]);
    const lines = (await plan(await files("switch", "b, c", `${long}new ${long}`, "One"))).split("\n").map((line) => line.trim());
    expect(lines).toContain('dependsOn                -"router" +"switch"');
    expect(lines).toContain('tags                     -"a" +"c"');
    expect(lines).toContain('sections.0.name          "First" -> "One"');
    const text = lines.find((line) => line.startsWith("assertions.0.text")) ?? "";
    expect(text).toMatch(/^assertions\.0\.text +… ?(?:a |word )+old .* -> … ?(?:a |word )+new /);
  });

  it("reads a variable as the number or the yes or no that is wanted, where it is one", async () => {
    const path = await file(
      'version: 1\nproject: plain\ntargets:\n  db: { type: tcp, host: db.example, port: "${PORT}", paused: "${PAUSED}", name: "${NAME}" }\n',
      "plain.yaml",
    );
    expect((await st(["validate", path])).code).toBe(0);
    const env = { PORT: "5432", PAUSED: "true", NAME: "42" };
    expect(await st(["apply", path, "--yes"], env)).toMatchObject({ code: 0 });
    expect((await monitor.api("GET", "/targets?name=42")) as object).toMatchObject({ items: [{ name: "42", port: 5432, paused: true }] });
    expect(await plan(path, env)).toContain("1 unchanged");
    const { code, err } = await st(["plan", path], { ...env, PORT: "http", PAUSED: "yes" });
    expect([code, err]).toEqual([1, expect.stringMatching(/db\.paused: must be true or false\n.*db\.port: must be a whole number/)]);
  });

  it("is valid with variables wherever a value may stand, and takes none for what it owns", async () => {
    const things = [
      'targets:\n  a: { url: "${URL}", dependsOn: ["${PARENT}"], type: http }',
      'maintenance:\n  w: { once: { from: "${FROM}", to: "${TO}" }, targets: [a, "${OTHER}"] }',
      'channels:\n  hook: { type: webhook, settings: { url: "${HOOK}" }, match: { targets: ["${OTHER}"] } }',
    ].join("\n");
    const path = await file(`version: 1\nproject: open\n${things}\n`, "open.yaml");
    expect(await st(["validate", path])).toMatchObject({ code: 0, err: "" });
    // Where it is planned, what they are must fit.
    const env = { URL: "http://a.example/", PARENT: "none", OTHER: "a", FROM: "2030-01-02T00:00:00Z", TO: "2030-01-01T00:00:00Z" };
    const { err } = await st(["plan", path], { ...env, HOOK: "https://hook.example/" });
    expect(err).toMatch(/maintenance\.w\.once: must end after it begins/);
    expect((await st(["plan", path], { ...env, FROM: "2029-01-01T00:00:00Z", HOOK: "https://hook.example/" })).err).toMatch(
      /there is no target "none"/,
    );
    const owner = await file('version: 1\nproject: "${TEAM}"\ntargets:\n  "${KEY}": { url: "http://a.example/" }\n', "owner.yaml");
    expect((await st(["validate", owner])).err).toMatch(/project takes no variable[\s\S]*targets\.\$\{KEY\}: the key takes no variable/);
  });

  it("is there once, however many apply it at the same time", async () => {
    const once = "{ name: Nightly, all: true, once: { from: 2030-01-01T00:00:00Z, to: 2030-01-01T01:00:00Z } }";
    const path = await file(`version: 1\nproject: race\nmaintenance:\n  nightly: ${once}\n`, "race.yaml");
    await Promise.all([1, 2, 3].map(() => st(["apply", path, "--yes"])));
    const { items } = (await monitor.api("GET", "/maintenance")) as { items: { name: string; id: string }[] };
    expect(items.filter(({ name }) => name === "Nightly")).toHaveLength(1);
    await monitor.api("DELETE", `/maintenance/${items.find(({ name }) => name === "Nightly")?.id}`);
    expect((await st(["apply", path, "--yes"])).code).toBe(0);
  });

  it("is refused offline for what no deployment takes: closed addresses, keys twice, defaults of nothing, an owner of its own", async () => {
    const targets = [
      "  a: { url: http://169.254.169.254/latest }",
      "  b: { url: https://b.example/, proxy: http://168.63.129.16:80 }",
      "  c: { type: heartbeat, formerKey: 0123456789abcdef }",
      "  d: { type: heartbeat, formerKey: 0123456789abcdef }",
      "  e: { url: https://e.example/, managed: { project: other, key: e } }",
      ...[0, 1, 2, 3, 4, 5, 6].map((n) => `  deep${n}: { url: https://deep.example/${n}, dependsOn: [${n < 6 ? `deep${n + 1}` : ""}] }`),
    ];
    const channels = "channels:\n  hook: { type: webhook, settings: { url: https://hook.example }, living: edit }\n";
    const path = await file(`version: 1\nproject: odd\ndefaults: { bogus: 1 }\n${channels}targets:\n${targets.join("\n")}\n`, "odd.yaml");
    const { code, err } = await st(["validate", path]);
    expect(code).toBe(1);
    expect(err.match(/bogus/g)).toHaveLength(1);
    expect(err).toMatch(/defaults\.bogus: is no field of a target/);
    expect(err).toMatch(/targets\.a\.url: 169\.254\.169\.254 is a link-local address/);
    expect(err).toMatch(/targets\.b\.proxy: 168\.63\.129\.16 is a cloud platform address/);
    expect(err).toMatch(/targets\.d\.formerKey: is the one of c, too/);
    expect(err).toMatch(/targets\.e\.managed: is the project's own/);
    expect(err).toMatch(/channels\.hook\.living: must be message: webhook changes no messages/);
    expect(err.match(/targets\.deep\d\.dependsOn: must reach at most 5 targets deep/g)).toEqual([
      "targets.deep0.dependsOn: must reach at most 5 targets deep",
    ]);
  });

  it("is a plan by any name, and one document where JSON is asked for", async () => {
    const path = await file(`version: 1\nproject: saved\ntargets:\n  s: ${target("Saved")}\n`, "saved.yaml");
    const saved = await file((await st(["plan", path, "-o", "json"])).out, "p");
    expect(await st(["apply", saved, "--yes"])).toMatchObject({ code: 0, out: expect.stringContaining("1 done") });
    expect(JSON.parse((await st(["apply", path, "--yes", "-o", "json"])).out)).toEqual({ outcomes: [] });
    expect(JSON.parse((await st(["export", "-o", "json"])).out)).toMatchObject({ version: 1 });
    const cut = await file('{"version":2,"steps":[', "cut.json");
    expect(await st(["apply", cut, "--yes"])).toMatchObject({
      code: 1,
      err: expect.stringContaining(`${cut} is not a whole JSON document`),
    });
    const step = { kind: "targets", key: "s", name: "Saved", action: "update", id: "1", version: 1, changes: [], patch: {} };
    const whole = { version: 2, project: "p", api: monitor.url, unchanged: 0, adoptable: 0, monthlyUsd: 0 };
    const withStep = (broken: unknown) => JSON.parse(JSON.stringify({ ...whole, steps: [broken] })) as unknown;
    expect(isPlan(withStep(step))).toBe(true);
    for (const broken of [{}, { ...step, kind: "hosts" }, { ...step, changes: undefined }, { ...step, action: "move" }, null])
      expect(isPlan(withStep(broken))).toBe(false);
    const odd = await file(JSON.stringify(withStep({ ...step, action: "move" })), "broken.json");
    expect(await st(["apply", odd, "--yes"])).toMatchObject({ code: 1, err: expect.stringContaining("is not what plan -o json wrote") });
  });

  it("is applied to the end, whoever stops reading", async () => {
    const targets = Array.from({ length: 40 }, (_, index) => `  p${index}: ${target(`Piped${index}`)}`).join("\n");
    const path = await file(`version: 1\nproject: piped\ntargets:\n${targets}\n`, "piped.yaml");
    const child = spawn(process.execPath, ["dist/cli/server-tracker.cjs", "apply", path, "--yes"], {
      env: { PATH: process.env["PATH"], XDG_CONFIG_HOME: command.folder, ...access() },
      stdio: ["ignore", "pipe", "ignore"],
    });
    child.stdout.destroy();
    expect(await new Promise((resolve) => child.once("close", resolve))).toBe(0);
    expect(await plan(path)).toContain("0 to add, 0 to change, 0 to delete, 40 unchanged");
  });

  it("ends when nobody answers any more, and says what was not tried, asked to be quiet or not", async () => {
    let left = 12;
    const silent: RequestListener = (request, response) => {
      if (request.method === "POST" && request.url === "/targets" && left-- <= 0) return void request.socket.destroy();
      const { method = "GET", headers } = request;
      let body = "";
      request.setEncoding("utf8").on("data", (part: string) => {
        body += part;
      });
      request.on("end", () => {
        void monitor
          .request(method, request.url ?? "", {
            headers: { "x-api-key": API_KEY, "content-type": String(headers["content-type"]) },
            ...(body !== "" && { body }),
          })
          .then(({ status, text }) => response.writeHead(status, { "content-type": "application/json" }).end(text));
      });
    };
    const proxy = createServer(silent);
    onTestFinished(() => void proxy.close());
    const targets = Array.from({ length: 60 }, (_, index) => `  n${index}: ${target(`Net${index}`)}`).join("\n");
    const path = await file(`version: 1\nproject: net\ntargets:\n${targets}\n`, "net.yaml");
    const { code, out, err } = await st(["apply", path, "--yes", "-q"], { SERVER_TRACKER_API: await listen(proxy) });
    expect([code, out]).toEqual([1, expect.stringContaining("12 done, 48 refused.")]);
    expect(err.match(/not tried: the API does not answer any more/g)?.length).toBeGreaterThan(5);
  });
});

describe("import --apply", () => {
  it("gives variables what they stand for, and registers nothing whose variable is missing", async () => {
    const path = await file(
      "endpoints:\n  - name: needs-token\n    url: https://a.example/\n    headers: { Authorization: 'Bearer ${IMPORT_TOKEN}' }\n    conditions: ['[STATUS] == 200']\n",
      "gatus.yaml",
    );
    const missing = await st(["import", "gatus", path, "--apply", "--yes"]);
    expect([missing.code, missing.err]).toEqual([1, expect.stringContaining("needs-token: the variable IMPORT_TOKEN is not given")]);
    expect((await st(["import", "gatus", path, "--apply", "--yes"], { IMPORT_TOKEN: "real" })).code).toBe(0);
    const texts = { texts: ["Bearer real"] };
    const { digests } = (await monitor.api("POST", "/digests", texts)) as { digests: string[] };
    const { items } = (await monitor.api("GET", "/targets?name=needs-token")) as { items: { secretsDigest: Record<string, string> }[] };
    expect(Object.values(items[0]?.secretsDigest ?? {})).toEqual(digests);
  });
});
