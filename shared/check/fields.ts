import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import * as z from "zod";
import { bareHost } from "../net/bare-host.ts";
import type { DialContext } from "../net/dial.ts";
import { parseDnsServer } from "../net/dns-server.ts";
import { isDnsServer } from "../net/name-server.ts";
import type { Reach } from "./check-type.ts";
import { isPattern } from "./pattern.ts";

/** A host name, in any script, or an IP address, without scheme, port or path. */
export const hostField = z
  .string()
  .trim()
  .max(253, "must have at most 253 characters")
  .refine((host) => isHost(host), 'must be a host name or IP address, such as "db.example.com"')
  .transform(bareHost);

function isHost(host: string): boolean {
  if (/^\[?[0-9A-Fa-f:.]+\]?$/.test(host) && isIP(bareHost(host)) !== 0) return true;
  // What would end a host within a URL.
  if (/[\s/?#@:\\%]/.test(host)) return false;
  const ascii = domainToASCII(host);
  return /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_.])?$/i.test(ascii) && !ascii.includes("..");
}

export const portField = z.int("must be a whole number").min(1, "must be 1 to 65535").max(65_535, "must be 1 to 65535");

/** What a missed limit means for the status. */
export const severityField = z.enum(["degraded", "down"]);

export const resolverField = z
  .string()
  .max(260, "must have at most 260 characters")
  .refine(
    isDnsServer,
    'must be an address or name of a name server, with a port if not 53, such as "1.1.1.1", "[::1]:5353" or "ns1.example.com"',
  )
  .meta({ description: "The name server to ask instead of the machine's own." });

export const patternField = z
  .string()
  .min(1)
  .max(300, "must have at most 300 characters")
  .refine(isPattern, "must be a regular expression that RE2 takes: no look-around, no back-references");

/** How a dialled host is found. */
export const routeFields = {
  resolver: resolverField.optional(),
  ipFamily: z
    .union([z.literal(4), z.literal(6)])
    .optional()
    .meta({ description: "Only addresses of IPv4 or of IPv6. Left out: both." }),
};

/** The context of dials that go by a configuration's {@link routeFields}. */
export function routed<Context extends DialContext>(
  { resolver, ipFamily }: { resolver?: string | undefined; ipFamily?: 4 | 6 | undefined },
  context: Context,
): Context {
  return resolver === undefined && ipFamily === undefined ? context : { ...context, resolver, ipFamily };
}

/** What asking a resolver dials, as far as its text tells. */
export function resolverReach(resolver: string | undefined): readonly Reach[] {
  const server = resolver === undefined ? undefined : parseDnsServer(resolver);
  return server === undefined ? [] : [{ host: server.address, hostField: "resolver", port: server.port, portField: "resolver" }];
}

/** What a check of a URL dials, as far as its text tells. @param field that names it */
export function urlReach(text: string, field: string): Reach {
  const { hostname, port, protocol } = new URL(text);
  const secure = protocol === "https:" || protocol === "wss:";
  return { host: bareHost(hostname), hostField: field, port: Number(port) || (secure ? 443 : 80), portField: field };
}

/** Of types that see a certificate. */
export const certificateWarningDaysField = z
  .array(z.int().min(0).max(365, "must be at most 365"))
  .max(10, "must name at most 10 days")
  .optional()
  .meta({
    description:
      "Days left at which an alert is sent, once each, and once when it has expired. Empty: never. Left out: 21, 14, 7, 3 and 1, and for a certificate that lives for less than 90 days in proportion.",
  });
