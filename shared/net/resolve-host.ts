import { Resolver } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { domainToASCII } from "node:url";

/** A name that could not be turned into an address. `code` is Node's, such as `ENOTFOUND`. */
export class ResolveError extends Error {
  override readonly name = "ResolveError";
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** How long one family's answer is waited for once the other has come. Source: RFC 8305, 3. */
const RESOLUTION_DELAY_MS = 50;
/** Addresses of a name that are tried at most. */
const MAX_ADDRESSES = 8;

/**
 * Looks a host name up freshly, both families at once, without a cache. IPv4 comes first (Lambda has no IPv6 way out),
 * then the families in turn.
 *
 * Asks DNS through c-ares and not `dns.lookup`: that one runs on libuv's four threads, where a few
 * names with dead servers would delay the look-ups of healthy targets. The hosts file is honoured.
 *
 * @throws {ResolveError} when the name has no address or nobody answers
 */
export async function resolveHost(host: string, { signal, servers, family, ownServer = false }: ResolveOptions): Promise<string[]> {
  const wanted = (addresses: readonly string[]) =>
    family === undefined ? [...addresses] : addresses.filter((address) => isIP(address) === family);
  const missing = () => resolveError(host, "ENODATA", family);
  if (isIP(host) !== 0) {
    if (wanted([host]).length === 0) throw missing();
    return [host];
  }
  const name = /^[\x21-\x7f]*$/.test(host) ? host : domainToASCII(host) || host;
  const listed = ownServer ? [] : wanted(fromHostsFile(name));
  if (listed.length > 0) return listed;

  const resolver = new Resolver();
  if (servers && servers.length > 0) resolver.setServers(servers);
  const cancel = () => resolver.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const { v4, v6, error } = await askBoth(resolver, name);
    if (v4.length === 0 && v6.length === 0) {
      signal.throwIfAborted();
      throw resolveError(host, error ?? "ENODATA");
    }
    const addresses = wanted(interleaved(v4, v6)).slice(0, MAX_ADDRESSES);
    if (addresses.length === 0) throw missing();
    return addresses;
  } finally {
    signal.removeEventListener("abort", cancel);
    resolver.cancel();
  }
}

export interface ResolveOptions {
  readonly signal: AbortSignal;
  /** `ip` or `ip:port`, asked instead of the machine's own. */
  readonly servers?: readonly string[] | undefined;
  /** Only addresses of this one. */
  readonly family?: 4 | 6 | undefined;
  /** Whether the servers are the target's own choice, whose answer counts and not the machine's hosts file. */
  readonly ownServer?: boolean;
}

interface Answers {
  readonly v4: readonly string[];
  readonly v6: readonly string[];
  /** Why there is none: what IPv4 was refused with. */
  readonly error?: string;
}

/** Both families; once one has addresses, the other only as far as it comes at once. */
async function askBoth(resolver: Resolver, host: string): Promise<Answers> {
  const found: { v4: readonly string[]; v6: readonly string[]; error?: string } = { v4: [], v6: [] };
  const asked = [
    resolver.resolve4(host).then(
      (addresses) => {
        found.v4 = addresses;
      },
      (error: NodeJS.ErrnoException) => {
        found.error = error.code ?? "ENOTFOUND";
      },
    ),
    resolver.resolve6(host).then(
      (addresses) => {
        found.v6 = addresses;
      },
      () => undefined,
    ),
  ];
  const all = Promise.all(asked);
  await Promise.race(asked);
  // What has no name has it in neither family.
  if (found.error === "ENOTFOUND") return { ...found };
  if (found.v4.length > 0 || found.v6.length > 0) await Promise.race([all, delay(RESOLUTION_DELAY_MS, undefined, { ref: false })]);
  else await all;
  return { ...found };
}

function interleaved(v4: readonly string[], v6: readonly string[]): string[] {
  return Array.from({ length: Math.max(v4.length, v6.length) }, (_, index) => [v4[index], v6[index]])
    .flat()
    .filter((address) => address !== undefined);
}

function resolveError(host: string, code: string, family?: 4 | 6): ResolveError {
  if (family !== undefined) return new ResolveError(code, `${host} has no IPv${family} address`);
  return new ResolveError(code, RESOLVE_TEXT[code]?.(host) ?? `look-up of ${host} failed (${code})`);
}

const RESOLVE_TEXT: Record<string, (host: string) => string> = {
  ENOTFOUND: (host) => `no such host: ${host}`,
  ENODATA: (host) => `${host} has no address`,
  ESERVFAIL: (host) => `name server failed for ${host}`,
  EREFUSED: (host) => `name server refused to answer for ${host}`,
  ECONNREFUSED: (host) => `no name server could be reached for ${host}`,
  ETIMEOUT: (host) => `name server did not answer for ${host}`,
  EBADNAME: (host) => `${host} is not a host name`,
};

const HOSTS_FILE = process.platform === "win32" ? "C:\\Windows\\System32\\drivers\\etc\\hosts" : "/etc/hosts";
const HOSTS_MAX_AGE_MS = 10_000;
let hosts: { readAt: number; byName: Map<string, string[]> } = { readAt: 0, byName: new Map() };

function fromHostsFile(host: string): string[] {
  const name = host.toLowerCase().replace(/\.$/, "");
  if (Date.now() - hosts.readAt > HOSTS_MAX_AGE_MS) hosts = { readAt: Date.now(), byName: readHosts() };
  // RFC 6761: localhost names are loopback and never asked of a name server.
  if (name === "localhost" || name.endsWith(".localhost")) return ["127.0.0.1", "::1"];
  return hosts.byName.get(name) ?? [];
}

function readHosts(): Map<string, string[]> {
  const byName = new Map<string, string[]>();
  let text = "";
  try {
    text = readFileSync(HOSTS_FILE, "utf8");
  } catch {
    return byName; // a machine without a hosts file has no entries
  }
  for (const line of text.split("\n")) {
    const [address = "", ...names] = (line.split("#")[0] ?? "").trim().split(/\s+/);
    if (isIP(address) === 0) continue;
    for (const name of names) {
      const key = name.toLowerCase();
      byName.set(key, [...(byName.get(key) ?? []), address]);
    }
  }
  return byName;
}
