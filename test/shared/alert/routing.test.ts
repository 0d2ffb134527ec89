import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hoursSchema, matchSchema, nextWithin, TAKES_ALL, takesSeverity, takesTarget } from "../../../shared/alert/routing.ts";
import { SEVERITIES } from "../../../shared/status/alert-kinds.ts";
import { configOf } from "../../support/checks.ts";
import { targetOf } from "../../support/log-rows.ts";

const shop = targetOf(1, { config: configOf({ name: "Shop", url: "http://example.com/", tags: ["prod", "eu"], group: "Shop / Backend" }) });

describe("which targets a channel is for", () => {
  const takes = (match: object) => takesTarget({ ...TAKES_ALL, match: matchSchema.parse(match) }, shop);

  it.each([
    [{}, true],
    [{ anyTag: ["test", "eu"] }, true],
    [{ anyTag: ["test"] }, false],
    [{ allTags: ["prod", "eu"] }, true],
    [{ allTags: ["prod", "us"] }, false],
    [{ groups: ["Shop"] }, true],
    [{ groups: ["Shop / Backend"] }, true],
    [{ groups: ["Sho", "Shop / Back"] }, false],
    [{ targets: [shop.id] }, true],
    [{ targets: ["00000000-0000-4000-8000-000000000000"] }, false],
    [{ anyTag: ["eu"], groups: ["Other"] }, false],
  ])("%j: %s", (match, expected) => {
    expect(takes(match)).toBe(expected);
  });

  it("and which events: all, or those it names", () => {
    const takesAll = SEVERITIES.map((severity) => takesSeverity(TAKES_ALL, severity));
    expect(takesAll).toEqual(SEVERITIES.map(() => true));
    const onlyDown = { ...TAKES_ALL, match: matchSchema.parse({ severities: ["down"] }) };
    expect(SEVERITIES.filter((severity) => takesSeverity(onlyDown, severity))).toEqual(["down"]);
  });
});

describe("a channel's hours", () => {
  const next = (hours: object, at: string) => new Date(nextWithin(hoursSchema.parse(hours), Date.parse(at))).toISOString();
  const office = { days: ["monday", "tuesday", "wednesday", "thursday", "friday"], from: "08:30", to: "18:00", timeZone: "Europe/Berlin" };

  it.each([
    ["within them", "2026-11-25T09:00:00Z", "2026-11-25T09:00:00.000Z"],
    ["before they begin", "2026-11-25T07:29:59Z", "2026-11-25T07:30:00.000Z"],
    ["at their end", "2026-11-25T17:00:00Z", "2026-11-26T07:30:00.000Z"],
    ["before a weekend", "2026-11-27T18:00:00Z", "2026-11-30T07:30:00.000Z"],
    ["on the weekend on which clocks are put forward", "2026-03-28T12:00:00Z", "2026-03-30T06:30:00.000Z"],
    ["on the weekend on which they are put back", "2026-10-24T12:00:00Z", "2026-10-26T07:30:00.000Z"],
  ])("%s", (_, at, expected) => {
    expect(next(office, at)).toBe(expected);
  });

  it("may reach over midnight, and last all day", () => {
    const night = { days: ["friday"], from: "22:00", to: "06:00", timeZone: "UTC" };
    expect(next(night, "2026-11-28T05:59:00Z")).toBe("2026-11-28T05:59:00.000Z");
    expect(next(night, "2026-11-28T06:00:00Z")).toBe("2026-12-04T22:00:00.000Z");
    expect(next({ days: ["friday"], from: "00:00", to: "00:00" }, "2026-11-27T23:59:59Z")).toBe("2026-11-27T23:59:59.000Z");
  });

  it("begin within a week from whenever, and what is within them is so now", () => {
    const clock = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map((parts) => parts.map((part) => String(part).padStart(2, "0")).join(":"));
    const hours = fc.record({
      days: fc.subarray(office.days, { minLength: 1 }),
      from: clock,
      to: clock,
      timeZone: fc.constantFrom("UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"),
    });
    fc.assert(
      fc.property(hours, fc.integer({ min: 1_767_225_600, max: 1_798_761_600 }), (given, second) => {
        const parsed = hoursSchema.parse(given);
        const begins = nextWithin(parsed, second * 1_000);
        expect(begins).toBeGreaterThanOrEqual(second * 1_000);
        expect(begins - second * 1_000).toBeLessThanOrEqual(8 * 86_400_000);
        expect(nextWithin(parsed, begins)).toBe(begins);
      }),
    );
  });
});
