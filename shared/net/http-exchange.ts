import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { buildConnector, Dispatcher } from "undici";
// Not from "undici": that would bring fetch, WebSocket and caches along, 350 KB of each bundle.
import Client from "undici/lib/dispatcher/client.js";
import { filterAnswer, MAX_HEAD_BYTES } from "./answer-filter.ts";
import { bareHost } from "./bare-host.ts";
import { BodyCollector } from "./body-collector.ts";
import { type ClientIdentity, type DialContext, dial, type Endpoint } from "./dial.ts";
import type { HttpProxy } from "./http-proxy.ts";

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
  /** Bytes of body to read at most; what comes after is left unread. */
  readonly maxBodyBytes: number;
}

export interface HttpResponse {
  readonly status: number;
  readonly statusText: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** True when the body went on after `maxBodyBytes`. */
  readonly truncated: boolean;
}

/**
 * One HTTP exchange on a connection of its own, through the address guard, with phases. Redirects are answers like any
 * other. The only deadline is the context's signal: undici's own timers are up to 0.7 s late and its body timeout
 * counts only between chunks.
 */
export async function httpExchange(request: HttpRequest, context: DialContext): Promise<HttpResponse> {
  const { httpVersion = "auto" } = request;
  if (httpVersion === "2") return exchangeByHttp2(request, context);
  try {
    return await exchangeByHttp1(request, context);
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
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error && "code" in cause && /NO_APPLICATION_PROTOCOL/.test(String(cause.code));
}

function exchangeByHttp1(request: HttpRequest, context: DialContext): Promise<HttpResponse> {
  let connection: Socket | undefined;
  let broken: Error | undefined;
  const body = new BodyCollector(request.maxBodyBytes);
  const client = new Client(request.url.origin, {
    connect: guardedConnector(request, context, (socket) => {
      connection = socket;
      // Undici takes a reset for the end of a body that names no length; it is heard here before (RFC 9112, 8).
      socket.once("error", (error) => {
        broken = error;
      });
      filterAnswer(socket, () => body.size);
    }),
    // HTTP/2 would let several requests share one connection, whatever `pipelining` says.
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: MAX_HEAD_BYTES,
    maxResponseSize: -1,
  });
  const abort = (): void => void client.destroy(abortReason(context.signal)).catch(() => undefined);
  context.signal.addEventListener("abort", abort, { once: true });
  return new Promise<HttpResponse>((resolve, reject) => {
    if (context.signal.aborted) throw abortReason(context.signal);
    const { path, headers } = asProxied(request);
    client.dispatch(
      // No keep-alive: `reset` says "connection: close" to the server.
      { method: request.method as Dispatcher.HttpMethod, path, headers, body: request.body ?? null, reset: true },
      collect(body, context, reject, (response) => {
        if (broken !== undefined) return reject(broken);
        // Before undici ends it, with errors made for the occasion: an exchange costs a tenth less CPU.
        connection?.destroy(EXCHANGE_IS_OVER);
        withoutStackTraces();
        resolve(response);
      }),
    );
  }).finally(() => {
    context.signal.removeEventListener("abort", abort);
    // Not awaited: the answer is here, and a peer that never closes must not hold it back.
    void client.destroy(EXCHANGE_IS_OVER).catch(() => undefined);
  });
}

// Made once: an error with a stack for each would cost 5 % of a check's CPU.
const EXCHANGE_IS_OVER = new Error("the exchange is over");

const STACK_TRACE_LIMIT = Error.stackTraceLimit;

/**
 * Saves the stack of the error that undici makes, in the rest of this call, to end a connection that is
 * over already: another 5 % of a check's CPU. Stacks are back before anything else runs.
 */
function withoutStackTraces(): void {
  Error.stackTraceLimit = 0;
  queueMicrotask(() => {
    Error.stackTraceLimit = STACK_TRACE_LIMIT;
  });
}

function guardedConnector(request: HttpRequest, context: DialContext, onSocket: (socket: Socket) => void): buildConnector.connector {
  return (_options, callback) => {
    dial(endpointOf(request, ["http/1.1"]), context).then(
      (socket: Socket) => {
        onSocket(socket);
        callback(null, socket);
      },
      (error: Error) => callback(error, null),
    );
  };
}

/** RFC 9112, 3.2.2: a request without TLS names its whole URL to a proxy; many open tunnels to TLS alone. */
function asProxied({ url, headers, proxy }: HttpRequest): { path: string; headers: HttpRequest["headers"] } {
  const path = url.pathname + url.search;
  if (proxy === undefined || url.protocol === "https:") return { path, headers };
  const login = proxy.authorization === undefined ? {} : { "proxy-authorization": proxy.authorization };
  return { path: url.origin + path, headers: { ...headers, ...login } };
}

function endpointOf({ url, servername, verifyTls: verify = true, identity, proxy }: HttpRequest, alpn: readonly string[]): Endpoint {
  const secure = url.protocol === "https:";
  const host = bareHost(url.hostname);
  const endpoint = { host, port: Number(url.port) || (secure ? 443 : 80), proxy };
  return secure ? { ...endpoint, tls: { servername, verify, alpn, identity } } : endpoint;
}

function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error("aborted");
}

function collect(
  body: BodyCollector,
  { trace }: DialContext,
  reject: (error: Error) => void,
  resolve: (response: HttpResponse) => void,
): Dispatcher.DispatchHandler {
  let endTtfb = () => {};
  let endTransfer = () => {};
  let head: { status: number; statusText: string; headers: HttpResponse["headers"] } | undefined;
  const finish = (truncated: boolean) => {
    endTransfer();
    if (head) resolve({ ...head, body: body.bytes(), truncated });
  };
  return {
    onRequestStart: () => {
      endTtfb = trace.begin("ttfbMs");
    },
    onResponseStart: (_controller, status, headers, statusText = "") => {
      endTtfb();
      endTransfer = trace.begin("transferMs");
      head = { status, statusText, headers: trimmed(headers) };
    },
    onResponseData: (controller, chunk) => {
      if (body.take(chunk)) return;
      finish(true);
      controller.abort(new Error("body limit reached"));
    },
    onResponseEnd: () => finish(false),
    onResponseError: (_controller, error) => reject(error),
  };
}

// RFC 9110, 5.5: blanks around a value are not of it.
function trimmed(headers: HttpResponse["headers"]): HttpResponse["headers"] {
  const hasBlank = (value: string) => /[ \t]$/.test(value);
  if (!Object.values(headers).some((value) => (Array.isArray(value) ? value.some(hasBlank) : value !== undefined && hasBlank(value))))
    return headers;
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.map((one) => one.trimEnd()) : value?.trimEnd()]),
  );
}
