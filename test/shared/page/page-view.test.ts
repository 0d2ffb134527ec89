import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DayTotals } from "../../../shared/log/log-pages.ts";
import { remarkableDays } from "../../../shared/page/day-bars.ts";
import { dayOf, daysOf, figuresOf, type PublicDay } from "../../../shared/page/page-days.ts";
import { indexHtml } from "../../../shared/page/page-html.ts";
import { membersOf, type PageParts, viewOf } from "../../../shared/page/page-view.ts";
import { componentsOf, overallOf, percentText, sentenceOf } from "../../../shared/page/page-words.ts";
import type { Status } from "../../../shared/status/next-status.ts";
import { pendingState } from "../../../shared/status/next-status.ts";
import { configOf } from "../../support/checks.ts";
import { targetOf } from "../../support/log-rows.ts";
import { historyOf, incidentOf, manualIncident, partsOf, statusPage, window } from "../../support/status-pages.ts";

const NOW = Date.parse("2026-11-27T13:00:00Z");
const NOW_S = NOW / 1_000;
const DAY_S = 86_400;

function target(seq: number, status: Status = "up", overrides: Parameters<typeof targetOf>[1] = {}) {
  const config = configOf({ name: `Service ${seq}`, url: "http://10.0.0.1/", tags: ["public"], group: "Shop / Backend" });
  return targetOf(seq, { config, state: { ...pendingState(NOW_S - 600), status }, ...overrides });
}
const total = ({ up, degraded, down, maintenance, unknown }: PublicDay) => up + degraded + down + maintenance + unknown;
const NO_HISTORY: PageParts["history"] = { to: null, days: new Map(), incidents: [], latencies: new Map(), maintenance: new Map() };

const NOTHING_MORE = { up: [], degraded: [], down: [] };

