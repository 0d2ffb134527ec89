/** Which share of its time a target is to be up, of so many days. */
export interface Slo {
  readonly objectivePercent: number;
  readonly windowDays: number;
}

/**
 * How fast an error budget may be spent, and over which windows it is judged: both must say so, the long one that it
 * matters, the short one that it goes on. Google's Site Reliability Workbook, table 5-8.
 * https://sre.google/workbook/alerting-on-slos/#6-multiwindow-multi-burn-rate-alerts
 */
export const BURN_RATES = {
  fast: { rate: 14.4, longS: 3_600, shortS: 300, words: "1 h and 5 min" },
  medium: { rate: 6, longS: 21_600, shortS: 1_800, words: "6 h and 30 min" },
  slow: { rate: 1, longS: 259_200, shortS: 21_600, words: "3 d and 6 h" },
} as const;
export type BurnLevel = keyof typeof BURN_RATES;
export const BURN_LEVELS = Object.keys(BURN_RATES) as [BurnLevel, ...BurnLevel[]];

/** Every window that is looked at, seconds. */
export const BURN_WINDOWS_S: readonly number[] = [
  ...new Set(Object.values(BURN_RATES).flatMap(({ longS, shortS }) => [shortS, longS])),
].sort((a, b) => a - b);

/** Time of a window, seconds. */
export interface KnownTime {
  readonly down: number;
  readonly known: number;
}

/**
 * How many times faster than its objective allows a target is down. Of the whole window, known or not: what a budget is
 * spent on is time, and a minute of a new target's first five is no more of it than any other.
 */
export function burnRate({ objectivePercent }: Slo, down: number, windowS: number): number {
  return down / windowS / (1 - objectivePercent / 100);
}

/**
 * The fastest rate that both of its windows have reached.
 * @param downs seconds it was down, by window, as far as roll-ups know
 * @param goodForS for how long it has not been down, seconds: roll-ups are some minutes behind, and what has ended does not go on
 */
export function burningAt(slo: Slo, downs: ReadonlyMap<number, number>, goodForS = 0): BurnLevel | undefined {
  const rateOf = (window: number) => burnRate(slo, downs.get(window) ?? 0, window);
  return BURN_LEVELS.find((level) => {
    const { rate, longS, shortS } = BURN_RATES[level];
    return goodForS < shortS && rateOf(longS) >= rate && rateOf(shortS) >= rate;
  });
}

/** What is left of the budget of an objective's days, known or not. @param down seconds in them */
export function budgetOf({ objectivePercent, windowDays }: Slo, down: number) {
  return { objectivePercent, windowDays, ...budgetOfAll([{ objectivePercent, time: { down, known: windowDays * 86_400 } }]) };
}

/** What is left of several budgets together. `leftPercent` is below 0 when more was spent, `null` when there is none. Seconds. */
export function budgetOfAll(budgets: readonly { readonly objectivePercent: number; readonly time: KnownTime }[]) {
  const seconds = budgets.reduce((sum, { objectivePercent, time }) => sum + time.known * (1 - objectivePercent / 100), 0);
  const spentSeconds = budgets.reduce((sum, { time }) => sum + time.down, 0);
  const leftPercent = seconds === 0 ? null : Math.round((1_000 * (seconds - spentSeconds)) / seconds) / 10;
  return { budgetSeconds: Math.round(seconds), spentSeconds, leftPercent };
}
