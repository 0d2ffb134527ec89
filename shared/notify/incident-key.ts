import type { Alert } from "./notifier.ts";

/**
 * What an on-call service keeps as one incident: a target's being down or degraded; beside it its certificate, and its
 * error budget, which a recovery of the target does not close; and each time that the monitor saw nothing.
 */
export function incidentKey({ id, kind, target }: Pick<Alert, "id" | "kind" | "target">): string {
  if (kind === "monitor") return `server-tracker:${id}`;
  return `server-tracker:${target.id}${kind === "certificate" || kind === "slo" ? `:${kind}` : ""}`;
}
