import { createServer, type IncomingMessage } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { connect } from "node:net";
import { createSecureContext } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import { listen } from "../../../local/stand-ins/listen.ts";
import type { CheckResult } from "../../../shared/check/check-result.ts";
import { runCheck } from "../../../shared/check/run-check.ts";
import { createAddressGuard } from "../../../shared/net/address-guard.ts";
import { Trace, trustCertificates } from "../../../shared/net/dial.ts";
import { RdapError, registrationOf } from "../../../shared/net/rdap.ts";
import { admitConfig } from "../../../shared/targets/admit-config.ts";
import { createFieldCipher } from "../../../shared/targets/field-cipher.ts";
import { masked } from "../../../shared/targets/seal-secrets.ts";
import { mapSecrets } from "../../../shared/targets/secret-fields.ts";
import type { TargetConfig } from "../../../shared/targets/target.ts";
import { type Certificate, makeCertificate } from "../../support/certificates.ts";
import { canPing, configOf, testEngine } from "../../support/checks.ts";
import { serveRegistry } from "../../support/protocol-servers.ts";
import { serveHttp, serveHttps, serveTcp } from "../../support/servers.ts";

const check = (fields: Record<string, unknown>, engine = testEngine()) =>
  runCheck({ config: configOf({ retries: 0, timeoutMs: 3_000, ...fields }), heartbeat: { awaitedSince: Date.now() } }, engine);

const cipher = createFieldCipher("a key of the tests, long enough for it");
const admission = { roundSeconds: 30, cipher, guard: createAddressGuard(["127.0.0.0/8"]), channelIds: async () => [] };
const admit = (input: Record<string, unknown>, stored?: TargetConfig) => admitConfig(admission, { name: "test", ...input }, stored);

describe("a client's certificate (mTLS)", () => {
  const servedTo = async (client: Certificate) => {
    const server = await makeCertificate("localhost", 90);
    trustCertificates([server.cert]);
    let answered = 0;
    const handler = createHttpsServer({ ...server, ca: client.cert, requestCert: true, rejectUnauthorized: true }, (_, response) => {
      answered++;
      response.end("known");
    });
    onTestFinished(() => {
      handler.closeAllConnections();
      handler.close();
    });
    const url = (await listen(handler)).replace("http:", "https:").replace("127.0.0.1", "localhost");
    return { url, answered: () => answered };
  };
  // TLS 1.3 refuses a client after the handshake; whether its words arrive before the end of the connection is chance.
  const refused = {
    status: "down",
    error: { text: expect.stringMatching(/^the server asks for a client's certificate$|^connection (closed|reset)/) },
  };

  it("is shown to a server that asks for it; without it the server's refusal is told", async () => {
    const client = await makeCertificate("client.test", 90);
    const { url, answered } = await servedTo(client);
    const identity = { clientCertificate: client.cert, clientKey: client.key };
    expect(await check({ url, ...identity })).toMatchObject({ status: "up", httpStatus: 200 });
    expect(await check({ type: "tls", host: "localhost", port: Number(new URL(url).port), ...identity })).toMatchObject({ status: "up" });
    expect(await check({ url })).toMatchObject(refused);
    expect(answered()).toBe(1);
  });

  it("is shown to the target's own origin alone", async () => {
    const client = await makeCertificate("client.test", 90);
    const { url, answered } = await servedTo(client);
    const elsewhere = await serveHttps(await trusted(), (_, response) => response.writeHead(302, { location: url }).end());
    expect(await check({ url: elsewhere, clientCertificate: client.cert, clientKey: client.key })).toMatchObject(refused);
    expect(answered()).toBe(0);
  });

  it("is refused by field when it is none, or the key is another's", async () => {
    const [one, other] = await Promise.all([makeCertificate("a.test", 90), makeCertificate("b.test", 90)]);
    const refusal = (fields: Record<string, unknown>) => {
      try {
        configOf({ url: "https://a.test/", ...fields });
      } catch (error) {
        return (error as { issues: { path: string[]; message: string }[] }).issues.map(
          ({ path, message }) => `${path.join(".")} ${message}`,
        );
      }
      return [];
    };
    expect(refusal({ clientCertificate: one.cert, clientKey: other.key })).toEqual(["clientKey is not the key of clientCertificate"]);
    expect(refusal({ clientCertificate: one.cert })).toEqual(["clientKey must be sent with clientCertificate"]);
    expect(refusal({ clientKey: one.key })).toEqual(["clientCertificate must be sent with clientKey"]);
    expect(refusal({ clientCertificate: "none", clientKey: one.key })[0]).toMatch(/^clientCertificate must be a certificate as PEM/);
    expect(refusal({ clientCertificate: one.cert, clientKey: "none" })[0]).toMatch(/^clientKey must be a private key as PEM/);
    expect(() => createSecureContext({ cert: one.cert, key: one.key })).not.toThrow();
  });
});

async function trusted(): Promise<Certificate> {
  const made = await makeCertificate("localhost", 90);
  trustCertificates([made.cert]);
  return made;
}

/** An HTTP proxy that opens tunnels and takes whole URLs; every name is one of loopback to it. */
async function serveProxy(login?: string): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const isLoggedIn = (request: IncomingMessage) => login === undefined || request.headers["proxy-authorization"] === login;
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (!isLoggedIn(request)) response.writeHead(407).end();
    else response.writeHead(200, { "x-seen-proxy-authorization": String(request.headers["proxy-authorization"]) }).end("from behind");
  });
  server.on("connect", (request, socket) => {
    asked.push(`CONNECT ${request.url}`);
    if (!isLoggedIn(request)) {
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      return;
    }
    const behind = connect(Number(request.url?.split(":")[1]), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\nvia: 1.1 test\r\n\r\n");
      behind.pipe(socket).pipe(behind);
    });
    behind.on("error", () => socket.destroy());
    socket.on("error", () => behind.destroy());
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: await listen(server), asked };
}

