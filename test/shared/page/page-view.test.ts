import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { daysOf, membersOf, type PublicDay, viewOf } from "../../../shared/page/page-view.ts";
import { componentsOf, overallOf, percentText, sentenceOf } from "../../../shared/page/page-words.ts";
import type { Status } from "../../../shared/status/next-status.ts";
import { pendingState } from "../../../shared/status/next-status.ts";
import { configOf } from "../../support/checks.ts";
import { targetOf } from "../../support/log-rows.ts";
import { historyOf, manualIncident, partsOf, statusPage, window } from "../../support/status-pages.ts";

const NOW = Date.parse("2026-11-27T13:00:00Z");
const NOW_S = NOW / 1_000;
const DAY_S = 86_400;

function target(seq: number, status: Status = "up", overrides: Parameters<typeof targetOf>[1] = {}) {
  const config = configOf({ name: `Service ${seq}`, url: "http://10.0.0.1/", tags: ["public"], group: "Shop / Backend" });
  return targetOf(seq, { config, state: { ...pendingState(NOW_S - 600), status }, ...overrides });
}
const total = ({ up, degraded, down, maintenance, unknown }: PublicDay) => up + degraded + down + maintenance + unknown;
const lastOf = (view: ReturnType<typeof viewOf>) => componentsOf(view)[0]?.days.at(-1) as PublicDay;

describe("days of a page", () => {
  it("add up to the day, whatever checks, incidents and windows say, and no figure is beyond 0 to 100", () => {
    const stretch = fc.record({ begin: fc.integer({ min: 0, max: 8 * DAY_S }), length: fc.integer({ min: 1, max: 2 * DAY_S }) });
    const seconds = fc.record({ up: fc.nat(60_000), degraded: fc.nat(30_000), down: fc.nat(30_000) });
    fc.assert(
      fc.property(
        fc.array(stretch, { maxLength: 4 }),
        fc.array(stretch, { maxLength: 3 }),
        fc.array(seconds, { minLength: 7, maxLength: 7 }),
        (downs, planned, said) => {
          const page = statusPage({ historyDays: 7, timeZone: "Europe/Berlin" });
          const one = target(1);
          const days = daysOf(page, NOW);
          const first = (days[0]?.from ?? 0) / 1_000;
          const view = viewOf(
            partsOf({
              page,
              now: NOW,
              targets: [one],
              history: {
                to: NOW_S,
                latencies: new Map(),
                maintenance: new Map([
                  [1, planned.map(({ begin, length }) => [first + begin, Math.min(NOW_S, first + begin + length)] as const)],
                ]),
                days: new Map([[1, new Map(days.map(({ date }, index) => [date, said[index] ?? { up: 0, degraded: 0, down: 0 }]))]]),
                incidents: downs.map(({ begin, length }) => ({
                  seq: 1,
                  since: first + begin,
                  until: Math.min(NOW_S, first + begin + length),
                  errorClass: null,
                })),
              },
            }),
          );
          const [component] = componentsOf(view);
          for (const [index, day] of (component?.days ?? []).entries()) {
            const of = days[index];
            expect(total(day)).toBe(Math.round((Math.min(of?.to ?? 0, NOW) - (of?.from ?? 0)) / 1_000));
            expect(Math.min(day.up, day.degraded, day.down, day.maintenance, day.unknown, day.blips)).toBeGreaterThanOrEqual(0);
          }
          for (const figure of [component?.uptimePercent, component?.seenPercent]) {
            if (figure != null) expect(figure >= 0 && figure <= 100).toBe(true);
          }
        },
      ),
    );
  });

  it("have 23 and 25 hours when clocks change, in the page's zone", () => {
    const days = daysOf(statusPage({ timeZone: "Europe/Berlin", historyDays: 90 }), Date.parse("2026-11-27T13:00:00Z"));
    const hours = new Map(days.map(({ date, from, to }) => [date, (to - from) / 3_600_000]));
    expect([hours.get("2026-10-24"), hours.get("2026-10-25"), hours.get("2026-10-26")]).toEqual([24, 25, 24]);
    expect(new Date(days.at(-1)?.from ?? 0).toISOString()).toBe("2026-11-26T23:00:00.000Z");
  });

  it("take their colour from incidents: failed checks without one are up, and said", () => {
    const page = statusPage();
    const one = target(1);
    const history = historyOf(page, [one], [], NOW);
    (history.days.get(1) as Map<string, object>).set("2026-11-26", { up: DAY_S - 60, degraded: 0, down: 60 });
    const [component] = componentsOf(viewOf(partsOf({ page, now: NOW, targets: [one], history })));
    expect(component?.days.at(-2)).toMatchObject({ date: "2026-11-26", up: DAY_S, down: 0, blips: 60, incidents: 0 });
    expect(component?.uptimePercent).toBe(100);
  });

  it("show an incident over midnight in both, and count neither maintenance nor unknown time", () => {
    const page = statusPage({ historyDays: 7 });
    const one = target(1);
    const midnight = Date.parse("2026-11-26T00:00:00Z") / 1_000;
    const incidents = [{ seq: 1, since: midnight - 600, until: midnight + 1_200, errorClass: null }];
    const history = historyOf(page, [one], incidents, NOW);
    (history.days.get(1) as Map<string, object>).delete("2026-11-24");
    // The window itself was deleted meanwhile.
    const maintenance = new Map([[1, [[midnight + 600, midnight + 3_600] as const]]]);
    const [component] = componentsOf(viewOf(partsOf({ page, now: NOW, targets: [one], history: { ...history, maintenance } })));
    const day = (date: string) => component?.days.find((each) => each.date === date);
    expect(day("2026-11-25")).toMatchObject({ down: 600, incidents: 1 });
    expect(day("2026-11-26")).toMatchObject({ down: 600, maintenance: 3_000, incidents: 1 });
    expect(day("2026-11-24")).toMatchObject({ unknown: DAY_S, up: 0 });
    const known = 6 * DAY_S + 13 * 3_600 - DAY_S - 3_000;
    expect(component?.uptimePercent).toBeCloseTo((100 * (known - 1_200)) / known, 6);
    expect(component?.seenPercent).toBeCloseTo((100 * known) / (known + DAY_S), 6);
  });

  it("begin when the target was made", () => {
    const one = target(1, "up", { createdAt: "2026-11-25T06:00:00.000Z" });
    const [component] = componentsOf(viewOf(partsOf({ now: NOW, targets: [one] })));
    expect(component?.days.map(total).slice(-4)).toEqual([0, 18 * 3_600, DAY_S, 13 * 3_600]);
    expect(component?.seenPercent).toBe(100);
  });
});

