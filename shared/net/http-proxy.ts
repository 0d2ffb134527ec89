import { isIP, type Socket } from "node:net";
import { readHead } from "./answer-head.ts";
import { bareHost } from "./bare-host.ts";
import type { Endpoint, Trace } from "./dial.ts";
import { InvalidAnswerError } from "./invalid-answer.ts";

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

/**
 * Opens a tunnel through a proxy to a host. Source: RFC 9110, 9.3.6.
 * @param socket connected to the proxy @throws {ProxyError} when the proxy refuses it
 */
export async function openTunnel(socket: Socket, { authorization }: HttpProxy, { host, port }: Endpoint, trace: Trace): Promise<void> {
  const end = trace.begin("connectMs");
  const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const login = authorization === undefined ? "" : `proxy-authorization: ${authorization}\r\n`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${login}\r\n`);
  const { status, statusText } = await readHead(socket)
    .catch((error: unknown) => {
      throw error instanceof InvalidAnswerError ? new ProxyError(`the proxy's answer is not valid HTTP: ${error.message}`) : error;
    })
    .finally(end);
  // What a proxy cannot reach is away; what it does not let anybody reach may be there.
  if (status >= 500) trace.isOnTheWay = false;
  if (status < 200 || status > 299) throw new ProxyError(`the proxy refused the connection: ${status} ${statusText.slice(0, 100)}`.trim());
}

/** Where a proxy listens. */
export function proxyEndpoint({ url: { hostname, port, protocol } }: HttpProxy): Endpoint {
  const host = bareHost(hostname);
  return protocol === "https:"
    ? { host, port: Number(port) || 443, tls: { verify: true, alpn: ["http/1.1"] } }
    : { host, port: Number(port) || 80 };
}
