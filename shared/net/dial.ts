import type { X509Certificate } from "node:crypto";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, createSecureContext, getCACertificates, type SecureContext, type TLSSocket } from "node:tls";
import { domainToASCII } from "node:url";
import { type AddressGuard, ForbiddenAddressError } from "./address-guard.ts";
import { type SeenCertificate, seenCertificate, trustSubjects } from "./certificate.ts";
import { connectAny } from "./connect-any.ts";
import { resolveHost } from "./resolve-host.ts";

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
  readonly trace: Trace;
}

/** Collects phases over all connections of one check: a redirect adds to the same phases. */
export class Trace {
  readonly phases: Phases = {};
  /** The address of the last connection. */
  address: string | undefined;
  /** Of all peers' certificates and chains, the one that ends first. */
  certificate: SeenCertificate | undefined;
  /** The phase that is running, for the text of a timeout. */
  phase: PhaseName = "dnsMs";

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
}

export interface TlsOptions {
  /** Name to send and to verify, when it is not the host. */
  readonly servername?: string | undefined;
  /** False accepts any certificate. */
  readonly verify: boolean;
  /** Application protocols to offer; none where the certificate is all that is wanted. */
  readonly alpn?: readonly string[];
}

export interface Endpoint {
  /** Host name or IP literal, without brackets. */
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsOptions;
}

/**
 * Opens a fresh, guarded connection and records its phases. The socket is destroyed when the
 * signal aborts, also in the middle of a handshake, where undici would leave it open.
 *
 * @throws {ForbiddenAddressError} when the port, or every address of the host, is refused by the guard
 * @throws {ResolveError} when the name has no address
 */
export async function dial(endpoint: Endpoint, context: DialContext): Promise<Socket | TLSSocket> {
  const { guard, signal, trace } = context;
  const closedPort = guard.refusesPort(endpoint.port);
  if (closedPort !== undefined) throw new ForbiddenAddressError(closedPort);
  const endDns = trace.begin("dnsMs");
  const addresses = await resolveHost(endpoint.host, { signal, servers: context.dnsServers });
  if (isIP(endpoint.host) === 0) endDns();
  const refusals = addresses.map((address) => guard.refuses(address));
  const allowed = addresses.filter((_, index) => refusals[index] === undefined);
  const [first] = allowed;
  if (first === undefined) throw new ForbiddenAddressError(refusals[0] ?? `${endpoint.host} has no address`);
  signal.throwIfAborted();

  const endConnect = trace.begin("connectMs");
  const { tls, host, port } = endpoint;
  // What was vetted is what is dialled: no second look-up, no window for rebinding.
  const socket = allowed.length > 1 ? await connectAny(allowed, port, signal) : connectTcp({ host: first, port, noDelay: true });
  const secure = tls === undefined ? socket : secured(socket, tls, host);
  const abort = () => secure.destroy(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
  signal.addEventListener("abort", abort, { once: true });
  secure.once("close", () => signal.removeEventListener("abort", abort));
  // Errors after the dial belong to whoever holds the socket; without a listener they would end the process.
  secure.on("error", ignoreLateError);
  if (socket !== secure) socket.on("error", ignoreLateError);
  if (allowed.length === 1) await settled(socket, "connect");
  endConnect();
  trace.address = socket.remoteAddress;
  if (tls !== undefined) await handshake(secure as TLSSocket, tls, host, context); // made as one above
  return secure;
}

async function handshake(socket: TLSSocket, { servername, verify }: TlsOptions, host: string, { trace }: DialContext): Promise<void> {
  const endTls = trace.begin("tlsMs");
  await settled(socket, "secureConnect");
  endTls();
  const certificate = socket.getPeerX509Certificate();
  const name = tlsName(servername ?? host);
  if (certificate !== undefined) trace.sawCertificate(seenCertificate(certificate, name, Date.now()));
  if (verify) assertName(certificate, name, socket);
}

function secured(socket: Socket, { servername, verify, alpn }: TlsOptions, host: string): TLSSocket {
  const name = tlsName(servername ?? host);
  const secure = connectTls({
    socket,
    // RFC 6066, 3: a name without its trailing dot, and never an address.
    ...(isIP(name) === 0 && { servername: name }),
    secureContext: sharedSecureContext(),
    rejectUnauthorized: verify,
    ...(alpn !== undefined && { ALPNProtocols: [...alpn] }),
  });
  // Node checks names of sessions that are not resumed, and builds objects of the whole chain for it:
  // 15 % of an HTTPS check. `assertName` does it on the certificate itself, whatever Node does.
  secure.isSessionReused = () => true;
  return secure;
}

/** As TLS has a name: in ASCII, without a dot at its end. */
function tlsName(name: string): string {
  const plain = name.replace(/\.$/, "");
  return isIP(plain) === 0 ? domainToASCII(plain) || plain : plain;
}

/** Verifies that the certificate is for `name`, as OpenSSL does. The chain is verified in the handshake. */
function assertName(certificate: X509Certificate | undefined, name: string, socket: TLSSocket): void {
  // RFC 9525, 6.3: a wildcard stands for a whole label; `f*.example` is for nobody.
  const matches = isIP(name) === 0 ? certificate?.checkHost(name, { partialWildcards: false }) : certificate?.checkIP(name);
  if (matches !== undefined) return;
  socket.destroy();
  const names = certificate?.subjectAltName ?? "no names at all";
  throw Object.assign(new Error(`${name} is not among ${names}`), { code: "ERR_TLS_CERT_ALTNAME_INVALID" });
}

let secureContext: SecureContext | undefined;

// One context for all checks: building one parses every root certificate (measured: 9 ms a connection).
function sharedSecureContext(): SecureContext {
  secureContext ??= createSecureContext({
    ...(extraRoots.length > 0 && { ca: [...getCACertificates("default"), ...extraRoots] }),
    // The first is what the hello has a share of, 0.6 KB a check instead of 1.8 KB with Node's ML-KEM; a server that
    // knows it not asks for another, as every client would give it.
    ecdhCurve: "X25519:P-256:P-384:P-521:X448:ffdhe2048:ffdhe3072:X25519MLKEM768",
  });
  return secureContext;
}

const extraRoots: string[] = [];

/** Trusts further root certificates (PEM) in all later TLS dials, as a private CA needs. */
export function trustCertificates(pems: readonly string[]): void {
  extraRoots.push(...pems);
  trustSubjects(pems);
  secureContext = undefined;
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
