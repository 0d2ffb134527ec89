import { createSocket } from "node:dgram";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import dnsPacket, { type Answer, type Question } from "dns-packet";
import { onTestFinished } from "vitest";
import { listen } from "../../local/stand-ins/listen.ts";
import type { Certificate } from "./certificates.ts";

/** An HTTP server on loopback until the test ends. @returns its URL */
export async function serveHttp(handler: RequestListener): Promise<string> {
  const server = createHttpServer(handler);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return listen(server);
}

/** A server of raw sockets. @returns its port */
export async function serveTcp(onConnection: (socket: Socket) => void): Promise<number> {
  const open = new Set<Socket>();
  const server = createTcpServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket)).on("error", () => undefined);
    onConnection(socket);
  });
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return listenTcp(server);
}

function listenTcp(server: Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));
}

/** An HTTPS server on loopback until the test ends. @returns its URL, by `localhost` */
export async function serveHttps(certificate: Certificate, handler: RequestListener): Promise<string> {
  const server = createHttpsServer(certificate, handler);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (await listen(server)).replace("http:", "https:").replace("127.0.0.1", "localhost");
}

/** A name server on loopback until the test ends. @returns `ip:port` for `setServers` */
export async function serveDns(answer: (question: Question) => Answer[] | "SERVFAIL" | "NXDOMAIN" | undefined): Promise<string> {
  const socket = createSocket("udp4");
  socket.on("message", (message, from) => {
    const query = dnsPacket.decode(message);
    const [question] = query.questions ?? [];
    const answers = question && answer(question);
    if (answers === undefined) return; // a server that does not answer
    const code = answers === "SERVFAIL" ? 2 : answers === "NXDOMAIN" ? 3 : 0;
    const reply = {
      type: "response",
      id: query.id ?? 0,
      flags: dnsPacket.RECURSION_AVAILABLE | code,
      questions: query.questions ?? [],
      answers: Array.isArray(answers) ? answers : [],
    } as const;
    socket.send(dnsPacket.encode({ ...reply, questions: [...reply.questions] }), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    socket.close();
  });
  return `127.0.0.1:${socket.address().port}`;
}
