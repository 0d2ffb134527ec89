import { brotliCompressSync } from "node:zlib";
import { parseFeed } from "@rowanmanning/feed-parser";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import ICAL from "ical.js";
import { beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import type { PageIncident } from "../../../shared/log/log-pages.ts";
import type { StoredFile } from "../../../shared/page/file-store.ts";
import { pageFiles } from "../../../shared/page/page-files.ts";
import { viewOf } from "../../../shared/page/page-view.ts";
import { pendingState } from "../../../shared/status/next-status.ts";
import { configOf } from "../../support/checks.ts";
import { targetOf } from "../../support/log-rows.ts";
import { historyOf, incidentOf, manualIncident, partsOf, statusPage, window } from "../../support/status-pages.ts";

const NOW = Date.parse("2026-11-27T13:00:00Z");
const NOW_S = NOW / 1_000;
const URL_OF = "https://status.example/status/acme/";
const HOSTILE = `"><script>alert(1)</script><!--'\`</style>]]>{{x}}`;
const PNG = "data:image/png;base64,iVBORw0KGgo=";

/** Everything that a page can be made of, with hostile names and private facts in it. */
function hostileParts(name = HOSTILE) {
  const page = statusPage({
    title: `Title ${name}`,
    description: `Words ${name}\nsecond line`,
    logo: PNG,
    incidentDetail: "cause",
    accent: "#0a6cff",
    sections: [{ name: `Section ${name}`, targets: [], tags: ["public"], groups: [] }],
  });
  const targets = [1, 2].map((seq) =>
    targetOf(seq, {
      config: configOf({
        name: `Service ${seq} ${name}`,
        url: "http://db-internal.example:8443/private/path?token=sesame",
        headers: { authorization: "Bearer sesame" },
        tags: ["public", "team-secret"],
        group: "Hidden group",
        channels: ["discord"],
      }),
      state: { ...pendingState(NOW_S - 600), status: seq === 1 ? "down" : "up" },
    }),
  );
  const incidents = [incidentOf(1, NOW_S - 600, null, "dns"), incidentOf(2, NOW_S - 90_000, NOW_S - 86_000, "status")];
  const update = { at: "2026-11-27T10:00:00.000Z", by: "token:ann-private", status: "identified" as const };
  return partsOf({
    page,
    now: NOW,
    targets,
    history: historyOf(page, targets, incidents, NOW),
    windows: [
      window({
        name: `Window ${name}`,
        all: false,
        targets: [targetOf(2).id],
        once: { from: "2026-11-27T12:00:00Z", to: "2026-11-27T15:00:00Z" },
      }),
      window({ name: "Silent private", kind: "silence", once: { from: "2026-11-27T12:00:00Z", to: "2026-11-27T15:00:00Z" } }),
    ],
    manual: [
      manualIncident({
        title: `Incident ${name}`,
        updates: [
          { ...update, text: `Public ${name}\nsecond`, public: true },
          { ...update, text: "Private note: password is hunter2", public: false },
        ],
      }),
      manualIncident({ id: "00000000-0000-4000-8000-0000000000cc", title: "Private incident", public: false }),
    ],
  });
}

let files: ReadonlyMap<string, StoredFile>;
const text = (path: string) => String(files.get(path)?.body);
const json = (path: string) => JSON.parse(text(path));

beforeAll(() => {
  const parts = hostileParts();
  files = pageFiles(viewOf(parts), parts.page, URL_OF);
});

describe("nothing private is in any file", () => {
  it.each([
    "hunter2",
    "sesame",
    "db-internal",
    "8443",
    "/private/path",
    "team-secret",
    "Hidden group",
    "discord",
    "ann-private",
    "Private",
    "Silent private",
  ])("%s", (secret) => {
    const found = [...files]
      .filter(([path, { body }]) => `${path} ${typeof body === "string" ? body : ""}`.includes(secret))
      .map(([path]) => path);
    expect(found).toEqual([]);
  });

  it("and the cause is a kind of failure, told only where the page says so", () => {
    expect(text("index.html")).toContain("Its name could not be found.");
    const parts = hostileParts("x");
    const plain = pageFiles(viewOf({ ...parts, page: { ...parts.page, incidentDetail: "times" } }), parts.page, URL_OF);
    expect(String(plain.get("index.html")?.body)).not.toContain("could not be found");
  });
});

describe("names that are markup stay text", () => {
  it("in every document and picture", () => {
    for (const [path, { body }] of files) {
      if (!/\.(html|svg)$/.test(path)) continue;
      const scripts = String(body).match(/<script[^>]*>/g) ?? [];
      expect([path, scripts.filter((tag) => !/^<script src="(\.\.\/)*page\.js" defer>$/.test(tag))]).toEqual([path, []]);
      expect(String(body)).not.toMatch(/ on\w+=|javascript:|<!--/i);
    }
    expect(text("index.html")).toContain("Service 1 &quot;>&lt;script>");
  });

  it("in feeds, of which each is well-formed", () => {
    for (const path of ["feed.rss", "feed.atom"]) expect([path, XMLValidator.validate(text(path))]).toEqual([path, true]);
    const raw = `Title ${HOSTILE} &amp; &#60;`;
    const { page, ...parts } = hostileParts();
    const rss = new XMLParser().parse(
      String(pageFiles(viewOf({ ...parts, page: { ...page, title: raw } }), page, URL_OF).get("feed.rss")?.body),
    );
    expect(rss.rss.channel.title).toBe(raw);
    expect(text("feed.rss")).not.toMatch(/<script>alert/);
  });
});

describe("a page of many incidents", () => {
  it("tells the newest, each with a document that its links lead to", () => {
    const one = targetOf(1, {
      config: configOf({ name: "A", url: "http://a.example/", tags: ["public"] }),
      state: { ...pendingState(NOW_S), status: "up" },
    });
    const incidents = Array.from({ length: 500 }, (_, index) =>
      incidentOf(1, NOW_S - 1_000 * (index + 2), NOW_S - 1_000 * (index + 2) + 60),
    );
    const parts = partsOf({ now: NOW, targets: [one], history: historyOf(statusPage(), [one], incidents, NOW) });
    const made = pageFiles(viewOf(parts), parts.page, URL_OF);
    const linked = [...String(made.get("history/index.html")?.body).matchAll(/href="\.\.\/(incidents\/[^"]+)"/g)].map(
      ([, path]) => `${path}index.html`,
    );
    expect(new Set(linked).size).toBe(200);
    expect(linked.filter((path) => !made.has(path))).toEqual([]);
    // What it does not tell, it counts all the same.
    expect(String(made.get("index.html")?.body)).toContain("30 days: 500 incidents");
    expect(String(made.get("index.html")?.body)).toContain(`incidents/${one.id}.${NOW_S - 2_000}/`);
  });
});

