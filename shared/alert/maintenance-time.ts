import type { MaintenanceTime } from "../log/log-keeper.ts";
import type { Target } from "../targets/target.ts";
import { appliesAlways, appliesTo, effectiveSince, type MaintenanceWindow, occurrencesBetween } from "./maintenance.ts";

/** How far back it is written anew, ms: as long as the log may have been away. */
export const BACK_MS = 86_400_000;

/** What windows were before they were changed or taken back, until the log has their time. */
export interface PastMaintenanceStore {
  /** @param endedAt epoch ms */
  keep(windows: readonly MaintenanceWindow[], endedAt: number): Promise<void>;
  /** Those that ended within the last day. Others are forgotten. @param now epoch ms */
  list(now: number): Promise<MaintenanceWindow[]>;
}

/**
 * What a window has been in the last day, from when it was made up to now, whatever becomes of it: its occurrences, each
 * a window of its own. What one that was written down later says of the time before goes with it.
 * @param now epoch ms
 */
export function pastOf(window: MaintenanceWindow, now: number): MaintenanceWindow[] {
  if (window.kind !== "maintenance") return [];
  const { weekly: _weekly, effectiveFrom: _from, ...fields } = window;
  const made = Math.max(Date.parse(window.createdAt), effectiveSince(window));
  return occurrencesBetween(window, now - BACK_MS, now)
    .map(({ from, to }) => ({ from: Math.max(from, made), to: Math.min(to, now) }))
    .filter(({ from, to }) => from < to)
    .map(({ from, to }) => ({ ...fields, once: { from: new Date(from).toISOString(), to: new Date(to).toISOString() } }));
}

/**
 * What windows have been of a target in the last day, before it is changed or deleted: windows of it alone.
 * @param isGone whether it is deleted: else those that are its whatever its tags and group are go on @param now epoch ms
 */
export function pastOfTarget(
  windows: readonly MaintenanceWindow[],
  target: Pick<Target, "id" | "config" | "createdAt" | "groupedAt">,
  isGone: boolean,
  now: number,
): MaintenanceWindow[] {
  return windows
    .filter((window) => appliesTo(window, target) && (isGone || !appliesAlways(window, target)))
    .flatMap((window) => pastOf(window, now))
    .flatMap((past) => {
      const from = Math.max(Date.parse(past.once?.from ?? ""), appliesSince(past, target));
      const once = past.once && { ...past.once, from: new Date(from).toISOString() };
      const isEmpty = once === undefined || from >= Date.parse(once.to);
      return isEmpty ? [] : [{ ...past, once, all: false, tags: [], groups: [], targets: [target.id] }];
    });
}

/** Since when a target is a window's, epoch ms. */
export function appliesSince(
  window: MaintenanceWindow,
  { id, createdAt, groupedAt = createdAt }: Pick<Target, "id" | "createdAt" | "groupedAt">,
): number {
  return Date.parse(appliesAlways(window, { id }) ? createdAt : groupedAt);
}

/**
 * Time of the last day that targets were in maintenance, while they were there, up to now. A silence is none, and a
 * window that repeats begins to count when it was made, or made another.
 * @param now epoch ms
 */
export function maintenanceTimes(windows: readonly MaintenanceWindow[], targets: readonly Target[], now: number): MaintenanceTime[] {
  return windows
    .filter(({ kind }) => kind === "maintenance")
    .flatMap((window) => {
      const past = occurrencesBetween(window, now - BACK_MS, now);
      const made = effectiveSince(window);
      return targets
        .filter((target) => appliesTo(window, target))
        .flatMap((target) => {
          const { seq } = target;
          const begin = Math.max(made, appliesSince(window, target));
          return past
            .map(({ from, to }) => ({ from: Math.max(from, begin), to: Math.min(to, now) }))
            .filter(({ from, to }) => from < to)
            .map(({ from, to }) => ({ seq, window: window.id, from: new Date(from).toISOString(), to: new Date(to).toISOString() }));
        });
    });
}

/** Times of targets that are gone, as windows tell that were kept when they went. @param there ids of targets that are not */
export function timesOfGone(past: readonly MaintenanceWindow[], there: ReadonlySet<string>): MaintenanceTime[] {
  return past.flatMap(({ id, once, targets: [target, ...others] }) =>
    once === undefined || target === undefined || others.length > 0 || there.has(target) ? [] : [{ id: target, window: id, ...once }],
  );
}
