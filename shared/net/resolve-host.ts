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
const MAX_ADDRESSES = 32;
/** Domains of the machine's search list that a name without a dot is looked for in. Source: resolv.conf(5). */
const MAX_SEARCH = 6;

/**
 * Looks a host name up freshly, both families at once, without a cache. IPv4 comes first (Lambda has no IPv6 way out),
 * then the families in turn.
 *
 * Asks DNS through c-ares and not `dns.lookup`: that one runs on libuv's four threads, where a few
 * names with dead servers would delay the look-ups of healthy targets. The hosts file is honoured.
 *
 * @throws {ResolveError} when the name has no address or nobody answers
 */
export async function resolveHost(host: string, options: ResolveOptions): Promise<FoundAddresses> {
  const { signal, servers, family, ownServer = false } = options;
  const wanted = (addresses: readonly string[]) =>
    family === undefined ? [...addresses] : addresses.filter((address) => isIP(address) === family);
  if (isIP(host) !== 0) {
    if (wanted([host]).length === 0) throw resolveError(host, "ENODATA", family);
    return { addresses: [host] };
  }
  const name = /^[\x21-\x7f]*$/.test(host) ? host : domainToASCII(host) || host;
  const listed = ownServer ? [] : wanted(fromHostsFile(name));
  if (listed.length > 0) return { addresses: listed };

  const asking = startAsking(servers, signal);
  try {
    const { v4, v6, error, late } = await firstAnswer(candidatesFor(name, options), { resolver: asking.resolver, family, signal });
    if (v4.length === 0 && v6.length === 0) {
      signal.throwIfAborted();
      throw resolveError(host, error ?? "ENODATA", error === undefined || error === "ENODATA" ? family : undefined);
    }
    const found = { addresses: interleaved(v4, v6).slice(0, MAX_ADDRESSES) };
    if (late === undefined) {
      asking.end();
      return found;
    }
    // RFC 8305, 3: what the other family has joins when it comes.
    const addresses = Promise.race([late, asking.cancelled.then((): string[] => [])]).finally(asking.end);
    return { ...found, late: { addresses, cancel: asking.cancel } };
  } catch (error) {
    asking.end();
    throw error;
  }
}

/** A resolver for one name, which ends with the signal. */
function startAsking(servers: readonly string[] | undefined, signal: AbortSignal) {
  const resolver = new Resolver();
  if (servers && servers.length > 0) resolver.setServers(servers);
  const { promise: cancelled, resolve } = Promise.withResolvers<void>();
  const cancel = () => {
    resolver.cancel();
    resolve();
  };
  signal.addEventListener("abort", cancel, { once: true });
  const end = () => {
    signal.removeEventListener("abort", cancel);
    resolver.cancel();
  };
  return { resolver, cancelled, cancel, end };
}

/** What a name may stand for: one without a dot is, as a rule, one of this machine's own domain. */
function candidatesFor(name: string, { servers, ownServer }: ResolveOptions): readonly string[] {
  const isBare = !name.includes(".") && ownServer !== true && (servers === undefined || servers.length === 0);
  return [...(isBare ? searchList().map((domain) => `${name}.${domain}`) : []), name];
}

/** The answer for the first of some names that has addresses; else for the last. */
async function firstAnswer(names: readonly string[], question: Question): Promise<Answers> {
  let answers: Answers = { v4: [], v6: [] };
  for (const name of names) {
    answers = await askFor(name, question);
    if (answers.v4.length > 0 || answers.v6.length > 0) break;
  }
  return answers;
}

/** An answer that is still awaited. */
export interface LateAddresses {
  /** None when there are none, or it was cancelled. */
  readonly addresses: Promise<readonly string[]>;
  /** Gives it up: whoever found the name has what they need. */
  cancel(): void;
}