describe("feeds", () => {
  it.each(["feed.rss", "feed.json"])("%s is one that a reader reads: an entry for each incident, the newest change first", (path) => {
    const feed = path === "feed.json" ? jsonFeed() : parseFeed(text(path));
    expect(feed.title).toBe(`Title ${HOSTILE}`);
    expect(feed.items.map(({ title, url }) => [title, url])).toEqual([
      [`Service 1 ${HOSTILE} is down`, `${URL_OF}incidents/00000000-0000-4000-8000-000000000001.${NOW_S - 600}/`],
      [`Incident ${HOSTILE}`, `${URL_OF}incidents/00000000-0000-4000-8000-0000000000bb/`],
      [`Service 2 ${HOSTILE} was down`, `${URL_OF}incidents/00000000-0000-4000-8000-000000000002.${NOW_S - 90_000}/`],
    ]);
  });

  it("feed.atom has an entry for each update, under an id of its own", () => {
    const { items } = parseFeed(text("feed.atom"));
    expect(items.map(({ title }) => title?.replace(HOSTILE, "…"))).toEqual([
      "Service 1 … is down: investigating",
      "Incident …: identified",
      "Service 2 … was down: resolved",
      "Service 2 … was down: investigating",
    ]);
    const ids = items.map(({ id }) => id);
    expect([new Set(ids).size, ids[2]]).toEqual([4, `${items[2]?.url}#${NOW_S * 1_000 - 86_000_000}`]);
  });

  it("are of each section and of each target, too, linked where these stand", () => {
    const links = [...text("index.html").matchAll(/href="((?:section|component)\/[^"]+)"/g)].map(([, path]) => String(path));
    expect(links).toHaveLength(3);
    const titles = links.map((path) => parseFeed(text(path)).items.map(({ title }) => title?.replace(HOSTILE, "…")));
    const [first, second] = ["Service 1 … is down", "Service 2 … was down"];
    expect(titles).toEqual([[first, second], [first], [second]]);
    for (const path of links) {
      const folder = path.replace("feed.rss", "");
      expect(text(`${folder}feed.atom`)).toContain(`href="${URL_OF}${folder}feed.atom"`);
      expect(json(`${folder}feed.json`)).toMatchObject({ feed_url: `${URL_OF}${folder}feed.json` });
    }
  });

  it("are one of sections that have one name, with what is in any of them", () => {
    const targets = [1, 2].map((seq) =>
      targetOf(seq, {
        config: configOf({ name: `S${seq}`, url: "http://a.example/", tags: [`t${seq}`] }),
        state: { ...pendingState(NOW_S - 60), status: "down" },
      }),
    );
    const sections = ["t1", "t2"].map((tag) => ({ name: "Shop", targets: [], tags: [tag], groups: [] }));
    const parts = partsOf({ now: NOW, targets, page: statusPage({ sections }) });
    const made = pageFiles(viewOf(parts), parts.page, URL_OF);
    const [path = ""] = [...made.keys()].filter((each) => /^section\/.*rss$/.test(each));
    const { items } = parseFeed(String(made.get(path)?.body));
    expect(items.map(({ title }) => title).sort()).toEqual(["S1 is down", "S2 is down"]);
  });

  it("tell nothing twice when a log that was away tells what was said meanwhile", () => {
    const one = targetOf(1, { config: configOf({ name: "A", url: "http://a.example/", tags: ["public"] }) });
    const idsOf = (said: PageIncident["said"]) => {
      const history = historyOf(statusPage(), [one], [{ ...incidentOf(1, NOW_S - 600, NOW_S - 60), said }], NOW);
      const parts = partsOf({ now: NOW, targets: [one], history });
      return parseFeed(String(pageFiles(viewOf(parts), parts.page, URL_OF).get("feed.atom")?.body)).items.map(({ id }) => id);
    };
    const [resolved, began] = idsOf([]);
    const word = { at: NOW_S - 300, status: "identified" as const, text: "A word" };
    expect(idsOf([word, word])).toEqual([resolved, expect.any(String), expect.any(String), began]);
    expect(new Set(idsOf([word, word])).size).toBe(4);
  });

  it("are named in the head of each document", () => {
    for (const path of ["index.html", "history/index.html"]) {
      const up = path.includes("/") ? "../" : "";
      for (const [type, file] of [
        ["rss+xml", "feed.rss"],
        ["atom+xml", "feed.atom"],
        ["feed+json", "feed.json"],
      ]) {
        expect(text(path)).toMatch(
          new RegExp(`<link rel="alternate" type="application/${type?.replace("+", "\\+")}" title="[^"]*" href="${up}${file}"`),
        );
      }
    }
  });

  function jsonFeed() {
    const item = z.object({
      id: z.string(),
      url: z.string(),
      title: z.string(),
      content_html: z.string(),
      date_published: z.iso.datetime(),
      date_modified: z.iso.datetime(),
    });
    return z
      .object({
        version: z.literal("https://jsonfeed.org/version/1.1"),
        title: z.string(),
        items: z.array(item),
      })
      .parse(json("feed.json"));
  }
});

