import { createServer as createHttp } from "node:http";
import { createServer as createHttps } from "node:https";
import { listen } from "../../local/listen.ts";
import { makeCertificate } from "../support/certificates.ts";

/* Targets in a process of their own, so that what is measured is the checker. Speaks over IPC. */
const certificate = await makeCertificate("localhost", 90);
const answer = (delayMs: number) => (_request: unknown, response: import("node:http").ServerResponse) => {
  const send = () => response.writeHead(200, { "content-type": "text/plain", connection: "close" }).end("all is well");
  delayMs === 0 ? send() : setTimeout(send, delayMs);
};
const [http, https, slow] = [createHttp(answer(0)), createHttps(certificate, answer(0)), createHttp(answer(5))];
const [httpUrl, httpsUrl, slowUrl] = [await listen(http), await listen(https), await listen(slow)];
process.send?.({ http: httpUrl, https: httpsUrl.replace("http://127.0.0.1", "https://localhost"), slow: slowUrl, cert: certificate.cert });
process.once("disconnect", () => process.exit(0));
