import { BlockList, isIP } from "node:net";

const PRIVATE = new BlockList();
for (const [address, prefix] of [
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["127.0.0.0", 8],
] as const) {
  PRIVATE.addSubnet(address, prefix, "ipv4");
}
PRIVATE.addSubnet("fc00::", 7, "ipv6");
PRIVATE.addAddress("::1", "ipv6");

/** Of names that only a private network knows. */
const PRIVATE_NAME = /(?:^|\.)(?:local|lan|internal|home\.arpa|svc\.cluster\.local)\.?$/i;

/** Whether a host is one that the open Internet does not reach, as far as its text tells. */
export function isPrivateHost(host: string): boolean {
  const version = isIP(host);
  if (version !== 0) return PRIVATE.check(host, version === 4 ? "ipv4" : "ipv6");
  return !host.includes(".") || PRIVATE_NAME.test(host);
}
