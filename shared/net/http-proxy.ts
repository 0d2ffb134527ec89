import { isIP, type Socket } from "node:net";
import { bareHost } from "./bare-host.ts";
import type { Endpoint, Trace } from "./dial.ts";
import { SocketReader } from "./socket-reader.ts";

/** An HTTP proxy that connections go through. */
export interface HttpProxy {
  readonly url: URL;
  /** Of its `proxy-authorization`. */
  readonly authorization?: string | undefined;
}

/** A proxy that does not open the way. */
export class ProxyError extends Error {
  override readonly name = "ProxyError";
}

/** Lines of a proxy's answer at most. */
const MAX_LINES = 100;

/**
 * Opens a tunnel through a proxy to a host. Source: RFC 9110, 9.3.6.
 * @param socket connected to the proxy @throws {ProxyError} when the proxy refuses it
 */
export async function openTunnel(socket: Socket, { authorization }: HttpProxy, { host, port }: Endpoint, trace: Trace): Promise<void> {
  const end = trace.begin("connectMs");
  const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const login = authorization === undefined ? "" : `proxy-authorization: ${authorization}\r\n`;
  const reader = new SocketReader(socket);
  try {
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${login}\r\n`);
    const { first, status } = await statusLine(reader);
    if (status === undefined) throw new ProxyError(`the proxy answered with "${first.slice(0, 100)}", which is no HTTP`);
    // What a proxy cannot reach is away; what it does not let anybody reach may be there.
    if (status.startsWith("5")) trace.isOnTheWay = false;
    if (!status.startsWith("2")) throw new ProxyError(`the proxy refused the connection: ${first.slice(9, 109).trim()}`);
    await passHead(reader);
  } finally {
    reader.release();
    end();
  }
}

/** The line that counts: interim answers before it go (RFC 9110, 15.2). */
async function statusLine(reader: SocketReader): Promise<{ first: string; status: string | undefined }> {
  for (let interim = 0; ; interim++) {
    const first = await reader.line();
    const [, status] = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first) ?? [];
    if (status?.startsWith("1") !== true || interim === MAX_LINES) return { first, status };
    await passHead(reader);
  }
}

async function passHead(reader: SocketReader): Promise<void> {
  for (let lines = 0; (await reader.line()) !== ""; lines++) {
    if (lines === MAX_LINES) throw new ProxyError(`the proxy's answer has more than ${MAX_LINES} lines`);
  }
}

/** Where a proxy listens. */
export function proxyEndpoint({ url: { hostname, port, protocol } }: HttpProxy): Endpoint {
  const host = bareHost(hostname);
  return protocol === "https:"
    ? { host, port: Number(port) || 443, tls: { verify: true, alpn: ["http/1.1"] } }
    : { host, port: Number(port) || 80 };
}