describe("what a page shows now", () => {
  it("is what targets say, though the log is behind or away", () => {
    const targets = [target(1, "down"), target(2, "up")];
    const stale = [{ seq: 2, since: NOW_S - 5_000, until: null, errorClass: null }];
    const view = viewOf(
      partsOf({
        now: NOW,
        targets,
        history: { to: null, days: new Map(), latencies: new Map(), maintenance: new Map(), incidents: stale },
      }),
    );
    expect(componentsOf(view).map(({ state }) => state)).toEqual(["down", "up"]);
    expect(view.incidents.map(({ components: [component], endedAt }) => [component?.name, endedAt])).toEqual([
      ["Service 1", null],
      ["Service 2", (NOW_S - 600) * 1_000],
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

  it("is maintenance within a window, a silence is none, and a report by hand counts where it is worse", () => {
    const runs = { once: { from: "2026-11-27T12:00:00Z", to: "2026-11-27T14:00:00Z" } };
    const one = target(1, "down");
    const state = (overrides: Partial<Parameters<typeof partsOf>[0]>) =>
      componentsOf(viewOf(partsOf({ now: NOW, targets: [one, target(2)], ...overrides }))).map((component) => component.state);
    expect(state({ windows: [window(runs)] })).toEqual(["maintenance", "maintenance"]);
    expect(state({ windows: [window({ ...runs, kind: "silence" })] })).toEqual(["down", "up"]);
    expect(state({ manual: [manualIncident({ targets: [one.id, target(2).id] })] })).toEqual(["down", "degraded"]);
    expect(state({ manual: [manualIncident({ targets: [target(2).id], public: false })] })).toEqual(["down", "up"]);
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

  it("has the last day's bar grow with the day", () => {
    expect(total(lastOf(viewOf(partsOf({ now: NOW, targets: [target(1)] }))))).toBe(13 * 3_600);
  });
});
