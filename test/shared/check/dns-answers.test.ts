import type { Answer, Question } from "dns-packet";
import { describe, expect, it } from "vitest";
import { runCheck } from "../../../shared/check/run-check.ts";
import { createAddressGuard, parsePorts } from "../../../shared/net/address-guard.ts";
import { configOf, testEngine } from "../../support/checks.ts";
import { serveDns, serveTcp } from "../../support/servers.ts";

const RECORDS: readonly Answer[] = [
  { type: "A", name: "a.example", data: "192.0.2.1" },
  { type: "A", name: "a.example", data: "192.0.2.2" },
  { type: "AAAA", name: "a.example", data: "2001:db8::1" },
  { type: "CNAME", name: "www.example", data: "cdn.example" },
  { type: "MX", name: "a.example", data: { preference: 10, exchange: "Mail.Example" } },
  { type: "NS", name: "a.example", data: "ns1.example" },
  { type: "TXT", name: "a.example", data: [Buffer.from("token=AbC"), Buffer.from('; k="v\\w"')] },
  { type: "CAA", name: "a.example", data: { flags: 0, tag: "issue", value: "letsencrypt.org" } },
  { type: "SRV", name: "_x._tcp.a.example", data: { priority: 1, weight: 2, port: 443, target: "srv.example" } },
  {
    type: "SOA",
    name: "a.example",
    data: { mname: "ns1.example", rname: "hostmaster.example", serial: 7, refresh: 1, retry: 2, expire: 3, minimum: 4 },
  },
  { type: "PTR", name: "1.2.0.192.in-addr.arpa", data: "a.example" },
  { type: "PTR", name: `${"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"}.ip6.arpa`, data: "six.example" },
  { type: "A", name: "xn--mnchen-3ya.example", data: "192.0.2.9" },
];

function answer({ name, type }: Question): Answer[] | "NXDOMAIN" | "SERVFAIL" {
  if (name === "gone.example") return "NXDOMAIN";
  if (name === "broken.example") return "SERVFAIL";
  // As resolvers do: the alias, and what the name behind it has of the type.
  return RECORDS.filter((record) => record.name === name && (record.type === type || record.type === "CNAME"));
}

async function check(fields: Record<string, unknown>, engine = {}) {
  const dns = await serveDns(answer);
  return runCheck(
    { config: configOf({ type: "dns", host: "a.example", retries: 0, ...fields }), heartbeat: { awaitedSince: 0 } },
    testEngine({ dnsServers: [dns], ...engine }),
  );
}

describe("a name without a record of the type", () => {
  it.each(["A", "AAAA", "MX", "TXT", "NS", "CAA", "SRV", "SOA"])(
    "is down for %s though it has an alias, and names the chain",
    async (recordType) => {
      expect(await check({ host: "www.example", recordType })).toMatchObject({
        status: "down",
        error: { class: "dns", text: `www.example → cdn.example has no ${recordType} record` },
      });
    },
  );

  it("is up for its alias, and down where the name does not exist", async () => {
    expect(await check({ host: "www.example", recordType: "CNAME" })).toMatchObject({ status: "up" });
    expect(await check({ host: "gone.example" })).toMatchObject({ status: "down", error: { text: "no such name: gone.example" } });
  });
});

