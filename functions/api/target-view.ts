import * as z from "zod";
import { labelOf } from "../../shared/check/check-config.ts";
import type { FieldCipher } from "../../shared/targets/field-cipher.ts";
import { masked } from "../../shared/targets/seal-secrets.ts";
import { secretsOf } from "../../shared/targets/secret-fields.ts";
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
    secretsDigest: z
      .record(z.string(), z.string())
      .optional()
      .meta({ description: "Of each masked value, by its field: what POST /digests answers for the same text." }),
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

/** A target as it is read: with what tells whether a hidden value is the one that somebody has. */
export function readViewOf(target: Target, cipher: FieldCipher): Record<string, unknown> {
  const digests = [...secretsOf(target.config)].map(([path, text]) => [path, cipher.digest(cipher.decrypt(text))]);
  return { ...viewOf(target), ...(digests.length > 0 && { secretsDigest: Object.fromEntries(digests) }) };
}

export function etagOf(target: Target): string {
  return `"${target.configVersion}"`;
}

/** Versions that an `If-Match` header takes; `undefined` for any. What is no version of ours matches none. */
export function versionsOf(ifMatch: string | undefined): number[] | undefined {
  if (ifMatch === undefined || ifMatch.trim() === "*") return undefined;
  return ifMatch.split(",").map((tag) => Number(/^(?:W\/)?"(\d{1,15})"$/.exec(tag.trim())?.[1] ?? Number.NaN));
}
