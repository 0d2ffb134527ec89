import type { CheckStatus } from "../check/check-type.ts";

/**
 * `pending`: never checked. `degraded`: up, but slower or worse than the target allows.
 * `paused`: not checked by wish. Reports know `unknown` besides: rounds that did not run.
 */
export const STATUSES = ["pending", "up", "degraded", "down", "paused"] as const;
export type Status = (typeof STATUSES)[number];

/** When a status changes. All counts are checks. */
export interface StatusPolicy {
  /** Failing checks that make a target down. */
  readonly failureThreshold: number;
  /**
   * Among how many of the last checks they are counted; equal to `failureThreshold`, they are consecutive.
   * Larger, it is flap control: a down then also lasts until fewer than half of the threshold are left.
   */
  readonly failureWindow: number;
  /** Consecutive good checks that end a down. */
  readonly successThreshold: number;
}

/** What is kept of a target between rounds. Times are marks: epoch seconds. */
export interface TargetState {
  readonly status: Status;
  /** Mark of the first check of the run that led to `status`; for paused and pending, when it began. */
  readonly since: number;
  /** Mark of the round this state was decided in. */
  readonly round: number;
  /** The last checks, oldest first, a letter each: `u`p, de`g`raded, `d`own. At most the policy's longest window. */
  readonly recent: string;
  /** Mark at which the last letter of `recent` began to repeat. */
  readonly runSince: number;
  /** Mark of the first of the checks since its last good one. */
  readonly troubleSince?: number;
  /** Marks of its last changes, oldest first: of two hours, and 50 at most. By them it is seen to flap. */
  readonly changes?: readonly number[];
  /** What people were last told before a pause, so that they hear of the end of it. Kept until the next status. */
  readonly before?: { readonly status: "degraded" | "down"; readonly since: number };
}

/** A confirmed change of status. */
export interface StatusChange {
  readonly from: Status;
  readonly to: Status;
  /** Mark of the deciding round. */
  readonly round: number;
  /** Mark since when the new status holds. */
  readonly since: number;
  /** Mark since when the old one held. */
  readonly previousSince: number;
}

export interface Decision {
  readonly state: TargetState;
  /** Present when the status changed. */
  readonly change?: StatusChange;
}

const LETTER = { up: "u", degraded: "g", down: "d" } as const satisfies Record<CheckStatus, string>;

/** A target that has not been checked. @param since mark, epoch seconds */
export function pendingState(since: number): TargetState {
  return { status: "pending", since, round: 0, recent: "", runSince: since };
}

/**
 * The status rule: pure, so that a round done twice decides the same. A result of the state's round
 * or an older one changes nothing: doubled, overlapping and late rounds count no failure twice.
 *
 * @returns the same `state` object when nothing changed, so that nothing needs writing
 */
export function nextStatus(state: TargetState, result: { round: number; status: CheckStatus }, policy: StatusPolicy): Decision {
  if (result.round <= state.round || state.status === "paused") return { state };

  const letter = LETTER[result.status];
  const span = Math.max(policy.failureWindow, policy.failureThreshold, policy.successThreshold);
  const recent = (state.recent + letter).slice(-span);
  const runSince = state.recent.endsWith(letter) ? state.runSince : result.round;
  const troubleSince = letter === "u" ? undefined : troubleOf(state, result.round);
  const status = confirmed(state.status, recent, policy);
  const seen = { round: result.round, recent, runSince, ...(troubleSince !== undefined && { troubleSince }) };

  if (status === state.status) {
    const { troubleSince: _, ...kept } = state;
    return recent === state.recent ? { state } : { state: { ...kept, ...seen } };
  }
  // Failures and slow answers together make a degraded: it began with the first of them. A down that follows is another
  // incident, known by another mark, also where it began with the same failure.
  const began = status === "degraded" && state.status !== "down" ? (troubleSince ?? runSince) : runSince;
  const since = began === state.since ? result.round : began;
  return {
    state: { status, since, ...seen, ...changesWith(state, result.round) },
    change: { ...leaving(state, status), to: status, round: result.round, since },
  };
}

function troubleOf({ recent, runSince, troubleSince }: TargetState, round: number): number {
  if (recent === "" || recent.endsWith("u")) return round;
  return troubleSince ?? runSince;
}

const CHANGES_KEPT_S = 7_200;
const MAX_CHANGES = 50;

// A first status is no change.
function changesWith({ status, changes = [] }: TargetState, round: number): Pick<TargetState, "changes"> {
  if (status === "pending") return {};
  return { changes: [...changes.filter((mark) => mark > round - CHANGES_KEPT_S), round].slice(-MAX_CHANGES) };
}

// A target that is up after a pause recovers from what it was before; any other first status is new.
function leaving({ status, since, before }: TargetState, to: Status): Pick<StatusChange, "from" | "previousSince"> {
  return before !== undefined && to === "up"
    ? { from: before.status, previousSince: before.since }
    : { from: status, previousSince: since };
}

/** The state of a target that is paused or resumed by hand. @param since mark, epoch seconds */
export function pausedOrResumed(state: TargetState, status: "paused" | "pending", since: number): TargetState {
  const before = state.status === "down" || state.status === "degraded" ? { status: state.status, since: state.since } : state.before;
  // Results of rounds already decided must not come back after a pause, nor the one of a round that was under way.
  return { ...pendingState(since), status, round: Math.max(state.round, since), ...(before && { before }) };
}

function confirmed(current: Status, recent: string, policy: StatusPolicy): Status {
  const window = recent.slice(-policy.failureWindow);
  const failures = count(window, "d");
  if (failures >= policy.failureThreshold) return "down";
  // Without a distance between the two limits, a target that fails every other check would change with each.
  if (current === "down" && policy.failureWindow > policy.failureThreshold && failures >= policy.failureThreshold / 2) return "down";
  const good = lastRun(recent, policy.successThreshold);
  if (current === "down" && (good === undefined || good.includes("d"))) return "down";
  if (failures + count(window, "g") >= policy.failureThreshold && !window.endsWith("u")) return "degraded";
  if (good !== undefined && /^u+$/.test(good)) return "up";
  // Leaving a down is decided by its good run alone; which good, by the last check.
  if (current === "down") return recent.endsWith("g") ? "degraded" : "up";
  return current;
}

function lastRun(recent: string, length: number): string | undefined {
  return recent.length < length ? undefined : recent.slice(-length);
}

function count(text: string, letter: string): number {
  return text.split(letter).length - 1;
}
