import { TLSSocket } from "node:tls";
import type { AnswerHead } from "./answer-head.ts";
import { bareHost } from "./bare-host.ts";
import { type ClientIdentity, type DialContext, dial, type Endpoint } from "./dial.ts";
import type { HttpProxy } from "./http-proxy.ts";
import { http1Exchange } from "./http1-exchange.ts";

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** False accepts any certificate. Default true. */
  readonly verifyTls?: boolean;
  /** Name to send and to verify, when it is not the URL's host. */
  readonly servername?: string | undefined;
  /** Shown to a server that asks for a client's certificate. */
  readonly identity?: ClientIdentity | undefined;
  /** To go through; requests without TLS name their whole URL to it, others go through a tunnel. */
  readonly proxy?: HttpProxy | undefined;
  /** `auto` (the default) speaks HTTP/1.1, and HTTP/2 with a server that knows no other. */
  readonly httpVersion?: "auto" | "1.1" | "2";
  /** Whether what comes behind a head is of interest: else the exchange ends there. Default: always. */
  readonly wantsBody?: (head: AnswerHead) => boolean;
  /** Bytes of body to read at most; what comes after is left unread. */
  readonly maxBodyBytes: number;
}

export interface HttpResponse extends AnswerHead {
  readonly body: Buffer;
  /** True when the body went on after `maxBodyBytes`. */
  readonly truncated: boolean;
}

/**
 * One HTTP exchange on a connection of its own, through the address guard, with phases. Redirects are answers like any
 * other. The only deadline is the context's signal.
 */
export async function httpExchange(request: HttpRequest, context: DialContext): Promise<HttpResponse> {
  const { httpVersion = "auto" } = request;
  if (httpVersion === "2") return exchangeByHttp2(request, context);
  try {
    return await http1Exchange(await dial(endpointOf(request, ["http/1.1"]), context), request, context);
  } catch (error) {
    // A second handshake, for the few that speak nothing else; asked first, most servers would choose the dearer one.
    if (httpVersion === "auto" && isProtocolRefused(error)) return exchangeByHttp2(request, context);
    throw error;
  }
}

async function exchangeByHttp2(request: HttpRequest, context: DialContext): Promise<HttpResponse> {
  const socket = await dial(endpointOf(request, ["h2"]), context);
  if (socket instanceof TLSSocket && socket.alpnProtocol !== "h2") {
    socket.destroy();
    throw new Error("the server does not speak HTTP/2");
  }
  // Loaded where it is needed: few servers ask for it.
  return (await import("./http2-exchange.ts")).http2Exchange(socket, request, context);
}

/** Whether a handshake ended because the server knows none of the protocols that were offered. RFC 7301, 3.2. */
function isProtocolRefused(error: unknown): boolean {
  return error instanceof Error && "code" in error && /NO_APPLICATION_PROTOCOL/.test(String(error.code));
}

function endpointOf({ url, servername, verifyTls: verify = true, identity, proxy }: HttpRequest, alpn: readonly string[]): Endpoint {
  const secure = url.protocol === "https:";
  const host = bareHost(url.hostname);
  const endpoint = { host, port: Number(url.port) || (secure ? 443 : 80), proxy };
  return secure ? { ...endpoint, tls: { servername, verify, alpn, identity } } : endpoint;
}
