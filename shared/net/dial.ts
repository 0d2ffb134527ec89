import type { X509Certificate } from "node:crypto";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import {
  connect as connectTls,
  createSecureContext,
  DEFAULT_CIPHERS,
  getCACertificates,
  type SecureContext,
  type TLSSocket,
} from "node:tls";
import { domainToASCII } from "node:url";
import { type AddressGuard, ForbiddenAddressError } from "./address-guard.ts";
import { type SeenCertificate, type SeenChain, seenCertificate, seenChain, trustSubjects } from "./certificate.ts";
import { connectAny } from "./connect-any.ts";
import type { HttpProxy } from "./http-proxy.ts";
import { isAddressLike } from "./is-address-like.ts";
import { nameServerText, vettedNameServer } from "./name-server.ts";
import { type FoundAddresses, resolveHost } from "./resolve-host.ts";
import type { StartTls } from "./start-tls-protocols.ts";

/** Milliseconds spent in each phase of a network exchange; a phase that did not happen is absent. */
export interface Phases {
  dnsMs?: number;
  connectMs?: number;
  tlsMs?: number;
  /** From the request sent to the first byte of the answer. */
  ttfbMs?: number;
  /** From the first to the last byte of the answer. */
  transferMs?: number;
}

export type PhaseName = keyof Phases;

/** What a dial may use and where it records what it saw. */
export interface DialContext {
  readonly guard: AddressGuard;
  readonly signal: AbortSignal;
  /** Name servers asked instead of the machine's own. */
  readonly dnsServers?: readonly string[] | undefined;
  /** The name server that a target names: `ip`, `name`, `ip:port` or `name:port`. */
  readonly resolver?: string | undefined;
  /** Only addresses of this family. */
  readonly ipFamily?: 4 | 6 | undefined;
  readonly trace: Trace;
}

/** Collects phases over all connections of one check: a redirect adds to the same phases. */
export class Trace {
  readonly phases: Phases = {};
  /** The address of the last connection; while there is none, the first that was tried. */
  address: string | undefined;
  /** Requests on the way, redirects included, oldest first. */
  readonly hops: { readonly url: string; readonly status: number }[] = [];
  /** Of all peers' certificates and chains, the one that ends first. */
  certificate: SeenCertificate | undefined;
  /** All that peers showed, where somebody looks at it: also of those that were refused for it. */
  readonly chains: SeenChain[] | undefined;
  /** The phase that is running, for the text of a timeout. */
  phase: PhaseName = "dnsMs";
  /** Whether what is under way is not the target's: our own name servers, a proxy, a token. Its failure says nothing of the target. */
  isOnTheWay = false;
  /** What the peer has said so far, where that is waited for. */
  said: string | undefined;

  /** @param withChains whether somebody looks at the chains */
  constructor(withChains = false) {
    this.chains = withChains ? [] : undefined;
  }

  /** Does what comes before the target is asked. */
  async onTheWay<Value>(work: () => Promise<Value>): Promise<Value> {
    const before = this.isOnTheWay;
    this.isOnTheWay = true;
    const value = await work();
    this.isOnTheWay = before;
    return value;
  }

  /** Starts `phase`; the returned function ends it. */
  begin(phase: PhaseName): () => void {
    this.phase = phase;
    const start = performance.now();
    return () => {
      this.phases[phase] = (this.phases[phase] ?? 0) + performance.now() - start;
    };
  }

  /** Notes the certificate of one hop: what ends first counts. */
  sawCertificate(seen: SeenCertificate): void {
    if (this.certificate === undefined || seen.daysLeft < this.certificate.daysLeft) this.certificate = seen;
  }

  /** Keeps what one hop showed, each chain once. */
  keepChain(leaf: X509Certificate, of: string): void {
    const chain = seenChain(leaf, of, Date.now());
    const isKnown = this.chains?.some((kept) => kept.of === of && kept.certificates[0]?.fingerprint === chain.certificates[0]?.fingerprint);
    if (isKnown === false) this.chains?.push(chain);
  }
}

export interface TlsOptions {
  /** Name to send and to verify, when it is not the host. */
  readonly servername?: string | undefined;
  /** False accepts any certificate. */
  readonly verify: boolean;
  /** Application protocols to offer; none where the certificate is all that is wanted. */
  readonly alpn?: readonly string[];
  /** Shown to a peer that asks for a client's certificate. */
  readonly identity?: ClientIdentity | undefined;
}

