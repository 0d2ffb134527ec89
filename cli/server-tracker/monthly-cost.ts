import { USD_PER_CHECK, USD_PER_LOOK } from "../../shared/check/usd-per-check.ts";
import { DEFAULT_FROM_EVERY } from "../../shared/targets/target.ts";

const MONTH_SECONDS = 30 * 86_400;

/** What a target adds to the bill a month, in USD: one that is paused is not checked, and one that calls us costs no check. */
export function monthlyUsd({ type, paused, intervalSeconds, from, fromEvery }: Readonly<Record<string, unknown>>): number {
  const isChecked = paused !== true && type !== "heartbeat" && typeof intervalSeconds === "number" && intervalSeconds > 0;
  const looks = Array.isArray(from) ? from.length / Number(fromEvery ?? DEFAULT_FROM_EVERY) : 0;
  return isChecked ? (MONTH_SECONDS / intervalSeconds) * (USD_PER_CHECK + looks * USD_PER_LOOK) : 0;
}

/** `$0.56 a month more`; `undefined` for what is no cent. */
export function costInWords(usd: number): string | undefined {
  const cents = Math.round(Math.abs(usd) * 100);
  return cents === 0 ? undefined : `$${(cents / 100).toFixed(2)} a month ${usd > 0 ? "more" : "less"}`;
}
