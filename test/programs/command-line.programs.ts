/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of files are written so. */
import { execFile } from "node:child_process";
import { copyFile, readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { problemOf } from "../../functions/api/problem.ts";
import { listen } from "../../local/stand-ins/listen.ts";
import { LogAsleepError } from "../../shared/errors.ts";
import { buildCommand, type Command } from "../support/command.ts";
import { API_KEY, type Monitor, marksFromNow, startMonitor } from "../support/monitor.ts";

/* The bundled command as its users run it, against the API over real stores. */
let command: Command;
const mark = marksFromNow();
let monitor: Monitor;
let site: string;
const server = createServer((request, response) => response.writeHead(request.url === "/broken" ? 500 : 200).end("all is well"));

beforeAll(async () => {
  [monitor, site, command] = await Promise.all([startMonitor(), listen(server), buildCommand()]);
});
afterAll(async () => {
  server.close();
  await monitor.close();
  await command.remove();
});

/** @param env besides the deployment's address and key */
const st = (args: readonly string[], env: Record<string, string> = {}) =>
  command.run(args, { SERVER_TRACKER_API: monitor.url, SERVER_TRACKER_TOKEN: API_KEY, ...env });

async function file(text: string, name = "project.yaml"): Promise<string> {
  const path = join(command.folder, name);
  await writeFile(path, text);
  return path;
}

describe("check", () => {
  it("says up with phases, down with the reason, and ends so", async () => {
    const up = await st(["check", `${site}/`]);
    expect([up.code, up.err]).toEqual([0, ""]);
    expect(up.out).toMatch(/^up {2}http.* 200 .*ms\n {2}connection .*█[\s\S]*first byte .*█/);
    const down = await st(["check", `${site}/broken`]);
    expect([down.code, down.out]).toEqual([3, expect.stringContaining("500 Internal Server Error")]);
    expect(JSON.parse((await st(["check", site, "-o", "json", "--contains", "nothing"])).out)).toMatchObject({
      assertions: [{ what: 'body contains "nothing"', holds: false }],
      status: "down",
      error: { class: "assertion" },
    });
  });

  it("takes statuses as people write them", async () => {
    for (const status of ["500", "200,5xx", "400-599"]) expect((await st(["check", `${site}/broken`, "--status", status])).code).toBe(0);
    expect(await st(["check", site, "--status", "abc"])).toMatchObject({ code: 1, err: expect.stringContaining('"abc" is none') });
  });

  it.each([["gopher://a"], ["http://"], ["tcp://127.0.0.1"]])("refuses %s in one line", async (address) => {
    const { code, out, err } = await st(["check", address]);
    expect([code, out]).toEqual([1, ""]);
    expect(err.trim().split("\n")).toHaveLength(1);
  });
});

describe("a log that sleeps", () => {
  it("is waited for, with a word on stderr, and what was asked is answered", async () => {
    let asked = 0;
    const { problem, headers } = problemOf(new LogAsleepError());
    const api = createServer((_, response) => {
      asked++;
      if (asked > 1) response.end(JSON.stringify({ items: [], next: null }));
      else response.writeHead(problem.status, { ...headers, "retry-after": "1" }).end(JSON.stringify(problem));
    });
    const { code, out, err } = await st(["targets", "list", "-o", "json"], { SERVER_TRACKER_API: await listen(api) });
    api.close();
    expect([code, asked, JSON.parse(out)]).toEqual([0, 2, []]);
    expect(err).toContain("The log sleeps between its hours, and is waking");
  });
});

describe("login", () => {
  it("keeps the token where only its owner reads it, and what is wrong is said", async () => {
    const wrong = await st(["login", "--token", "nonsense"]);
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining("server-tracker login")]);
    expect((await st(["login", "--token", API_KEY, "--api", monitor.url])).code).toBe(0);
    expect((await stat(join(command.folder, "server-tracker", "config.json"))).mode & 0o077).toBe(0);
    const { code, out } = await command.run(["status", "-o", "json"]);
    expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ counts: expect.any(Object) })]);
    const away = await command.run(["status", "--api", "http://127.0.0.1:1"]);
    expect([away.code, away.err]).toEqual([1, expect.stringContaining("does not answer")]);
    // Whoever says both needs no file, whatever is in it.
    const kept = join(command.folder, "server-tracker", "config.json");
    const whole = await readFile(kept, "utf8");
    await writeFile(kept, "{ broken");
    expect((await st(["status"])).code).toBe(0);
    expect(await command.run(["status"])).toMatchObject({ code: 1, err: expect.stringContaining("config.json") });
    await writeFile(kept, whole);
  });
});

const PROJECT = `version: 1
project: shop
defaults: { intervalSeconds: 60, tags: [production] }
targets:
  home: { name: Home, url: "SITE/" }
  api:
    name: API
    url: SITE/api
    headers: { authorization: "Bearer \${API_TOKEN}" }
    assertions: [{ kind: bodyContains, text: well }]
`;

