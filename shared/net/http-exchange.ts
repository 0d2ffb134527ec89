import { isIP, type Socket } from "node:net";
import type { buildConnector, Dispatcher } from "undici";
// Not from "undici": that would bring fetch, WebSocket and caches along, 350 KB of each bundle.
import Client from "undici/lib/dispatcher/client.js";
import { type DialContext, dial } from "./dial.ts";

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** False accepts any certificate. Default true. */
  readonly verifyTls?: boolean;
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
 * One HTTP/1.1 exchange on a connection of its own, through the address guard, with phases.
 * Redirects are answers like any other. The only deadline is the context's signal: undici's own
 * timers are up to 0.7 s late and its body timeout counts only between chunks.
 */
export function httpExchange(request: HttpRequest, context: DialContext): Promise<HttpResponse> {
  let connection: Socket | undefined;
  const client = new Client(request.url.origin, {
    connect: guardedConnector(request, context, (socket) => {
      connection = socket;
    }),
    // HTTP/2 would let several requests share one connection, whatever `pipelining` says.
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: -1,
  });
  const abort = (): void => void client.destroy(abortReason(context.signal)).catch(() => undefined);
  context.signal.addEventListener("abort", abort, { once: true });
  return new Promise<HttpResponse>((resolve, reject) => {
    if (context.signal.aborted) throw abortReason(context.signal);
    const { method, url, headers, body } = request;
    client.dispatch(
      // No keep-alive: `reset` says "connection: close" to the server.
      { method: method as Dispatcher.HttpMethod, path: url.pathname + url.search, headers, body: body ?? null, reset: true },
      collect(request.maxBodyBytes, context, reject, (response) => {
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
  return ({ hostname, port, protocol }, callback) => {
    const secure = protocol === "https:";
    const host = hostname.replace(/^\[|\]$/g, "");
    const endpoint = { host, port: Number(port) || (secure ? 443 : 80) };
    const verify = request.verifyTls ?? true;
    const servername = isIP(host) === 0 ? host : undefined;
    dial(secure ? { ...endpoint, tls: { servername, verify } } : endpoint, context).then(
      (socket: Socket) => {
        onSocket(socket);
        callback(null, socket);
      },
      (error: Error) => callback(error, null),
    );
  };
}

const MIN_BODY_BUFFER = 1_024;

function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error("aborted");
}

function collect(
  maxBodyBytes: number,
  { trace }: DialContext,
  reject: (error: Error) => void,
  resolve: (response: HttpResponse) => void,
): Dispatcher.DispatchHandler {
  // One buffer that grows: a body in chunks of a byte each must not become a million buffers.
  let body = Buffer.alloc(0);
  let size = 0;
  let endTtfb = () => {};
  let endTransfer = () => {};
  let head: { status: number; statusText: string; headers: HttpResponse["headers"] } | undefined;
  const finish = (truncated: boolean) => {
    endTransfer();
    if (head) resolve({ ...head, body: body.subarray(0, size), truncated });
  };
  return {
    onRequestStart: () => {
      endTtfb = trace.begin("ttfbMs");
    },
    onResponseStart: (_controller, status, headers, statusText = "") => {
      if (status < 200) return; // 103 Early Hints come as a first response
      endTtfb();
      endTransfer = trace.begin("transferMs");
      head = { status, statusText, headers };
    },
    onResponseData: (controller, chunk) => {
      const room = maxBodyBytes - size;
      const length = Math.min(chunk.length, room);
      if (size + length > body.length) {
        const grown = Buffer.allocUnsafe(Math.min(maxBodyBytes, Math.max(MIN_BODY_BUFFER, body.length * 2, size + length)));
        body.copy(grown, 0, 0, size);
        body = grown;
      }
      // Copied: undici's parser reuses the memory behind its chunks.
      chunk.copy(body, size, 0, length);
      size += length;
      if (chunk.length > room) {
        finish(true);
        controller.abort(new Error("body limit reached"));
      }
    },
    onResponseEnd: () => finish(false),
    onResponseError: (_controller, error) => reject(error),
  };
}
