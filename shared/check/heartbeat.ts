import * as z from "zod";
import { MASK } from "../text/mask.ts";
import { defineCheckType } from "./check-type.ts";

/** What jobs call another monitor with. */
export const formerKeyField = z
  .string()
  .refine((text) => text.length >= 8 || text === MASK, "must have at least 8 characters")
  .max(300, "must have at most 300 characters")
  .meta({
    description:
      "The key that its jobs call another monitor with, so that they need only our host name: the token of an Uptime Kuma push monitor, the UUID of a Healthchecks check, or the ping key of its project and its slug (key/slug), or key:token of a Gatus external endpoint (jobs_backup:its-token). Stored encrypted, never shown.",
  });

/** The target calls us; silence for longer than its period and grace means down. */
export const heartbeatCheck = defineCheckType({
  type: "heartbeat",
  shape: {
    type: z.literal("heartbeat"),
    /** Seconds between two pings when all is well. */
    periodSeconds: z.int().min(10, "must be at least 10").max(31_536_000, "must be at most a year").default(300),
    /** Seconds a ping may be late. */
    graceSeconds: z.int().min(0).max(31_536_000, "must be at most a year").default(60),
    formerKey: formerKeyField.optional(),
  },
  secrets: ["formerKey"],
  callsUs: true,
  label: ({ periodSeconds }) => `a ping every ${periodSeconds} s`,
  run: async ({ periodSeconds, graceSeconds }, { now, heartbeat }) => {
    const { lastPingAt, reported, awaitedSince } = heartbeat;
    // Nobody could call while it was paused, or while we were away.
    const silentMs = now - Math.max(lastPingAt ?? 0, awaitedSince);
    if (silentMs > (periodSeconds + graceSeconds) * 1_000) {
      const silence = `no ping for ${Math.floor(silentMs / 1_000)} s`;
      return { status: "down", latencyMs: null, error: { class: "heartbeat", text: `${silence}, expected every ${periodSeconds} s` } };
    }
    if (lastPingAt === undefined) return undefined;
    const latencyMs = reported?.latencyMs ?? null;
    if (reported === undefined || reported.status === "up") {
      return { status: "up", latencyMs, ...(reported?.message !== undefined && { note: reported.message }) };
    }
    return {
      status: reported.status,
      latencyMs,
      error: { class: "heartbeat", text: reported.message ?? `the target reported itself ${reported.status}` },
    };
  },
});
