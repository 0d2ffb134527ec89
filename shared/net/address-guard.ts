import { BlockList, isIP } from "node:net";

/**
 * Decides which addresses a check or webhook may reach. Asked with the address that is really
 * dialled, after name look-up, so that redirects, IP literals in any spelling and DNS rebinding
 * all meet it.
 */
export interface AddressGuard {
  /** Why `address` may not be dialled, or `undefined` when it may. */
  refuses(address: string): string | undefined;
}

/** A dial that the guard refused. */
export class ForbiddenAddressError extends Error {
  override readonly name = "ForbiddenAddressError";
}

/** Never opened by any setting: link-local holds the Lambda runtime API (169.254.100.1:9001) and instance metadata. */
const NEVER_ALLOWED: readonly Range[] = [
  ["0.0.0.0/8", "unspecified"],
  ["169.254.0.0/16", "link-local"],
  ["224.0.0.0/4", "multicast"],
  ["::/128", "unspecified"],
  ["fe80::/10", "link-local"],
  ["fec0::/10", "site-local"],
  ["ff00::/8", "multicast"],
];

/** Closed unless `allowedRanges` opens them. Source: IANA IPv4 and IPv6 special-purpose address registries. */
const CLOSED_BY_DEFAULT: readonly Range[] = [
  ["10.0.0.0/8", "private"],
  ["100.64.0.0/10", "carrier-grade NAT"],
  ["127.0.0.0/8", "loopback"],
  ["172.16.0.0/12", "private"],
  ["192.0.0.0/24", "reserved"],
  ["192.0.2.0/24", "documentation"],
  ["192.88.99.0/24", "6to4 relay"],
  ["192.168.0.0/16", "private"],
  ["198.18.0.0/15", "benchmark"],
  ["198.51.100.0/24", "documentation"],
  ["203.0.113.0/24", "documentation"],
  ["240.0.0.0/4", "reserved"],
  ["::1/128", "loopback"],
  ["::/96", "IPv4-compatible"],
  ["64:ff9b::/96", "NAT64"],
  ["64:ff9b:1::/48", "NAT64"],
  ["100::/64", "discard-only"],
  ["2001::/23", "reserved (Teredo)"],
  ["2001:db8::/32", "documentation"],
  ["2002::/16", "6to4"],
  ["3fff::/20", "documentation"],
  ["5f00::/16", "reserved"],
  ["fc00::/7", "private"],
];

type Range = readonly [cidr: string, label: string];

/**
 * @param allowedRanges CIDR ranges opened by the deployment, such as `10.0.0.0/8` (VPC) or
 *   `127.0.0.0/8` (laptop). The ranges that are never allowed stay closed.
 */
export function createAddressGuard(allowedRanges: readonly string[] = []): AddressGuard {
  const never = blockList(NEVER_ALLOWED.map(([cidr]) => cidr));
  const closed = blockList(CLOSED_BY_DEFAULT.map(([cidr]) => cidr));
  const allowed = blockList(allowedRanges);
  function judge(dialled: string): string | undefined {
    const address = dialled.split("%")[0] ?? dialled;
    const family = isIP(address);
    if (family === 0) return `${dialled} is not an IP address`;
    const within = (list: BlockList) => list.check(address, family === 4 ? "ipv4" : "ipv6");
    const refused = within(never) ? NEVER_ALLOWED : within(closed) && !within(allowed) ? CLOSED_BY_DEFAULT : undefined;
    // Which range it was is only asked to tell it: a check of an address that may be dialled asks two lists.
    const [, label] = refused?.find(([cidr]) => within(blockList([cidr]))) ?? [];
    return refused && `${address} is a ${label} address, which this deployment does not check`;
  }

  // The answer depends on the address alone, and the same ones are asked each round: 3 % of a check.
  const judged = new Map<string, string | undefined>();
  return {
    refuses(dialled) {
      if (judged.has(dialled)) return judged.get(dialled);
      if (judged.size >= MAX_REMEMBERED) judged.clear();
      const refusal = judge(dialled);
      judged.set(dialled, refusal);
      return refusal;
    },
  };
}

const MAX_REMEMBERED = 10_000;

function blockList(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const { address, prefix, family } = parseCidr(cidr);
    // IPv4 subnets also match IPv4-mapped IPv6 addresses (Node documents it for BlockList.check).
    list.addSubnet(address, prefix, family);
  }
  return list;
}

/** Parses `address/prefix`. @throws {RangeError} when it is no CIDR range. */
export function parseCidr(cidr: string): { address: string; prefix: number; family: "ipv4" | "ipv6" } {
  const [address = "", bits = ""] = cidr.split("/");
  const version = isIP(address);
  const prefix = /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (version === 0 || !(prefix <= (version === 4 ? 32 : 128))) {
    throw new RangeError(`"${cidr}" is not a CIDR range such as 10.0.0.0/8 or fd00::/8`);
  }
  return { address, prefix, family: version === 4 ? "ipv4" : "ipv6" };
}
