import * as z from "zod";

/** A host name or IP address without scheme, port or path. */
export const hostField = z
  .string()
  .trim()
  .max(253, "must have at most 253 characters")
  .regex(
    /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?|\[?[0-9A-Fa-f:.]+\]?)$/,
    'must be a host name or IP address, such as "db.example.com"',
  )
  .transform((host) => host.replace(/^\[|\]$/g, ""));

export const portField = z.int("must be a whole number").min(1, "must be 1 to 65535").max(65_535, "must be 1 to 65535");

/** What a missed limit means for the status. */
export const severityField = z.enum(["degraded", "down"]);