/** The addresses of a name, in the order to try. */
export interface FoundAddresses {
  readonly addresses: readonly string[];
  /** The other family, where its answer is still awaited. */
  readonly late?: LateAddresses;
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
  /** Why there is none: what the name servers said, of the family that they said more of. */
  readonly error?: string | undefined;
  /** What one family may still have, when the other has come. */
  readonly late?: Promise<readonly string[]>;
}

interface Question {
  readonly resolver: Resolver;
  readonly family: 4 | 6 | undefined;
  readonly signal: AbortSignal;
}

/** Codes by which a name server says that it has trouble, and nothing of the name: another may know. */
const TROUBLE: ReadonlySet<string> = new Set(["ESERVFAIL", "EREFUSED", "ENOTIMP", "EBADRESP"]);

/** Asks, and where a name server has trouble, the next: c-ares goes on only when one is silent. */
async function askFor(name: string, { resolver, family, signal }: Question): Promise<Answers> {
  let answers = await askBoth(resolver, name, family);
  const servers = resolver.getServers();
  for (const server of servers.length > 1 ? servers : []) {
    if (!TROUBLE.has(answers.error ?? "") || signal.aborted) break;
    const another = new Resolver();
    another.setServers([server]);
    const cancel = () => another.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    answers = await askBoth(another, name, family);
    // What comes late from one that was asked besides is not waited for.
    if (answers.late === undefined) signal.removeEventListener("abort", cancel);
  }
  return answers;
}

/** Both families, or the one that is wanted; once one has addresses, the other only as far as it comes at once. */
async function askBoth(resolver: Resolver, host: string, family: 4 | 6 | undefined): Promise<Answers> {
  const found: { v4: readonly string[]; v6: readonly string[] } = { v4: [], v6: [] };
  const errors: { v4?: string; v6?: string } = {};
  const ask = (which: "v4" | "v6", question: Promise<string[]>) =>
    question.then(
      (addresses) => {
        found[which] = addresses;
      },
      (error: NodeJS.ErrnoException) => {
        errors[which] = error.code ?? "ENOTFOUND";
      },
    );
  const asked = [
    ...(family === 6 ? [] : [ask("v4", resolver.resolve4(host))]),
    ...(family === 4 ? [] : [ask("v6", resolver.resolve6(host))]),
  ];
  const all = Promise.all(asked);
  await Promise.race(asked);
  // What has no name has it in neither family.
  const error = () => [errors.v4, errors.v6].find((code) => code !== undefined && code !== "ENODATA") ?? errors.v4 ?? errors.v6;
  if (errors.v4 === "ENOTFOUND") return { ...found, error: errors.v4 };
  const hasSome = () => found.v4.length > 0 || found.v6.length > 0;
  if (!hasSome()) await all;
  else if ((await Promise.race([all, delay(RESOLUTION_DELAY_MS, "late" as const, { ref: false })])) === "late") {
    const missing = found.v4.length > 0 ? "v6" : "v4";
    return { v4: [...found.v4], v6: [...found.v6], late: all.then(() => found[missing]) };
  }
  return { ...found, error: error() };
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

const RESOLV_CONF = "/etc/resolv.conf";
let search: { readAt: number; domains: readonly string[] } = { readAt: 0, domains: [] };

/** Domains that this machine looks names without a dot up in. */
function searchList(): readonly string[] {
  if (Date.now() - search.readAt > HOSTS_MAX_AGE_MS) search = { readAt: Date.now(), domains: readSearchList() };
  return search.domains;
}

function readSearchList(): readonly string[] {
  try {
    // The last line of its kind counts.
    const [, list = ""] = [...readFileSync(RESOLV_CONF, "utf8").matchAll(/^\s*(?:search|domain)\s+(.+)$/gm)].at(-1) ?? [];
    const domains = list
      .trim()
      .split(/\s+/)
      .map((domain) => domain.replace(/\.$/, ""));
    return domains.filter((domain) => domain !== "").slice(0, MAX_SEARCH);
  } catch {
    return []; // a machine without one has no domain of its own
  }
}

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
