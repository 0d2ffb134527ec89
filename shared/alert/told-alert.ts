import { labelOf } from "../check/check-config.ts";
import type { Alert } from "../notify/notifier.ts";
import { type AlertKind, alertKindOf } from "../status/alert-kinds.ts";
import type { OwedAlert } from "../targets/owed-alert.ts";
import type { Target } from "../targets/target.ts";

/** Earlier changes named in a message at most; the ledger has them all. */
export const MAX_MISSED = 5;

/**
 * What to tell a channel of a target, of all it has not told it yet, oldest first: one message, so
 * that a down and its recovery that are both still owed are told together.
 */
export function toldAlert(target: Target, owed: readonly [OwedAlert, ...OwedAlert[]], link: string | undefined): Alert {
  const last = owed.at(-1) ?? owed[0];
  const kind = tellableKind(last);
  const { group, name, tags } = target.config;
  return {
    id: `${target.id}:${last.at}`,
    kind,
    target: { id: target.id, name, label: labelOf(target.config), ...(group !== undefined && { group }), tags },
    from: last.from,
    to: last.to,
    since: last.since * 1_000,
    decidedAt: last.at,
    ...(kind === "recovered" && { lastedMs: (last.since - last.previousSince) * 1_000 }),
    ...(last.error && { error: last.error }),
    ...(last.note !== undefined && { note: last.note }),
    ...(last.httpStatus !== undefined && { httpStatus: last.httpStatus }),
    ...(last.latencyMs !== undefined && { latencyMs: last.latencyMs }),
    ...(last.certificateDaysLeft !== undefined && { certificateDaysLeft: last.certificateDaysLeft }),
    ...(owed.length - 1 > MAX_MISSED && { olderMissed: owed.length - 1 - MAX_MISSED }),
    missed: owed
      .slice(0, -1)
      .slice(-MAX_MISSED)
      .map((alert) => ({ to: alert.to, at: alert.since * 1_000, text: alert.error?.text ?? "" })),
    ...(link !== undefined && { link }),
  };
}

function tellableKind(owed: OwedAlert): AlertKind {
  const kind = alertKindOf(owed);
  if (kind === "noted") throw new Error("this alert is in the ledger alone");
  return kind;
}
