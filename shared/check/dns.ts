import type { Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import * as z from "zod";
import { askDns } from "../net/ask-dns.ts";
import type { Trace } from "../net/dial.ts";
import { asciiName } from "../net/name-server.ts";
import { ResolveError } from "../net/resolve-host.ts";
import { type CheckOutcome, defineCheckType } from "./check-type.ts";
import { EXPECTED_RCODES, RCODES } from "./dns-rcodes.ts";
import { type DnsRecord, presentation, RECORD_TYPES, recordOf, recordProblem, reverseName, sameRecord } from "./dns-records.ts";
import { hostField, resolverField, resolverReach } from "./fields.ts";

const shape = {
  type: z.literal("dns"),
  host: hostField.meta({ description: "A name; for PTR an address, too." }),
  recordType: z.enum(RECORD_TYPES).default("A"),
  expectedRecords: z
    .array(z.string().min(1).max(1_000))
    .max(20, "must have at most 20 records")
    .default([])
    .meta({ description: "In the words of `dig +short`, such as `10 mail.example.com`; quotes and the dot at the end may be left out." }),
  match: z.enum(["all", "any", "exactly"]).default("all").meta({
    description: "all: each expected record is among the answers; any: one of them; exactly: all of them and no other.",
  }),
  expectedRcode: z.enum(EXPECTED_RCODES).default("NOERROR").meta({ description: "NXDOMAIN: up while the name does not exist." }),
  resolver: resolverField.optional(),
};
type DnsConfig = z.output<z.ZodObject<typeof shape>>;

/** Up when the name has a record of the type, and the expected values when some are given. */
export const dnsCheck = defineCheckType({
  type: "dns",
  shape,
  label: ({ host, recordType }) => `${recordType} ${host}`,
  reaches: ({ resolver }) => resolverReach(resolver),
  refine: expectationIssues,
  run: (config, context) => askDns(config.resolver, context, (resolver) => judgeAnswer(config, resolver, context.trace)),
});

function expectationIssues({ host, recordType, expectedRcode, expectedRecords, match }: DnsConfig) {
  const path = "expectedRecords";
  const [first = ""] = expectedRecords;
  const problems = expectedRecords.flatMap((record, index) => {
    const message = recordProblem(recordType, record);
    return message === undefined ? [] : [{ path: `${path}.${index}`, message }];
  });
  return [
    ...(expectedRcode !== "NOERROR" && expectedRecords.length > 0
      ? [{ path, message: `could never hold: an answer ${expectedRcode} has no records` }]
      : []),
    ...(isIP(host) !== 0 && recordType !== "PTR"
      ? [{ path: "host", message: "must be a name: an address has records of type PTR alone" }]
      : []),
    ...(recordType === "CNAME" &&
    match !== "any" &&
    !expectedRecords.every((record) => sameRecord(recordOf("CNAME", first), recordOf("CNAME", record)))
      ? [{ path, message: "could never hold: a name has one CNAME. Set match to any" }]
      : []),
    // Of any, one that can be is enough.
    ...(match === "any" && problems.length < expectedRecords.length ? [] : problems),
  ];
}

/** What a name server says of a name, and not of itself. */
const ANSWERS: ReadonlySet<string> = new Set(["ENOTFOUND", "ENODATA"]);

async function judgeAnswer(config: DnsConfig, resolver: Resolver, trace: Trace): Promise<CheckOutcome> {
  // Our own name servers are the way there; one that the target names is what is asked.
  trace.isOnTheWay = config.resolver === undefined;
  const { recordType: type, expectedRcode } = config;
  const name = asciiName(type === "PTR" ? reverseName(config.host) : config.host);
  let records: string[];
  try {
    const answer: unknown = await resolver.resolve(name, type);
    records = (Array.isArray(answer) ? answer : [answer]).map((record) => presentation(type, record));
  } catch (error) {
    const code = dnsCode(error);
    if (ANSWERS.has(code)) trace.isOnTheWay = false;
    if (code === RCODES[expectedRcode]) return { status: "up" };
    // c-ares cannot read an answer of aliases alone for some types.
    const isAlias = code === "EBADRESP" && (await chainOf(resolver, name, name)).includes(" → ");
    if (code !== "ENODATA" && !isAlias) throw new ResolveError(code, textOf(code, config));
    records = [];
  }
  if (expectedRcode !== "NOERROR") return down(`${config.host} is answered, expected ${expectedRcode}`);
  if (records.length === 0) throw new ResolveError("ENODATA", `${await chainOf(resolver, name, config.host)} has no ${type} record`);
  const missing = missingRecord(config, records);
  return missing === undefined ? { status: "up" } : down(missing);
}

function down(text: string): CheckOutcome {
  return { status: "down", error: { class: "assertion", text } };
}

/** What the answers lack of what is expected, in words. */
function missingRecord({ recordType: type, expectedRecords, match }: DnsConfig, records: readonly string[]): string | undefined {
  if (expectedRecords.length === 0) return undefined;
  const found = records.map((record) => recordOf(type, record));
  const wanted = expectedRecords.map((record) => recordOf(type, record));
  const has = (expected: DnsRecord) => found.some((record) => sameRecord(record, expected));
  const saw = `found ${records.join(", ").slice(0, 200)}`;
  if (match === "any") return wanted.some(has) ? undefined : `no ${type} record of those expected; ${saw}`;
  const missing = wanted.find((expected) => !has(expected));
  if (missing !== undefined) return `${type} record "${missing.text}" is missing; ${saw}`;
  const strange = found.find((record) => !wanted.some((expected) => sameRecord(record, expected)));
  return match === "exactly" && strange !== undefined ? `${type} record ${strange.text} was not expected` : undefined;
}

const MAX_CHAIN = 5;

/** A name and what it stands for: `www.example → cdn.example`. */
async function chainOf(resolver: Resolver, name: string, shown: string): Promise<string> {
  const chain = [shown];
  let current = name;
  while (chain.length <= MAX_CHAIN) {
    const [next] = await resolver.resolveCname(current).catch(() => []);
    if (next === undefined || chain.includes(next)) break;
    chain.push(next);
    current = next;
  }
  return chain.join(" → ");
}

const DNS_TEXT: Record<string, (host: string) => string> = {
  ENOTFOUND: (host) => `no such name: ${host}`,
  ESERVFAIL: (host) => `name server failed for ${host}`,
  EREFUSED: (host) => `name server refused to answer for ${host}`,
  ECONNREFUSED: () => "name server could not be reached",
  ETIMEOUT: () => "name server did not answer",
};

function textOf(code: string, { host, recordType }: DnsConfig): string {
  return DNS_TEXT[code]?.(host) ?? `look-up of ${recordType} ${host} failed (${code})`;
}

function dnsCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
