import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

/** Functions by name. */
export type InvokedFunctions = Readonly<Record<string, (input: unknown) => Promise<unknown>>>;

/**
 * What of Lambda's API our functions call each other by: `Invoke` as an event, answered before the function has run.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 * @param loaded once their environment is there
 * @param onError told when a function that was called fails
 */
export function createLambdaServer(loaded: Promise<InvokedFunctions>, onError: (error: unknown) => void): Server {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const functions = await loaded;
    const [, name = ""] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.url ?? "") ?? [];
    const run = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (run === undefined || request.headers["x-amz-invocation-type"] !== "Event") {
      response.writeHead(404, { "content-type": "application/json", "x-amzn-errortype": "ResourceNotFoundException" });
      response.end(JSON.stringify({ Message: `there is no function ${name} to call as an event` }));
      return;
    }
    const body = await text(request);
    response.writeHead(202).end();
    await run(JSON.parse(body));
  };
  return createServer((request, response) => void answer(request, response).catch(onError));
}