describe("files", () => {
  const withSite = (text: string) => text.replaceAll("SITE", site);

  it("are validated offline, with every problem at its place", async () => {
    const path = await file(
      `version: 2\nprojekt: x\ntargets:\n  a: { url: "ftp://x" }\n  b: { name: A, url: "http://x.test/", timeout: 3 }\n  c: 1\n`,
      "bad.yaml",
    );
    const { code, err } = await command.run(["validate", path]);
    expect(code).toBe(1);
    expect(
      err
        .trim()
        .split("\n")
        .map((line) => line.replace(`${path}: `, "")),
    ).toEqual([
      "version must be 1",
      "projekt is not a field here: remove it, or check its spelling (version, project, defaults, channels, targets, maintenance, statusPages)",
      expect.stringMatching(/^targets\.a\.url: must be an http or https URL/),
      "targets.b.timeout: is not a field here: remove it, or check its spelling",
      "targets.c: must be a map of fields",
    ]);
    // What is wrong with one thing is said of it, and of nobody who names it.
    const named = await file(
      'version: 1\nproject: x\ndefaults: []\ntargets:\n  a: { url: "ftp://x" }\n  b: { url: "http://x.test/", dependsOn: [a, none] }\n',
      "named.yaml",
    );
    const wrong = (await command.run(["validate", named])).err.replaceAll(`${named}: `, "").trim().split("\n");
    expect(wrong).toEqual([
      "defaults must be a map of fields",
      expect.stringMatching(/^targets\.a\.url: /),
      'targets.b.dependsOn: there is no target "none" in these files',
    ]);
    expect((await command.run(["validate", named, "--round", "abc"])).err).toContain("--round must be 10, 15, 20, 30 or 60");
    const bomb = await file(
      `a: &a [x,x]\n${Array.from({ length: 30 }, (_, index) => `b${index}: &b${index} [*${index === 0 ? "a" : `b${index - 1}`}, *${index === 0 ? "a" : `b${index - 1}`}]`).join("\n")}\n`,
      "bomb.yaml",
    );
    expect(await command.run(["validate", bomb])).toMatchObject({
      code: 1,
      err: expect.stringContaining("can be read: Excessive alias count"),
    });
  });

  it("are planned, applied, compared without reading a secret, changed, and deleted with what is lost", async () => {
    const path = await file(withSite(PROJECT));
    const missing = await st(["plan", path]);
    expect([missing.code, missing.err]).toEqual([1, expect.stringContaining("targets.api: the variable API_TOKEN is not given")]);
    const env = { API_TOKEN: "s3cret" };
    const first = await st(["plan", path, "--exit-code"], env);
    // Two targets every minute are 86,400 checks a month.
    expect([first.code, first.out]).toEqual([2, expect.stringContaining("In AWS about $0.02 a month more.")]);
    const unasked = await st(["apply", path], env);
    expect([unasked.code, unasked.err]).toEqual([1, expect.stringContaining("--yes")]);
    expect((await st(["apply", path, "--yes"], env)).out).toContain("2 done, 0 refused.");
    const same = (await st(["plan", path, "--exit-code"], env)).out;
    expect([same, same]).toEqual([
      expect.stringContaining("0 to add, 0 to change, 0 to delete, 2 unchanged"),
      expect.not.stringContaining("a month"),
    ]);
    const faster = await file(withSite(PROJECT).replace("intervalSeconds: 60", "intervalSeconds: 30"), "faster.yaml");
    expect((await st(["plan", faster], env)).out).toContain("In AWS about $0.02 a month more.");
    const rotated = await st(["plan", path], { API_TOKEN: "an0ther" });
    expect(rotated.out).toMatch(/~ api {2}"API" {2}1 changed\n {4}headers\.authorization +\(changed\)/);
    expect(rotated.out + rotated.err).not.toMatch(/s3cret|an0ther/);

    // By hand, and told by whom.
    expect((await st(["targets", "set", "Home", "latencyLimitMs=800"])).code).toBe(0);
    await monitor.round(mark());
    const drifted = await st(["plan", path], env);
    expect(drifted.out).toMatch(/latencyLimitMs +800 -> \(none\)\n {4}last changed by api-key/);

    // A plan is saved, and refused where something changed meanwhile; the rest goes on.
    const saved = await file((await st(["plan", path, "-o", "json"], { API_TOKEN: "an0ther" })).out, "plan.json");
    await st(["targets", "set", "Home", "retries=2"]);
    const partly = await st(["apply", saved, "--yes"]);
    expect([partly.code, partly.out]).toEqual([1, expect.stringContaining("1 done, 1 refused.")]);
    expect(partly.err).toContain("home: update refused: it was changed since the plan was made");

    const without = await file(withSite(PROJECT).replace(/ {2}home:.*\n/, ""), "less.yaml");
    const gone = await st(["plan", without], { API_TOKEN: "an0ther" });
    expect(gone.out).toMatch(/- home {2}"Home" {2}\(0 days of history\) {3}deletes its history/);
    expect(gone.out).toContain("In AWS about $0.01 a month less.");
    expect((await st(["plan", without, "--no-delete"], { API_TOKEN: "an0ther" })).out).toContain("0 to delete");
    expect((await st(["apply", without, "--yes"], { API_TOKEN: "an0ther" })).code).toBe(0);
    expect((await st(["targets", "list", "-o", "json"])).out).not.toContain('"Home"');
  });

  it("that export writes plan nothing, and are the same byte for byte", async () => {
    await monitor.api("POST", "/targets", {
      name: "By hand",
      url: `${site}/x`,
      headers: { "x-key": "hidden" },
      group: "a / b",
      retries: 0,
    });
    await monitor.api("POST", "/targets", { name: "Port", type: "tcp", host: "127.0.0.1", port: 9, expect: "down" });
    const first = await st(["export", "--project", "all"]);
    expect(first.out).toBe((await st(["export", "--project", "all"])).out);
    const text = parse(first.out) as { targets: Record<string, Record<string, unknown>> };
    expect(text.targets["by-hand"]).toEqual({
      name: "By hand",
      group: "a / b",
      retries: 0,
      url: `${site}/x`,
      headers: { "x-key": "${BY_HAND_X_KEY}" },
    });
    const path = await file(first.out, "exported.yaml");
    const env = { BY_HAND_X_KEY: "hidden", API_AUTHORIZATION: "Bearer an0ther" };
    const plan = await st(["plan", path, "--no-delete", "--exit-code"], env);
    expect([plan.code, plan.out]).toEqual([0, expect.stringContaining("0 to add, 0 to change, 0 to delete")]);
    expect((await st(["apply", path, "--adopt", "--yes"], env)).code).toBe(0);
    expect(await monitor.api("GET", "/targets?name=port")).toMatchObject({ items: [{ managed: { project: "all", key: "port" } }] });
  });

  it("name what a target depends on by its key: made in order, changed, exported, and refused with what it waits for", async () => {
    const project = (targets: string) => withSite(`version: 1\nproject: tree\ntargets:\n${targets}`);
    const path = await file(
      project(
        `  leaf: { url: SITE/leaf, dependsOn: [branch] }\n  branch: { url: SITE/branch, dependsOn: [root-of-all] }\n  root-of-all: { url: SITE/root }\n`,
      ),
      "tree.yaml",
    );
    expect((await st(["apply", path, "--yes"])).out).toContain("3 done, 0 refused.");
    expect((await st(["plan", path, "--exit-code"])).out).toContain("0 to add, 0 to change, 0 to delete, 3 unchanged");
    // What is new is there before what is changed to depend on it.
    const changed = await file(
      project(
        `  leaf: { url: SITE/leaf, dependsOn: [branch, power] }\n  branch: { url: SITE/branch }\n  root-of-all: { url: SITE/root }\n  power: { url: SITE/power }\n`,
      ),
      "tree.yaml",
    );
    expect((await st(["plan", changed])).out).toMatch(/~ leaf[\s\S]*dependsOn +.*\+"power"/);
    expect((await st(["apply", changed, "--yes"])).out).toContain("3 done, 0 refused.");
    expect((await st(["plan", changed, "--exit-code"])).code).toBe(0);
    const exported = parse((await st(["export", "--project", "tree"])).out) as { targets: Record<string, { dependsOn?: string[] }> };
    expect(exported.targets["leaf"]?.dependsOn).toEqual(["branch", "power"]);
    // One that is refused takes those with it that cannot be without it, and no other.
    const refused = await file(
      project(
        `  leaf: { url: SITE/leaf, dependsOn: [branch, power] }\n  branch: { url: SITE/branch }\n  root-of-all: { url: SITE/root }\n  power: { url: SITE/power }\n` +
          `  taken: { name: By hand, url: SITE/taken, channels: [nowhere] }\n  child: { url: SITE/child, dependsOn: [taken] }\n  free: { url: SITE/free }\n`,
      ),
      "tree.yaml",
    );
    await st(["targets", "delete", "By hand", "--yes"]);
    const partly = await st(["apply", refused, "--yes"]);
    expect([partly.code, partly.out]).toEqual([1, expect.stringContaining("1 done, 2 refused.")]);
    expect(partly.err).toContain("child: create refused: it depends on taken, which was refused");
    const wrong = await file(
      project(`  a: { url: SITE/a, dependsOn: [b] }\n  b: { url: SITE/b, dependsOn: [a] }\n  c: { url: SITE/c, dependsOn: [nobody] }\n`),
      "wrong.yaml",
    );
    const { code, err } = await command.run(["validate", wrong]);
    expect([code, err]).toEqual([1, expect.stringContaining("targets.a.dependsOn: leads back to itself")]);
    expect(err).toContain('targets.c.dependsOn: there is no target "nobody" in these files');
    const none = await file(`version: 1\nproject: tree\ntargets: {}\n`, "none.yaml");
    expect((await st(["apply", none, "--yes"])).out).toContain("5 done, 0 refused.");
  });

  it("round-trip whatever a PATCH made of a target, and the body that was read is taken back", async () => {
    const { id } = (await monitor.api("POST", "/targets", { name: "Property", url: `${site}/p` })) as { id: string };
    const patch = fc.record(
      {
        intervalSeconds: fc.constantFrom(30, 60, 300),
        retries: fc.integer({ min: 0, max: 3 }),
        tags: fc.uniqueArray(fc.constantFrom("a", "b c", "#d", "yes", "1"), { maxLength: 3 }),
        group: fc.constantFrom(null, "x", "x / y: z", "- no"),
        body: fc.constantFrom(null, "plain", "{a: b}\n# c"),
        method: fc.constant("POST"),
        latencyLimitMs: fc.constantFrom(null, 5, 900),
        expectedStatuses: fc.constantFrom([200], ["200-204", 301]),
        headers: fc.constantFrom({}, { "x-a": "1" }, { "x-a": "${NOT} a: variable" }),
      },
      { requiredKeys: ["method"] },
    );
    await fc.assert(
      fc.asyncProperty(patch, async (change) => {
        await monitor.api("PATCH", `/targets/${id}`, { headers: null, body: null, method: "POST" });
        await monitor.api("PATCH", `/targets/${id}`, change);
        const read = (await monitor.api("GET", `/targets/${id}`)) as Record<string, unknown>;
        expect(await monitor.api("PATCH", `/targets/${id}`, read)).toMatchObject({ retries: read["retries"], name: "Property" });
        const path = await file((await st(["export", "--project", "all"])).out, "property.yaml");
        const env = {
          BY_HAND_X_KEY: "hidden",
          API_AUTHORIZATION: "Bearer an0ther",
          PROPERTY_BODY: String(change.body ?? ""),
          PROPERTY_X_A: String((change.headers as Record<string, string> | undefined)?.["x-a"] ?? ""),
        };
        const plan = await st(["plan", path, "--exit-code", "--no-delete"], env);
        expect([plan.code, plan.out]).toEqual([0, expect.stringContaining("0 to add, 0 to change")]);
      }),
      { numRuns: 5 },
    );
  });
});

