import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BURN_LEVELS, BURN_RATES, BURN_WINDOWS_S, budgetOf, burningAt, burnRate } from "../../../shared/status/slo.ts";

const SLO = { objectivePercent: 99.9, windowDays: 30 };
/** Every window down for a share of what is known of it. */
const share = (of: (window: number) => number) =>
  new Map(BURN_WINDOWS_S.map((window) => [window, { down: of(window) * window, known: window }]));

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

  it("is told of the fastest rate that both windows have, whatever they are, and nothing is made of what is not known", () => {
    const time = fc.integer({ min: 0, max: 300_000 }).chain((known) => fc.record({ known: fc.constant(known), down: fc.nat(known) }));
    fc.assert(
      fc.property(fc.array(time, { minLength: BURN_WINDOWS_S.length, maxLength: BURN_WINDOWS_S.length }), (given) => {
        const times = new Map(BURN_WINDOWS_S.map((window, index) => [window, given[index] ?? { down: 0, known: 0 }]));
        const rate = (window: number) => burnRate(SLO, times.get(window) ?? { down: 0, known: 0 });
        const fits = BURN_LEVELS.filter(
          (each) => Math.min(rate(BURN_RATES[each].longS), rate(BURN_RATES[each].shortS)) >= BURN_RATES[each].rate,
        );
        expect(burningAt(SLO, times)).toBe(fits[0]);
      }),
    );
    expect(burningAt(SLO, new Map())).toBe(undefined);
  });

  it("leaves what is not spent, and less than nothing of what was overspent", () => {
    expect(budgetOf(SLO, { known: 2_592_000, down: 648 })).toEqual({ ...SLO, budgetSeconds: 2_592, spentSeconds: 648, leftPercent: 75 });
    expect(budgetOf(SLO, { known: 100_000, down: 200 }).leftPercent).toBe(-100);
    expect(budgetOf(SLO, { known: 0, down: 0 }).leftPercent).toBe(null);
  });
});
