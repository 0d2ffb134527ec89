import type { X509Certificate } from "node:crypto";
import { connect as connectTcp, isIP, type Socket, type TcpNetConnectOpts } from "node:net";
import { connect as connectTls, createSecureContext, getCACertificates, type SecureContext, TLSSocket } from "node:tls";
import { type AddressGuard, ForbiddenAddressError } from "./address-guard.ts";
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
  /** Days until the last peer certificate expires, rounded down. */
  certificateDaysLeft: number | undefined;
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
}

export interface Endpoint {
  /** Host name or IP literal, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Present for TLS. `verify: false` accepts any certificate. */
  readonly tls?: { readonly servername?: string | undefined; readonly verify: boolean };
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
  if (allowed.length === 0) throw new ForbiddenAddressError(refusals[0] ?? `${endpoint.host} has no address`);
  signal.throwIfAborted();

  const endConnect = trace.begin("connectMs");
  const socket = open(endpoint, allowed);
  const abort = () => socket.destroy(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
  signal.addEventListener("abort", abort, { once: true });
  socket.once("close", () => signal.removeEventListener("abort", abort));
  // Errors after the dial belong to whoever holds the socket; without a listener they would end the process.
  socket.on("error", ignoreLateError);
  await settled(socket, "connect");
  endConnect();
  trace.address = socket.remoteAddress;
  if (socket instanceof TLSSocket) {
    const endTls = trace.begin("tlsMs");
    await settled(socket, "secureConnect");
    endTls();
    const certificate = socket.getPeerX509Certificate();
    trace.certificateDaysLeft = certificate && daysLeft(certificate);
    if (endpoint.tls?.verify) assertName(certificate, endpoint.tls.servername ?? endpoint.host, socket);
  }
  return socket;
}

function open({ host, port, tls }: Endpoint, addresses: readonly string[]): Socket | TLSSocket {
  const [first = host, ...others] = addresses;
  const target: TcpNetConnectOpts = {
    // What was vetted is what is dialled: no second look-up, no window for rebinding.
    host: others.length === 0 ? first : host,
    port,
    noDelay: true,
    lookup: (_host, options, callback) => {
      const found = addresses.map((address) => ({ address, family: isIP(address) }));
      if (options.all) callback(null, found);
      else callback(null, first, isIP(first));
    },
  };
  if (tls === undefined) return connectTcp(target);
  const servername = tls.servername ?? host;
  const socket = connectTls({
    ...target,
    ...(isIP(servername) === 0 && { servername }),
    secureContext: sharedSecureContext(),
    rejectUnauthorized: tls.verify,
    ALPNProtocols: ["http/1.1"],
  });
  // Node checks names of sessions that are not resumed, and builds objects of the whole chain for it:
  // 15 % of an HTTPS check. `assertName` does it on the certificate itself, whatever Node does.
  socket.isSessionReused = () => true;
  return socket;
}

/** Verifies that the certificate is for `name`, as OpenSSL does. The chain is verified in the handshake. */
function assertName(certificate: X509Certificate | undefined, name: string, socket: TLSSocket): void {
  const matches = isIP(name) === 0 ? certificate?.checkHost(name) : certificate?.checkIP(name);
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
    // Without the ML-KEM share of Node 24's default hello: 0.6 KB a check instead of 1.8 KB.
    ecdhCurve: "X25519:P-256",
  });
  return secureContext;
}

const extraRoots: string[] = [];

/** Trusts further root certificates (PEM) in all later TLS dials, as a private CA needs. */
export function trustCertificates(pems: readonly string[]): void {
  extraRoots.push(...pems);
  secureContext = undefined;
}

function daysLeft({ validToDate }: X509Certificate): number {
  return Math.floor((validToDate.getTime() - Date.now()) / 86_400_000);
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
