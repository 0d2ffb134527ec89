import type { Occurrence } from "../alert/maintenance.ts";
import type { DayTotals } from "../log/log-pages.ts";
import { momentOf, wallTimeAt } from "../time/zoned-time.ts";
import type { StatusPage } from "./status-page.ts";

/** A day of a target, in seconds. The sum is the day's length, less where the target was not there yet, or it is not over. */
export interface PublicDay extends DayTotals {
  /** Such as `2026-11-27`, in the page's zone. */
  readonly date: string;
  /** That no check accounts for. */
  readonly unknown: number;
}

/** A day as a page cuts it. Epoch ms. */
export interface PageDay {
  readonly date: string;
  readonly from: number;
  readonly to: number;
}

const HOUR_MS = 3_600_000;

/**
 * The days that a page shows, oldest first, one after the other. They begin at midnight in its zone, or at the next whole
 * hour of UTC, since the past is kept by hours. @param now epoch ms
 */
export function daysOf({ timeZone, historyDays }: Pick<StatusPage, "timeZone" | "historyDays">, now: number): PageDay[] {
  const today = wallTimeAt(now, timeZone);
  const dateOf = (index: number) => new Date(Date.UTC(today.year, today.month - 1, today.day - historyDays + 1 + index));
  const beginOf = (date: Date) => {
    const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
    return Math.ceil(momentOf({ year, month, day, hour: 0, minute: 0 }, timeZone) / HOUR_MS) * HOUR_MS;
  };
  return Array.from({ length: historyDays }, (_, index) => ({
    date: dateOf(index).toISOString().slice(0, 10),
    from: beginOf(dateOf(index)),
    to: beginOf(dateOf(index + 1)),
  }));
}

const NOTHING: DayTotals = { up: 0, degraded: 0, down: 0, maintenance: 0, incidents: 0 };

/** What is known of a target beyond the log: its incidents, and how it stands. Epoch ms, outside of maintenance. */
export interface Unlogged {
  readonly up: readonly Occurrence[];
  readonly degraded: readonly Occurrence[];
  readonly down: readonly Occurrence[];
}

/**
 * A day as the public sees it, by the rules of every report.
 * @param created epoch ms @param historyTo epoch ms up to which the log knows @param now epoch ms
 */
export function dayOf(
  { date, from, to }: PageDay,
  totals: DayTotals = NOTHING,
  { created, historyTo, unlogged, now }: { created: number; historyTo: number; unlogged: Unlogged; now: number },
): PublicDay {
  const begin = Math.max(from, created);
  const seconds = (until: number, since: number) => Math.max(0, Math.round((until - since) / 1_000));
  const length = seconds(Math.min(to, historyTo), begin);
  // Of a day of which the log knows nothing, today alone is told.
  const isToday = now <= to;
  const beyond = (times: readonly Occurrence[]) =>
    isToday || historyTo > from
      ? times.reduce((sum, time) => sum + seconds(Math.min(time.to, to, now), Math.max(time.from, begin, historyTo)), 0)
      : 0;
  const downUnlogged = beyond(unlogged.down);
  const down = totals.down + downUnlogged;
  return {
    date,
    up: totals.up + beyond(unlogged.up),
    degraded: totals.degraded + beyond(unlogged.degraded),
    down,
    maintenance: totals.maintenance,
    unknown: Math.max(0, length - totals.up - totals.degraded - totals.down - totals.maintenance),
    // One of which nothing is left beside maintenance is none.
    incidents: down === 0 ? 0 : Math.max(totals.incidents, downUnlogged > 0 ? 1 : 0),
  };
}

/** Percentages of days: of the time that is known, and how much of it is; `null` where there is none. Maintenance is in neither. */
export function figuresOf(days: readonly PublicDay[]): { uptimePercent: number | null; seenPercent: number | null } {
  const sum = (pick: (day: PublicDay) => number) => days.reduce((total, day) => total + pick(day), 0);
  const good = sum(({ up, degraded }) => up + degraded);
  const known = good + sum(({ down }) => down);
  const all = known + sum(({ unknown }) => unknown);
  return { uptimePercent: known === 0 ? null : (100 * good) / known, seenPercent: all === 0 ? null : (100 * known) / all };
}