describe("a page", () => {
  it("tells down by a shape, names in their own direction, and when days of half hours begin", () => {
    expect(text("index.html")).toMatch(/<path class="down" d="M[^"]*l2 [\d.]+l2 -[\d.]+h/);
    expect(text("index.html").match(/<h3 dir="auto">/g)?.length).toBeGreaterThan(2);
    const footer = (timeZone: string) => {
      const parts = partsOf({ now: NOW, targets: [], page: statusPage({ timeZone }) });
      return /Days begin at midnight[^.]*/.exec(String(pageFiles(viewOf(parts), parts.page, URL_OF).get("index.html")?.body))?.[0];
    };
    expect(footer("Europe/Berlin")).toBe("Days begin at midnight, Europe/Berlin");
    expect(footer("Asia/Kolkata")).toBe("Days begin at midnight, or the next whole hour of UTC, Asia/Kolkata");
  });
});

describe("the calendar", () => {
  it("is one that a calendar reads, with an event for each window, the same each time", () => {
    const calendar = new ICAL.Component(ICAL.parse(text("maintenance.ics")));
    const events = calendar.getAllSubcomponents("vevent").map((event) => new ICAL.Event(event));
    expect(
      events.map(({ summary, startDate, endDate }) => [summary, startDate.toJSDate().toISOString(), endDate.toJSDate().toISOString()]),
    ).toEqual([[`Window ${HOSTILE}`, "2026-11-27T12:00:00.000Z", "2026-11-27T15:00:00.000Z"]]);
    expect(text("maintenance.ics")).toMatch(/END:VCALENDAR\r\n$/);
    const named = partsOf({ now: NOW, targets: [], page: statusPage({ title: "Acme, Inc; Berlin" }) });
    const file = String(pageFiles(viewOf(named), named.page, URL_OF).get("maintenance.ics")?.body);
    expect(file).toContain("\r\nNAME:Acme\\, Inc\\; Berlin: maintenance\r\n");
    const later = hostileParts();
    expect(String(pageFiles(viewOf({ ...later, now: NOW + 1_000 }), later.page, URL_OF).get("maintenance.ics")?.body)).toBe(
      text("maintenance.ics"),
    );
  });
});

