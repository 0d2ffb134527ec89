import { RequestError } from "../errors.ts";
import type { PublishedKind } from "../log/codes.ts";
import { type Recorder, record } from "../log/record.ts";
import { batch, type IncidentEventRow } from "../log/tables.ts";
import type { OwedAlert } from "../targets/owed-alert.ts";
import { requireTarget } from "../targets/require-target.ts";
import { type IncidentState, isInIncident, type Target } from "../targets/target.ts";
import type { TargetReader, TargetRegistry, TargetRounds } from "../targets/target-store.ts";
import { cleanText } from "../text/clean-text.ts";
import type { Clock } from "../time/clock.ts";
import { incidentOf, releasedAt } from "./chase.ts";

export interface HandleIncidentDeps extends Recorder {
  readonly targets: Pick<TargetReader, "get"> & Pick<TargetRegistry, "recordPing"> & Pick<TargetRounds, "commitState">;
  readonly clock: Clock;
  readonly newId: () => string;
  /**
   * Why an incident began, as far as the log says it at once: messages that change go on saying it. Never rejects.
   * @param since epoch seconds
   */
  readonly reasonOf: (seq: number, since: number) => Promise<Reason>;
}

export type Reason = Pick<OwedAlert, "error" | "httpStatus">;
type Said = Reason & Pick<OwedAlert, "note"> & { readonly kind: "acknowledged" | "unacknowledged" };

/** Which incident: a target, and the mark at which it began, epoch seconds. */
export interface IncidentRef {
  readonly target: string;
  readonly since: number;
}

/** Characters of a note that go into messages. */
const MAX_SAID = 300;
/** Rounds change a target meanwhile; that many times in a row they do not. */
const MAX_ATTEMPTS = 20;

/**
 * Takes care of an incident: no reminders and no escalation until it ends, or until `until`.
 * @param who as the audit names it @param until epoch ms
 * @throws {RequestError} `not-found`, or `conflict` when it is over
 */
export async function acknowledge(
  deps: HandleIncidentDeps,
  ref: IncidentRef,
  { who, note, until }: { readonly who: string; readonly note?: string | undefined; readonly until?: number | undefined },
): Promise<Target> {
  const at = deps.clock.now();
  const acknowledged = { at, by: who, ...(until !== undefined && { until }) };
  const { seq } = await requireOpen(deps, ref);
  const said = {
    note: cleanText(`acknowledged by ${who}${note === undefined ? "" : `: ${note}`}`, MAX_SAID),
    ...(await deps.reasonOf(seq, ref.since)),
  };
  const target = await change(deps, ref, (incident) => ({ ...incident, acknowledged }), { ...said, kind: "acknowledged" });
  await tell(deps, target, { since: ref.since, at, kind: "acknowledged", who, text: note, until });
  return target;
}

/** Gives it back: it is reminded of and escalated again. Of what nobody has, nothing is changed. @throws {RequestError} as {@link acknowledge} */
export async function unacknowledge(deps: HandleIncidentDeps, ref: IncidentRef, who: string): Promise<Target> {
  const at = deps.clock.now();
  const { seq } = await requireOpen(deps, ref);
  const said = {
    kind: "unacknowledged" as const,
    note: cleanText(`given back by ${who}`, MAX_SAID),
    ...(await deps.reasonOf(seq, ref.since)),
  };
  let isGivenBack = false;
  const target = await change(
    deps,
    ref,
    (before) => {
      isGivenBack = before.acknowledged !== undefined;
      return isGivenBack ? releasedAt(before, at) : undefined;
    },
    said,
  );
  if (isGivenBack) await tell(deps, target, { since: ref.since, at, kind: "unacknowledged", who });
  return target;
}

/** Says something of an incident, whether it is over or not. @throws {RequestError} `not-found` */
export async function comment(deps: HandleIncidentDeps, ref: IncidentRef, who: string, text: string): Promise<void> {
  const target = await requireTarget(deps.targets, ref.target);
  await tell(deps, target, { since: ref.since, at: deps.clock.now(), kind: "commented", who, text });
}

/** Says to the public how an incident stands: status pages show it with the next round. @throws {RequestError} `not-found` */
export async function publish(deps: HandleIncidentDeps, ref: IncidentRef, who: string, status: PublishedKind, text: string): Promise<void> {
  const target = await requireTarget(deps.targets, ref.target);
  await tell(deps, target, { since: ref.since, at: deps.clock.now(), kind: status, who, text });
}

/**
 * Ends an incident of a target that calls us, as if it had called: the next round finds it up.
 * @throws {RequestError} for a target that is checked: its next good check ends it
 */
export async function resolve(deps: HandleIncidentDeps, ref: IncidentRef, who: string, note?: string): Promise<void> {
  const target = await requireOpen(deps, ref);
  if (target.heartbeat === undefined) {
    throw new RequestError(
      "conflict",
      "This target is checked: its next good check ends the incident. Acknowledge it, or pause the target.",
    );
  }
  const at = deps.clock.now();
  await deps.targets.recordPing(target.id, { lastPingAt: at });
  await tell(deps, target, { since: ref.since, at, kind: "resolved", who, text: note });
}

/** Whether a target is in the incident that began at a mark, epoch seconds. */
export function isOpenIncident(target: Pick<Target, "state" | "config">, since: number): boolean {
  return isInIncident(target) && target.state.since === since;
}

async function requireOpen({ targets }: Pick<HandleIncidentDeps, "targets">, { target: id, since }: IncidentRef): Promise<Target> {
  const target = await requireTarget(targets, id);
  if (!isOpenIncident(target, since)) {
    throw new RequestError("conflict", "This incident is over: there is nothing to do about it any more.");
  }
  return target;
}

/**
 * @param next `undefined` changes nothing, and tells nobody
 * @param said to those who show the incident in a way that can be changed
 */
async function change(
  deps: HandleIncidentDeps,
  ref: IncidentRef,
  next: (incident: IncidentState) => IncidentState | undefined,
  said: Said,
): Promise<Target> {
  for (let attempt = 1; ; attempt++) {
    const target = await requireOpen(deps, ref);
    const { state, certificateWarnings } = target;
    const incident = next(incidentOf(target));
    if (incident === undefined) return target;
    const owed = [toldOf(target, deps.clock.now(), said)];
    if (await deps.targets.commitState(target, { state, certificateWarnings, owed, incident })) return target;
    if (attempt === MAX_ATTEMPTS) throw new RequestError("unavailable", "The target changes all the time: try again.");
    await deps.clock.sleep(Math.random() * 20 * attempt);
  }
}

function toldOf({ state: { status, since }, owed }: Target, now: number, said: Said): OwedAlert {
  // The key within the target.
  let at = now;
  while (owed.some((alert) => alert.at === at)) at++;
  return { at, from: status, to: status, since, previousSince: since, ...said, deliveries: {} };
}

async function tell(deps: HandleIncidentDeps, { seq }: Target, event: Omit<IncidentEventRow, "seq" | "id">): Promise<void> {
  const row: IncidentEventRow = { seq, id: deps.newId(), ...event };
  await record(deps, `${new Date(event.at).toISOString()}#${row.id}`, batch("incidentEvent", [row]));
}
