import { createServer, type IncomingMessage, type Server } from "node:http";

/** A message that a webhook was sent. */
export interface ReceivedMessage {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
  /** As it came, for signatures. */
  readonly text: string;
}

/** How the sink answers; 204 as Discord does when left out. */
export interface SinkAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text as it is, else as JSON. */
  readonly body?: unknown;
}

/** Stands in for Discord and the like: takes JSON and forms, and tells what it got. */
export function createWebhookSink(
  onMessage: (message: ReceivedMessage) => SinkAnswer | undefined | Promise<SinkAnswer | undefined>,
): Server {
  return createServer(async (request, response) => {
    try {
      const text = await readText(request);
      const { status, headers, body } = (await onMessage({
        method: request.method ?? "",
        path: request.url ?? "/",
        headers: request.headers,
        body: bodyOf(request, text),
        text,
      })) ?? { status: 204 };
      response
        .writeHead(status, { "content-type": "application/json", ...headers })
        .end(body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body));
    } catch {
      response.writeHead(400).end();
    }
  });
}

/** JSON unless it says that it is something else. @throws {SyntaxError} */
function bodyOf({ method, headers }: IncomingMessage, text: string): unknown {
  const { "content-type": type = "" } = headers;
  if (type === "application/x-www-form-urlencoded") return Object.fromEntries(new URLSearchParams(text));
  return method === "GET" || /ndjson/.test(type) ? text : JSON.parse(text);
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}