describe("days of a page", () => {
  const whole = { date: "2026-11-26", from: NOW - 37 * 3_600_000, to: NOW - 13 * 3_600_000 };
  const bounds = { created: 0, historyTo: NOW, unlogged: NOTHING_MORE, now: NOW };

  it("add up to the day, whatever of it is known", () => {
    const share = fc.integer({ min: 0, max: 20_000 });
    fc.assert(
      fc.property(share, share, share, share, (up, degraded, down, maintenance) => {
        const day = dayOf(whole, { up, degraded, down, maintenance, incidents: 1 }, bounds);
        expect(total(day)).toBe(DAY_S);
        const { uptimePercent, seenPercent } = figuresOf([day]);
        const known = up + degraded + down;
        if (known > 0) expect(uptimePercent).toBeCloseTo((100 * (up + degraded)) / known, 9);
        if (known + day.unknown > 0) expect(seenPercent).toBeCloseTo((100 * known) / (DAY_S - maintenance), 9);
      }),
    );
  });

  it("have 23 and 25 hours when clocks change, and begin at a whole hour of UTC in every zone", () => {
    const days = daysOf({ timeZone: "Europe/Berlin", historyDays: 90 }, NOW);
    const hours = new Map(days.map(({ date, from, to }) => [date, (to - from) / 3_600_000]));
    expect([hours.get("2026-10-24"), hours.get("2026-10-25"), hours.get("2026-10-26")]).toEqual([24, 25, 24]);
    expect(new Date(days.at(-1)?.from ?? 0).toISOString()).toBe("2026-11-26T23:00:00.000Z");
    for (const timeZone of ["Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe", "+05:45"]) {
      const own = daysOf({ timeZone, historyDays: 90 }, NOW);
      for (const [index, { from, to }] of own.entries()) {
        expect([timeZone, from % 3_600_000, to]).toEqual([timeZone, 0, own[index + 1]?.from ?? to]);
      }
    }
  });

  it("count what checks found, as every report; failed checks without an incident are said, and not coloured", () => {
    const day = dayOf(whole, { up: DAY_S - 60, degraded: 0, down: 60, maintenance: 0, incidents: 0 }, bounds);
    expect(figuresOf([day]).uptimePercent).toBeCloseTo(100 - 6_000 / DAY_S, 9);
    expect(remarkableDays([day])).toEqual([{ date: "2026-11-26", text: "failed checks for 1 minute, no incident" }]);
    expect(remarkableDays([{ ...day, incidents: 1 }])[0]?.text).toBe("1 incident, 1 minute down");
  });

  it("say nothing of an incident of which maintenance left nothing", () => {
    const day = dayOf(whole, { up: 0, degraded: 0, down: 0, maintenance: DAY_S, incidents: 2 }, bounds);
    expect(remarkableDays([day])[0]?.text).toBe("24 hours in maintenance");
  });

  it("know nobody's time for down or up that nobody saw", () => {
    // 14 hours were seen, of which a minute was down; an incident of ten hours began in it.
    const day = dayOf(whole, { up: 50_340, degraded: 0, down: 60, maintenance: 0, incidents: 1 }, bounds);
    expect(day).toMatchObject({ down: 60, unknown: 36_000 });
    expect(figuresOf([day]).uptimePercent).toBeGreaterThan(99.8);
    // Half a day of maintenance that nobody saw, and the other half with an hour of incident.
    const half = dayOf(whole, { up: 39_600, degraded: 0, down: 3_600, maintenance: 43_200, incidents: 1 }, bounds);
    expect(half).toMatchObject({ up: 39_600, down: 3_600, maintenance: 43_200, unknown: 0 });
  });

  it("begin when the target was made, and today grows from the first second that it is down, before the log knows", () => {
    const [component] = componentsOf(viewOf(partsOf({ now: NOW, targets: [target(1, "up", { createdAt: "2026-11-25T06:00:00.000Z" })] })));
    expect(component?.days.map(total).slice(-4)).toEqual([0, 18 * 3_600, DAY_S, 13 * 3_600]);
    expect(component?.seenPercent).toBe(100);
    const today = { date: "2026-11-27", from: NOW - 13 * 3_600_000, to: NOW + 11 * 3_600_000 };
    const known: DayTotals = { up: 13 * 3_600 - 600, degraded: 0, down: 0, maintenance: 0, incidents: 0 };
    const downSince = (from: number) => ({ ...NOTHING_MORE, down: [{ from, to: NOW }] });
    const day = dayOf(today, known, { created: 0, historyTo: NOW - 600_000, unlogged: downSince(NOW - 5_000), now: NOW });
    expect(day).toMatchObject({ down: 5, incidents: 1, unknown: 0 });
    // What is in the log is not counted again.
    const later = dayOf(
      today,
      { ...known, down: 300 },
      { created: 0, historyTo: NOW - 300_000, unlogged: downSince(NOW - 600_000), now: NOW },
    );
    expect(later.down).toBe(600);
  });
});

describe("today, beyond what the log has rolled up", () => {
  const today = (
    status: Status,
    since: number,
    {
      incidents = [],
      known = 1,
      createdAt,
      isFirst = false,
    }: { incidents?: PageParts["history"]["incidents"]; known?: number; createdAt?: string; isFirst?: boolean } = {},
  ) => {
    const state = { ...pendingState(since), status, ...(!isFirst && { changes: [since] }) };
    const one = target(1, status, { state, ...(createdAt !== undefined && { createdAt }) });
    const totals = { up: known, degraded: 0, down: 0, maintenance: 0, incidents: 0 };
    const days = new Map([[one.seq, new Map([["2026-11-27", totals]])]]);
    const history = { ...NO_HISTORY, to: NOW_S - 600, days, incidents };
    const [component] = componentsOf(viewOf(partsOf({ now: NOW, targets: [one], history })));
    return component?.days.at(-1);
  };

  it("counts an outage that is over as it counted it while it went on", () => {
    const whole = 13 * 3_600 - 600;
    const open = today("down", NOW_S - 500, { known: whole });
    expect(open).toMatchObject({ down: 500, up: whole + 100, unknown: 0, incidents: 1 });
    const over = today("up", NOW_S - 200, { known: whole, incidents: [incidentOf(1, NOW_S - 500, NOW_S - 200)] });
    expect(over).toMatchObject({ down: 300, up: whole + 300, unknown: 0, incidents: 1 });
  });

  it("counts what a young target was up before it went down, and one outage once however many days it lasts", () => {
    const createdAt = new Date(NOW - 400_000).toISOString();
    const day = today("down", NOW_S - 300, { known: 0, createdAt, incidents: [incidentOf(1, NOW_S - 300, null)] });
    expect(day).toMatchObject({ up: 100, down: 300, unknown: 0 });
    const incidents = [incidentOf(1, NOW_S - 40 * 86_400, NOW_S - 86_400), incidentOf(1, NOW_S - 3_600, NOW_S - 3_000)];
    const [component] = componentsOf(viewOf(partsOf({ now: NOW, targets: [target(1)], history: { ...NO_HISTORY, incidents } })));
    expect(component?.outages).toBe(2);
  });

  it("counts nothing before a first status, or that after a pause: what never was up has no uptime", () => {
    const createdAt = new Date(NOW - 400_000).toISOString();
    const never = today("down", NOW_S - 300, { known: 0, createdAt, isFirst: true, incidents: [incidentOf(1, NOW_S - 300, null)] });
    expect(never).toMatchObject({ up: 0, down: 300 });
    const resumed = today("up", NOW_S - 60, { known: 0, createdAt: new Date(NOW - 86_400_000).toISOString(), isFirst: true });
    expect(resumed).toMatchObject({ up: 60, down: 0 });
  });

  it("counts being up as it counts being down: a new target that recovered was not down all its life", () => {
    const createdAt = new Date(NOW - 120_000).toISOString();
    const day = today("up", NOW_S - 80, { known: 0, createdAt, incidents: [incidentOf(1, NOW_S - 120, NOW_S - 80)] });
    expect(day).toMatchObject({ up: 80, down: 40, unknown: 0 });
    expect(today("degraded", NOW_S - 80)).toMatchObject({ degraded: 80 });
    expect(today("paused", NOW_S - 80)).toMatchObject({ up: 1, down: 0, degraded: 0 });
  });
});