describe("an HTTP proxy", () => {
  it("opens a tunnel to https, whose name only it knows, and the certificate is the target's", async () => {
    const proxy = await serveProxy();
    const port = new URL(await serveHttps(await trusted(), (_, response) => response.end("inside"))).port;
    const result = await check({
      url: `https://intranet.invalid:${port}/`,
      servername: "localhost",
      proxy: proxy.url,
      assertions: [{ kind: "bodyContains", text: "inside" }],
    });
    expect(result).toMatchObject({
      status: "up",
      certificate: { daysLeft: 90 },
      phases: { connectMs: expect.any(Number), tlsMs: expect.any(Number) },
    });
    expect(proxy.asked).toEqual([`CONNECT intranet.invalid:${port}`]);
  });

  it("is sent the whole URL of http, and its login", async () => {
    const proxy = await serveProxy("Basic dXNlcjpzZWNyZXQ=");
    const fields = { url: "http://intranet.invalid/health?x=1", proxy: proxy.url };
    expect(await check({ ...fields, proxyAuthorization: "Basic dXNlcjpzZWNyZXQ=" })).toMatchObject({ status: "up" });
    expect(proxy.asked).toEqual(["GET http://intranet.invalid/health?x=1"]);
    expect(await check(fields)).toMatchObject({ status: "down", httpStatus: 407 });
    expect(await check({ ...fields, url: "https://intranet.invalid/" })).toMatchObject({
      status: "down",
      error: { class: "connect", text: "the proxy refused the connection: 407 Proxy Authentication Required" },
    });
  });

  it("does not open what the guard keeps closed", async () => {
    const proxy = await serveProxy();
    for (const url of ["http://169.254.169.254/", "https://169.254.169.254/", "http://[fe80::1]/"]) {
      expect(await check({ url, proxy: proxy.url })).toMatchObject({ status: "down", error: { class: "forbidden" } });
    }
    expect(proxy.asked).toEqual([]);
    expect(await check({ url: "https://a.invalid/", proxy: "http://169.254.169.254:3128" })).toMatchObject({
      error: { class: "forbidden" },
    });
    await expect(admit({ url: "https://a.invalid/", proxy: "http://10.0.0.1:3128" })).rejects.toThrow(/proxy/);
  });

  it("that answers something else, or never, is told in the deadline", async () => {
    const at = (port: number) => ({ url: "https://a.invalid/", proxy: `http://127.0.0.1:${port}`, timeoutMs: 500 });
    const strange = await serveTcp((socket) => socket.once("data", () => socket.write("SSH-2.0-x\r\n")));
    expect(await check(at(strange))).toMatchObject({
      error: { text: 'the proxy\'s answer is not valid HTTP: it begins with "SSH-2.0-x"' },
    });
    const endless = await serveTcp((socket) => socket.once("data", () => socket.write(`HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(50_000)}`)));
    expect(await check(at(endless))).toMatchObject({ error: { text: expect.stringMatching(/larger than 256 KiB/) } });
    expect(await check(at(await serveTcp(() => undefined)))).toMatchObject({ error: { class: "timeout" } });
  });
});