describe("a whole monitor in a file", () => {
  const whole = (text: string) => text.replaceAll("SITE", site);
  const MONITOR = `version: 1
project: whole
channels:
  ops:
    name: On call
    type: webhook
    settings: { url: "SITE/hook", secret: "\${HOOK_SECRET}" }
    match: { targets: [shop], severities: [down] }
  quiet: { type: ntfy, settings: { server: "SITE", topic: quiet }, paused: true }
targets:
  shop: { url: SITE/shop, channels: [ops, quiet], tags: [public] }
  blog: { url: SITE/blog, dependsOn: [shop] }
maintenance:
  nightly:
    name: Nightly backup
    targets: [shop]
    weekly: { days: [sunday], at: "02:00", durationMinutes: 60 }
    timeZone: Europe/Berlin
statusPages:
  whole-shop:
    title: The shop
    sections:
      - { name: Shop, targets: [shop, { id: blog, name: Our blog }] }
      - { name: Rest, tags: [public] }
`;
  const env = { HOOK_SECRET: "a-secret-of-sixteen-or-more" };
  const unchanged = async (path: string, given: Record<string, string> = env) => {
    const plan = await st(["plan", path, "--exit-code"], given);
    expect([plan.code, plan.out, plan.err]).toEqual([0, expect.stringContaining("0 to add, 0 to change, 0 to delete"), ""]);
  };

  it("is made in order, compared, changed, exported byte for byte, and taken away", async () => {
    const { items: before } = (await monitor.api("GET", "/targets")) as { items: { id: string }[] };
    for (const { id } of before) await monitor.api("DELETE", `/targets/${id}`);
    const path = await file(whole(MONITOR), "whole.yaml");
    expect((await command.run(["validate", path])).out).toContain("2 channels, 2 targets, 1 maintenance window, 1 status page of project");
    // Channel ops names a target that names it: made, and made again once that is there.
    const made = await st(["apply", path, "--yes"], env);
    expect([made.code, made.err, made.out]).toEqual([0, "", expect.stringContaining("7 done, 0 refused.")]);
    await unchanged(path);

    const { items: pages } = (await monitor.api("GET", "/status-pages")) as { items: Record<string, unknown>[] };
    const { items: targets } = (await monitor.api("GET", "/targets?name=shop")) as { items: { id: string }[] };
    expect(pages).toMatchObject([
      {
        slug: "whole-shop",
        managed: { project: "whole", key: "whole-shop" },
        sections: [{ targets: [{ id: targets[0]?.id }, { name: "Our blog" }] }, {}],
      },
    ]);

    const exported = await st(["export", "--project", "whole"]);
    const own = parse(exported.out) as Record<string, Record<string, Record<string, unknown>>>;
    expect(own["channels"]?.["ops"]).toEqual({
      name: "On call",
      type: "webhook",
      settings: { url: "${OPS_URL}", secret: "${OPS_SECRET}" },
      match: { targets: ["shop"], severities: ["down"] },
    });
    expect(own["maintenance"]?.["nightly"]).toMatchObject({ targets: ["shop"], timeZone: "Europe/Berlin" });
    expect(own["statusPages"]?.["whole-shop"]?.["sections"]).toEqual([
      { name: "Shop", targets: [{ id: "shop" }, { id: "blog", name: "Our blog" }] },
      { name: "Rest", tags: ["public"] },
    ]);
    expect((await st(["export", "--project", "whole"])).out).toBe(exported.out);
    await unchanged(await file(exported.out, "whole-exported.yaml"), {
      OPS_SECRET: env.HOOK_SECRET,
      OPS_URL: `${site}/hook`,
      QUIET_TOPIC: "quiet",
    });
    // A secret that was rotated is told of, and not shown; what leads elsewhere takes its secrets along.
    const rotated = await st(["plan", path], { HOOK_SECRET: "an0ther-secret-of-sixteen" });
    expect(rotated.out).toMatch(/~ channels\.ops {2}"On call" {2}1 changed\n {4}settings\.secret +\(changed\)/);
    expect(rotated.out).not.toContain("an0ther");
    const moved = await file(whole(MONITOR).replace("/hook", "/elsewhere").replace("The shop", "Our shop"), "moved.yaml");
    expect((await st(["plan", moved], env)).out).toMatch(/settings\.url +\(changed\)[\s\S]*title +"The shop" -> "Our shop"/);
    expect((await st(["apply", moved, "--yes"], env)).out).toContain("2 done, 0 refused.");
    await unchanged(moved);

    // By hand, and told by whom; changed meanwhile, and refused.
    await monitor.api("PATCH", "/channels/quiet", { paused: false });
    const drifted = await st(["plan", moved], env);
    expect(drifted.out).toMatch(/~ channels\.quiet[\s\S]*paused +false -> true\n {4}last changed by api-key/);
    const saved = await file((await st(["plan", moved, "-o", "json"], env)).out, "whole-plan.json");
    await monitor.api("PATCH", "/channels/quiet", { digestAbove: 3 });
    expect((await st(["apply", saved, "--yes"])).err).toContain("channels.quiet: update refused: it was changed since the plan was made");

    const none = await file(`version: 1\nproject: whole\n`, "whole-none.yaml");
    expect((await st(["apply", none, "--yes"])).out).toContain("6 done, 0 refused.");
    for (const route of ["/maintenance", "/status-pages"]) expect(await monitor.api("GET", route)).toEqual({ items: [] });
  });

  it("adopts what was made by hand under its name, and is refused what another project has", async () => {
    await monitor.api("POST", "/channels", { id: "pager", name: "Pager", type: "webhook", settings: { url: `${site}/pager` } });
    const text = `version: 1\nproject: mine\nchannels:\n  pager: { name: Pager, type: webhook, settings: { url: "${site}/pager" } }\n`;
    const path = await file(text, "mine.yaml");
    expect((await st(["plan", path])).out).toContain("1 of them was made by hand");
    expect((await st(["apply", path, "--adopt", "--yes"])).code).toBe(0);
    const others = await file(text.replace("project: mine", "project: yours"), "yours.yaml");
    expect(await st(["apply", others, "--yes"])).toMatchObject({
      code: 1,
      err: expect.stringContaining("There is a channel with this name already: pager"),
    });
    await st(["apply", await file("version: 1\nproject: mine\n", "mine.yaml"), "--yes"]);
    expect((await st(["channels", "list"])).out).not.toContain("pager");
  });

  it("adopts windows that are called alike, one each", async () => {
    const made = await Promise.all(
      ["01:00", "02:00"].map(
        async (at) =>
          (await monitor.api("POST", "/maintenance", {
            name: "Deploy",
            all: true,
            weekly: { days: ["monday"], at, durationMinutes: 10 },
            timeZone: "UTC",
          })) as { id: string },
      ),
    );
    const twins = await file((await st(["export", "--project", "twins"])).out, "twins.yaml");
    expect((await st(["plan", twins])).out).toContain("0 to add, 0 to change");
    for (const { id } of made) await monitor.api("DELETE", `/maintenance/${id}`);
  });

  it("adopts no window that is over, though it has the name", async () => {
    const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
    const over = { name: "Move", all: true, once: { from: ago(120), to: ago(60) } };
    const { id } = (await monitor.api("POST", "/maintenance", over)) as { id: string };
    const next = `  move: { name: Move, all: true, once: { from: "2036-01-01T00:00:00Z", to: "2036-01-01T01:00:00Z" } }`;
    const path = await file(`version: 1\nproject: moving\nmaintenance:\n${next}\n`, "moving.yaml");
    expect((await st(["plan", path])).out).toContain("1 to add, 0 to change");
    await monitor.api("DELETE", `/maintenance/${id}`);
  });

  it("is validated offline, each problem at its place", async () => {
    const path = await file(
      whole(`version: 1
project: bad
channels:
  Ops: { type: webhook, settings: { url: "SITE/" } }
  discord: { type: discord, settings: { url: "SITE/" } }
  none: { type: pigeon }
maintenance:
  both: { all: true }
  lost: { targets: [nobody], weekly: { days: [someday], at: "02:00", durationMinutes: 60 } }
statusPages:
  page: { slug: other, sections: [{ name: A, targets: [nobody] }] }
  empty: { title: E, sections: [] }
`),
      "bad-whole.yaml",
    );
    const { code, err } = await command.run(["validate", path]);
    expect(code).toBe(1);
    const lines = err
      .trim()
      .split("\n")
      .map((line) => line.replace(`${path}: `, ""));
    expect(lines).toEqual([
      expect.stringMatching(/^channels\.Ops: must be a channel's id/),
      expect.stringMatching(/^channels\.discord: is what the channel of the deployment's settings is called/),
      expect.stringMatching(/^channels\.none\.type: /),
      expect.stringMatching(/^maintenance\.both\.once: or weekly must be set/),
      expect.stringMatching(/^maintenance\.lost\.weekly\.days\.0: /),
      "statusPages.page.slug: is the key itself: remove it",
      expect.stringMatching(/^statusPages\.empty\.sections: must have a section/),
      'statusPages.page.sections: there is no target "nobody" in these files',
    ]);
  });
});

describe("a file that changes", () => {
  const project = (name: string, targets: string, channels = "") =>
    file(`version: 1\nproject: ${name}\n${channels}targets:\n${targets}`.replaceAll("SITE", site), `${name}-${Math.random()}.yaml`);
  const apply = async (path: string) => {
    const { code, out, err } = await st(["apply", path, "--yes"]);
    expect([code, err]).toEqual([0, expect.not.stringContaining("refused:")]);
    return out;
  };
  const settled = async (path: string) => expect((await st(["plan", path, "--exit-code"])).code).toBe(0);
  const targetOf = async (name: string) => {
    const { items } = (await monitor.api("GET", "/targets?limit=500")) as { items: { id: string; name: string }[] };
    return items.find((target) => target.name === name);
  };

  // Others look at all there is.
  afterAll(async () => {
    for (const path of ["/targets", "/channels"]) {
      const { items } = (await monitor.api("GET", `${path}?limit=500`)) as { items: { id: string; managed?: object }[] };
      for (const { id } of items.filter(({ managed }) => managed !== undefined)) await monitor.api("DELETE", `${path}/${id}`);
    }
  });

  it("moves a target with its secrets to another address", async () => {
    const at = (url: string, more = "") =>
      project("moves", `  a: { name: Mover, url: "${url}", headers: { authorization: "Bearer abc", x-b: c }${more} }\n`);
    await apply(await at("SITE/"));
    const { id } = (await targetOf("Mover")) ?? {};
    for (const path of [await at("http://localhost:9/"), await at("http://localhost:9/", ", hostHeader: other.example")]) {
      await apply(path);
      await settled(path);
    }
    expect((await targetOf("Mover"))?.id).toBe(id);
  });

  it("shows no secret of what is new as a whole", async () => {
    const hook = (more: string) => `channels:\n  hooked: { name: Hooked, type: webhook, settings: { url: "SITE/h"${more} } }\n`;
    const first = await project("hides", "  a: { name: Hider, type: tcp, host: 127.0.0.1, port: 1 }\n", hook(""));
    await apply(first);
    const second = await project(
      "hides",
      '  a: { name: Hider, url: "SITE/", headers: { authorization: "Bearer T0PSECRET" }, oauth2: { tokenUrl: "SITE/t", clientId: me, clientSecret: 0AUTHSECRET } }\n',
      hook(', headers: { authorization: "Bearer H00KSECRET" }'),
    );
    const problems = await st(["validate", second]);
    expect(problems.err).toMatch(/oauth2|must be left out/);
    const third = await project(
      "hides",
      '  a: { name: Hider, url: "SITE/", oauth2: { tokenUrl: "SITE/t", clientId: me, clientSecret: 0AUTHSECRET } }\n',
      hook(', headers: { authorization: "Bearer H00KSECRET", x-c: d }'),
    );
    const { out, err } = await st(["plan", third]);
    expect(out).toContain("2 to change");
    expect(out + err).not.toMatch(/SECRET/);
    expect(await apply(third)).not.toMatch(/SECRET/);
    // And what is taken from the file goes.
    const fourth = await project(
      "hides",
      '  a: { name: Hider, url: "SITE/", oauth2: { tokenUrl: "SITE/t", clientId: me, clientSecret: 0AUTHSECRET } }\n',
      hook(', headers: { authorization: "Bearer H00KSECRET" }'),
    );
    await apply(fourth);
    await settled(fourth);
    expect(await monitor.api("GET", "/channels")).toMatchObject({
      items: expect.arrayContaining([
        expect.objectContaining({ id: "hooked", settings: expect.objectContaining({ headers: { authorization: "***" } }) }),
      ]),
    });
  });

  it("has no key that the API would keep otherwise", async () => {
    for (const [name, key] of [
      ["keys", '"home "'],
      ["keys", '"a\\tb"'],
      ["keys", `"${"k".repeat(201)}"`],
      ['" keys"', "home"],
      ["k".repeat(101), "home"],
    ] as const) {
      const path = await file(`version: 1\nproject: ${name}\ntargets:\n  ${key}: { url: "http://x.test/" }\n`, "keys.yaml");
      expect(await st(["validate", path])).toMatchObject({
        code: 1,
        err: expect.stringMatching(/blanks at its ends|at most|must not contain/),
      });
    }
  });

  it("makes channels before the escalation that names them, each way round", async () => {
    const tier = "escalation: [{ afterMinutes: 5, channels: [escch] }]";
    const path = await project(
      "escalates",
      `  a: { name: Escalator, url: "SITE/", ${tier} }\n`,
      'channels:\n  escch: { name: Esc, type: webhook, settings: { url: "SITE/e" }, match: { targets: [a] } }\n',
    );
    await apply(path);
    await settled(path);
  });

  it("gives a name up to who is made with it, though it waits for that", async () => {
    await apply(await project("renames", '  api: { name: Renamed, url: "SITE/1" }\n'));
    const path = await project(
      "renames",
      '  api: { name: Renamed legacy, url: "SITE/1", dependsOn: [api2] }\n  api2: { name: Renamed, url: "SITE/2" }\n',
    );
    await apply(path);
    await settled(path);
  });

  it("is not done twice by a plan from before", async () => {
    const early = await project("twice", '  k: { name: Twice A, url: "SITE/" }\n');
    const saved = await file((await st(["plan", early, "-o", "json"])).out, "twice.json");
    await apply(await project("twice", '  k: { name: Twice B, url: "SITE/" }\n'));
    const late = await st(["apply", saved, "--yes"]);
    expect([late.code, late.err]).toEqual([1, expect.stringContaining("it was made since the plan was made: plan again")]);
    expect(await targetOf("Twice A")).toBeUndefined();
  });
});

describe("import", () => {
  it("prints one JSON document and nothing else, registers when asked, and is strict when asked", async () => {
    const path = await file(
      'endpoints:\n  - { name: imported, url: "SITE/i", conditions: ["[STATUS] == 200"] }\n  - { name: lost, url: "udp://x:1" }\n'.replace(
        "SITE",
        site,
      ),
      "gatus.yaml",
    );
    const json = await st(["import", "gatus", path, "-o", "json"]);
    expect(JSON.parse(json.out)).toMatchObject({
      targets: [{ name: "imported" }],
      warnings: [{ level: "lost", topic: "udp", at: ["endpoints[1]"] }, { topic: "private" }, { topic: "silent" }],
    });
    expect([json.code, json.err]).toEqual([0, ""]);
    expect((await st(["import", "gatus", path, "--strict"])).code).toBe(2);
    const to = join(command.folder, "imported.yaml");
    expect((await st(["import", "gatus", path, "--apply", "--yes", "--to", to])).code).toBe(0);
    expect(parse(await readFile(to, "utf8"))).toMatchObject({ version: 1, targets: { imported: { url: `${site}/i` } } });
    expect(await monitor.api("GET", "/targets?name=imported")).toMatchObject({ items: [{ name: "imported" }] });
    const again = await st(["import", "gatus", path, "--apply", "--yes"]);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining("1 refused")]);
  });
});

