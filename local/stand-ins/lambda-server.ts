import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { messageOf } from "../../shared/errors.ts";

/** Functions by name. */
export type InvokedFunctions = Readonly<Record<string, (input: unknown) => Promise<unknown>>>;

/** A server of functions, and what was called and not waited for. */
export interface LambdaServer {
  readonly server: Server;
  /** Waits until no function runs that was called as an event, for at most `withinMs`: what they use may then be closed. */
  idle(withinMs: number): Promise<void>;
}

/**
 * What of Lambda's API our functions call each other by: `Invoke`, as an event, answered before the function has run, or
 * for what it returns.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 * @param loaded once their environment is there
 * @param onError told when a function that was called as an event fails
 */
export function createLambdaServer(loaded: Promise<InvokedFunctions>, onError: (error: unknown) => void): LambdaServer {
  const running = new Set<Promise<unknown>>();
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const functions = await loaded;
    const [, name = ""] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.url ?? "") ?? [];
    const run = Object.hasOwn(functions, name) ? functions[name] : undefined;
    const body = await text(request);
    if (run === undefined) {
      response.writeHead(404, { "content-type": "application/json", "x-amzn-errortype": "ResourceNotFoundException" });
      response.end(JSON.stringify({ Message: `there is no function ${name}` }));
    } else if (request.headers["x-amz-invocation-type"] === "Event") {
      const input = parsed(body);
      if (input === undefined) {
        response.writeHead(400, { "content-type": "application/json", "x-amzn-errortype": "InvalidRequestContentException" });
        response.end(JSON.stringify({ Message: "the payload is no JSON" }));
        return;
      }
      const call = run(input);
      running.add(call);
      response.writeHead(202).end();
      await call.finally(() => running.delete(call));
    } else await returned(run, body, response);
  };
  return {
    server: createServer((request, response) => void answer(request, response).catch(onError)),
    async idle(withinMs) {
      const deadline = delay(withinMs, "late", { ref: false });
      let outcome: unknown;
      // One that ends may have called another.
      while (running.size > 0 && outcome !== "late") outcome = await Promise.race([Promise.allSettled(running), deadline]);
    },
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Answers with what a function returns; what it throws is told in Lambda's way. */
async function returned(run: (input: unknown) => Promise<unknown>, body: string, response: ServerResponse): Promise<void> {
  try {
    const result = JSON.stringify(await run(JSON.parse(body)));
    response.writeHead(200, { "content-type": "application/json" }).end(result);
  } catch (error) {
    response.writeHead(200, { "content-type": "application/json", "x-amz-function-error": "Unhandled" });
    response.end(JSON.stringify({ errorMessage: messageOf(error) }));
  }
}
