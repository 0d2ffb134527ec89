import { BlockList, isIP } from "node:net";

/**
 * Decides which addresses a check or webhook may reach. Asked with the address that is really
 * dialled, after name look-up, so that redirects, IP literals in any spelling and DNS rebinding
 * all meet it.
 */
export interface AddressGuard {
  /** Why `address` may not be dialled, or `undefined` when it may. */
  refuses(address: string): string | undefined;
  /** Why `port` may not be dialled, or `undefined` when it may. */
  refusesPort(port: number): string | undefined;
  /** Why no ICMP may be sent, or `undefined` when it may. */
  refusesPing(): string | undefined;
}

/** A dial that the guard refused. */
export class ForbiddenAddressError extends Error {
  override readonly name = "ForbiddenAddressError";
}

/** Never opened by any setting: link-local holds the Lambda runtime API (169.254.100.1:9001) and instance metadata. */
const NEVER_ALLOWED: readonly Range[] = [
  ["0.0.0.0/8", "unspecified"],
  ["169.254.0.0/16", "link-local"],
  ["168.63.129.16/32", "cloud platform"],
  ["224.0.0.0/4", "multicast"],
  ["::/128", "unspecified"],
  ["fe80::/10", "link-local"],
  ["fec0::/10", "site-local"],
  ["fd00:ec2::/32", "cloud platform"],
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
  ["::ffff:0:0:0/96", "IPv4-translated"],
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

/** Why no deployment checks an address, whatever its settings. */
export function refusesAnywhere(address: string): string | undefined {
  return ANYWHERE.refuses(address);
}

/**
 * @param allowedRanges CIDR ranges opened by the deployment, such as `10.0.0.0/8` (VPC) or
 *   `127.0.0.0/8` (laptop). The ranges that are never allowed stay closed.
 * @param allowedPorts the only ones that may be dialled; any when it is empty
 * @param mayPing whether the machine sends ICMP: Lambda does not
 */
export function createAddressGuard(
  allowedRanges: readonly string[] = [],
  allowedPorts: readonly PortRange[] = [],
  mayPing = false,
): AddressGuard {
  const never = blockList(NEVER_ALLOWED.map(([cidr]) => cidr));
  const closed = blockList(CLOSED_BY_DEFAULT.map(([cidr]) => cidr));
  const allowed = blockList(allowedRanges);
  function judge(dialled: string): string | undefined {
    const address = dialled.split("%")[0] ?? dialled;
    if (isIP(address) === 0) return `${dialled} is not an IP address`;
    // An IPv4 address inside an IPv6 one is reached through a gateway, wherever that stands.
    const embedded = embeddedIpv4(address);
    if (embedded !== undefined && holds(never, embedded)) return `${address} holds ${embedded}, which this deployment does not check`;
    const isNever = holds(never, address);
    const isClosed = isNever || ((holds(closed, address) || isUnallocated(address)) && !holds(allowed, address));
    if (!isClosed) return undefined;
    return `${address} is ${kindOf(address)} address, which this deployment does not check`;
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
    refusesPort(port) {
      const allowedPort = allowedPorts.length === 0 || allowedPorts.some(([first, last]) => port >= first && port <= last);
      return allowedPort ? undefined : `port ${port} is closed: this deployment checks ${allowedPorts.map(portsText).join(", ")}`;
    },
    refusesPing: () => (mayPing ? undefined : PING_REFUSAL),
  };
}

const ANYWHERE = createAddressGuard(["0.0.0.0/0", "::/0"]);

const PING_REFUSAL =
  "this deployment sends no ICMP: Lambda functions cannot. Check a port with tcp instead (expect down takes a refusal), or run Server Tracker on a machine";

function holds(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 4 ? "ipv4" : "ipv6");
}

// Asked only to tell it: a check of an address that may be dialled asks the lists as a whole.
function kindOf(address: string): string {
  const range = [...NEVER_ALLOWED, ...CLOSED_BY_DEFAULT].find(([cidr]) => holds(blockList([cidr]), address));
  return range === undefined ? "an unallocated" : `a ${range[1]}`;
}

/** The IPv4 address in a NAT64, IPv4-translated, IPv4-compatible or 6to4 address. */
function embeddedIpv4(address: string): string | undefined {
  if (isIP(address) === 4) return undefined;
  const groups = hextets(address);
  const at = groups[0] === 0x2002 ? 1 : isTranslation(groups) ? 6 : undefined;
  if (at === undefined) return undefined;
  const [high = 0, low = 0] = groups.slice(at, at + 2);
  // `::` and `::1` hold nothing.
  if (high === 0 && groups[0] === 0) return undefined;
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

function isTranslation(groups: readonly number[]): boolean {
  const prefix = groups
    .slice(0, 6)
    .map((group) => group.toString(16))
    .join(":");
  return /^64:ff9b:(0:0:0:0|1:[0-9a-f:]+)$/.test(prefix) || prefix === "0:0:0:0:ffff:0" || prefix === "0:0:0:0:0:0";
}

/** Whether an IPv6 address is outside of 2000::/3, which is all that IANA has given out, and holds no IPv4 address as `::ffff:…` does. */
function isUnallocated(address: string): boolean {
  if (isIP(address) === 4) return false;
  const groups = hextets(address);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  return !isMapped && (groups[0] ?? 0) >> 13 !== 1;
}

/** The eight groups of an IPv6 address. */
function hextets(address: string): number[] {
  // URL writes every spelling alike, IPv4 endings too.
  const text = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = "", tail] = text.split("::");
  const numbers = (part: string) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)));
  const [left, right] = [numbers(head), tail === undefined ? [] : numbers(tail)];
  return tail === undefined ? left : [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}

/** Ports from the first to the last. */
export type PortRange = readonly [first: number, last: number];

/** Parses a port, or `8000-9000`. @throws {RangeError} when it is neither */
export function parsePorts(text: string): PortRange {
  const [, first = "", last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const range: PortRange = [Number(first), Number(last)];
  if (first === "" || range[0] < 1 || range[1] > 65_535 || range[0] > range[1]) {
    throw new RangeError(`"${text}" is neither a port nor a range such as 8000-9000`);
  }
  return range;
}

function portsText([first, last]: PortRange): string {
  return first === last ? String(first) : `${first}-${last}`;
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