describe("OAuth 2 client credentials", () => {
  interface Issued {
    readonly url: string;
    readonly asked: { authorization: string | undefined; form: Record<string, string> }[];
    valid: string;
  }
  const issuer = async (answer: Record<string, unknown> = { expires_in: 3_600 }, status = 200): Promise<Issued> => {
    const asked: Issued["asked"] = [];
    const state = { url: "", asked, valid: "" };
    state.url = await serveHttp((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        asked.push({ authorization: request.headers.authorization, form: Object.fromEntries(new URLSearchParams(body)) });
        state.valid = `token-${asked.length}`;
        response
          .writeHead(status, { "content-type": "application/json" })
          .end(JSON.stringify({ access_token: state.valid, token_type: "Bearer", ...answer }));
      });
    });
    return state;
  };
  const protectedBy = (issued: Issued) =>
    serveHttp((request, response) => response.writeHead(request.headers.authorization === `Bearer ${issued.valid}` ? 200 : 401).end());
  const client = (issued: Issued, more: Record<string, unknown> = {}) => ({
    oauth2: { tokenUrl: `${issued.url}/token`, clientId: "moni tor", clientSecret: `s:${issued.url}`, scopes: ["read", "write"], ...more },
  });

  it("gets a token as RFC 6749 has it, sends it, and keeps it for its life", async () => {
    const issued = await issuer();
    const url = await protectedBy(issued);
    expect(await check({ url, ...client(issued) })).toMatchObject({ status: "up" });
    expect(await check({ url, ...client(issued) })).toMatchObject({ status: "up" });
    expect(issued.asked).toHaveLength(1);
    const [login] = issued.asked;
    const credentials = Buffer.from(login?.authorization?.slice(6) ?? "", "base64").toString();
    expect(credentials).toBe(`moni+tor:${encodeURIComponent(`s:${issued.url}`)}`);
    expect(login?.form).toEqual({ grant_type: "client_credentials", scope: "read write" });
  });

  it("asks for a new one when the kept one is refused, once", async () => {
    const issued = await issuer();
    const url = await protectedBy(issued);
    await check({ url, ...client(issued) });
    issued.valid = "revoked all";
    expect(await check({ url, ...client(issued) })).toMatchObject({ status: "up" });
    expect(issued.asked).toHaveLength(2);
  });

  it("sends its secret in the form where the endpoint wants that, and an audience", async () => {
    const issued = await issuer();
    const url = await protectedBy(issued);
    await check({ url, ...client(issued, { tokenEndpointAuthMethod: "client_secret_post", audience: "https://api.test" }) });
    expect(issued.asked[0]).toMatchObject({
      authorization: undefined,
      form: { client_id: "moni tor", client_secret: `s:${issued.url}`, audience: "https://api.test" },
    });
  });

  it.each<[string, Record<string, unknown>, number, string]>([
    [
      "refuses the client",
      { error: "invalid_client", error_description: "unknown\u001b[31m" },
      401,
      "the token endpoint answered 401: invalid_client, unknown",
    ],
    ["gives no token", { access_token: undefined }, 200, "the token endpoint's answer holds no access_token"],
    ["gives a token that breaks the header", { access_token: "a\r\nb: c" }, 200, "the token endpoint's answer holds no access_token"],
    ["gives another type", { token_type: "mac" }, 200, "the token endpoint gives tokens of type mac"],
  ])("says so when the endpoint %s", async (_, answer, status, text) => {
    const issued = await issuer(answer, status);
    const result = await check({ url: await protectedBy(issued), ...client(issued) });
    expect(result).toMatchObject({ status: "down", error: { class: "status" } });
    expect(result?.error?.text).toContain(text);
    expect(result?.error?.text).not.toMatch(/\p{Cc}/u);
  });

  it("leaves an endpoint that the guard refuses alone, and its own header to the token", async () => {
    const oauth2 = { tokenUrl: "http://169.254.169.254/token", clientId: "a", clientSecret: "b" };
    expect(await check({ url: "http://127.0.0.1:1/", oauth2 })).toMatchObject({ error: { class: "forbidden" } });
    await expect(admit({ url: "https://a.test/", oauth2 })).rejects.toThrow(/tokenUrl/);
    expect(() =>
      configOf({ url: "https://a.test/", headers: { Authorization: "x" }, oauth2: { ...oauth2, tokenUrl: "https://b.test" } }),
    ).toThrow(/must be left out with oauth2/);
  });
});

describe("what these ways keep secret", () => {
  const input = {
    url: "https://a.test/",
    proxy: "http://proxy.test:3128",
    proxyAuthorization: "Basic dXNlcjpzZWNyZXQ=",
    oauth2: { tokenUrl: "https://id.test/token", clientId: "me", clientSecret: "top secret" },
  };

  it("is encrypted, shown masked, and found again", async () => {
    const stored = await admit(input);
    expect(JSON.stringify(stored)).not.toMatch(/top secret|dXNlcjpzZWNyZXQ=/);
    expect(masked(stored)).toMatchObject({
      proxyAuthorization: "***",
      oauth2: { tokenUrl: "https://id.test/token", clientId: "me", clientSecret: "***" },
    });
    expect(mapSecrets(stored, cipher.decrypt)).toMatchObject({
      oauth2: { clientSecret: "top secret" },
      proxyAuthorization: "Basic dXNlcjpzZWNyZXQ=",
    });
    expect(await admit({ ...masked(stored), intervalSeconds: 60 }, stored)).toMatchObject({
      oauth2: (stored as { oauth2?: object }).oauth2,
    });
  });

  it.each([
    ["another token endpoint", { oauth2: { ...input.oauth2, tokenUrl: "https://evil.test/token" } }],
    ["another proxy", { proxy: "http://evil.test:3128" }],
    ["another origin", { url: "https://evil.test/" }],
  ])("must be written again for %s", async (_, change) => {
    const stored = await admit(input);
    const shown = masked(stored) as unknown as Record<string, unknown>;
    const oauth2 = { ...(shown["oauth2"] as object), ...("oauth2" in change ? { tokenUrl: change.oauth2.tokenUrl } : {}) };
    await expect(admit({ ...shown, ...change, oauth2 }, stored)).rejects.toThrow(/was meant for .*send the value again/);
  });
});