describe("badges", () => {
  it("say a word, and are what shields.io takes", () => {
    const shields = z.strictObject({
      schemaVersion: z.literal(1),
      label: z.string(),
      message: z.string().min(1),
      color: z.string(),
      isError: z.boolean(),
      cacheSeconds: z.int(),
    });
    const paths = [...files.keys()].filter((path) => /^badge\/.*\.json$/.test(path));
    expect(paths).toHaveLength(7);
    for (const path of paths) {
      const { message } = shields.parse(json(path));
      expect(text(path.replace(/json$/, "svg"))).toContain(message.replaceAll("<", "&lt;"));
    }
    expect(json("badge/00000000-0000-4000-8000-000000000001/status.json")).toMatchObject({ message: "down", isError: true });
    expect(json("badge/00000000-0000-4000-8000-000000000002/status.json")).toMatchObject({ message: "in maintenance" });
    expect(json("badge/00000000-0000-4000-8000-000000000001/latency.json")).toMatchObject({ message: "41 ms" });
  });

  it("and the tab's picture say what is down by shape, too", () => {
    expect(text("icon.svg")).toContain("M1 2h14l-7 13z");
  });

  it("say unknown of what nobody knows", () => {
    const one = targetOf(1, { config: configOf({ name: "A", url: "http://a.example/", tags: ["public"] }) });
    const parts = partsOf({
      now: NOW,
      targets: [one],
      history: { to: null, days: new Map(), incidents: [], latencies: new Map(), maintenance: new Map() },
    });
    const made = pageFiles(viewOf(parts), parts.page, URL_OF);
    for (const kind of ["status", "uptime", "latency"]) {
      expect(JSON.parse(String(made.get(`badge/${one.id}/${kind}.json`)?.body))).toMatchObject({ message: "unknown" });
    }
  });
});

