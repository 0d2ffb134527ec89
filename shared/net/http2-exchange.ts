import { STATUS_CODES } from "node:http";
import { type ClientHttp2Stream, constants } from "node:http2";
import type { Socket } from "node:net";
import { MAX_INTERIM } from "./answer-head.ts";
import { BodyCollector } from "./body-collector.ts";
import type { DialContext } from "./dial.ts";
import type { HttpRequest, HttpResponse } from "./http-exchange.ts";
import { withHttp2Session } from "./http2-session.ts";
import { InvalidAnswerError } from "./invalid-answer.ts";
import { PeerClosedError } from "./peer-closed.ts";

/**
 * One HTTP/2 exchange on a connection that was just made for it.
 * @param socket connected, `h2` agreed
 */
export function http2Exchange(socket: Socket, request: HttpRequest, { signal, trace }: DialContext): Promise<HttpResponse> {
  const { url, method, headers, body } = request;
  return withHttp2Session<HttpResponse>(socket, url.origin, signal, (session, resolve, reject) => {
    const { host, ...rest } = headers as Record<string, string>;
    const stream = session.request({
      ...rest,
      [constants.HTTP2_HEADER_METHOD]: method,
      [constants.HTTP2_HEADER_PATH]: url.pathname + url.search,
      [constants.HTTP2_HEADER_AUTHORITY]: host ?? url.host,
      ...(body !== undefined && { "content-length": String(Buffer.byteLength(body)) }),
    });
    collect(stream, request, trace, resolve, reject);
    stream.on("error", reject);
    stream.end(body);
  });
}

function collect(
  stream: ClientHttp2Stream,
  { method, maxBodyBytes, wantsBody }: Pick<HttpRequest, "method" | "maxBodyBytes" | "wantsBody">,
  trace: DialContext["trace"],
  resolve: (response: HttpResponse) => void,
  reject: (error: Error) => void,
): void {
  const endTtfb = trace.begin("ttfbMs");
  const body = new BodyCollector(maxBodyBytes);
  let isAnswered = false;
  let interim = 0;
  // 1xx, but for 100.
  stream.on("headers", () => {
    if (++interim > MAX_INTERIM) reject(new InvalidAnswerError(`more than ${MAX_INTERIM} interim answers come before it`));
  });
  stream.once("response", (headers) => {
    isAnswered = true;
    endTtfb();
    const endTransfer = trace.begin("transferMs");
    const status = Number(headers[":status"]);
    const plain = Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(":")));
    const head = { status, statusText: STATUS_CODES[status] ?? "", headers: plain as HttpResponse["headers"] };
    const finish = (truncated: boolean) => {
      endTransfer();
      resolve({ ...head, body: body.bytes(), truncated });
    };
    if (wantsBody?.(head) === false) return finish(false);
    stream.on("data", (chunk: Buffer) => {
      if (!body.take(chunk)) finish(true);
    });
    // A stream that is reset ends, too: whether it was whole is known when it is closed (RFC 9113, 8.1).
    stream.once("close", () => {
      const length = headers["content-length"];
      const isShort = length !== undefined && method !== "HEAD" && body.size < Number(length);
      if (stream.rstCode !== constants.NGHTTP2_NO_ERROR || (isShort && status !== 304)) reject(new PeerClosedError());
      else finish(false);
    });
  });
  // Without an answer: nothing more will come.
  stream.once("close", () => {
    if (!isAnswered) reject(new PeerClosedError());
  });
}
