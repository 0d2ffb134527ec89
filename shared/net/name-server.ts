import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { type AddressGuard, ForbiddenAddressError } from "./address-guard.ts";
import { type DnsServer, parseDnsServer } from "./dns-server.ts";
import { ResolveError, resolveHost } from "./resolve-host.ts";

/** What asking a name server that a target names is held against. */
export interface NameServerContext {
  readonly guard: AddressGuard;
  readonly signal: AbortSignal;
  /** The deployment's own, which know the server's name. */
  readonly dnsServers?: readonly string[] | undefined;
}

/** A name as DNS has it: international ones in ASCII, IDNA 2008. Addresses stay. */
export function asciiName(host: string): string {
  return isIP(host) === 0 ? domainToASCII(host) || host : host;
}

/**
 * The one that a target names, if it may be asked: the guard sees the address and port that are really dialled.
 * @param server `ip`, `name`, `ip:port` or `name:port`
 * @throws {ForbiddenAddressError} when the guard refuses its address or port
 * @throws {ResolveError} when its name has no address
 */
export async function vettedNameServer(server: string, { guard, signal, dnsServers }: NameServerContext): Promise<DnsServer> {
  const found = parseDnsServer(server) ?? (await byName(server, { signal, servers: dnsServers }));
  const refusal = guard.refuses(found.address) ?? guard.refusesPort(found.port);
  if (refusal !== undefined) throw new ForbiddenAddressError(refusal);
  return found;
}

/** As c-ares takes it. */
export function nameServerText({ address, port }: DnsServer): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

async function byName(server: string, options: Parameters<typeof resolveHost>[1]): Promise<DnsServer> {
  const [, name = "", port = "53"] = NAMED_SERVER.exec(server) ?? [];
  const { addresses, late } = await resolveHost(asciiName(name), options);
  late?.cancel();
  const [address] = addresses;
  if (address === undefined) throw new ResolveError("ENODATA", `${name} has no address`);
  return { address, port: Number(port) };
}

const NAMED_SERVER = /^([^\s:/[\]]{1,253})(?::(\d{1,5}))?$/;

/** Whether a text names a server for {@link vettedNameServer}. */
export function isDnsServer(server: string): boolean {
  if (parseDnsServer(server) !== undefined) return true;
  const [, name = "", port = "53"] = NAMED_SERVER.exec(server) ?? [];
  return /[a-z]/i.test(name) && domainToASCII(name) !== "" && Number(port) >= 1 && Number(port) <= 65_535;
}
