import * as z from "zod";
import type { Registration } from "../net/rdap.ts";
import { type CheckOutcome, defineCheckType } from "./check-type.ts";
import { hostField, severityField, urlReach } from "./fields.ts";
import { httpUrlField } from "./http-url-field.ts";

const DAY_MS = 86_400_000;

/** A domain's registration: down when it has ended or is on hold, degraded when it ends soon. */
export const domainCheck = defineCheckType({
  type: "domain",
  shape: {
    type: z.literal("domain"),
    host: hostField.meta({ description: "The domain, or a host of it: example.com is asked for www.example.com." }),
    minDaysLeft: z.int().min(0).max(3_650).default(30).meta({ description: "With fewer days left it is as expiryIs says." }),
    expiryIs: severityField.default("degraded").meta({ description: "What too few days left mean." }),
    rdapServer: httpUrlField
      .optional()
      .meta({ description: "Base URL of the RDAP service to ask. Left out: the one that IANA lists for the top level." }),
  },
  label: ({ host }) => `registration of ${host}`,
  wayIs: "degraded",
  defaultIntervalSeconds: 86_400,
  minIntervalSeconds: 3_600, // registries limit how often they are asked, and what is kept between is kept by one process alone
  reaches: ({ rdapServer }) => (rdapServer === undefined ? [] : [urlReach(rdapServer, "rdapServer")]),
  run: async ({ host, minDaysLeft, expiryIs, rdapServer }, context): Promise<CheckOutcome> => {
    // Loaded where it is needed: it brings the list of public suffixes.
    const { RdapError, registrationOf } = await import("../net/rdap.ts");
    try {
      // A registry is not the domain: whatever becomes of the question says nothing of that.
      const asked = () => registrationOf(host, context, { now: context.now, server: rdapServer });
      const registration = await context.trace.onTheWay(asked);
      return judge(registration, { minDaysLeft, expiryIs, now: context.now });
    } catch (error) {
      if (!(error instanceof RdapError)) throw error;
      if (error.isUnregistered) return { status: "down", error: { class: "assertion", text: error.message } };
      return { status: error.isAway ? "degraded" : "down", error: { class: "status", about: "way", text: error.message } };
    }
  },
});

/** With these a domain is out of DNS, or about to be given away. Source: RFC 8056, RFC 3915. */
const LOST_STATUSES = ["client hold", "server hold", "redemption period", "pending delete"];

function judge(
  { domain, expiresAt, statuses }: Registration,
  { minDaysLeft, expiryIs, now }: { minDaysLeft: number; expiryIs: "degraded" | "down"; now: number },
): CheckOutcome {
  const lost = LOST_STATUSES.find((status) => statuses.includes(status));
  if (lost !== undefined) return { status: "down", error: { class: "assertion", text: `the registration of ${domain} is on ${lost}` } };
  if (expiresAt === undefined) return { status: "up", note: `the registry does not tell when ${domain} ends` };
  const days = Math.floor((expiresAt - now) / DAY_MS);
  if (days < 0) return { status: "down", error: { class: "assertion", text: `the registration of ${domain} has ended` } };
  const text = `the registration of ${domain} ends in ${days === 1 ? "1 day" : `${days} days`}`;
  if (days >= minDaysLeft) return { status: "up", note: text };
  return { status: expiryIs, error: { class: "assertion", text: `${text}, limit ${minDaysLeft}` } };
}
