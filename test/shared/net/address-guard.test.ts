import { describe, expect, it } from "vitest";
import { createAddressGuard, parsePorts } from "../../../shared/net/address-guard.ts";

const CLOSED = [
  "127.0.0.1",
  "127.255.255.254",
  "0.0.0.0",
  "0.1.2.3",
  "10.0.0.1",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "100.64.0.1",
  "169.254.169.254",
  "169.254.100.1",
  "192.0.0.1",
  "192.0.2.1",
  "198.18.0.1",
  "198.51.100.1",
  "203.0.113.1",
  "224.0.0.1",
  "239.255.255.255",
  "240.0.0.1",
  "255.255.255.255",
  "::1",
  "::",
  "fe80::1",
  "fe80::1%eth0",
  "fc00::1",
  "fd12:3456::1",
  "ff02::1",
  "2001:db8::1",
  "100::1",
  "fec0::1",
  "::ffff:127.0.0.1",
  "::ffff:7f00:1",
  "::ffff:10.0.0.1",
  "::127.0.0.1",
  "64:ff9b::7f00:1",
  "64:ff9b:1::1",
  "2002:7f00:1::",
  "2001:0:4136:e378:8000:63bf:3fff:fdd2",
  "3fff::1",
  "::ffff:0:7f00:1",
  "4000::1",
  "64:ff9b:2::1",
  "fd00:ec2::254",
  "168.63.129.16",
  "5f00::1",
];

describe("with nothing opened", () => {
  const guard = createAddressGuard();

  it.each(CLOSED)("refuses %s", (address) => {
    expect(guard.refuses(address)).toContain("which this deployment does not check");
  });

  it.each(["1.1.1.1", "8.8.8.8", "100.63.255.255", "172.32.0.1", "192.167.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1"])(
    "allows %s",
    (address) => {
      expect(guard.refuses(address)).toBeUndefined();
    },
  );

  it("refuses what is no address", () => {
    expect(guard.refuses("localhost")).toContain("is not an IP address");
  });
});

describe("with ranges opened", () => {
  const guard = createAddressGuard(["127.0.0.0/8", "10.1.0.0/16", "169.254.0.0/16", "fd00::/8", "0.0.0.0/0"]);

  it.each(["127.0.0.1", "::ffff:127.0.0.1", "10.1.2.3", "fd12::1"])("allows %s", (address) => {
    expect(guard.refuses(address)).toBeUndefined();
  });

  it.each(["169.254.100.1", "169.254.169.254", "fd00:ec2::254", "::ffff:169.254.100.1", "fe80::1", "224.0.0.1", "0.0.0.0"])(
    "never opens %s",
    (address) => {
      expect(guard.refuses(address)).toContain("does not check");
    },
  );

  it("names a range that is none", () => {
    expect(() => createAddressGuard(["10.0.0.0/33"])).toThrow('"10.0.0.0/33" is not a CIDR range');
  });
});

it("never opens an IPv4 address that is closed for ever, inside whatever IPv6 address", () => {
  const guard = createAddressGuard(["64:ff9b::/96", "2002::/16", "::/96", "::ffff:0:0:0/96", "::1/128"]);
  for (const address of ["64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "::a9fe:a9fe", "::ffff:0:a9fe:a9fe"])
    expect([address, guard.refuses(address)]).toEqual([address, expect.any(String)]);
  for (const address of ["64:ff9b::808:808", "2002:808:808::1", "::1"])
    expect([address, guard.refuses(address)]).toEqual([address, undefined]);
});

describe("with ports named", () => {
  const guard = createAddressGuard([], [parsePorts("443"), parsePorts("8000-9000")]);

  it.each([443, 8_000, 8_500, 9_000])("allows %d", (port) => expect(guard.refusesPort(port)).toBeUndefined());
  it.each([22, 80, 7_999, 9_001])("refuses %d, and says what is open", (port) => {
    expect(guard.refusesPort(port)).toBe(`port ${port} is closed: this deployment checks 443, 8000-9000`);
  });
  it.each(["", "0", "70000", "90-80", "http", "80-"])("does not take %j for ports", (text) => {
    expect(() => parsePorts(text)).toThrow(/neither a port nor a range/);
  });
});
