import { STATUS_CODES } from "node:http";
import { type ClientHttp2Stream, constants } from "node:http2";
import type { Socket } from "node:net";
import { BodyCollector } from "./body-collector.ts";
import type { DialContext } from "./dial.ts";
import type { HttpRequest, HttpResponse } from "./http-exchange.ts";
import { withHttp2Session } from "./http2-session.ts";

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
    collect(stream, request.maxBodyBytes, trace, resolve);
    stream.on("error", reject);
    stream.end(body);
  });
}

function collect(
  stream: ClientHttp2Stream,
  maxBodyBytes: number,
  trace: DialContext["trace"],
  resolve: (response: HttpResponse) => void,
): void {
  const endTtfb = trace.begin("ttfbMs");
  const body = new BodyCollector(maxBodyBytes);
  stream.once("response", (headers) => {
    endTtfb();
    const endTransfer = trace.begin("transferMs");
    const status = Number(headers[":status"]);
    const finish = (truncated: boolean) => {
      endTransfer();
      const plain = Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(":")));
      resolve({ status, statusText: STATUS_CODES[status] ?? "", headers: plain as HttpResponse["headers"], body: body.bytes(), truncated });
    };
    stream.on("data", (chunk: Buffer) => {
      if (!body.take(chunk)) finish(true);
    });
    stream.once("end", () => finish(false));
  });
}
