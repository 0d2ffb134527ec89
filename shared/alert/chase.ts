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

/** Whether the beginning of the incident waits for maintenance, another target, rest or hours, and no channel was told. */
function isHeldBack({ state, owed }: Target): boolean {
  return owed.some(({ kind, to, since, deliveries }) => {
    if (kind !== "status" || to !== state.status || since !== state.since) return false;
    const all = Object.values(deliveries);
    return (
      all.some(({ outcome, heldBy }) => outcome === "waiting" && heldBy !== undefined) && !all.some(({ outcome }) => outcome === "sent")
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

/**
 * Reminders and escalations that are due of a target that is in an incident and that nobody has acknowledged: the round
 * is the timer. Pure.
 * @param mark of the round, epoch seconds @param result of its check in this round, if it was due: the last reason
 * @returns `undefined` when there is nothing to do
 */
export function chase(
  target: Target,
  mark: number,
  result?: CheckResult,
): { readonly incident: IncidentState; readonly owed: readonly OwedAlert[] } | undefined {
  const { state, config } = target;
  const now = mark * 1_000;
  const before = incidentOf(target);
  const isChased = config.escalation.length > 0 || config.remindEverySeconds !== undefined;
  if (!isChased || !isInIncident(target) || isAcknowledged(before, now)) return undefined;
  // Nobody can have acknowledged what nobody was told: the wait begins when it is told.
  if (isHeldBack(target)) return { incident: { ...before, heldUntil: now }, owed: [] };
  // Who took care of it for a while begins the wait anew.
  const began = Math.max(state.since * 1_000, before.acknowledged?.until ?? 0, before.heldUntil ?? 0);
  const steps = [...config.escalation].sort((a, b) => a.afterMinutes - b.afterMinutes);
  const due = steps.slice(before.escalated).filter(({ afterMinutes }) => began + afterMinutes * 60_000 <= now);
  const isReminded = isReminderDue(config, before, { began, now });
  if (due.length === 0 && !isReminded) return undefined;
  const { status, since } = state;
  const seen = {
    ...(result?.error && { error: { class: result.error.class, text: result.error.text } }),
    ...(result?.httpStatus !== undefined && { httpStatus: result.httpStatus }),
  };
  const event = { ...seen, from: status, to: status, since, previousSince: since, deliveries: {} } as const;
  return {
    incident: {
      ...before,
      escalated: before.escalated + due.length,
      ...(isReminded && { reminders: before.reminders + 1, remindedAt: now }),
    },
    // Beside a change of status and a certificate's warning of the same round: `at` is the key within the target.
    owed: [
      ...(isReminded ? [{ ...event, at: now + 2, kind: "reminder" } as const] : []),
      ...due.map(({ channels }, index) => ({ ...event, at: now + 3 + index, kind: "escalation", channels }) as const),
    ],
  };
}
