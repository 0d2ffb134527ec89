import { isIP } from "node:net";

/** A name server by its address. */
export interface DnsServer {
  /** Without brackets. */
  readonly address: string;
  readonly port: number;
}

/** Reads `1.1.1.1`, `1.1.1.1:5353`, `::1` or `[::1]:5353`; `undefined` for anything else. */
export function parseDnsServer(server: string): DnsServer | undefined {
  if (isIP(server) !== 0) return { address: server, port: 53 };
  const [, bracketed, plain, port = "53"] = /^(?:\[([^\]]+)\]|([^[\]:]+))(?::(\d{1,5}))?$/.exec(server) ?? [];
  const address = bracketed ?? plain;
  const valid = address !== undefined && isIP(address) !== 0 && Number(port) >= 1 && Number(port) <= 65_535;
  return valid ? { address, port: Number(port) } : undefined;
}
