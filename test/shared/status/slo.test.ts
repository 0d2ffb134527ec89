import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BURN_LEVELS, BURN_RATES, BURN_WINDOWS_S, budgetOf, burningAt, burnRate } from "../../../shared/status/slo.ts";

const SLO = { objectivePercent: 99.9, windowDays: 30 };
/** Every window down for a share of it. */
const share = (of: (window: number) => number) => new Map(BURN_WINDOWS_S.map((window) => [window, of(window) * window]));

describe("how fast a budget is spent", () => {
  it.each([
    ["all is well", () => 0, undefined],
    ["1.44 % of the last hour, and it goes on", () => 0.0145, "fast"],
    ["as much, and it is over", (window: number) => (window <= 300 ? 0 : 0.0145), "medium"],
    ["0.6 % of six hours, and it goes on", (window: number) => (window <= 1_800 || window === 21_600 ? 0.0061 : 0.002), "medium"],
    ["0.1 % of three days, and it goes on", () => 0.00101, "slow"],
    ["three days' worth that are over", (window: number) => (window === 259_200 ? 0.002 : 0), undefined],
    ["5 minutes alone", (window: number) => (window === 300 ? 1 : 0.0001), undefined],
  ])("%s", (_, of, level) => expect(burningAt(SLO, share(of))).toBe(level));

  it("is of the whole window: 30 s of a new target's first minutes are 30 s of an hour", () => {
    // 0.8 % of an hour, and 10 % of 5 minutes: no hour goes on so.
    expect(burningAt(SLO, new Map(BURN_WINDOWS_S.map((window) => [window, 30])))).toBe(undefined);
    expect(burningAt(SLO, new Map(BURN_WINDOWS_S.map((window) => [window, 60])))).toBe("fast");
  });

  it("is told of the fastest rate that both windows have, whatever they are", () => {
    const downs = fc.array(fc.nat(300_000), { minLength: BURN_WINDOWS_S.length, maxLength: BURN_WINDOWS_S.length });
    fc.assert(
      fc.property(downs, (given) => {
        const times = new Map(BURN_WINDOWS_S.map((window, index) => [window, given[index] ?? 0]));
        const rate = (window: number) => burnRate(SLO, times.get(window) ?? 0, window);
        const fits = BURN_LEVELS.filter(
          (each) => Math.min(rate(BURN_RATES[each].longS), rate(BURN_RATES[each].shortS)) >= BURN_RATES[each].rate,
        );
        expect(burningAt(SLO, times)).toBe(fits[0]);
      }),
    );
    expect(burningAt(SLO, new Map())).toBe(undefined);
  });

  it("does not go on where the last checks were good for as long as its short window", () => {
    const burning = new Map(BURN_WINDOWS_S.map((window) => [window, 200]));
    expect(["fast", "medium", undefined]).toEqual([299, 301, 21_601].map((goodForS) => burningAt(SLO, burning, goodForS)));
  });

  it("leaves what is not spent of the objective's days, and less than nothing of what was overspent", () => {
    expect(budgetOf(SLO, 648)).toEqual({ ...SLO, budgetSeconds: 2_592, spentSeconds: 648, leftPercent: 75 });
    expect(budgetOf(SLO, 3_600).leftPercent).toBe(-38.9);
    expect(budgetOf(SLO, 0).leftPercent).toBe(100);
  });
});
