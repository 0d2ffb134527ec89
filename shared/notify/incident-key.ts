import type { Alert } from "./notifier.ts";

/**
 * What an on-call service keeps as one incident: a target's being down or degraded; and each warning of its certificate
 * and of its error budget, which no recovery closes, each by itself, so that the next one is heard of; and each time that
 * the monitor saw nothing.
 */
export function incidentKey({ id, kind, target }: Pick<Alert, "id" | "kind" | "target">): string {
  if (kind === "monitor") return `server-tracker:${id}`;
  return `server-tracker:${kind === "certificate" || kind === "slo" ? `${id}:${kind}` : target.id}`;
}
