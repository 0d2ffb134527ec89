import { Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { ForbiddenAddressError } from "./address-guard.ts";
import type { DialContext } from "./dial.ts";
import { type DnsServer, parseDnsServer } from "./dns-server.ts";
import { ResolveError, resolveHost } from "./resolve-host.ts";

/** A name as DNS has it: international ones in ASCII, IDNA 2008. Addresses stay. */
export function asciiName(host: string): string {
  return isIP(host) === 0 ? domainToASCII(host) || host : host;
}

/**
 * The door to a name server that a target names: on the address and port that are really asked, like `dial`.
 * @param server `ip`, `name`, `ip:port` or `name:port`; the deployment's or the machine's own when left out
 * @param ask gets a resolver that asks there, and is cancelled with the context's signal
 * @throws {ForbiddenAddressError} when the guard refuses its address or port
 * @throws {ResolveError} when its name has no address
 */
export async function askDns<T>(
  server: string | undefined,
  context: Pick<DialContext, "guard" | "signal" | "dnsServers" | "trace">,
  ask: (resolver: Resolver) => Promise<T>,
): Promise<T> {
  const { signal, trace } = context;
  const endDns = trace.begin("dnsMs");
  const resolver = new Resolver();
  const named = server === undefined ? undefined : await vetted(server, context);
  if (named !== undefined)
    resolver.setServers([named.address.includes(":") ? `[${named.address}]:${named.port}` : `${named.address}:${named.port}`]);
  else if (context.dnsServers && context.dnsServers.length > 0) resolver.setServers(context.dnsServers);
  const cancel = () => resolver.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const answer = await ask(resolver);
    endDns();
    trace.address = named?.address;
    return answer;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

async function vetted(
  server: string,
  { guard, signal, dnsServers }: Pick<DialContext, "guard" | "signal" | "dnsServers">,
): Promise<DnsServer> {
  const found = parseDnsServer(server) ?? (await byName(server, { signal, servers: dnsServers }));
  const refusal = guard.refuses(found.address) ?? guard.refusesPort(found.port);
  if (refusal !== undefined) throw new ForbiddenAddressError(refusal);
  return found;
}

async function byName(server: string, options: Parameters<typeof resolveHost>[1]): Promise<DnsServer> {
  const [, name = "", port = "53"] = NAMED_SERVER.exec(server) ?? [];
  const [address] = await resolveHost(asciiName(name), options);
  if (address === undefined) throw new ResolveError("ENODATA", `${name} has no address`);
  return { address, port: Number(port) };
}

const NAMED_SERVER = /^([^\s:/[\]]{1,253})(?::(\d{1,5}))?$/;

/** Whether a text names a server for {@link askDns}. */
export function isDnsServer(server: string): boolean {
  if (parseDnsServer(server) !== undefined) return true;
  const [, name = "", port = "53"] = NAMED_SERVER.exec(server) ?? [];
  return /[a-z]/i.test(name) && domainToASCII(name) !== "" && Number(port) >= 1 && Number(port) <= 65_535;
}