describe("ping", () => {
  it.runIf(canPing())("measures the round trip as the command does, and names the address", async () => {
    const result = (await check({ type: "ping", host: "localhost" })) as CheckResult;
    expect(result).toMatchObject({ status: "up", address: "127.0.0.1", totalMs: expect.any(Number) });
    expect(result.totalMs).toBeLessThan(1_000);
  });

  it("is refused by name where no ICMP can be sent, as on Lambda", async () => {
    const guard = createAddressGuard(["127.0.0.0/8"]);
    await expect(admit({ type: "ping", host: "example.com" })).rejects.toThrow(
      /type: this deployment sends no ICMP: Lambda functions cannot/,
    );
    expect(await check({ type: "ping", host: "127.0.0.1" }, testEngine({ guard }))).toMatchObject({
      status: "down",
      error: { class: "forbidden", text: expect.stringContaining("Lambda functions cannot") },
    });
  });
});

describe("domain", () => {
  it.each<[string, number, Record<string, unknown>, string, string]>([
    ["ends soon", 12, {}, "degraded", "the registration of soon.example ends in 12 days, limit 30"],
    ["ends soon, taken for an outage", 12, { expiryIs: "down" }, "down", "the registration of soon.example ends in 12 days, limit 30"],
    ["has ended", -3, {}, "down", "the registration of soon.example has ended"],
  ])("that %s is told so, once for its hosts", async (_, days, fields, status, text) => {
    const rdapServer = await serveRegistry({ "soon.example": days });
    expect(await check({ type: "domain", host: "www.soon.example", rdapServer, ...fields })).toMatchObject({ status, error: { text } });
  });

  it("that is on hold, or in nobody's hands, is down", async () => {
    const held = await serveRegistry({ "held.example": 300 }, { statuses: ["active", "Client Hold"] });
    expect(await check({ type: "domain", host: "held.example", rdapServer: held })).toMatchObject({
      status: "down",
      error: { text: "the registration of held.example is on client hold" },
    });
    expect(await check({ type: "domain", host: "free.example", rdapServer: held })).toMatchObject({
      status: "down",
      error: { class: "assertion", text: "free.example is not registered" },
    });
    expect(await check({ type: "domain", host: "co.uk", rdapServer: held })).toMatchObject({
      error: { text: "co.uk is no domain that can be registered" },
    });
  });

  it("is asked of its registry once a day, or once an hour when it ends soon", async () => {
    const asked: string[] = [];
    const rdapServer = await serveRegistry({ "long.example": 300, "short.example": 20 }, { onAsked: (path) => asked.push(path) });
    const now = Date.now();
    const at = (hours: number) => testEngine({ clock: { now: () => now + hours * 3_600_000, sleep: async () => undefined } });
    for (const hours of [0, 2, 23, 25]) {
      for (const host of ["long.example", "short.example"]) await check({ type: "domain", host, rdapServer }, at(hours));
    }
    expect(asked.filter((path) => path === "/domain/long.example")).toHaveLength(2);
    expect(asked.filter((path) => path === "/domain/short.example")).toHaveLength(4);
    expect(configOf({ type: "domain", host: "example.com" }).intervalSeconds).toBe(86_400);
  });

  it("finds the registry by IANA's list, and says where there is none", async () => {
    const registry = await serveRegistry({ "a.example": 100 });
    const bootstrapUrl = await serveHttp((_, response) => response.end(JSON.stringify({ services: [[["Example"], [registry]]] })));
    const context = { ...testEngine(), trace: new Trace(), signal: AbortSignal.timeout(3_000) };
    const options = { now: Date.now(), bootstrapUrl };
    expect(await registrationOf("www.a.example", context, options)).toMatchObject({ domain: "a.example", expiresAt: expect.any(Number) });
    await expect(registrationOf("b.de", context, options)).rejects.toThrow(
      new RdapError("the registry of .de has no RDAP service: when a domain ends cannot be asked"),
    );
  });
});
