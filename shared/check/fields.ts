import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import * as z from "zod";

/** A host name, in any script, or an IP address, without scheme, port or path. */
export const hostField = z
  .string()
  .trim()
  .max(253, "must have at most 253 characters")
  .refine((host) => isHost(host), 'must be a host name or IP address, such as "db.example.com"')
  .transform((host) => host.replace(/^\[|\]$/g, ""));

function isHost(host: string): boolean {
  if (/^\[?[0-9A-Fa-f:.]+\]?$/.test(host) && isIP(host.replace(/^\[|\]$/g, "")) !== 0) return true;
  // What would end a host within a URL.
  if (/[\s/?#@:\\%]/.test(host)) return false;
  const ascii = domainToASCII(host);
  return /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_.])?$/i.test(ascii) && !ascii.includes("..");
}

export const portField = z.int("must be a whole number").min(1, "must be 1 to 65535").max(65_535, "must be 1 to 65535");

/** What a missed limit means for the status. */
export const severityField = z.enum(["degraded", "down"]);