/** A certificate, with its intermediates, and its private key, both PEM. */
export interface ClientIdentity {
  readonly certificate: string;
  readonly key: string;
}

export interface Endpoint {
  /** Host name or IP literal, without brackets. */
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsOptions;
  /** How a protocol in plain text agrees on TLS before the handshake. */
  readonly startTls?: StartTls | undefined;
  /** An HTTP proxy that opens the way, and looks the host's name up; without TLS the connection is to itself. */
  readonly proxy?: HttpProxy | undefined;
}

/**
 * Opens a fresh, guarded connection and records its phases. The socket is destroyed when the
 * signal aborts, also in the middle of a handshake.
 *
 * @throws {ForbiddenAddressError} when the port, or every address of the host, is refused by the guard
 * @throws {ResolveError} when the name has no address
 * @throws {StartTlsError} when the peer does not offer TLS in its protocol
 * @throws {ProxyError} when the proxy does not open the way
 */
export async function dial(endpoint: Endpoint, context: DialContext): Promise<Socket | TLSSocket> {
  const { tls, host, port, startTls, proxy } = endpoint;
  const closedPort = context.guard.refusesPort(port);
  if (closedPort !== undefined) throw new ForbiddenAddressError(closedPort);
  const found = proxy === undefined ? await vettedAddresses(host, context) : { addresses: [] };
  const opened = async () => {
    if (proxy !== undefined) return context.trace.onTheWay(() => throughProxy(endpoint, proxy, context));
    const socket = await connected(found, port, context);
    // Loaded where it is needed.
    if (startTls !== undefined) await (await import("./start-tls.ts")).agreeOnTls(startTls, socket, context.trace);
    return socket;
  };
  const socket = await opened();
  if (tls === undefined) return socket;
  try {
    return await secured(socket, tls, host, context, CURVES);
  } catch (error) {
    if (!isNothingInCommon(error)) throw error;
    // A second handshake, for the few that want a key exchange which costs every other server's check more.
    return secured(await opened(), tls, host, context, EVERY_CURVE);
  }
}

/** To the host, for TLS; else to the proxy itself, for a request that names its whole URL. */
async function throughProxy(endpoint: Endpoint, proxy: HttpProxy, context: DialContext): Promise<Socket> {
  const { host, tls } = endpoint;
  // A name is looked up by the proxy, whose network it is; what is clear without that stays closed.
  const refusal = isAddressLike(host) ? context.guard.refuses(host) : undefined;
  if (refusal !== undefined) throw new ForbiddenAddressError(refusal);
  const { openTunnel, proxyEndpoint } = await import("./http-proxy.ts");
  const socket = await dial(proxyEndpoint(proxy), context);
  if (tls !== undefined) await openTunnel(socket, proxy, endpoint, context.trace);
  return socket;
}

/**
 * The address of a host that may be sent to, for what is no connection.
 * @throws {ForbiddenAddressError} @throws {ResolveError}
 */
export async function vettedAddress(host: string, context: DialContext): Promise<string> {
  const { addresses, late } = await vettedAddresses(host, context);
  late?.cancel();
  return addresses[0] ?? "";
}

/** The host's addresses that may be dialled. What is vetted is what is dialled: no second look-up, no window for rebinding. */
async function vettedAddresses(host: string, context: DialContext): Promise<FoundAddresses> {
  const { guard, signal, trace, resolver, ipFamily } = context;
  const endDns = trace.begin("dnsMs");
  const own = resolver === undefined || isIP(host) !== 0 ? undefined : await vettedNameServer(resolver, context);
  const servers = own === undefined ? context.dnsServers : [nameServerText(own)];
  const { addresses, late } = await trace.onTheWay(() =>
    resolveHost(host, { signal, servers, family: ipFamily, ownServer: own !== undefined }),
  );
  if (isIP(host) === 0) endDns();
  const isAllowed = (address: string) => guard.refuses(address) === undefined;
  const allowed = addresses.filter(isAllowed);
  const lateAllowed = late && { ...late, addresses: late.addresses.then((more) => more.filter(isAllowed)) };
  signal.throwIfAborted();
  if (allowed.length > 0) return lateAllowed === undefined ? { addresses: allowed } : { addresses: allowed, late: lateAllowed };
  const others = (await lateAllowed?.addresses) ?? [];
  if (others.length > 0) return { addresses: others };
  const [first = ""] = addresses;
  throw new ForbiddenAddressError(guard.refuses(first) ?? `${host} has no address`);
}

