import { Resolver } from "node:dns/promises";
import * as z from "zod";
import { ForbiddenAddressError } from "../net/address-guard.ts";
import { parseDnsServer } from "../net/dns-server.ts";
import { ResolveError } from "../net/resolve-host.ts";
import { type CheckContext, defineCheckType } from "./check-type.ts";
import { hostField } from "./fields.ts";

const recordType = z.enum(["A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"]);

/** Up when the name has a record of the type, and the expected values when some are given. */
export const dnsCheck = defineCheckType({
  type: "dns",
  shape: {
    type: z.literal("dns"),
    host: hostField,
    recordType: recordType.default("A"),
    /** Each must be among the answers, in the words of `dig +short`, such as `10 mail.example.com`. */
    expectedRecords: z.array(z.string().min(1).max(1_000)).max(20, "must have at most 20 records").default([]),
    /** `ip` or `ip:port` of the server to ask instead of the machine's own. */
    resolver: z
      .string()
      .refine(
        (server) => parseDnsServer(server) !== undefined,
        'must be an IP address, with a port if not 53, such as "1.1.1.1" or "[::1]:5353"',
      )
      .optional(),
  },
  label: ({ host, recordType: type }) => `${type} ${host}`,
  reaches: ({ resolver }) => {
    const server = resolver === undefined ? undefined : parseDnsServer(resolver);
    return server === undefined ? [] : [{ host: server.address, hostField: "resolver", port: server.port, portField: "resolver" }];
  },
  run: async ({ host, recordType: type, expectedRecords, resolver }, context) => {
    const records = await resolveRecords(host, type, resolver, context);
    const missing = expectedRecords.find((expected) => !records.some((record) => sameRecord(record, expected)));
    if (missing === undefined) return { status: "up" };
    return {
      status: "down",
      error: { class: "assertion", text: `${type} record "${missing}" is missing; found ${records.join(", ").slice(0, 200)}` },
    };
  },
});

async function resolveRecords(
  host: string,
  type: z.output<typeof recordType>,
  server: string | undefined,
  context: CheckContext,
): Promise<string[]> {
  const address = server === undefined ? undefined : parseDnsServer(server)?.address;
  const refusal = address === undefined ? undefined : context.guard.refuses(address);
  if (refusal !== undefined) throw new ForbiddenAddressError(refusal);

  const resolver = new Resolver();
  const servers = server === undefined ? context.dnsServers : [server];
  if (servers && servers.length > 0) resolver.setServers(servers);
  const cancel = () => resolver.cancel();
  context.signal.addEventListener("abort", cancel, { once: true });
  const endDns = context.trace.begin("dnsMs");
  try {
    const answer: unknown = await resolver.resolve(host, type);
    endDns();
    context.trace.address = address;
    return (Array.isArray(answer) ? answer : [answer]).map(presentation);
  } catch (error) {
    context.signal.throwIfAborted();
    throw new ResolveError(
      dnsCode(error),
      DNS_TEXT[dnsCode(error)]?.(host, type) ?? `look-up of ${type} ${host} failed (${dnsCode(error)})`,
    );
  } finally {
    context.signal.removeEventListener("abort", cancel);
  }
}

const DNS_TEXT: Record<string, (host: string, type: string) => string> = {
  ENOTFOUND: (host) => `no such name: ${host}`,
  ENODATA: (host, type) => `${host} has no ${type} record`,
  ESERVFAIL: (host) => `name server failed for ${host}`,
  EREFUSED: (host) => `name server refused to answer for ${host}`,
  ECONNREFUSED: () => "name server could not be reached",
  ETIMEOUT: () => "name server did not answer",
};

function dnsCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}

// Node answers each record type in a shape of its own; people compare with what `dig +short` prints.
function presentation(record: unknown): string {
  if (typeof record === "string") return record;
  if (Array.isArray(record)) return record.join(""); // TXT comes in pieces
  const fields = record as Record<string, unknown>; // MX, SRV, SOA, CAA: flat objects, see node:dns
  if ("exchange" in fields) return `${fields["priority"]} ${fields["exchange"]}`;
  if ("port" in fields) return `${fields["priority"]} ${fields["weight"]} ${fields["port"]} ${fields["name"]}`;
  if ("nsname" in fields) return `${fields["nsname"]} ${fields["hostmaster"]} ${fields["serial"]}`;
  if ("critical" in fields) {
    const [tag = "", value] = Object.entries(fields).find(([name]) => name !== "critical" && name !== "type") ?? [];
    return `${fields["critical"]} ${tag} ${value}`;
  }
  return JSON.stringify(record);
}

function sameRecord(found: string, expected: string): boolean {
  const plain = (record: string) =>
    record
      .toLowerCase()
      .replace(/\.$/, "")
      .replace(/^"(.*)"$/, "$1");
  return plain(found) === plain(expected);
}
