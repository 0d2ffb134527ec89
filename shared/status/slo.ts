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

/** How many times faster than its objective allows a target is down; 0 where nothing is known. */
export function burnRate({ objectivePercent }: Slo, { down, known }: KnownTime): number {
  return known === 0 ? 0 : down / known / (1 - objectivePercent / 100);
}

/** The fastest rate that both of its windows have reached. @param times by window, seconds */
export function burningAt(slo: Slo, times: ReadonlyMap<number, KnownTime>): BurnLevel | undefined {
  const rateOf = (window: number) => burnRate(slo, times.get(window) ?? { down: 0, known: 0 });
  return BURN_LEVELS.find((level) => {
    const { rate, longS, shortS } = BURN_RATES[level];
    return rateOf(longS) >= rate && rateOf(shortS) >= rate;
  });
}

/** What is left of a budget. @param time of the objective's days */
export function budgetOf({ objectivePercent, windowDays }: Slo, time: KnownTime) {
  return { objectivePercent, windowDays, ...budgetOfAll([{ objectivePercent, time }]) };
}

/** What is left of several budgets together. `leftPercent` is below 0 when more was spent, `null` when there is none. Seconds. */
export function budgetOfAll(budgets: readonly { readonly objectivePercent: number; readonly time: KnownTime }[]) {
  const seconds = budgets.reduce((sum, { objectivePercent, time }) => sum + time.known * (1 - objectivePercent / 100), 0);
  const spentSeconds = budgets.reduce((sum, { time }) => sum + time.down, 0);
  const leftPercent = seconds === 0 ? null : Math.round((1_000 * (seconds - spentSeconds)) / seconds) / 10;
  return { budgetSeconds: Math.round(seconds), spentSeconds, leftPercent };
}
