import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listen } from "../../local/stand-ins/listen.ts";
import { createWebhookSink, type ReceivedMessage } from "../../local/stand-ins/webhook-sink.ts";
import { createIncidentLinks } from "../../shared/alert/incident-link.ts";
import { createDataApiLogWriter } from "../../shared/log/data-api-log-writer.ts";
import { batch } from "../../shared/log/tables.ts";
import { API_KEY, type Monitor, marksFromNow, startMonitor, startSite, titles } from "../support/monitor.ts";

let monitor: Monitor;
let boss: ReceivedMessage[] = [];
let names = 0;
const mark = marksFromNow();

beforeAll(async () => {
  monitor = await startMonitor({ PUBLIC_URL: "https://status.example.com/" });
  const sink = createWebhookSink((message) => {
    boss.push(message);
    return undefined;
  });
  const settings = { url: await listen(sink) };
  await monitor.api("POST", "/channels", { name: "Boss", type: "webhook", settings, match: { anyTag: ["nothing has it"] } });
});
afterAll(() => monitor.close());

interface Listed {
  readonly severity: string;
  readonly id: string;
  readonly target: { readonly id: string };
  readonly endedAt: string | null;
  readonly acknowledged: { readonly by: string } | null;
}

const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = { "x-api-key": API_KEY }) =>
  monitor.request(method, path, {
    headers: { "content-type": "application/json", ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const told = () => titles(monitor.discord.splice(0)).map((title) => title.replace(/^\P{L}+/u, ""));
const list = async (query = "") =>
  (await monitor.api("GET", `/incidents${query}`)) as { items: Listed[]; manual: { id: string }[]; next: string | null };

/** A target that went down in its second round. */
async function outage(more: Record<string, unknown> = {}) {
  const site = await startSite();
  const name = `Target ${++names}`;
  const { id } = (await monitor.api("POST", "/targets", { name, url: site.url, retries: 0, ...more })) as { id: string };
  await monitor.round(mark());
  site.answerWith(503);
  await monitor.round(mark());
  const [incident] = (await list(`?target=${id}&state=open`)).items;
  if (incident === undefined) throw new Error("there is no incident");
  return { id, name, site, incident: incident.id, end: () => monitor.api("DELETE", `/targets/${id}`) };
}

describe("an incident", () => {
  it("has an identity, a story, and what was around it", async () => {
    const { id, name, site, incident, end } = await outage({ tags: ["prod"], group: "Shop / Web" });
    expect(told()).toEqual([`${name} is down`]);
    expect(incident).toMatch(new RegExp(`^${id}\\.\\d{10}$`));
    await monitor.api("POST", `/incidents/${incident}/comment`, { text: "The disk is full." });
    await monitor.api("POST", `/incidents/${incident}/acknowledge`, { note: "I am on it." });
    site.answerWith(200);
    await monitor.round(mark());
    const detail = (await monitor.api("GET", `/incidents/${incident}`)) as Record<string, unknown> & {
      timeline: { what: string; who: string | null; text: string | null }[];
    };
    expect(detail).toMatchObject({
      id: incident,
      endedBy: "up",
      error: { text: "503 Service Unavailable" },
      acknowledged: { by: "api-key" },
      firstFailingCheck: { status: "down", httpStatus: 503, phases: { ttfbMs: expect.any(Number) } },
      lastGoodCheck: { status: "up", httpStatus: 200 },
      round: { planned: expect.any(Number), checked: expect.any(Number) },
      others: [],
    });
    // Marks of the tests' rounds lie ahead of the clock that the rest goes by.
    const story = detail.timeline.map(({ what, who }) => [what, who].filter(Boolean).join(" by "));
    expect(story.filter((entry) => /^(failed|opened|ended)/.test(entry))).toEqual(["failed", "opened", "ended"]);
    expect(story.filter((entry) => !/^(failed|opened|ended)/.test(entry))).toEqual([
      "told by discord",
      "commented by api-key",
      "acknowledged by api-key",
      "told by discord",
    ]);
    await end();
  });

  it("is the time a target is degraded, too, where that says so, and another one when it goes down", async () => {
    const site = await startSite();
    const assertions = [{ kind: "bodyContains", text: "nothing has it", otherwise: "degraded" }];
    const name = `Target ${++names}`;
    const body = { name, url: site.url, retries: 0, degradedIsIncident: true, remindEverySeconds: 60 };
    const { id } = (await monitor.api("POST", "/targets", body)) as { id: string };
    const plain = (await monitor.api("POST", "/targets", { name: "Plain", url: site.url, retries: 0, assertions })) as { id: string };
    await monitor.round(mark());
    await monitor.api("PATCH", `/targets/${id}`, { assertions });
    await monitor.round(mark());
    expect((await list(`?target=${plain.id}`)).items).toEqual([]);
    const [degraded] = (await list(`?target=${id}&state=open`)).items;
    expect(degraded).toMatchObject({ severity: "degraded", endedAt: null });
    expect(told().filter((title) => title.startsWith(name))).toEqual([`${name} is degraded`]);
    await monitor.round(mark());
    await monitor.round(mark());
    expect(told()).toEqual([`${name} is still degraded`]);
    await monitor.api("POST", `/incidents/${degraded?.id}/acknowledge`, { note: "I look." });
    for (let round = 0; round < 4; round++) await monitor.round(mark());
    expect(told()).toEqual([]);

    site.answerWith(503);
    await monitor.round(mark());
    expect(told().filter((title) => title.startsWith(name))).toEqual([`${name} is down`]);
    expect(await monitor.api("GET", `/incidents/${degraded?.id}`)).toMatchObject({
      endedBy: "down",
      acknowledged: { by: "api-key" },
      lastGoodCheck: { status: "up" },
      timeline: expect.arrayContaining([
        expect.objectContaining({ what: "opened" }),
        expect.objectContaining({ what: "ended", text: "down" }),
      ]),
    });
    expect((await send("POST", `/incidents/${degraded?.id}/acknowledge`, {})).status).toBe(409);
    // Nobody has acknowledged that it is down.
    expect((await list(`?target=${id}&state=open`)).items).toMatchObject([{ severity: "down", acknowledged: null }]);
    for (const each of [id, plain.id]) await monitor.api("DELETE", `/targets/${each}`);
    told();
  });

  it("is told of to the public, in words of its own; what checks found is not resolved by words", async () => {
    const { incident, end } = await outage();
    const say = (body: object) => send("POST", `/incidents/${incident}/updates`, body);
    expect((await say({ status: "identified", text: "It is the disk." })).status).toBe(200);
    expect((await say({ status: "monitoring", text: "Do not say so.", public: false })).status).toBe(200);
    expect(await say({ status: "resolved", text: "It is over." })).toMatchObject({ status: 400, json: { errors: [{ field: "status" }] } });
    const { timeline } = (await monitor.api("GET", `/incidents/${incident}`)) as { timeline: { what: string; text: string | null }[] };
    expect(timeline.filter(({ what }) => what === "published" || what === "commented").map(({ what, text }) => [what, text])).toEqual([
      ["published", "identified: It is the disk."],
      ["commented", "Do not say so."],
    ]);
    await end();
    told();
  });

  it("tells what else went down in the same round", async () => {
    const sites = [await startSite(), await startSite()];
    const targets = (await Promise.all(
      sites.map(({ url }, index) => monitor.api("POST", "/targets", { name: `Twin ${index}`, url, retries: 0 })),
    )) as { id: string }[];
    await monitor.round(mark());
    for (const site of sites) site.answerWith(500);
    await monitor.round(mark());
    const [incident] = (await list(`?target=${targets[0]?.id}`)).items;
    expect(await monitor.api("GET", `/incidents/${incident?.id}`)).toMatchObject({
      others: [{ id: targets[1]?.id, name: "Twin 1" }],
      othersCount: 1,
    });
    for (const { id } of targets) await monitor.api("DELETE", `/targets/${id}`);
    told();
  });

  it("is found by state, tag and group, open ones first, page by page", async () => {
    const open = await outage({ tags: ["found"], group: "Found / Web" });
    const closed = await outage({ tags: ["found"], group: "Found" });
    closed.site.answerWith(200);
    await monitor.round(mark());
    const ids = async (query: string) => (await list(query)).items.map(({ id }) => id);
    expect(await ids("?tag=found")).toEqual([open.incident, closed.incident]);
    expect(await ids("?group=Found")).toEqual([open.incident, closed.incident]);
    expect(await ids("?group=Found%20%2F%20Web")).toEqual([open.incident]);
    expect(await ids("?tag=found&state=closed")).toEqual([closed.incident]);
    const first = await list("?tag=found&limit=1");
    expect(first.items.map(({ id }) => id)).toEqual([open.incident]);
    const second = await list(`?tag=found&limit=1&cursor=${first.next}`);
    expect([second.items.map(({ id }) => id), second.next]).toEqual([[closed.incident], null]);
    await open.end();
    await closed.end();
    told();
  });

  it("that is not there is not found, and one that is over cannot be acknowledged", async () => {
    const { id, site, incident, end } = await outage();
    expect((await send("GET", `/incidents/${id}.1`)).status).toBe(404);
    expect((await send("GET", `/incidents/${id}.9999999999`)).status).toBe(404);
    expect((await send("GET", "/incidents/nonsense")).status).toBe(400);
    expect((await send("POST", `/incidents/${incident}/acknowledge`, { until: "2020-01-01T00:00:00Z" })).status).toBe(400);
    expect((await send("POST", `/incidents/${incident}/resolve`, {})).status).toBe(409);
    site.answerWith(200);
    await monitor.round(mark());
    expect((await send("POST", `/incidents/${incident}/acknowledge`, {})).status).toBe(409);
    expect((await send("POST", `/incidents/${incident}/comment`, { text: "It was the disk." })).status).toBe(204);
    await end();
    expect(await monitor.api("GET", `/incidents/${incident}`)).toMatchObject({ id: incident, endedBy: "up" });
    told();
  });

  it("of a heartbeat is resolved by hand, as if it had come", async () => {
    const { id, heartbeat } = (await monitor.api("POST", "/targets", { type: "heartbeat", name: "Backup", intervalSeconds: 30 })) as {
      id: string;
      heartbeat: { key: string };
    };
    await monitor.request("POST", `/heartbeat/${heartbeat.key}/fail`, { headers: {} });
    await monitor.round(mark());
    const [incident] = (await list(`?target=${id}&state=open`)).items;
    expect(told()).toEqual(["Backup is down"]);
    expect((await send("POST", `/incidents/${incident?.id}/resolve`, { note: "Ran it by hand." })).status).toBe(204);
    await monitor.round(mark());
    expect(told()).toEqual(["Backup has recovered"]);
    const detail = (await monitor.api("GET", `/incidents/${incident?.id}`)) as { timeline: { what: string; text: string | null }[] };
    expect(detail.timeline).toContainEqual(expect.objectContaining({ what: "resolved", text: "Ran it by hand." }));
    await monitor.api("DELETE", `/targets/${id}`);
    told();
  });
});

it("has a timeline of its own, however long it was and whatever came within a day of it", async () => {
  const { id } = (await monitor.api("POST", "/targets", { name: "Long", url: "http://127.0.0.1:1/", paused: true })) as { id: string };
  const [{ seq } = { seq: 0 }] = (await monitor.log.sql.execute("select seq from target where name = 'Long'", {})) as { seq: number }[];
  const began = Math.floor(Date.now() / 1_000) - 80_000;
  const alert = (
    at: number,
    kind: "status" | "reminder",
    from: "up" | "down",
    to: "up" | "down",
    since: number,
    previousSince: number,
  ) => ({
    seq,
    alert: { at: at * 1_000, kind, from, to, since, previousSince, deliveries: {} },
  });
  const reminders = Array.from({ length: 450 }, (_, index) => alert(began + 60 * (index + 1), "reminder", "down", "down", began, began));
  const ended = began + 60 * 451;
  const later = Array.from({ length: 100 }, (_, index) => {
    const at = ended + 60 * (2 * index + 1);
    return [alert(at, "status", "up", "down", at, at - 60), alert(at + 60, "status", "down", "up", at + 60, at)];
  }).flat();
  const first = alert(began, "status", "up", "down", began, 0);
  const end = alert(ended, "status", "down", "up", ended, began);
  const rows = [first, ...reminders, end, ...later];
  const log = createDataApiLogWriter(monitor.log.sql);
  for (let index = 0; index < rows.length; index += 200) await log.write(batch("transition", rows.slice(index, index + 200)));
  const { timeline } = (await monitor.api("GET", `/incidents/${id}.${began}`)) as { timeline: { at: string; what: string }[] };
  const whats = timeline.map(({ what }) => what);
  expect([whats[0], whats.filter((what) => what === "opened").length, whats.at(-1)]).toEqual(["failed", 1, "ended"]);
  expect(timeline.at(-1)?.at).toBe(new Date(ended * 1_000).toISOString());
  expect(whats.filter((what) => what === "reminded").length).toBeGreaterThan(200);
});

describe("while nobody takes care of it", () => {
  it("it is told again, and told to others, who hear of its end, too", async () => {
    const { name, site, incident, end } = await outage({ remindEverySeconds: 60, escalation: [{ afterMinutes: 1, channels: ["boss"] }] });
    told();
    await monitor.round(mark());
    expect([told(), boss]).toEqual([[], []]);
    await monitor.round(mark());
    expect(JSON.stringify(monitor.discord)).toContain("503 Service Unavailable");
    expect(told()).toEqual([`${name} is still down`]);
    expect(boss.map(({ body }) => (body as { alerts: { kind: string; error?: object }[] }).alerts.map(({ kind }) => kind))).toEqual([
      ["escalation"],
    ]);
    await monitor.api("POST", `/incidents/${incident}/acknowledge`, {});
    for (let round = 0; round < 3; round++) await monitor.round(mark());
    expect(told()).toEqual([]);
    expect((await list(`?state=open`)).items).toContainEqual(
      expect.objectContaining({ id: incident, acknowledged: expect.objectContaining({ by: "api-key" }) }),
    );
    await monitor.api("DELETE", `/incidents/${incident}/acknowledge`);
    await monitor.round(mark());
    expect(told()).toEqual([`${name} is still down`]);
    // What nobody has cannot be given back: nothing begins anew.
    await monitor.api("DELETE", `/incidents/${incident}/acknowledge`);
    site.answerWith(200);
    await monitor.round(mark());
    expect(told()).toEqual([`${name} has recovered`]);
    expect(boss.flatMap(({ body }) => (body as { alerts: { kind: string }[] }).alerts.map(({ kind }) => kind))).toEqual([
      "escalation",
      "reminder",
      "escalation",
      "recovered",
    ]);
    const detail = (await monitor.api("GET", `/incidents/${incident}`)) as { timeline: { what: string; who: string | null }[] };
    expect(detail.timeline.map(({ what }) => what)).toEqual(
      expect.arrayContaining(["reminded", "escalated", "acknowledged", "unacknowledged", "ended"]),
    );
    boss = [];
    await end();
  });
});

describe("a silence", () => {
  it("holds back what happens to a target, and what is still wrong when it is taken back is told then", async () => {
    const site = await startSite();
    const { id } = (await monitor.api("POST", "/targets", { name: "Quiet", url: site.url, retries: 0 })) as { id: string };
    await monitor.round(mark());
    expect((await send("POST", `/targets/${id}/silence`, { until: "2020-01-01T00:00:00Z" })).status).toBe(400);
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const window = (await monitor.api("POST", `/targets/${id}/silence`, { until })) as { id: string; kind: string; active: boolean };
    expect(window).toMatchObject({ kind: "silence", active: true, name: "Quiet, by api-key" });
    site.answerWith(500);
    await monitor.round(mark());
    expect(told()).toEqual([]);
    const { items } = (await monitor.api("GET", `/targets/${id}/alerts`)) as { items: { deliveries: { error: string }[] }[] };
    expect(items[0]?.deliveries[0]?.error).toContain('silenced by "Quiet, by api-key" until');
    await monitor.api("DELETE", `/maintenance/${window.id}`);
    await monitor.round(mark());
    expect(told()).toEqual(["Quiet is down"]);
    await monitor.api("DELETE", `/targets/${id}`);
  });
});

describe("a link in an alert", () => {
  const linkIn = (messages: ReceivedMessage[]) =>
    /\(https:\/\/status\.example\.com\/api(\/acknowledge\/[\w-]+)\)/.exec(JSON.stringify(messages))?.[1];

  it("shows the incident, and acknowledges it only when it is asked to", async () => {
    const { name, incident, end } = await outage();
    const path = linkIn(monitor.discord);
    expect(path).toBeDefined();
    told();
    const shown = await send("GET", path ?? "", undefined, {});
    expect([shown.status, shown.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(shown.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(shown.text).toContain(name);
    expect(shown.text).toContain('<form method="post">');
    // Looked at by a chat's preview: nothing has happened.
    expect((await list("?state=open")).items.find(({ id }) => id === incident)?.acknowledged).toBeNull();
    const done = await send("POST", path ?? "", undefined, { "content-type": "application/x-www-form-urlencoded" });
    expect(done.text).toContain("Acknowledged");
    expect((await list("?state=open")).items.find(({ id }) => id === incident)?.acknowledged).toMatchObject({ by: "link in an alert" });
    expect((await send("GET", path ?? "", undefined, {})).text).not.toContain("<form");
    await end();
  });

  it("takes nothing from who has it already, for as long as they said", async () => {
    const { incident, end } = await outage();
    const path = linkIn(monitor.discord) ?? "";
    told();
    const until = new Date(Date.now() + 3_600_000).toISOString();
    await monitor.api("POST", `/incidents/${incident}/acknowledge`, { until });
    const before = (await list("?state=open")).items.find(({ id }) => id === incident)?.acknowledged;
    for (let turn = 0; turn < 3; turn++)
      expect((await send("POST", path, undefined, {})).text).toContain("Acknowledged already, by api-key");
    expect((await list("?state=open")).items.find(({ id }) => id === incident)?.acknowledged).toEqual(before);
    const { timeline } = (await monitor.api("GET", `/incidents/${incident}`)) as { timeline: { what: string }[] };
    expect(timeline.filter(({ what }) => what === "acknowledged")).toHaveLength(1);
    await end();
  });

  it("says so when it is over, and shows a name as text", async () => {
    const { site, end } = await outage({ name: "<script>alert(1)</script>" });
    const path = linkIn(monitor.discord) ?? "";
    expect((await send("GET", path, undefined, {})).text).not.toContain("<script>");
    site.answerWith(200);
    await monitor.round(mark());
    const over = await send("POST", path, undefined, {});
    expect([over.status, over.text.includes("is over")]).toEqual([200, true]);
    await end();
    expect((await send("GET", path, undefined, {})).status).toBe(404);
    told();
  });

  it("is of one incident, expires, and is made by nobody else", () => {
    const links = createIncidentLinks("a key of the tests, long enough for it");
    const ref = { target: "0198f1aa-1111-4222-8333-444455556666", since: 1_795_400_010 };
    const token = links.make(ref, 1_795_500_000);
    expect(links.read(token, 1_795_499_999_000)).toEqual(ref);
    expect(links.read(token, 1_795_500_000_000)).toBeUndefined();
    expect(createIncidentLinks("another key of the tests, as long as it is").read(token, 0)).toBeUndefined();
    for (let index = 0; index < token.length - 1; index++) {
      const other = token[index] === "A" ? "B" : "A";
      expect(links.read(token.slice(0, index) + other + token.slice(index + 1), 0)).toBeUndefined();
    }
    expect(links.read("", 0)).toBeUndefined();
  });
});

describe("an incident that somebody opens", () => {
  it("has updates, and ends with the last of them", async () => {
    const { status, json } = await send("POST", "/incidents", {
      title: "Payments are slow",
      severity: "degraded",
      text: "We are looking.",
      public: true,
    });
    const { id } = json as { id: string };
    expect([status, json]).toMatchObject([
      201,
      { status: "investigating", endedAt: null, updates: [{ text: "We are looking.", public: true, by: "api-key" }] },
    ]);
    await monitor.api("POST", `/incidents/${id}/updates`, { status: "identified", text: "It is the bank.\nThey know." });
    await monitor.api("POST", `/incidents/${id}/comment`, { text: "Ticket 4711." });
    expect((await list("?state=open")).manual.map((incident) => incident.id)).toContain(id);
    await monitor.api("POST", `/incidents/${id}/resolve`, {});
    expect(await monitor.api("GET", `/incidents/${id}`)).toMatchObject({
      status: "resolved",
      endedAt: expect.any(String),
      updates: [
        { status: "investigating", public: true },
        { status: "identified", public: true },
        { status: "identified", public: false, text: "Ticket 4711." },
        { status: "resolved", public: true },
      ],
    });
    expect((await list("?state=open")).manual.map((incident) => incident.id)).not.toContain(id);
    expect((await send("POST", `/incidents/${id}/resolve`, {})).status).toBe(409);
    expect((await send("POST", `/incidents/${id}/acknowledge`, {})).status).toBe(409);
    // Found by what its targets are, too.
    const target = { name: "Checkout", url: "http://127.0.0.1:1/", retries: 0, paused: true, tags: ["pay"], group: "Shop / Till" };
    const { id: affected } = (await monitor.api("POST", "/targets", target)) as { id: string };
    const { id: other } = (await monitor.api("POST", "/incidents", { title: "Till", text: "t", targets: [affected] })) as { id: string };
    const found = async (query: string) => (await list(query)).manual.map((incident) => incident.id);
    expect([await found("?tag=pay"), await found("?group=Shop"), await found("?tag=else"), await found("?tag=pay&group=Else")]).toEqual([
      [other],
      [other],
      [],
      [],
    ]);
    await monitor.api("DELETE", `/incidents/${other}`);
    await monitor.api("DELETE", `/targets/${affected}`);
    await monitor.api("DELETE", `/incidents/${id}`);
    expect((await send("GET", `/incidents/${id}`)).status).toBe(404);
  });

  it.each([
    ["no words", { title: "x" }, "text"],
    ["a hidden character", { title: "a\u202eb", text: "x" }, "title"],
    ["a target that is no id", { title: "x", text: "x", targets: ["shop"] }, "targets.0"],
    ["a severity that is not there", { title: "x", text: "x", severity: "loud" }, "severity"],
  ])("refuses %s", async (_, body, field) => {
    const { status, json } = await send("POST", "/incidents", body);
    expect([status, (json as { errors: { field: string }[] }).errors.map((error) => error.field)]).toEqual([400, [field]]);
  });
});
