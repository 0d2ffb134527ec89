import type { Alert } from "../notify/notifier.ts";
import { labelOf, type Target } from "../target/target.ts";
import type { OwedAlert } from "./owed-alert.ts";

/** Earlier changes named in a message at most; the ledger has them all. */
export const MAX_MISSED = 5;

/**
 * What to tell a channel of a target, of all it has not told it yet, oldest first: one message, so
 * that a down and its recovery that are both still owed are told together.
 */
export function toldAlert(target: Target, owed: readonly [OwedAlert, ...OwedAlert[]], link: string | undefined): Alert {
  const last = owed.at(-1) ?? owed[0];
  const kind = kindOf(last);
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
    ...(last.httpStatus !== undefined && { httpStatus: last.httpStatus }),
    ...(last.latencyMs !== undefined && { latencyMs: last.latencyMs }),
    ...(last.certificateDaysLeft !== undefined && { certificateDaysLeft: last.certificateDaysLeft }),
    missed: owed
      .slice(0, -1)
      .slice(-MAX_MISSED)
      .map((alert) => ({ to: alert.to, at: alert.since * 1_000, text: alert.error?.text ?? "" })),
    ...(link !== undefined && { link }),
  };
}

function kindOf({ kind, from, to }: OwedAlert): Alert["kind"] {
  if (kind === "certificate") return "certificate";
  if (to === "down") return "down";
  return to === "degraded" && from !== "down" ? "degraded" : "recovered";
}
