import { createServer as createHttp } from "node:http";
import { createServer as createHttps } from "node:https";
import { listen } from "../../local/stand-ins/listen.ts";
import { makeCertificate } from "../support/certificates.ts";

/* Targets in a process of their own, so that what is measured is the checker. Speaks over IPC. */
const certificate = await makeCertificate("localhost", 90);
const answer = (delayMs: number) => (_request: unknown, response: import("node:http").ServerResponse) => {
  const send = () => response.writeHead(200, { "content-type": "text/plain", connection: "close" }).end("all is well");
  delayMs === 0 ? send() : setTimeout(send, delayMs);
};
const http = async (delayMs: number) => listen(createHttp(answer(delayMs)));
const https = async (delayMs: number) =>
  (await listen(createHttps(certificate, answer(delayMs)))).replace("http://127.0.0.1", "https://localhost");
process.send?.({ http: await http(0), https: await https(0), slow: await http(5), slowHttps: await https(5), cert: certificate.cert });
process.once("disconnect", () => process.exit(0));