describe("maintenance", () => {
  it("is started around a deploy, listed, and ended by its id", async () => {
    const started = await st(["maintenance", "start", "Deploy", "--all", "--minutes", "10", "-o", "json"]);
    const { id } = JSON.parse(started.out) as { id: string };
    expect((await st(["maintenance", "list"])).out).toMatch(/runs +Deploy/);
    expect((await st(["maintenance", "end", id])).code).toBe(0);
    expect(JSON.parse((await st(["maintenance", "list", "-o", "json"])).out)).toEqual([]);
    expect(await st(["maintenance", "start", "Nothing"])).toMatchObject({ code: 1, err: expect.stringContaining("must name something") });
  });
});

describe("incidents and channels", () => {
  it("are listed, acknowledged, commented and shown; a channel is tried, and a test that fails ends with 1", async () => {
    const { id } = (await monitor.api("POST", "/targets", { name: "Gone", url: "http://127.0.0.1:1/", retries: 0 })) as { id: string };
    await monitor.round(mark());
    const [incident] = JSON.parse((await st(["incidents", "--open", "-o", "json"])).out) as { id: string; target: { id: string } }[];
    expect(incident?.target.id).toBe(id);
    const name = incident?.id ?? "";
    expect((await st(["incidents", "ack", name, "--note", "On it."])).code).toBe(0);
    expect((await st(["incidents", "comment", name, "The port is closed."])).code).toBe(0);
    expect((await st(["incidents", "show", name])).out).toMatch(
      /acknowledged +api-key +On it\.[\s\S]*commented +api-key +The port is closed\./,
    );
    expect((await st(["incidents"])).out).toContain("api-key is on it");
    expect(await st(["incidents", "show", `${id}.1`])).toMatchObject({ code: 1, err: expect.stringContaining("no such incident") });
    expect(await st(["channels", "test", "discord"])).toMatchObject({ code: 0, out: "The service took it.\n" });
    monitor.discordAnswers(() => ({ status: 404 }));
    expect(await st(["channels", "test", "discord"])).toMatchObject({ code: 1, out: expect.stringContaining("404") });
    monitor.discordAnswers(() => undefined);
    await monitor.api("POST", "/channels/discord/test");
    await monitor.api("DELETE", `/targets/${id}`);
  });
});

