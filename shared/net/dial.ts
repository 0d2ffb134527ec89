import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, createSecureContext, getCACertificates, type SecureContext, type TLSSocket } from "node:tls";
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
 * @throws {ForbiddenAddressError} when every address of the host is refused by the guard
 * @throws {ResolveError} when the name has no address
 */
export async function dial(endpoint: Endpoint, context: DialContext): Promise<Socket | TLSSocket> {
  const { guard, signal, trace } = context;
  const endDns = trace.begin("dnsMs");
  const addresses = await resolveHost(endpoint.host, { signal, servers: context.dnsServers });
  if (isIP(endpoint.host) === 0) endDns();
  const refusals = addresses.map((address) => guard.refuses(address));
  const allowed = addresses.filter((_, index) => refusals[index] === undefined);
  if (allowed.length === 0) throw new ForbiddenAddressError(refusals[0] ?? `${endpoint.host} has no address`);
  signal.throwIfAborted();

  const endConnect = trace.begin("connectMs");
  const socket = connectTcp({
    host: endpoint.host,
    port: endpoint.port,
    noDelay: true,
    // What was vetted is what is dialled: no second look-up, no window for rebinding.
    lookup: (_host, options, callback) => {
      const found = allowed.map((address) => ({ address, family: isIP(address) }));
      if (options.all) callback(null, found);
      else callback(null, found[0]?.address ?? "", found[0]?.family);
    },
  });
  const abort = () => socket.destroy(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
  signal.addEventListener("abort", abort, { once: true });
  socket.once("close", () => signal.removeEventListener("abort", abort));
  try {
    await settled(socket, "connect");
    endConnect();
    trace.address = socket.remoteAddress;
    return endpoint.tls ? await secure(socket, endpoint, endpoint.tls, trace) : socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function secure(socket: Socket, endpoint: Endpoint, tls: NonNullable<Endpoint["tls"]>, trace: Trace): Promise<TLSSocket> {
  const endTls = trace.begin("tlsMs");
  const servername = tls.servername ?? endpoint.host;
  const secured = connectTls({
    socket,
    ...(isIP(servername) === 0 ? { servername } : { host: servername }),
    secureContext: sharedSecureContext(),
    rejectUnauthorized: tls.verify,
    ALPNProtocols: ["http/1.1"],
  });
  try {
    await settled(secured, "secureConnect");
  } catch (error) {
    secured.destroy();
    throw error;
  }
  endTls();
  trace.certificateDaysLeft = certificateDaysLeft(secured);
  return secured;
}

let secureContext: SecureContext | undefined;

// One context for all checks: building one parses every root certificate (FACTS: 9 ms a connection).
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

function certificateDaysLeft(socket: TLSSocket): number | undefined {
  const validTo = socket.getPeerX509Certificate()?.validToDate;
  return validTo && Math.floor((validTo.getTime() - Date.now()) / 86_400_000);
}

function settled(socket: Socket, event: "connect" | "secureConnect"): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error) => {
      socket.off(event, onReady).off("error", done).off("close", onClose);
      error ? reject(error) : resolve();
      // Errors after this belong to whoever holds the socket; without a listener they would end the process.
      socket.on("error", ignoreLateError);
    };
    const onReady = () => done();
    const onClose = () => done(Object.assign(new Error("connection closed"), { code: "ECONNRESET" }));
    socket.once(event, onReady).once("error", done).once("close", onClose);
  });
}

function ignoreLateError(): void {}
