import type { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { Client } from "undici";
import { describe, expect, it } from "vitest";
import { createAddressGuard } from "../../../shared/net/address-guard.ts";
import { dial, Trace } from "../../../shared/net/dial.ts";
import { type HttpRequest, httpExchange } from "../../../shared/net/http-exchange.ts";
import { requestHead } from "../../../shared/net/request-head.ts";
import { randomOf } from "../../support/random.ts";
import { serveHttp, serveTcp } from "../../support/servers.ts";

const context = () => ({ guard: createAddressGuard(["127.0.0.0/8"]), signal: AbortSignal.timeout(10_000), trace: new Trace() });
const exchange = (url: string, more: Partial<HttpRequest> = {}) =>
  httpExchange({ method: "GET", url: new URL(url), headers: {}, maxBodyBytes: 1024 * 1024, ...more }, context());
const serveBytes = async (say: (socket: Socket) => unknown) =>
  `http://127.0.0.1:${await serveTcp((socket) => socket.once("data", () => void say(socket)))}/`;

describe("an answer that is well made, whatever the pieces it comes in", () => {
  const random = randomOf(20_261_128);
  const one = <Item>(...items: Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const many = (most: number) => Math.floor(random() * (most + 1));
  const letters = (most: number) => Array.from({ length: many(most) }, () => one(..."abcdefgh 0123456789,;=\u00e9")).join("");

  function answer(): string {
    const interim = Array.from({ length: many(2) }, () => "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n").join("");
    const status = one(200, 201, 204, 304, 404, 503);
    const fields = Array.from(
      { length: many(8) },
      () => `${one("X-A", "x-b", "Set-Cookie", "Via", "ETag")}:${one("", " ", "\t ")}${letters(30)}`,
    );
    const body = letters(one(0, 5, 300, 70_000));
    const isBodiless = status === 204 || status === 304;
    const framing = isBodiless ? "connection" : one("length", "chunks", "connection");
    if (framing === "length") fields.push(`${one("Content-Length", "content-length")}: ${Buffer.byteLength(body, "latin1")}`);
    if (framing === "chunks") fields.push("Transfer-Encoding: chunked");
    const head = [`HTTP/1.1 ${status}${one(" OK", " Not Found", " ")}`, ...fields].join("\r\n");
    return `${interim}${head}\r\n\r\n${isBodiless ? "" : framing === "chunks" ? inChunks(body) : body}`;
  }

  function inChunks(body: string): string {
    const chunks: string[] = [];
    for (let at = 0; at < body.length; ) {
      const chunk = body.slice(at, at + 1 + many(one(1, 50, 40_000)));
      at += chunk.length;
      chunks.push(`${chunk.length.toString(16)}${one("", ";ext=1")}\r\n${chunk}\r\n`);
    }
    return `${chunks.join("")}0\r\n${one("", "trailer: 1\r\n")}\r\n`;
  }

  it("is what undici reads of it, byte for byte", async () => {
    const answers = Array.from({ length: 150 }, () => ({ text: answer(), cut: one(1, 7, 1_000, 100_000) }));
    let served: (typeof answers)[number] | undefined;
    const url = await serveBytes(async (socket) => {
      const { text = "", cut = 1 } = served ?? {};
      socket.setNoDelay(true);
      // The head in small pieces; of a long body these would be too many.
      for (let at = 0; at < text.length; at += at < 600 ? cut : Math.max(cut, 5_000)) {
        socket.write(text.slice(at, at + (at < 600 ? cut : Math.max(cut, 5_000))), "latin1");
        await turn();
      }
      socket.end();
    });
    for (const next of answers) {
      served = next;
      const client = new Client(url.slice(0, -1), { allowH2: false });
      const theirs = await client.request({ method: "GET", path: "/", reset: true });
      const expected = { status: theirs.statusCode, headers: { ...theirs.headers }, body: Buffer.from(await theirs.body.arrayBuffer()) };
      await client.destroy();
      const { status, headers, body, truncated } = await exchange(url);
      // Blanks at the end of a value are not of it, which undici leaves to who reads it.
      const trimmed = Object.entries(expected.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.map((item) => item.replace(/[ \t]+$/, "")) : String(value).replace(/[ \t]+$/, ""),
      ]);
      expect({ status, headers: { ...headers }, truncated }).toEqual({
        status: expected.status,
        headers: Object.fromEntries(trimmed),
        truncated: false,
      });
      expect(body.equals(expected.body)).toBe(true);
    }
  });
});

describe("a head", () => {
  const ok = { status: 200, body: Buffer.from("ok") };
  it.each([
    ["lines that end with two returns", "HTTP/1.1 200 OK\r\r\nx: 1\r\r\ncontent-length: 2\r\r\n\r\r\nok"],
    ["a break behind an interim answer", "HTTP/1.1 100 Continue\r\n\r\n\r\nHTTP/1.1 200 OK\r\nx: 1\r\ncontent-length: 2\r\n\r\nok"],
  ])("with %s is read, whatever the pieces", async (_, bytes) => {
    for (const cut of [1, 3, 1_000]) {
      const url = await serveBytes(async (socket) => {
        socket.setNoDelay(true);
        for (let at = 0; at < bytes.length; at += cut) {
          socket.write(bytes.slice(at, at + cut));
          await turn();
        }
      });
      expect(await exchange(url)).toMatchObject({ ...ok, headers: { x: "1" } });
    }
  });

  it("that ends with the connection is whole, where it says of no body that is missing", async () => {
    const cut = (head: string) => serveBytes((socket) => socket.end(head));
    expect(await exchange(await cut("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n"))).toMatchObject({
      status: 200,
      headers: { "content-type": "text/html" },
      body: Buffer.alloc(0),
    });
    for (const head of ["HTTP/1.1 200 OK\r\ncontent-length: 5\r\n", "HTTP/1.1 100 Continue\r\n", "HTTP/1.1 20", ""])
      await expect(exchange(await cut(head))).rejects.toThrow("connection closed by the server");
  });

  it("begins with its first byte: that is its latency, and what is waited for after it is the rest", async () => {
    const url = await serveBytes((socket) => {
      socket.write("H");
      setTimeout(() => socket.end("TTP/1.1 204 No Content\r\n\r\n"), 300);
    });
    const told = context();
    await httpExchange({ method: "GET", url: new URL(url), headers: {}, maxBodyBytes: 10 }, told);
    const { ttfbMs = Number.NaN, transferMs = Number.NaN } = told.trace.phases;
    expect(ttfbMs).toBeLessThan(transferMs);
    expect(transferMs).toBeGreaterThan(250);
  });
});

it("an answer in more pieces than any network makes of one is none", async () => {
  const url = await serveBytes(async (socket) => {
    socket.setNoDelay(true).on("error", () => undefined);
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");
    for (let sent = 0; sent < 30_000 && !socket.destroyed; sent++) {
      socket.write("x");
      await turn();
    }
  });
  await expect(exchange(url)).rejects.toThrow(/more than 20000 pieces|closed/);
});

describe("a body", () => {
  const body = async (head: string, rest: string, more: Partial<HttpRequest> = {}) => {
    const url = await serveBytes((socket) => socket.end(`HTTP/1.1 200 OK\r\n${head}\r\n${rest}`));
    return (await exchange(url, more)).body.toString();
  };

  it.each([
    ["has no more than its length", "content-length: 2\r\n", "okBEYOND", "ok"],
    ["goes on until the connection ends, without one", "", "all of it", "all of it"],
    ["is in chunks, whatever length is said", "content-length: 3\r\ntransfer-encoding: chunked\r\n", "2\r\nok\r\n0\r\n\r\n", "ok"],
    ["is not in chunks that nobody speaks of", "transfer-encoding: identity\r\ncontent-length: 2\r\n", "okBEYOND", "ok"],
    ["has the length of its digits", "content-length: 2, 2\r\ncontent-length: 2;\r\n", "okBEYOND", "ok"],
    ["is in chunks whose sizes have a fixed width", "transfer-encoding: chunked\r\n", "0000000000000002\r\nok\r\n00000000\r\n\r\n", "ok"],
    ["is in chunks whose lines end with two returns", "transfer-encoding: chunked\r\n", "2\r\r\nok\r\n0\r\r\n\r\r\n", "ok"],
    ["has none where an empty one is said", "content-length:\r\n", "all of it", "all of it"],
  ])("%s", async (_, head, rest, expected) => {
    expect(await body(head, rest)).toBe(expected);
  });

  it("follows no answer to HEAD, nor 204 and 304", async () => {
    expect(await body("content-length: 100\r\n", "", { method: "HEAD" })).toBe("");
    for (const status of [204, 304]) {
      const url = await serveBytes((socket) => socket.write(`HTTP/1.1 ${status} X\r\ncontent-length: 100\r\n\r\n`));
      expect(await exchange(url)).toMatchObject({ status, truncated: false });
    }
  });

  it.each([
    ["a length", "content-length: 5\r\n", "half"],
    ["a last chunk", "transfer-encoding: chunked\r\n", "4\r\nhalf\r\n"],
    ["the end of its last chunk", "transfer-encoding: chunked\r\n", "4\r\nhalf\r\n0\r\n"],
  ])("that ends before %s is not whole", async (_, head, rest) => {
    await expect(body(head, rest)).rejects.toThrow("connection closed by the server");
  });

  it("that was reset is not whole, whatever it says of its end", async () => {
    const url = await serveBytes((socket) =>
      socket.write("HTTP/1.1 200 OK\r\n\r\nhalf", () => setTimeout(() => socket.resetAndDestroy(), 50)),
    );
    await expect(exchange(url)).rejects.toThrow(/ECONNRESET/);
  });
});

describe("a hostile head costs what its bytes cost", () => {
  const blanks = " ".repeat(120_000);
  it.each([
    ["blanks within a value", `x: a${blanks}b\r\ny: a\r\n  b\r\n`],
    ["blanks behind a value", `x: a${blanks}\r\ny: a\r\n  b\r\n`],
    ["blanks before a colon", `x${blanks}: a\r\ny: a\r\n  b\r\n`],
    ["folded lines of blanks", `x: a\r\n${" \t\r\n".repeat(30_000)}`],
    ["one name, again and again", "x:\r\n".repeat(50_000)],
    ["bare returns", `x: ${"\r".repeat(120_000)}a\r\n`],
    ["lengths", `content-length: ${"2,".repeat(60_000)}2\r\n`],
    ["codings", `transfer-encoding: ${"a,".repeat(60_000)}chunked\r\n`],
  ])("%s", async (_, fields) => {
    // As long, with nothing in it: CPU beside that, in the same process, so that a busy machine makes both slow.
    const plain = await cpuOf(`x: ${"a".repeat(fields.length)}\r\n`);
    expect(await cpuOf(fields)).toBeLessThan(200 + 20 * plain);
  });

  async function cpuOf(fields: string): Promise<number> {
    const url = await serveBytes((socket) => socket.end(`HTTP/1.1 200 OK\r\n${fields}\r\n`));
    const before = process.cpuUsage();
    await exchange(url).catch(() => undefined);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  }
});

it("names of headers are never those of objects", async () => {
  const url = await serveBytes((socket) => socket.end("HTTP/1.1 200 OK\r\n__proto__: a\r\nconstructor: b\r\n\r\n"));
  const { headers } = await exchange(url);
  expect(Object.entries(headers)).toEqual([
    ["__proto__", "a"],
    ["constructor", "b"],
  ]);
});

describe("a request", () => {
  const asked = async (more: Partial<HttpRequest>) => {
    const heard = Promise.withResolvers<unknown>();
    const url = await serveHttp((request, response) => {
      const parts: Buffer[] = [];
      request
        .on("data", (part) => parts.push(part))
        .on("end", () => {
          heard.resolve({ line: `${request.method} ${request.url}`, headers: request.headers, body: Buffer.concat(parts).toString() });
          response.end();
        });
    });
    await exchange(`${url}/a%20b?c=d%C3%A9`, more);
    return heard.promise;
  };

  it("says its host, that it is the only one, and the length of what it sends", async () => {
    expect(await asked({ method: "POST", body: "gr\u00fcn", headers: { "x-a": "caf\u00e9" } })).toMatchObject({
      line: "POST /a%20b?c=d%C3%A9",
      headers: { host: expect.stringMatching(/^127\.0\.0\.1:\d+$/), connection: "close", "content-length": "5", "x-a": "caf\u00e9" },
      body: "gr\u00fcn",
    });
    expect(await asked({ method: "PUT" })).toMatchObject({ headers: { "content-length": "0" } });
    expect(await asked({ headers: { host: "other.example" } })).toMatchObject({ headers: { host: "other.example" } });
    expect(((await asked({})) as { headers: object }).headers).not.toHaveProperty("content-length");
  });

  it("is one, whatever its fields hold", async () => {
    for (const value of ["a\r\nx-evil: 1", "a\nb", "a\0", "\u2028", "\ud83d\ude00"])
      expect(() => requestHead("GET", "/", { host: "a", "x-a": value })).toThrow(TypeError);
    expect(() => requestHead("GET", "/ HTTP/1.1\r\nx: 1", { host: "a" })).toThrow(TypeError);
  });
});

it("a connection that was lost before it is used is told at once", async () => {
  const port = await serveTcp((socket) => setTimeout(() => socket.resetAndDestroy(), 50));
  const { signal, ...rest } = context();
  const socket = await dial({ host: "127.0.0.1", port }, { signal, ...rest });
  await new Promise((resolve) => socket.once("close", resolve).resume());
  const { http1Exchange } = await import("../../../shared/net/http1-exchange.ts");
  const request = { method: "GET", url: new URL(`http://127.0.0.1:${port}/`), headers: {}, maxBodyBytes: 10 };
  await expect(http1Exchange(socket, request, rest)).rejects.toThrow(/ECONNRESET|closed/);
});