describe("tokens", () => {
  it("are made, used, listed without their secret, and revoked", async () => {
    const made = await st(["tokens", "create", "ci", "--role", "viewer", "--days", "30"]);
    expect([made.code, made.out]).toEqual([0, expect.stringMatching(/^st_\S+\n$/)]);
    const secret = made.out.trim();
    expect((await st(["targets", "list"], { SERVER_TRACKER_TOKEN: secret })).code).toBe(0);
    expect(await st(["tokens", "list"], { SERVER_TRACKER_TOKEN: secret })).toMatchObject({ code: 1, out: "" });
    const { out } = await st(["tokens", "list", "-o", "json"]);
    const [token] = JSON.parse(out) as { id: string; name: string; role: string }[];
    expect(token).toMatchObject({ name: "ci", role: "viewer" });
    expect(out).not.toContain(secret);
    expect((await st(["tokens", "revoke", token?.id ?? ""])).code).toBe(0);
    expect(JSON.parse((await st(["tokens", "list", "-o", "json"])).out)).toEqual([]);
    expect(await st(["tokens", "create", "ci", "--role", "owner"])).toMatchObject({ code: 1, err: expect.stringContaining("role") });
    expect(await st(["tokens", "create", "ci", "--role", "viewer", "--days", "soon"])).toMatchObject({ code: 1, out: "" });
  });
});