describe("what people say of an incident", () => {
  it("stands between its beginning and its end, or behind that", () => {
    const said = [
      { at: NOW_S - 500, status: "identified" as const, text: "It is the disk." },
      { at: NOW_S - 100, status: "monitoring" as const, text: "We watch it." },
    ];
    const incidents = [{ ...incidentOf(1, NOW_S - 600, NOW_S - 200), said }];
    const view = viewOf(partsOf({ now: NOW, targets: [target(1)], history: { ...NO_HISTORY, incidents } }));
    expect(view.incidents[0]?.updates.map(({ status, text }) => [status, text])).toEqual([
      ["investigating", "Service 1 is down."],
      ["identified", "It is the disk."],
      ["resolved", "Service 1 is up again."],
      ["resolved", "We watch it."],
    ]);
  });
});

describe("what a page shows now", () => {
  it("is what targets say, though the log is behind or away", () => {
    const targets = [target(1, "down"), target(2, "up"), target(3, "paused")];
    const stale = [incidentOf(2, NOW_S - 5_000, null), incidentOf(3, NOW_S - 4_000, null)];
    const view = viewOf(partsOf({ now: NOW, targets, history: { ...NO_HISTORY, incidents: stale } }));
    expect(componentsOf(view).map(({ state }) => state)).toEqual(["down", "up", "unknown"]);
    expect(view.incidents.map(({ title, endedAt, updates }) => [title, endedAt, updates.at(-1)?.text])).toEqual([
      ["Service 1 is down", null, "Service 1 is down."],
      ["Service 3 was down", (NOW_S - 600) * 1_000, "Service 3 is no longer watched."],
      ["Service 2 was down", (NOW_S - 600) * 1_000, "Service 2 is up again."],
    ]);
    expect(view.historyTo).toBe(null);
  });

  it.each([
    [["up", "up"], "up", "Everything is up."],
    [["up", "paused"], "up", "1 of 2 are up. Nothing is known of 1."],
    [["up", "up", "degraded"], "degraded", "Of 3: 1 degraded, 2 up."],
    [["down", "up", "up"], "down", "Of 3: 1 down, 2 up."],
    [["down", "down", "up"], "outage", "Of 3: 2 down, 1 up."],
    [["pending"], "unknown", "Nothing is known yet."],
    [["down"], "outage", "It is down."],
    [[], "unknown", "This page shows nothing yet."],
  ] as const)("says of %j: %s", (statuses, overall, sentence) => {
    const view = viewOf(partsOf({ now: NOW, targets: statuses.map((status, index) => target(index + 1, status)) }));
    expect([overallOf(view), sentenceOf(view)]).toEqual([overall, sentence]);
  });

  it("is an incident where somebody tells of one, though it shows no target", () => {
    const view = viewOf(partsOf({ now: NOW, targets: [], manual: [manualIncident({ severity: "down" })] }));
    expect([overallOf(view), sentenceOf(view)]).toEqual(["down", "There is an incident."]);
    // It is said beside what targets show, where it is the worse.
    const beside = (targets: PageParts["targets"]) =>
      sentenceOf(viewOf(partsOf({ now: NOW, targets, manual: [manualIncident({ severity: "down" })] })));
    expect(beside([target(1, "degraded"), target(2)])).toBe("There is an incident. Of 2: 1 degraded, 1 up.");
    expect(beside([target(1)])).toBe("There is an incident.");
  });

  it("is maintenance within a window, a silence is none, and a report by hand counts where it is worse", () => {
    const runs = { once: { from: "2026-11-27T12:00:00Z", to: "2026-11-27T14:00:00Z" } };
    const one = target(1, "down");
    const state = (overrides: Partial<PageParts>) =>
      componentsOf(viewOf(partsOf({ now: NOW, targets: [one, target(2)], ...overrides }))).map((component) => component.state);
    expect(state({ windows: [window(runs)] })).toEqual(["maintenance", "maintenance"]);
    expect(state({ windows: [window({ ...runs, kind: "silence" })] })).toEqual(["down", "up"]);
    expect(state({ manual: [manualIncident({ targets: [one.id, target(2).id] })] })).toEqual(["down", "degraded"]);
    expect(state({ manual: [manualIncident({ targets: [target(2).id], public: false })] })).toEqual(["down", "up"]);
  });

  it("tells of an incident what lies outside of maintenance", () => {
    const tell = (since: number, until: number | null, once: { from: string; to: string }) => {
      const one = target(1, until === null ? "down" : "up", {
        state: { ...pendingState(until ?? since), status: until === null ? "down" : "up" },
      });
      const view = viewOf(
        partsOf({
          now: NOW,
          targets: [one],
          windows: [window({ once })],
          history: { ...NO_HISTORY, incidents: [incidentOf(1, since, until)] },
        }),
      );
      return view.incidents.map(({ startedAt, endedAt, updates }) => [
        startedAt / 1_000 - NOW_S,
        endedAt === null ? null : endedAt / 1_000 - NOW_S,
        updates.at(-1)?.text,
      ]);
    };
    const running = { from: "2026-11-27T12:00:00Z", to: "2026-11-27T14:00:00Z" };
    const over = { from: "2026-11-27T11:00:00Z", to: "2026-11-27T12:00:00Z" };
    expect(tell(NOW_S - 600, null, running)).toEqual([]);
    // It goes on, though nobody is told more of it for now.
    expect(tell(NOW_S - 7_200, null, running)).toEqual([[-7_200, null, "Maintenance began."]]);
    expect(tell(NOW_S - 5_000, null, over)).toEqual([[-3_600, null, "Service 1 is down."]]);
    expect(tell(NOW_S - 9_000, null, over)).toEqual([[-9_000, null, "Maintenance is over, and Service 1 is down."]]);
    expect(tell(NOW_S - 7_000, NOW_S - 4_000, over)).toEqual([]);
    expect(tell(NOW_S - 9_000, NOW_S - 8_000, over)).toEqual([[-9_000, -8_000, "Service 1 is up again."]]);
  });

  it("has each target once, by id, tag or group, those that were named first and by their public names", () => {
    const targets = [target(1), target(2), target(3, "up", { config: configOf({ name: "Secret", url: "http://10.0.0.1/" }) })];
    const page = statusPage({
      sections: [
        { name: "First", targets: [{ id: targets[1]?.id ?? "", name: "Checkout" }], tags: [], groups: [] },
        { name: "Shop", targets: [], tags: [], groups: ["Shop"] },
        { name: "Gone", targets: [{ id: "00000000-0000-4000-8000-0000000000ff" }], tags: [], groups: [] },
      ],
    });
    expect(membersOf(page, targets).map(({ name, members }) => [name, members.map((member) => member.name)])).toEqual([
      ["First", ["Checkout"]],
      ["Shop", ["Service 1"]],
      ["Gone", []],
    ]);
  });

  it("has room for 500 targets, and says of how many more it has none", () => {
    const targets = Array.from({ length: 503 }, (_, index) => target(index + 1));
    const sections = [
      { name: "Shop", targets: [], tags: [], groups: ["Shop"] },
      { name: "Again", targets: [{ id: target(502).id }, { id: target(1).id }], tags: [], groups: [] },
    ];
    const parts = partsOf({ now: NOW, targets, page: statusPage({ sections }) });
    const view = viewOf(parts);
    expect(view.sections.map(({ components, unshown }) => [components.length, unshown.length])).toEqual([
      [500, 3],
      [0, 0],
    ]);
    expect(indexHtml(view).includes("And 3 more, which are not shown, but counted above: a page has room for 500.")).toBe(true);
    // One of those that are not shown is down: the page is not up.
    const shown = new Set(componentsOf(view).map(({ id }) => id));
    const hidden = targets.map((one) => (shown.has(one.id) ? one : { ...one, state: { ...one.state, status: "down" as const } }));
    const judged = viewOf({ ...parts, targets: hidden });
    expect([overallOf(judged), sentenceOf(judged)]).toEqual(["down", "Of 503: 3 down, 500 up."]);
  });

  it("has room for what is over beside any number of open incidents, the worst of which come first", () => {
    const targets = Array.from({ length: 250 }, (_, index) =>
      target(index + 1, "down", { state: { ...pendingState(NOW_S - 300), status: "down", changes: [NOW_S - 300] } }),
    );
    const incidents = targets.flatMap((_, index) => [
      incidentOf(index + 1, NOW_S - 300, null),
      ...(index < 3 ? [incidentOf(index + 1, NOW_S - 9_000, NOW_S - 8_000)] : []),
    ]);
    const notice = manualIncident({ severity: "notice", startedAt: new Date(NOW - 1_000).toISOString() });
    const view = viewOf(partsOf({ now: NOW, targets, manual: [notice], history: { ...NO_HISTORY, incidents } }));
    const over = view.incidents.filter(({ endedAt }) => endedAt !== null);
    expect([over.length, view.incidents.length - over.length, view.moreOpen]).toEqual([3, 200, 51]);
    expect(indexHtml(view).includes("And 51 more incidents, for which there is no room here.")).toBe(true);
    const few = viewOf(partsOf({ now: NOW, targets: targets.slice(0, 1), manual: [notice], history: { ...NO_HISTORY, incidents } }));
    expect(few.incidents.map(({ impact }) => impact)).toEqual(["down", "notice", "down"]);
  });

  it("never rounds up to 100 %", () => {
    expect([100, 99.9999, 99.95, 99.5, 42.123].map(percentText)).toEqual(["100 %", "99.999 %", "99.95 %", "99.5 %", "42.1 %"]);
  });

  it("lists maintenance of the next 90 days, occurrence by occurrence, and none of what it does not show", () => {
    const weekly = { days: ["sunday" as const], at: "02:30", durationMinutes: 60 };
    const windows = [window({ weekly, timeZone: "Europe/Berlin" }), window({ id: "x", all: false, tags: ["internal"], weekly })];
    const { maintenance } = viewOf(partsOf({ now: NOW, targets: [target(1)], windows }));
    expect(maintenance).toHaveLength(13);
    expect(new Date(maintenance[0]?.from ?? 0).toISOString()).toBe("2026-11-29T01:30:00.000Z");
  });

  it("shows an incident over midnight in both days", () => {
    const page = statusPage({ historyDays: 7 });
    const midnight = Date.parse("2026-11-26T00:00:00Z") / 1_000;
    const incidents = [incidentOf(1, midnight - 600, midnight + 1_200)];
    const [component] = componentsOf(
      viewOf(partsOf({ page, now: NOW, targets: [target(1)], history: historyOf(page, [target(1)], incidents, NOW) })),
    );
    const day = (date: string) => component?.days.find((each) => each.date === date);
    expect([day("2026-11-25"), day("2026-11-26")]).toMatchObject([
      { down: 600, incidents: 1 },
      { down: 1_200, incidents: 1 },
    ]);
  });
});
