import { labelOf } from "../check/check-config.ts";
import type { Alert } from "../notify/notifier.ts";
import type { AlertKind } from "../status/alert-kinds.ts";
import type { OwedAlert } from "../targets/owed-alert.ts";
import type { Target } from "../targets/target.ts";

/** Earlier changes named in a message at most; the ledger has them all. */
export const MAX_MISSED = 5;

/** What goes along with an alert. */
export interface Telling {
  readonly kind: AlertKind;
  /** Of the target's page. */
  readonly link: string | undefined;
  /** Of the incident, while it is one. */
  readonly acknowledgeLink: string | undefined;
  readonly hides: Alert["hides"];
  /** What there is to say besides what its check said. */
  readonly remark?: string | undefined;
}

/**
 * What to tell a channel of a target, of all it has not told it yet, oldest first: one message, so
 * that a down and its recovery that are both still owed are told together.
 */
export function toldAlert(
  target: Target,
  owed: readonly [OwedAlert, ...OwedAlert[]],
  { kind, link, acknowledgeLink, hides, remark }: Telling,
): Alert {
  const last = owed.at(-1) ?? owed[0];
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
    ...(hides !== undefined && { hides }),
    ...(last.error && { error: last.error }),
    ...((last.note ?? remark) !== undefined && { note: [last.note, remark].filter((text) => text !== undefined).join("; ") }),
    ...(last.httpStatus !== undefined && { httpStatus: last.httpStatus }),
    ...(last.latencyMs !== undefined && { latencyMs: last.latencyMs }),
    ...(last.certificateDaysLeft !== undefined && { certificateDaysLeft: last.certificateDaysLeft }),
    ...(owed.length - 1 > MAX_MISSED && { olderMissed: owed.length - 1 - MAX_MISSED }),
    missed: owed
      .slice(0, -1)
      .slice(-MAX_MISSED)
      .map((alert) => ({ to: alert.to, at: alert.since * 1_000, text: alert.error?.text ?? "" })),
    ...(link !== undefined && { link }),
    ...(acknowledgeLink !== undefined && last.to === target.state.status && { acknowledgeLink }),
  };
}