describe("operators' tools", () => {
  it("run in a checkout with their own flags and exit codes, and name it elsewhere", async () => {
    expect(await command.run(["cost", "--help"])).toMatchObject({ code: 0, out: expect.stringContaining("npm run cost -- [--targets") });
    expect(await command.run(["cost", "--targets", "none"])).toMatchObject({ code: 1, err: expect.stringContaining("--targets must be") });
    const elsewhere = join(command.folder, "alone.cjs");
    await copyFile("dist/cli/server-tracker.cjs", elsewhere);
    const alone = await promisify(execFile)(process.execPath, [elsewhere, "cost"]).catch(
      (error: { code: number; stderr: string }) => error,
    );
    expect(alone).toMatchObject({ code: 1, stderr: "cost works on a checkout of Server Tracker: run `npm run cost` there\n" });
  });
});

describe("push", () => {
  it("runs the job, hands its exit code on, and tells the heartbeat", async () => {
    const { id, heartbeat } = (await monitor.api("POST", "/targets", { name: "Job", type: "heartbeat" })) as {
      id: string;
      heartbeat: { key: string };
    };
    const failed = await st(["push", heartbeat.key, "--", "sh", "-c", "echo half done; exit 7"]);
    expect([failed.code, failed.out]).toEqual([7, "half done\n"]);
    await monitor.round(mark());
    expect(await monitor.api("GET", `/targets/${id}`)).toMatchObject({ status: "down" });
    expect((await st(["push", heartbeat.key, "--", "true"])).code).toBe(0);
    expect((await st(["push", heartbeat.key, "--", "no-such-program"])).code).toBe(127);
    expect((await st(["push", heartbeat.key, "--", "true"], { SERVER_TRACKER_API: "http://127.0.0.1:1" })).code).toBe(0);
    // The job comes first, however wrong the monitor's own settings are.
    for (const env of [{ SERVER_TRACKER_API: "shop.example" }, { SERVER_TRACKER_TOKEN: "two\nlines" }] as Record<string, string>[])
      expect(await st(["push", heartbeat.key, "--", "echo", "job"], env)).toMatchObject({ code: 0, out: "job\n" });
    // Without a command there is nothing else to tell of.
    expect((await st(["push", heartbeat.key])).code).toBe(0);
    expect(await st(["push", "no-such-key"])).toMatchObject({ code: 1, err: expect.stringContaining("the API answered 404") });
  });

  it("hands a signal on to the job, waits for its end, and tells it", async () => {
    const pings: string[] = [];
    const api = createServer((request, response) => {
      pings.push(request.url ?? "");
      response.end();
    });
    const url = await listen(api);
    const job = "trap 'echo stopping; exit 3' TERM; echo ready >&2; while :; do sleep 0.05; done";
    const running = command.start(["push", "key", "--", "sh", "-c", job], { SERVER_TRACKER_API: url });
    await running.says(/ready/);
    running.kill("SIGTERM");
    const { code, out } = await running.ended;
    expect([code, out, pings]).toEqual([3, "stopping\n", ["/heartbeat/key/start", "/heartbeat/key/3"]]);
    // A job that dies of one is what shells say of it.
    expect((await st(["push", `${url}/heartbeat/key`, "--", "sh", "-c", "kill -TERM $$"])).code).toBe(143);
    expect(pings.at(-1)).toBe("/heartbeat/key/143");
    api.close();
  });
});

