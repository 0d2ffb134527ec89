import type { Settings } from "../settings.ts";

/** What functions that dial need to know of where they may. */
export function reachEnvironment({ allowedPrivateRanges, allowedPorts, dnsServers, userAgentUrl }: Settings) {
  return {
    ALLOWED_PRIVATE_RANGES: allowedPrivateRanges || undefined,
    ALLOWED_PORTS: allowedPorts || undefined,
    DNS_SERVERS: dnsServers || undefined,
    USER_AGENT_URL: userAgentUrl,
  };
}
