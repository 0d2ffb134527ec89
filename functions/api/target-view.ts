import * as z from "zod";
import { labelOf } from "../../shared/check/check-config.ts";
import { masked } from "../../shared/targets/seal-secrets.ts";
import type { Target } from "../../shared/targets/target.ts";

/** A target as the API shows it: its configuration, and how it is. */
export const targetViewSchema = z
  .looseObject({
    id: z.uuid(),
    type: z.string(),
    name: z.string(),
    label: z.string().meta({ description: "What is checked, in one line." }),
    status: z.enum(["pending", "up", "degraded", "down", "paused"]),
    statusSince: z.iso.datetime(),
    version: z.int().meta({ description: "Grows with each change of the configuration; the ETag." }),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: "Target", description: "The configuration's fields stand beside these; header values and the body are masked." });

export function viewOf(target: Target): Record<string, unknown> {
  const { config, state } = target;
  return {
    id: target.id,
    ...masked(config),
    label: labelOf(config),
    status: state.status,
    statusSince: new Date(state.since * 1_000).toISOString(),
    ...(target.heartbeat?.lastPingAt !== undefined && { lastPingAt: new Date(target.heartbeat.lastPingAt).toISOString() }),
    version: target.configVersion,
    createdAt: target.createdAt,
    updatedAt: target.updatedAt,
  };
}

export function etagOf(target: Target): string {
  return `"${target.configVersion}"`;
}