describe("Statuspage's paths", () => {
  // As https://metastatuspage.com/api documents them.
  const moment = z.iso.datetime();
  const page = z.object({ id: z.string(), name: z.string(), url: z.url(), time_zone: z.string(), updated_at: moment });
  const component = z.object({
    id: z.string(),
    name: z.string(),
    status: z.enum(["operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance"]),
    created_at: moment,
    updated_at: moment,
    position: z.int(),
    description: z.string().nullable(),
    showcase: z.boolean(),
    start_date: z.string().nullable(),
    group_id: z.string().nullable(),
    page_id: z.string(),
    group: z.boolean(),
    only_show_if_degraded: z.boolean(),
    components: z.array(z.string()).optional(),
  });
  const update = z.object({
    id: z.string(),
    status: z.string(),
    body: z.string(),
    incident_id: z.string(),
    created_at: moment,
    updated_at: moment,
    display_at: moment,
  });
  const incident = z.object({
    id: z.string(),
    name: z.string(),
    status: z.enum(["investigating", "identified", "monitoring", "resolved", "postmortem"]),
    created_at: moment,
    updated_at: moment,
    monitoring_at: moment.nullable(),
    resolved_at: moment.nullable(),
    impact: z.enum(["none", "minor", "major", "critical"]),
    shortlink: z.url(),
    page_id: z.string(),
    incident_updates: z.array(update).min(1),
    components: z.array(component),
  });
  const scheduled = incident.extend({
    status: z.enum(["scheduled", "in_progress", "verifying", "completed"]),
    impact: z.literal("maintenance"),
    incident_updates: z.array(update),
    scheduled_for: moment,
    scheduled_until: moment,
  });
  const status = z.object({ indicator: z.enum(["none", "minor", "major", "critical", "maintenance"]), description: z.string() });
  const shapes: Readonly<Record<string, z.ZodType>> = {
    "summary.json": z.object({
      page,
      status,
      components: z.array(component),
      incidents: z.array(incident),
      scheduled_maintenances: z.array(scheduled),
    }),
    "status.json": z.object({ page, status }),
    "components.json": z.object({ page, components: z.array(component).min(3) }),
    "incidents.json": z.object({ page, incidents: z.array(incident).length(3) }),
    "incidents/unresolved.json": z.object({ page, incidents: z.array(incident).length(2) }),
    "scheduled-maintenances.json": z.object({ page, scheduled_maintenances: z.array(scheduled).length(1) }),
    "scheduled-maintenances/active.json": z.object({ page, scheduled_maintenances: z.array(scheduled).length(1) }),
    "scheduled-maintenances/upcoming.json": z.object({ page, scheduled_maintenances: z.array(scheduled).length(0) }),
  };

  it.each(Object.keys(shapes))("%s has the fields that its clients know", (path) => {
    shapes[path]?.parse(json(`api/v2/${path}`));
  });

  it("say of an incident since when it is only watched, and in which group its components are", () => {
    const one = targetOf(1, { config: configOf({ name: "Shop", url: "http://example.com/", tags: ["public"] }) });
    const parts = partsOf({
      now: NOW,
      targets: [one],
      manual: [
        manualIncident({
          targets: [one.id],
          updates: ["identified", "monitoring"].map((status, index) => ({
            at: `2026-11-27T10:0${index}:00.000Z`,
            by: "token:ann",
            status: status as "identified" | "monitoring",
            text: "A word",
            public: true,
          })),
        }),
      ],
    });
    const made = pageFiles(viewOf(parts), parts.page, URL_OF);
    const { incidents, components } = JSON.parse(String(made.get("api/v2/summary.json")?.body));
    expect(incidents[0]).toMatchObject({ status: "monitoring", monitoring_at: "2026-11-27T10:01:00.000Z" });
    // Opened again without a word to the public, it is not over.
    const words = ["identified", "resolved"] as const;
    const updates = words.map((status) => ({ at: "2026-11-27T10:00:00.000Z", by: "token:ann", status, text: "A word", public: true }));
    const again = { ...parts, manual: [manualIncident({ updates })] };
    const opened = JSON.parse(String(pageFiles(viewOf(again), parts.page, URL_OF).get("api/v2/summary.json")?.body));
    expect(opened.incidents).toMatchObject([{ status: "identified", resolved_at: null }]);
    const group = components.find((each: { group: boolean }) => each.group).id;
    expect(incidents[0].components.map((each: { group_id: string }) => each.group_id)).toEqual([group]);
  });

  it("say of each state what clients make of it", () => {
    const indicator = (statuses: readonly ("up" | "degraded" | "down" | "paused")[]) => {
      const targets = statuses.map((each, index) =>
        targetOf(index + 1, {
          config: configOf({ name: `S${index}`, url: "http://a.example/", tags: ["public"] }),
          state: { ...pendingState(NOW_S - 60), status: each },
        }),
      );
      const parts = partsOf({ now: NOW, targets });
      const summary = JSON.parse(String(pageFiles(viewOf(parts), parts.page, URL_OF).get("api/v2/summary.json")?.body));
      return [summary.status.indicator, ...summary.components.slice(1).map((each: { status: string }) => each.status)];
    };
    expect(indicator(["up", "paused"])).toEqual(["none", "operational", "operational"]);
    expect(indicator(["degraded", "up"])).toEqual(["minor", "degraded_performance", "operational"]);
    expect(indicator(["down", "up", "up"])).toEqual(["major", "major_outage", "operational", "operational"]);
    expect(indicator(["down"])).toEqual(["critical", "major_outage"]);
  });
});

describe("a page of 50 targets", () => {
  it("fits what PAGE.md allows: 30 KB of HTML, 8 of style, 15 of script, brotli", () => {
    const targets = Array.from({ length: 50 }, (_, index) =>
      targetOf(index + 1, {
        config: configOf({ name: `Service ${index + 1} in eu-central-1`, url: "http://a.example/", tags: ["public"] }),
        state: { ...pendingState(NOW_S), status: "up" },
      }),
    );
    const page = statusPage({ historyDays: 90 });
    const incidents = targets.flatMap(({ seq }) =>
      [3, 17, 40].map((day) => {
        const until = NOW_S - (day + (seq % 7)) * 86_400;
        return incidentOf(seq, until - seq * 60, until);
      }),
    );
    const parts = partsOf({ page, targets, now: NOW, history: historyOf(page, targets, incidents, NOW) });
    const made = pageFiles(viewOf(parts), page, URL_OF);
    const size = (path: string) => brotliCompressSync(String(made.get(path)?.body)).length;
    expect(size("index.html")).toBeLessThan(30_000);
    expect(size("page.css")).toBeLessThan(8_000);
    expect(size("page.js")).toBeLessThan(15_000);
  });
});
