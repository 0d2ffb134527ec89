import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { runCheck } from "../../../shared/check/run-check.ts";
import { configOf, testEngine } from "../../support/checks.ts";
import { serveHttp, serveTcp } from "../../support/servers.ts";

/* Answers that every browser and curl take, and that a check therefore takes too. */
const check = (fields: Record<string, unknown>) =>
  runCheck({ config: configOf({ retries: 0, timeoutMs: 5_000, ...fields }), heartbeat: { awaitedSince: 0 } }, testEngine());

/** A server that writes these bytes once the request has come. @returns its URL */
async function serveBytes(...pieces: readonly (string | Buffer)[]): Promise<string> {
  const port = await serveTcp((socket: Socket) =>
    socket.once("data", () => {
      // Each piece by itself, so that ends fall anywhere.
      const write = (index: number) => {
        const piece = pieces[index];
        if (piece === undefined) socket.end();
        else socket.write(piece, () => setTimeout(write, 5, index + 1));
      };
      write(0);
    }),
  );
  return `http://127.0.0.1:${port}/`;
}
const OK = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";

describe("interim answers", () => {
  it.each([
    ["100 Continue that nobody asked for", "HTTP/1.1 100 Continue\r\n\r\n"],
    ["100 with headers", "HTTP/1.1 100 Continue\r\nx-a: b\r\n\r\n"],
    ["102 and 103", "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"],
    ["several of them", "HTTP/1.1 100 Continue\r\n\r\n".repeat(5)],
    ["one that nobody knows", "HTTP/1.1 199 Whatever\r\n\r\n"],
  ])("%s come before the answer", async (_, interim) => {
    expect(await check({ url: await serveBytes(`${interim}${OK}`) })).toMatchObject({ status: "up", httpStatus: 200 });
    const all = `${interim}${OK}`;
    const halves = [all.slice(0, 20), all.slice(20, interim.length + 3), all.slice(interim.length + 3)];
    expect(await check({ url: await serveBytes(...halves), assertions: [{ kind: "bodyContains", text: "hello" }] })).toMatchObject({
      status: "up",
    });
  });

  it("101 to whom nobody asked is no answer", async () => {
    expect(
      await check({ url: await serveBytes("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n") }),
    ).toMatchObject({ status: "down", error: { class: "body" } });
  });

  it("without end are no answer", async () => {
    const port = await serveTcp((socket) => {
      const pump = () => {
        while (!socket.destroyed && socket.write("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100)));
      };
      socket.on("drain", pump);
      pump();
    });
    expect(await check({ url: `http://127.0.0.1:${port}/` })).toMatchObject({
      status: "down",
      error: { class: "body", text: expect.stringMatching(/more than 1000 interim answers/) },
    });
  });
});

describe("heads that browsers put straight", () => {
  it.each([
    ["a length said twice alike", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\ncontent-length: 5\r\n\r\nhello"],
    ["a length as a list of the same", "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello"],
    ["a length beside chunks", "HTTP/1.1 200 OK\r\ncontent-length: 99\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"],
    ["bare line feeds", "HTTP/1.1 200 OK\ncontent-length: 5\n\nhello"],
    ["a blank before a colon", "HTTP/1.1 200 OK\r\ncontent-length : 5\r\n\r\nhello"],
    ["a line without a colon", "HTTP/1.1 200 OK\r\nnonsense\r\ncontent-length: 5\r\n\r\nhello"],
    ["line breaks before it", "\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"],
    ["no reason phrase", "HTTP/1.1 200\r\ncontent-length: 5\r\n\r\nhello"],
    ["100 KiB of headers", `HTTP/1.1 200 OK\r\n${`x-a: ${"y".repeat(1_000)}\r\n`.repeat(100)}content-length: 5\r\n\r\nhello`],
  ])("%s", async (_, bytes) => {
    expect(await check({ url: await serveBytes(bytes), assertions: [{ kind: "body", operator: "eq", value: "hello" }] })).toMatchObject({
      status: "up",
    });
    expect(
      await check({
        url: await serveBytes(...bytes.match(/[\s\S]{1,17}/g)!.slice(0, 60), ...(bytes.length > 1_020 ? [bytes.slice(1_020)] : [])),
      }),
    ).toMatchObject({ status: "up" });
  });

  it("lengths that contradict each other are nobody's answer", async () => {
    expect(await check({ url: await serveBytes("HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello") })).toMatchObject({
      status: "down",
      error: { class: "body" },
    });
  });

  it("blanks at the end of a value are not of it", async () => {
    const url = await serveBytes("HTTP/1.1 200 OK\r\nx-state: ready  \t\r\ncontent-length: 0\r\n\r\n");
    expect(await check({ url, assertions: [{ kind: "header", name: "x-state", value: "ready" }] })).toMatchObject({ status: "up" });
  });

  it.each([[999], [600], [299]])("status %i can be expected", async (status) => {
    const url = await serveBytes(`HTTP/1.1 ${status} Odd\r\ncontent-length: 0\r\n\r\n`);
    expect(await check({ url, expectedStatuses: [status] })).toMatchObject({ status: "up", httpStatus: status });
    expect(await check({ url, expectedStatuses: ["600-999", "200-299"] })).toMatchObject({ status: "up" });
    expect(await check({ url })).toMatchObject({ status: status === 299 ? "up" : "down" });
  });
});

describe("redirects", () => {
  it.each([302, 307, 308, 303])("%i to itself once, then 200, is up", async (status) => {
    let calls = 0;
    const url = await serveHttp((request, response) => {
      if (calls++ === 0) response.writeHead(status, { location: request.url }).end();
      else response.end();
    });
    expect(await check({ url: `${url}/same` })).toMatchObject({ status: "up", httpStatus: 200 });
  });

  it("to itself for ever is a loop, and says so after ten", async () => {
    let calls = 0;
    const url = await serveHttp((request, response) => {
      calls++;
      response.writeHead(302, { location: request.url }).end();
    });
    expect(await check({ url: `${url}/same` })).toMatchObject({
      status: "down",
      error: { class: "redirect", text: `redirect loop at ${url}/same` },
    });
    expect(calls).toBe(11);
  });

  it("that never repeat end after ten too", async () => {
    let calls = 0;
    const url = await serveHttp((_, response) => response.writeHead(302, { location: `/${++calls}` }).end());
    expect(await check({ url })).toMatchObject({ status: "down", error: { text: `more than 10 redirects, the last to ${url}/11` } });
  });

  it("through a wall of cookies get where a browser gets", async () => {
    const seen: unknown[] = [];
    const url = await serveHttp((request, response) => {
      seen.push(request.headers.cookie);
      if (/consent=yes/.test(request.headers.cookie ?? "") && /locale=de/.test(request.headers.cookie ?? "")) return response.end("in");
      if (request.url === "/wall")
        return response.writeHead(302, { location: "/", "set-cookie": ["consent=yes; Path=/", "locale=de; Path=/; HttpOnly"] }).end();
      return response.writeHead(302, { location: "/wall", "set-cookie": "session=1; Path=/wall" }).end();
    });
    expect(await check({ url, headers: { cookie: "own=1" }, assertions: [{ kind: "bodyContains", text: "in" }] })).toMatchObject({
      status: "up",
    });
    expect(seen).toEqual(["own=1", "own=1; session=1", "own=1; consent=yes; locale=de"]);
  });

  it("take no cookie to another host, and none from one check to the next", async () => {
    const seen: unknown[] = [];
    const other = await serveHttp((request, response) => {
      seen.push(request.headers.cookie);
      response.end();
    });
    const url = await serveHttp((request, response) => {
      seen.push(request.headers.cookie);
      response.writeHead(302, { location: other.replace("127.0.0.1", "localhost"), "set-cookie": "secret=1" }).end();
    });
    for (let index = 0; index < 2; index++) expect(await check({ url })).toMatchObject({ status: "up" });
    expect(seen).toEqual([undefined, undefined, undefined, undefined]);
  });

  it.each([
    ["raw UTF-8", Buffer.from("/café"), "/caf%C3%A9"],
    ["a byte that is no UTF-8", Buffer.from("/caf\xe9", "latin1"), "/caf%E9"],
    ["blanks within", Buffer.from("/a b"), "/a%20b"],
    ["blanks around", Buffer.from("  /around  "), "/around"],
    ["a backslash", Buffer.from("\\back"), "/back"],
    ["dots", Buffer.from("/a/../b"), "/b"],
    ["a fragment", Buffer.from("/a#b"), "/a"],
    ["a query alone", Buffer.from("?x=1"), "/?x=1"],
  ])("with %s lead where browsers go", async (_, location, path) => {
    const paths: (string | undefined)[] = [];
    const target = await serveTcp((socket) =>
      socket.once("data", (request) => {
        const asked = /^\S+ (\S+)/.exec(request.toString("latin1"))?.[1];
        paths.push(asked);
        const first = asked === "/" && paths.length === 1;
        const head = first
          ? Buffer.concat([Buffer.from("HTTP/1.1 302 Found\r\nlocation: "), location, Buffer.from("\r\ncontent-length: 0\r\n\r\n")])
          : Buffer.from(OK);
        socket.end(head);
      }),
    );
    expect(await check({ url: `http://127.0.0.1:${target}/` })).toMatchObject({ status: "up" });
    expect(paths).toEqual(["/", path]);
  });

  it("said twice alike lead there, to two places nowhere, and to none are shown as they are", async () => {
    const there = await serveHttp((_, response) => response.end());
    const twice = await serveBytes(`HTTP/1.1 302 Found\r\nlocation: ${there}\r\nLocation: ${there}\r\ncontent-length: 0\r\n\r\n`);
    expect(await check({ url: twice })).toMatchObject({ status: "up" });
    const two = await serveBytes(`HTTP/1.1 302 Found\r\nlocation: ${there}/a\r\nlocation: ${there}/b\r\ncontent-length: 0\r\n\r\n`);
    expect(await check({ url: two })).toMatchObject({ status: "down", error: { text: "redirect to 2 places at once" } });
    const none = await serveBytes("HTTP/1.1 302 Found\r\nlocation: \r\ncontent-length: 0\r\n\r\n");
    expect(await check({ url: none })).toMatchObject({ status: "down", httpStatus: 302, error: { class: "status" } });
    expect(await check({ url: none, expectedStatuses: ["200-399"] })).toMatchObject({ status: "up" });
  });
});

it("asks no server for what it did not ask before: one plain request", async () => {
  const seen: unknown[] = [];
  const url = await serveHttp((request, response) => {
    seen.push(request.rawHeaders.filter((_, index) => index % 2 === 0));
    response.end();
  });
  await check({ url });
  expect(seen).toEqual([["host", "connection", "user-agent", "accept"]]);
});

describe("a redirect", () => {
  const leading = (behind: string, isKept: boolean) =>
    serveTcp((socket) =>
      socket.once("data", (request: Buffer) => {
        if (request.toString().startsWith("GET /ok ")) return void socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        socket.write(`HTTP/1.1 302 Found\r\nlocation: /ok\r\n${behind}`);
        if (!isKept) socket.end();
      }),
    );
  it.each<[string, string, boolean]>([
    ["is shorter than it says", "content-length: 50\r\n\r\nabc", false],
    ["has no end", "\r\n<a>", true],
    ["is not there, on a connection that is kept", "connection: keep-alive\r\n\r\n", true],
    ["has two lengths", "content-length: 0\r\ncontent-length: 3\r\n\r\nabc", true],
    ["is in chunks that are none", "transfer-encoding: chunked\r\n\r\nxyz", false],
  ])("is followed though its body %s: nobody reads it", async (_, behind, isKept) => {
    const port = await leading(behind, isKept);
    expect(await check({ url: `http://127.0.0.1:${port}/`, assertions: [{ kind: "bodyContains", text: "ok" }] })).toMatchObject({
      status: "up",
      hops: [{ status: 302 }, { status: 200 }],
    });
  });

  it("to an address without end is told by its beginning", async () => {
    const port = await serveTcp((socket) =>
      socket.once("data", () =>
        socket.end(Buffer.concat([Buffer.from("HTTP/1.1 302 Found\r\nlocation: /"), Buffer.alloc(100_000, 0xff), Buffer.from("\r\n\r\n")])),
      ),
    );
    const result = await check({ url: `http://127.0.0.1:${port}/` });
    expect(result).toMatchObject({ status: "down", error: { class: "redirect" } });
    expect(JSON.stringify(result).length).toBeLessThan(50_000);
  });
});

it("an answer that is down by its status is told by it, whatever becomes of its body", async () => {
  for (const behind of ["content-length: 50\r\n\r\nabc", "\r\nabc", "transfer-encoding: chunked\r\n\r\nxyz"]) {
    const port = await serveTcp((socket) => socket.once("data", () => socket.write(`HTTP/1.1 503 Service Unavailable\r\n${behind}`)));
    expect(await check({ url: `http://127.0.0.1:${port}/` })).toMatchObject({
      status: "down",
      httpStatus: 503,
      error: { class: "status", text: "503 Service Unavailable" },
    });
  }
});
