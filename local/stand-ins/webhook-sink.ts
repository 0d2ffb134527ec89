import { createServer, type IncomingMessage, type Server } from "node:http";

/** A message that a webhook was sent. */
export interface ReceivedMessage {
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
        path: request.url ?? "/",
        headers: request.headers,
        body: isForm(request) ? Object.fromEntries(new URLSearchParams(text)) : JSON.parse(text),
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

function isForm({ headers }: IncomingMessage): boolean {
  return headers["content-type"] === "application/x-www-form-urlencoded";
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}
