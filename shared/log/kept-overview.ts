import type { DayStrip, LastCheck, LogOverview, Reason } from "./log-overview.ts";

/** What a log that sleeps was asked before it went to sleep, so that nobody wakes it for a glance. */
export interface KeptOverview {
  /** Epoch ms. */
  readonly at: number;
  readonly strips: readonly DayStrip[];
  readonly reasons: readonly Reason[];
  readonly lastChecks: readonly LastCheck[];
}

export interface KeptOverviewStore {
  get(): Promise<KeptOverview | undefined>;
  put(kept: KeptOverview): Promise<void>;
}

/** Asks what is to be kept. @param unwell of the targets that are not up @param now epoch ms */
export async function keepOverview(log: LogOverview, store: KeptOverviewStore, unwell: readonly number[], now: number): Promise<void> {
  const at = new Date(now).toISOString();
  await store.put({ at: now, strips: await log.strips(at), reasons: await log.reasons(unwell), lastChecks: await log.lastChecks(at) });
}

const HOUR_MS = 3_600_000;

/** A strip as it stands later: hours that nobody has asked of yet are unknown. @param now epoch ms */
export function laterStrip(strip: DayStrip, at: number, now: number): DayStrip {
  const passed = Math.min(strip.hours.length, Math.max(0, Math.floor(now / HOUR_MS) - Math.floor(at / HOUR_MS)));
  return { ...strip, hours: strip.hours.slice(passed) + "-".repeat(passed) };
}

const LETTERS: Readonly<Record<string, string>> = { up: "u", degraded: "g", down: "d" };

/**
 * A strip's last hours as the target's state tells them, where the log has not yet: all of an hour that began after the
 * last change was as it is now, and one in which it went down has seen that.
 * @param state since in epoch seconds @param now epoch ms
 */
export function filledStrip(hours: string, { status, since }: { readonly status: string; readonly since: number }, now: number): string {
  const letter = LETTERS[status];
  if (letter === undefined) return hours;
  const first = Math.floor(now / HOUR_MS) - hours.length + 1;
  const isKnown = (hour: number) => since * 1_000 <= hour * HOUR_MS || (letter === "d" && since * 1_000 < (hour + 1) * HOUR_MS);
  return [...hours].map((told, index) => (told === "-" && isKnown(first + index) ? letter : told)).join("");
}