async function connected({ addresses, late }: FoundAddresses, port: number, { signal, trace }: DialContext): Promise<Socket> {
  const endConnect = trace.begin("connectMs");
  const [first = ""] = addresses;
  trace.address = first;
  const isOne = addresses.length === 1 && late === undefined;
  const socket = isOne
    ? connectTcp({ host: first, port, noDelay: true })
    : await connectAny(addresses, port, signal, late?.addresses).finally(() => late?.cancel());
  endsWith(socket, signal);
  if (isOne) await settled(socket, "connect");
  endConnect();
  trace.address = socket.remoteAddress;
  return socket;
}

/** Ends a socket with the signal, also in the middle of a handshake. */
function endsWith(socket: Socket, signal: AbortSignal): void {
  const abort = () => socket.destroy(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
  signal.addEventListener("abort", abort, { once: true });
  socket.once("close", () => signal.removeEventListener("abort", abort));
  // Errors after the dial belong to whoever holds the socket; without a listener they would end the process.
  socket.on("error", ignoreLateError);
}

async function secured(
  socket: Socket,
  { servername, verify, alpn, identity }: TlsOptions,
  host: string,
  { signal, trace }: DialContext,
  curves: string,
): Promise<TLSSocket> {
  const name = tlsName(servername ?? host);
  const endTls = trace.begin("tlsMs");
  const secure = connectTls({
    socket,
    // RFC 6066, 3: a name without its trailing dot, and never an address.
    ...(isIP(name) === 0 && { servername: name }),
    secureContext: secureContextOf(curves, identity),
    // Who looks at a chain wants to see what is wrong with it: it is refused below.
    rejectUnauthorized: verify && trace.chains === undefined,
    ...(alpn !== undefined && { ALPNProtocols: [...alpn] }),
  });
  // Node checks names of sessions that are not resumed, and builds objects of the whole chain for it:
  // 15 % of an HTTPS check. `assertName` does it on the certificate itself, whatever Node does.
  secure.isSessionReused = () => true;
  endsWith(secure, signal);
  boundBytes(socket, secure);
  await settled(secure, "secureConnect");
  endTls();
  const certificate = secure.getPeerX509Certificate();
  if (certificate !== undefined) {
    if (trace.chains !== undefined) trace.keepChain(certificate, name);
    const peer = `${socket.remoteAddress} ${socket.remotePort}`;
    trace.sawCertificate(seenCertificate(certificate, { name, peer }, Date.now()));
  }
  if (verify) {
    if (trace.chains !== undefined) assertTrusted(secure);
    assertName(certificate, name, secure);
  }
  return secure;
}

/** Bytes of a handshake: certificates of 100 KB are the most that OpenSSL takes. */
const MAX_HANDSHAKE_BYTES = 256 * 1024;
/** Bytes of a connection, records and all; no check reads more than 1 MiB of an answer. */
const MAX_RAW_BYTES = 8 * 1024 * 1024;
/** Milliseconds between looks at what came; in each a flood takes 20 ms of CPU. */
const LOOK_EVERY_MS = 10;

/** Ends a connection whose peer keeps OpenSSL busy with records that never become data, as endless HelloRequests do. */
function boundBytes(raw: Socket, secure: TLSSocket): void {
  let limit = MAX_HANDSHAKE_BYTES;
  secure.once("secureConnect", () => {
    limit = MAX_RAW_BYTES;
  });
  endBeyond(raw, secure, () => limit);
}

/** Ends a connection in plain text whose frames never become an answer, as endless WINDOW_UPDATEs do not. */
export function boundRawBytes(socket: Socket): void {
  endBeyond(socket, socket, () => MAX_RAW_BYTES);
}

/** @param raw whose bytes are counted @param above what ends when they are more than `limit` */
function endBeyond(raw: Socket, above: Socket, limit: () => number): void {
  const timer = setInterval(() => {
    if (raw.bytesRead > limit()) above.destroy(new Error("the server sends without end"));
  }, LOOK_EVERY_MS);
  above.once("close", () => clearInterval(timer));
}

/** Whether a peer refused a handshake for want of anything that both know. */
function isNothingInCommon(error: unknown): boolean {
  return error instanceof Error && "code" in error && /HANDSHAKE_FAILURE|NO_SHARED_GROUP|NO_SUITABLE_KEY_SHARE/.test(String(error.code));
}

/** As TLS has a name: in ASCII, without a dot at its end. */
function tlsName(name: string): string {
  const plain = name.endsWith(".") ? name.slice(0, -1) : name;
  // Most are: asked, that costs a hundredth of a check.
  return /^[\x21-\x7f]*$/.test(plain) ? plain : domainToASCII(plain) || plain;
}

/** Refuses a chain that Node would have refused in the handshake, with the same code. */
function assertTrusted(socket: TLSSocket): void {
  if (socket.authorized) return;
  socket.destroy();
  const code = String(socket.authorizationError);
  throw Object.assign(new Error(code), { code });
}

/** Verifies that the certificate is for `name`, as OpenSSL does. The chain is verified in the handshake. */
function assertName(certificate: X509Certificate | undefined, name: string, socket: TLSSocket): void {
  // RFC 9525, 6.3: a wildcard stands for a whole label; `f*.example` is for nobody.
  const matches = isIP(name) === 0 ? certificate && namedBy(certificate, name) : certificate?.checkIP(name);
  if (matches !== undefined) return;
  socket.destroy();
  const names = certificate?.subjectAltName ?? "no names at all";
  throw Object.assign(new Error(`${name} is not among ${names}`), { code: "ERR_TLS_CERT_ALTNAME_INVALID" });
}

/** The name of a certificate that is a host's. */
function namedBy(certificate: X509Certificate, host: string): string | undefined {
  // RFC 9525, 2: where a certificate names hosts or addresses as such, its subject names none.
  const subject = /(?:^|, )(?:DNS|IP Address):/.test(certificate.subjectAltName ?? "") ? "never" : "default";
  const named = certificate.checkHost(host, { partialWildcards: false, subject });
  if (named !== undefined || !host.includes("_")) return named;
  // OpenSSL's wildcards take no underscore, browsers' do. No certificate has this label but by a wildcard.
  const [label = "", ...domain] = host.split(".");
  return label.includes("_")
    ? certificate.checkHost([NOBODYS_LABEL, ...domain].join("."), { partialWildcards: false, subject })
    : undefined;
}

const NOBODYS_LABEL = "a-label-with-underscores-3f9c1e";

// The first is what the hello has a share of: 0.6 KB a check instead of 1.8 KB with Node's ML-KEM, which a server that
// knows it would else ask for in a round of its own (a quarter more CPU, measured).
const CURVES = "X25519:P-256:P-384:P-521";
const EVERY_CURVE = `${CURVES}:X448:ffdhe2048:ffdhe3072:ffdhe4096:ffdhe6144:ffdhe8192:X25519MLKEM768`;

// Without Diffie-Hellman in groups of the server's own: no browser has it, nor Go, and 8,192 bits take half a second.
const CIPHERS = `${DEFAULT_CIPHERS}:!kDHE`;

const secureContexts = new Map<string, SecureContext>();
/** Contexts with identities of clients are kept for as many targets as a shard has. */
const MAX_CONTEXTS = 200;

// One context for all checks: building one parses every root certificate (measured: 9 ms a connection).
function secureContextOf(ecdhCurve: string, identity?: ClientIdentity): SecureContext {
  const name = identity === undefined ? ecdhCurve : [ecdhCurve, identity.certificate, identity.key].join();
  const known = secureContexts.get(name);
  if (known !== undefined) return known;
  const made = createSecureContext({
    ...(extraRoots.length > 0 && { ca: [...getCACertificates("default"), ...extraRoots] }),
    ...(identity !== undefined && { cert: identity.certificate, key: identity.key }),
    ecdhCurve,
    ciphers: CIPHERS,
  });
  if (secureContexts.size >= MAX_CONTEXTS) secureContexts.clear();
  secureContexts.set(name, made);
  return made;
}

const extraRoots: string[] = [];

/** Trusts further root certificates (PEM) in all later TLS dials, as a private CA needs. */
export function trustCertificates(pems: readonly string[]): void {
  extraRoots.push(...pems);
  trustSubjects(pems);
  secureContexts.clear();
}

function settled(socket: Socket, event: "connect" | "secureConnect"): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error) => {
      socket.off(event, onReady).off("error", done).off("close", onClose);
      error ? reject(error) : resolve();
    };
    const onReady = () => done();
    const onClose = () => done(Object.assign(new Error("connection closed"), { code: "ECONNRESET" }));
    socket.once(event, onReady).once("error", done).once("close", onClose);
  });
}

function ignoreLateError(): void {}
