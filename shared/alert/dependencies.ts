import { MAX_DEPENDENCY_DEPTH } from "../targets/admit-config.ts";
import type { OwedAlert } from "../targets/owed-alert.ts";
import { latestDue } from "../targets/schedule.ts";
import type { Target } from "../targets/target.ts";

/** What is known of the targets that others depend on. */
export interface Dependencies {
  /** All that the claimed targets depend on, directly or not, by id. Who was deleted is not there. */
  readonly ancestors: ReadonlyMap<string, Target>;
  /** Mark, epoch seconds: every check that was due at it or before is done. */
  readonly checkedUntil: number;
  readonly roundSeconds: number;
}

/** Longer than this an alert does not wait for the results of those it depends on. Milliseconds. */
const PATIENCE_MS = 60_000;

/** Ids of all that a target depends on, the nearest first. */
function ancestorsOf(target: Pick<Target, "id" | "config">, find: (id: string) => Pick<Target, "config"> | undefined): string[] {
  const found = new Set<string>();
  let level: readonly string[] = target.config.dependsOn;
  for (let depth = 1; depth <= MAX_DEPENDENCY_DEPTH && level.length > 0; depth++) {
    const next = level.filter((id) => id !== target.id && !found.has(id));
    for (const id of next) found.add(id);
    level = next.flatMap((id) => find(id)?.config.dependsOn ?? []);
  }
  return [...found];
}

/** Why an alert waits for what its target depends on. */
export interface Hidden {
  readonly reason: string;
  /** Ids of the ancestors that hide it; none while it is not known whether one does. */
  readonly by: readonly string[];
}

/**
 * Whether a failure is another target's: hidden while an ancestor is down, and for a minute at most while no ancestor
 * has a result that is as new as the failure, or the target none that is newer than its ancestor's recovery.
 * @param first the oldest alert that is owed @param now epoch ms @param hearsOf whether an ancestor that is down is told where
 * the target's alert goes: what nobody tells there explains nothing there
 */
export function hiddenBy(
  { ancestors, checkedUntil, roundSeconds }: Dependencies,
  target: Target,
  first: OwedAlert,
  { now, hearsOf }: { readonly now: number; readonly hearsOf: (ancestor: Target) => boolean },
): Hidden | undefined {
  const find = (id: string) => ancestors.get(id);
  // Targets that depend on each other, as two changes at the same moment can make them, hide nothing of each other.
  const all = ancestorsOf(target, find).flatMap((id) => {
    const ancestor = find(id);
    return ancestor === undefined || !hearsOf(ancestor) || ancestorsOf(ancestor, find).includes(target.id) ? [] : [ancestor];
  });
  const watched = all.filter(({ state }) => state.status !== "paused" && state.status !== "pending");
  const down = watched.filter(({ state }) => state.status === "down");
  const [nearest] = down;
  if (nearest !== undefined) return { reason: `"${nearest.config.name}", which it depends on, is down`, by: down.map(({ id }) => id) };
  const latest = (of: Target) => latestDue({ id: of.id, intervalSeconds: of.config.intervalSeconds }, checkedUntil, roundSeconds);
  for (const ancestor of watched) {
    const { state, config } = ancestor;
    const isUnsure = latest(ancestor) < first.since || state.recent.endsWith("d");
    if (isUnsure && now < first.at + PATIENCE_MS)
      return { reason: `it is not known yet whether "${config.name}", which it depends on, is up`, by: [] };
    const isFresh = state.since <= first.since || latest(target) > state.since;
    if (!isFresh && now < state.since * 1_000 + PATIENCE_MS)
      return { reason: `"${config.name}", which it depends on, is back, and it has not been checked since`, by: [] };
  }
  return undefined;
}
