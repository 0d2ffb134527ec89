import type { IncomingMessage, Server } from "node:http";

/**
 * Lets only those talk to an engine who sign with its key. Engines listen on loopback, where checks, other users and
 * web pages can come too; the SDK names its access key in each request, and this one is random at each start.
 * @param accessKeyId nobody is asked for one when it is left out, as in tests
 */
export function requireKey(server: Server, accessKeyId: string | undefined): Server {
  if (accessKeyId === undefined) return server;
  const [handle] = server.listeners("request") as ((request: IncomingMessage, response: unknown) => void)[]; // node:http's
  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    const isOurs = request.headers.origin === undefined && request.headers.authorization?.includes(`Credential=${accessKeyId}/`);
    if (isOurs) handle?.call(server, request, response);
    else response.writeHead(403, { "content-type": "application/json" }).end('{"message":"not for you"}');
  });
  return server;
}