describe("expected records, in the words of dig +short", () => {
  it.each<[string, string, boolean]>([
    ["A", "192.0.2.1", true],
    ["A", "192.0.2.3", false],
    ["AAAA", "2001:DB8:0:0::1", true],
    ["MX", "10 mail.example.", true],
    ["MX", "10 MAIL.example", true],
    ["MX", "20 mail.example", false],
    ["NS", "NS1.EXAMPLE.", true],
    ["TXT", '"token=AbC" "; k=\\"v\\\\w\\""', true],
    ["TXT", 'token=AbC; k="v\\w"', true],
    ["TXT", 'token=abc; k="v\\w"', false],
    ["CAA", '0 issue "letsencrypt.org"', true],
    ["CAA", "0 issue letsencrypt.org", true],
    ["CAA", '0 issuewild "letsencrypt.org"', false],
    ["SOA", "ns1.example. hostmaster.example. 7 1 2 3 4", true],
    ["SOA", "ns1.example hostmaster.example 7", true],
    ["SOA", "ns1.example hostmaster.example 8", false],
  ])("%s %s: %j", async (recordType, expected, holds) => {
    expect(await check({ recordType, expectedRecords: [expected] })).toMatchObject({ status: holds ? "up" : "down" });
  });

  it("match all, any or exactly", async () => {
    const one = { expectedRecords: ["192.0.2.1"] };
    const other = { expectedRecords: ["192.0.2.1", "192.0.2.7"] };
    const both = { expectedRecords: ["192.0.2.2", "192.0.2.1"] };
    expect(await check({ ...one })).toMatchObject({ status: "up" });
    expect(await check({ ...other })).toMatchObject({
      status: "down",
      error: { text: 'A record "192.0.2.7" is missing; found 192.0.2.1, 192.0.2.2' },
    });
    expect(await check({ ...other, match: "any" })).toMatchObject({ status: "up" });
    expect(await check({ ...one, match: "exactly" })).toMatchObject({
      status: "down",
      error: { text: "A record 192.0.2.2 was not expected" },
    });
    expect(await check({ ...both, match: "exactly" })).toMatchObject({ status: "up" });
  });

  it("may be that the name does not exist", async () => {
    expect(await check({ host: "gone.example", expectedRcode: "NXDOMAIN" })).toMatchObject({ status: "up" });
    expect(await check({ host: "a.example", expectedRcode: "NXDOMAIN" })).toMatchObject({
      status: "down",
      error: { text: "a.example is answered, expected NXDOMAIN" },
    });
    expect(await check({ host: "broken.example", expectedRcode: "SERVFAIL" })).toMatchObject({ status: "up" });
    expect(() => configOf({ type: "dns", host: "a.example", expectedRcode: "NXDOMAIN", expectedRecords: ["192.0.2.1"] })).toThrow(
      /could never hold/,
    );
  });
});

describe("hosts", () => {
  it("of PTR are addresses, too", async () => {
    expect(await check({ host: "192.0.2.1", recordType: "PTR", expectedRecords: ["a.example"] })).toMatchObject({ status: "up" });
    expect(await check({ host: "2001:db8::1", recordType: "PTR", expectedRecords: ["six.example."] })).toMatchObject({ status: "up" });
    expect(await check({ host: "1.2.0.192.in-addr.arpa", recordType: "PTR" })).toMatchObject({ status: "up" });
  });

  it("may be of any script, in every type that has one", async () => {
    expect(await check({ host: "münchen.example" })).toMatchObject({ status: "up" });
    const dns = await serveDns(({ name, type }) =>
      name === "xn--mnchen-3ya.example" && type === "A" ? [{ type, name, data: "127.0.0.1" }] : "NXDOMAIN",
    );
    const port = await serveTcp(() => undefined);
    const result = await runCheck(
      { config: configOf({ type: "tcp", host: "MÜNCHEN.example", port, retries: 0 }), heartbeat: { awaitedSince: 0 } },
      testEngine({ dnsServers: [dns] }),
    );
    expect(result).toMatchObject({ status: "up" });
    for (const host of ["a b.example", "http://a.example", "", "a..b", "-", "a/b"])
      expect(() => configOf({ type: "tcp", host, port: 80 }), host).toThrow();
  });
});

describe("a name server that a target names", () => {
  it("is asked instead, by address or name", async () => {
    const other = await serveDns(({ name, type }) => (type === "A" ? [{ type, name, data: "198.51.100.7" }] : []));
    const fields = { expectedRecords: ["198.51.100.7"] };
    expect(await check({ ...fields, resolver: other })).toMatchObject({ status: "up", address: "127.0.0.1" });
    expect(await check({ ...fields, resolver: other.replace("127.0.0.1", "localhost") })).toMatchObject({ status: "up" });
  });

  it.each([
    ["a port that is closed", createAddressGuard(["127.0.0.0/8"], [parsePorts("80")]), /port \d+ is closed/],
    ["an address that is closed", createAddressGuard(), /loopback address/],
  ])("meets the guard: %s", async (_, guard, text) => {
    let asked = 0;
    const other = await serveDns(() => {
      asked++;
      return [];
    });
    for (const resolver of [other, other.replace("127.0.0.1", "localhost")]) {
      expect(await check({ resolver }, { guard })).toMatchObject({
        status: "down",
        error: { class: "forbidden", text: expect.stringMatching(text) },
      });
    }
    expect(asked).toBe(0);
  });
});