it("prints the line that shows a badge in a README, which is there", async () => {
  const { id } = (await monitor.api("POST", "/targets", { name: "Badged [1]", url: site })) as { id: string };
  const other = (await monitor.api("POST", "/targets", { name: "Elsewhere", url: site })) as { id: string };
  await monitor.api("POST", "/status-pages", { slug: "badges", title: "Badges", sections: [{ name: "All", targets: [{ id }] }] });
  await monitor.round(mark());
  const { code, out, err } = await st(["badge", "badges", "badged [1]"]);
  expect([code, err]).toEqual([0, expect.stringMatching(/^It says: Badged \[1\]: \w+\n$/)]);
  const [, svg = "", page] = /^\[!\[Badged \\\[1\\\]\]\((\S+)\)\]\((\S+)\)\n$/.exec(out) ?? [];
  expect([svg, page]).toEqual([`${monitor.url}/status/badges/badge/${id}/status.svg`, `${monitor.url}/status/badges/`]);
  expect(await (await fetch(svg)).text()).toMatch(/^<svg/);
  const whole = JSON.parse((await st(["badge", "badges", "-o", "json"])).out) as { svg: string; markdown: string };
  expect(whole.svg).toBe(`${monitor.url}/status/badges/badge/page.svg`);
  expect(await st(["badge", "nowhere"])).toMatchObject({ code: 1, err: 'there is no status page "nowhere"\n' });
  expect(await st(["badge", "badges", "Elsewhere"])).toMatchObject({ code: 1, err: expect.stringContaining("Is the target on that page") });
  expect((await st(["badge", "badges", "--shows", "colour"])).code).toBe(1);
  for (const each of [id, other.id]) await monitor.api("DELETE", `/targets/${each}`);
  await monitor.api("DELETE", "/status-pages/badges");
});

