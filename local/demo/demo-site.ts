import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";

/** Seconds that the flapping page stays up, and then down. */
const FLAP_SECONDS = 30;

/** Three nodes, the last of which is away every other half minute. */
function nodes(now: number): { nodes: { name: string; ok: boolean }[] } {
  const lastIsThere = Math.floor(now / 1_000 / FLAP_SECONDS) % 2 === 0;
  return { nodes: ["a", "b", "c"].map((name, index) => ({ name, ok: index < 2 || lastIsThere })) };
}

/** When things that go down once do so, seconds from the start. */
export const OUTAGES = { router: [40, 80], rack: [90, 120] } as const;

/** A site with a page for every kind of result. @param now epoch ms */
export function createDemoSite(now: () => number): Server {
  const startedAt = now();
  const isOut = ([from, to]: readonly [number, number]) => now() - startedAt >= from * 1_000 && now() - startedAt < to * 1_000;
  const server = createServer((request, response) => {
    const page = (status: number, text: string) => response.writeHead(status, { "content-type": "text/plain" }).end(`${text}\n`);
    switch (request.url) {
      case "/healthy":
        return page(200, "all is well");
      case "/slow":
        return setTimeout(() => page(200, "at last"), 800);
      case "/moved":
        return response.writeHead(302, { location: "/healthy" }).end();
      case "/wall":
        // As consent walls do: nobody comes in without the cookie that the wall itself sets.
        if (/consent=yes/.test(request.headers.cookie ?? "")) return page(200, "behind the wall");
        return response.writeHead(302, { location: "/wall", "set-cookie": "consent=yes; Path=/; HttpOnly" }).end();
      case "/nodes":
        return response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(nodes(now())));
      case "/broken":
        return page(500, "something broke");
      case "/hanging":
        return; // and never answers
      case "/flapping":
        return Math.floor(now() / 1_000 / FLAP_SECONDS) % 2 === 0 ? page(200, "up for now") : page(503, "down for now");
      case "/router":
        return isOut(OUTAGES.router) ? page(502, "no way through") : page(200, "routing");
      case "/rack":
        return isOut(OUTAGES.rack) ? page(503, "no power") : page(200, "humming");
      default:
        return page(404, "no such page");
    }
  });
  // A WebSocket that says one thing (RFC 6455).
  server.on("upgrade", (request, socket) => {
    const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash("sha1").update(key).digest("base64");
    socket.on("error", () => undefined);
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    const feed = Buffer.from("prices: 1, 2, 3");
    socket.write(Buffer.concat([Buffer.from([0x81, feed.length]), feed]));
    socket.once("data", () => socket.destroy());
  });
  return server;
}
