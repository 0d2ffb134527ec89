import type { CheckResult } from "../check/check-result.ts";
import type { OwedAlert } from "../targets/owed-alert.ts";
import { type IncidentState, isInIncident, type Target } from "../targets/target.ts";

/** Reminders that grow do not grow beyond this. Milliseconds. */
const LONGEST_PAUSE_MS = 86_400_000;

/** What was done about the incident a target is in: nothing yet, where nothing is stored of this one. */
export function incidentOf({ state, incident }: Pick<Target, "state" | "incident">): IncidentState {
  return incident?.since === state.since ? incident : { since: state.since, reminders: 0, escalated: 0 };
}

/** Whether somebody takes care of it. @param now epoch ms */
export function isAcknowledged({ acknowledged }: IncidentState, now: number): boolean {
  return acknowledged !== undefined && (acknowledged.until === undefined || acknowledged.until > now);
}

/**
 * Whether the beginning of the incident waits for maintenance, another target or rest, and no channel was told. Hours are a
 * channel's own: that one is closed is no reason not to call the next.
 */
function isHeldBack({ state, owed }: Target): boolean {
  return owed.some(({ kind, to, since, deliveries }) => {
    if (kind !== "status" || to !== state.status || since !== state.since) return false;
    const all = Object.values(deliveries);
    return (
      all.some(({ outcome, heldBy }) => outcome === "waiting" && heldBy !== undefined && heldBy !== "hours") &&
      !all.some(({ outcome }) => outcome === "sent")
    );
  });
}

/** @param began when the wait began, epoch ms */
function isReminderDue(
  { remindEverySeconds = 0, remindGrowing }: Target["config"],
  { reminders, remindedAt = 0 }: IncidentState,
  { began, now }: { readonly began: number; readonly now: number },
): boolean {
  const everyMs = remindEverySeconds * 1_000;
  const pauseMs = Math.min(remindGrowing ? everyMs * 2 ** Math.min(reminders, 20) : everyMs, Math.max(everyMs, LONGEST_PAUSE_MS));
  return everyMs > 0 && now >= Math.max(began, remindedAt) + pauseMs;
}

/** What a round makes of an incident: its state, and what is told of it. */
interface Chased {
  readonly incident: IncidentState;
  readonly owed: readonly OwedAlert[];
}

/** Of an escalation that is changed over and over, the last ones; it has five at a time. */
const MAX_STEPS_KEPT = 50;

/** What a step is, wherever it stands: when, and to whom. */
function nameOfStep({ afterMinutes, channels }: Target["config"]["escalation"][number]): string {
  return `${afterMinutes} ${[...channels].sort().join(" ")}`.slice(0, 200);
}

/** An event of the incident a target is in. */
function eventOf({ state: { status, since } }: Target, result?: CheckResult) {
  return {
    ...(result?.error && { error: { class: result.error.class, text: result.error.text } }),
    ...(result?.httpStatus !== undefined && { httpStatus: result.httpStatus }),
    from: status,
    to: status,
    since,
    previousSince: since,
    deliveries: {},
  } as const;
}

/** Who took care of it did so for a time, which is over: the wait begins anew, and whoever shows it says so. */
function givenBack(
  target: Target,
  { by, until }: NonNullable<IncidentState["acknowledged"]>,
  mark: number,
  result: CheckResult | undefined,
): Chased {
  const note = `${by} took care of it until ${new Date(until ?? 0).toISOString()}`;
  return {
    incident: releasedAt(incidentOf(target), until ?? mark * 1_000),
    owed: [{ ...eventOf(target, result), note, at: mark * 1_000 + 2, kind: "unacknowledged" }],
  };
}

/** An incident that nobody takes care of any more: it is reminded of and escalated from then on, as one that began then. */
export function releasedAt({ acknowledged: _, steps: _taken, ...incident }: IncidentState, at: number): IncidentState {
  return { ...incident, reminders: 0, escalated: 0, steps: [], heldUntil: Math.max(at, incident.heldUntil ?? 0) };
}

/**
 * Reminders and escalations that are due of a target that is in an incident and that nobody has acknowledged: the round
 * is the timer. Pure.
 * @param mark of the round, epoch seconds @param result of its check in this round, if it was due: the last reason
 * @returns `undefined` when there is nothing to do
 */
export function chase(target: Target, mark: number, result?: CheckResult): Chased | undefined {
  const { config } = target;
  const now = mark * 1_000;
  const before = incidentOf(target);
  if (!isInIncident(target) || isAcknowledged(before, now)) return undefined;
  if (before.acknowledged !== undefined) return givenBack(target, before.acknowledged, mark, result);
  if (config.escalation.length === 0 && config.remindEverySeconds === undefined) return undefined;
  // Nobody can have acknowledged what nobody was told: the wait begins when it is told.
  if (isHeldBack(target)) return { incident: { ...before, heldUntil: now }, owed: [] };
  const began = Math.max(target.state.since * 1_000, before.heldUntil ?? 0);
  const steps = [...config.escalation].sort((a, b) => a.afterMinutes - b.afterMinutes);
  const taken = before.steps ?? steps.slice(0, before.escalated).map(nameOfStep);
  const due = steps.filter((step) => !taken.includes(nameOfStep(step)) && began + step.afterMinutes * 60_000 <= now);
  const isReminded = isReminderDue(config, before, { began, now });
  if (due.length === 0 && !isReminded) return undefined;
  const event = eventOf(target, result);
  const escalations = due.map(({ channels }, index) => ({ ...event, at: now + 3 + index, kind: "escalation", channels }) as const);
  return {
    incident: {
      ...before,
      // The number is for releases that know no more.
      ...(due.length > 0 && {
        steps: [...taken, ...due.map(nameOfStep)].slice(-MAX_STEPS_KEPT),
        escalated: before.escalated + due.length,
        escalatedTo: escalatedTo(before, escalations, steps),
      }),
      ...(isReminded && { reminders: before.reminders + 1, remindedAt: now }),
    },
    // Beside a change of status and a certificate's warning of the same round: `at` is the key within the target.
    owed: [...(isReminded ? [{ ...event, at: now + 2, kind: "reminder" } as const] : []), ...escalations],
  };
}

/** With those of now, each since it was first; who is in no step any more is not remembered, so that this does not grow. */
function escalatedTo(
  { escalatedTo: before = {} }: IncidentState,
  now: readonly { readonly at: number; readonly channels: readonly string[] }[],
  steps: Target["config"]["escalation"],
): Readonly<Record<string, number>> {
  const named = new Set(steps.flatMap(({ channels }) => channels));
  const kept = Object.entries(before).filter(([channel]) => named.has(channel));
  return Object.fromEntries([...now.flatMap(({ at, channels }) => channels.map((channel) => [channel, at] as const)), ...kept]);
}