it("takes an empty variable for one that was not set, and says nothing of a token that cannot be one", async () => {
  expect(await st(["status"], { SERVER_TRACKER_API: "" })).toMatchObject({ err: expect.not.stringContaining("--api must be") });
  const { code, err } = await st(["status", "--token", "s3cret\nline"]);
  expect([code, err]).toEqual([1, expect.stringContaining("the token holds blanks, line breaks")]);
  expect(err).not.toContain("s3cret");
});

it("refuses a round that there is not, and takes the deployment's where it applies", async () => {
  const path = await file(
    "endpoints: [{ name: one, url: 'https://a.example/', interval: 45s, conditions: ['[STATUS] == 200'] }]",
    "gatus.yaml",
  );
  for (const round of ["abc", "0", "", "1e9"]) {
    const { code, err } = await st(["import", "gatus", path, "--round", round]);
    expect([code, err]).toEqual([1, "--round must be one of 10, 15, 20, 30, 60: the seconds of a round\n"]);
  }
  const { roundSeconds } = (await monitor.api("GET", "/overview")) as { roundSeconds: number };
  expect((await st(["import", "gatus", path, "--apply", "--yes"])).code).toBe(0);
  const { items } = (await monitor.api("GET", "/targets?name=one")) as { items: { id: string; intervalSeconds: number }[] };
  expect(items[0]?.intervalSeconds).toBe(Math.ceil(45 / roundSeconds) * roundSeconds);
  await monitor.api("DELETE", `/targets/${items[0]?.id}`);
});

it("completes what stands behind flags, as bash does", async () => {
  const script = await file((await st(["completion", "bash"])).out, "completion.bash");
  const complete = async (...words: string[]) => {
    const set = `COMP_WORDS=(server-tracker ${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length}`;
    const { stdout } = await promisify(execFile)("bash", ["-c", `source ${script}; ${set}; _server_tracker; echo "\${COMPREPLY[@]}"`]);
    return stdout.trim().split(" ");
  };
  expect(await complete("-o", "json", "targets", "pa")).toEqual(["pause"]);
  expect(await complete("--yes", "targets", "pa")).toEqual(["pause"]);
  expect(await complete("import", "k")).toEqual(["kuma"]);
  expect(await complete("imp")).toEqual(["import"]);
});

it("has help, completions and a schema for editors", async () => {
  expect((await st(["--help"])).out).toMatch(/Exit codes: 0 fine/);
  for (const shell of ["bash", "zsh", "fish"]) expect((await st(["completion", shell])).out).toContain("server-tracker");
  const schema = JSON.parse((await st(["schema"])).out) as { properties: { targets: { additionalProperties: { anyOf: unknown[] } } } };
  expect(schema.properties.targets.additionalProperties.anyOf.length).toBeGreaterThan(5);
  // What the documentation shows, an editor takes: texts of a length or form may be variables.
  const file = {
    version: 1,
    project: "p",
    channels: { ops: { type: "webhook", settings: { url: "https://a.example/hook", secret: "${OPS_SECRET}" } } },
    targets: { a: { url: "${ADDRESS}" } },
  };
  const isValid = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
  expect([isValid(file), isValid.errors]).toEqual([true, null]);
  expect(isValid({ ...file, targets: { a: { url: 7 } } })).toBe(false);
});
