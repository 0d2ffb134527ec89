import { spawn } from "node:child_process";
import { once } from "node:events";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { presentation, type RecordType, recordOf, sameRecord } from "../../../shared/check/dns-records.ts";
import { explainFailure } from "../../../shared/check/explain-failure.ts";
import { runCheck } from "../../../shared/check/run-check.ts";
import { PingError } from "../../../shared/net/ping.ts";
import { configOf, testEngine } from "../../support/checks.ts";
import { serverFrame, serveWebSocket } from "../../support/protocol-servers.ts";
import { serveDns, serveHttp, serveTcp } from "../../support/servers.ts";

/* What a second look at the engine found, each with the server that says it. */
const check = (fields: Record<string, unknown>, engine = testEngine()) =>
  runCheck({ config: configOf({ retries: 0, timeoutMs: 3_000, ...fields }), heartbeat: { awaitedSince: Date.now() } }, engine);
const lacks = (text: string) => ({ kind: "bodyLacks", text });
const answering = (body: string | Buffer, headers: Record<string, string | string[]> = {}) =>
  serveHttp((_, response) => response.writeHead(200, headers).end(body));
const saying = (bytes: string | Buffer) =>
  serveTcp((socket) => socket.once("data", () => socket.write(bytes))).then((port) => `http://127.0.0.1:${port}/`);
const refused = (fields: Record<string, unknown>) => {
  try {
    configOf(fields["type"] === "dns" ? fields : { url: "http://a.example/", ...fields });
    return undefined;
  } catch (error) {
    return (error as { issues: { path: string[] }[] }).issues.map(({ path }) => path.join("."));
  }
};

describe("lengths of bodies, with what curl passes over", () => {
  it.each(["2 ", "2\t ", " 2", "+2", "2;", "2 2", "2, 2"])("Content-Length: %j", async (length) => {
    const url = await saying(`HTTP/1.1 200 OK\r\nContent-Length:${length}\r\n\r\nok`);
    expect(await check({ url, assertions: [{ kind: "body", operator: "eq", value: "ok" }] })).toMatchObject({ status: "up" });
  });

  it("a status line without a blank before its reason", async () => {
    expect(await check({ url: await saying("HTTP/1.1 200OK\r\ncontent-length: 0\r\n\r\n") })).toMatchObject({ status: "up" });
    expect(await check({ url: await saying("HTTP/1.1 2000 OK\r\ncontent-length: 0\r\n\r\n") })).toMatchObject({ status: "down" });
  });
});

describe("codings", () => {
  const chunked = (body: Buffer) => Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from("\r\n0\r\n\r\n")]);

  it.each(["transfer-encoding: gzip, chunked", "transfer-encoding: gzip\r\ntransfer-encoding: chunked"])(
    "of the transfer are undone: %j",
    async (header) => {
      const head = Buffer.from(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n`);
      const url = await saying(Buffer.concat([head, chunked(gzipSync("all ERROR here"))]));
      expect(await check({ url, assertions: [lacks("ERROR")] })).toMatchObject({
        status: "down",
        error: { text: 'body contains "ERROR"' },
      });
    },
  );

  it.each([
    { "content-encoding": "utf-8" },
    { "content-encoding": "none" },
    { "content-type": "text/html; charset=none" },
    { "content-type": "text/html", body: '<!--> <meta charset="iso-8859-1">' },
  ])("that are none are passed over where the body is text, as browsers do: %j", async ({ body = "", ...headers }) => {
    const page = body === "" ? "all gr\u00fcn" : Buffer.concat([Buffer.from(body), Buffer.from("gr\u00fcn", "latin1")]);
    expect(
      await check({
        url: await answering(page, headers as Record<string, string>),
        assertions: [{ kind: "bodyContains", text: "gr\u00fcn" }],
      }),
    ).toMatchObject({
      status: "up",
    });
  });

  it("with no end of frames cost no more than a few", async () => {
    const frames = Buffer.concat(Array<Buffer>(60_000).fill(zstdCompressSync("")));
    const url = await answering(frames, { "content-encoding": "zstd" });
    const before = process.cpuUsage();
    expect(await check({ url, assertions: [lacks("x")] })).toMatchObject({
      status: "down",
      error: { text: expect.stringMatching(/frames/) },
    });
    const { user, system } = process.cpuUsage(before);
    // Seconds, without a bound.
    expect((user + system) / 1_000).toBeLessThan(1_500);
  });
});

it("reads no more than a few megabytes of HTTP/2 in plain text that never becomes an answer", async () => {
  // In a process of its own: its CPU is not ours.
  const code = `
    const frame = Buffer.from([0,0,4,8,0,0,0,0,0,0,0,0,1]);
    const many = Buffer.concat(Array(20000).fill(frame));
    require("node:net").createServer((socket) => {
      socket.on("error", () => undefined);
      socket.write(Buffer.from([0,0,0,4,0,0,0,0,0]));
      let sent = 0;
      const more = () => { while (!socket.destroyed && socket.write(many)) sent += many.length; };
      socket.on("drain", more).once("data", more).on("close", () => process.send({ sent: socket.bytesWritten }));
    }).listen(0, "127.0.0.1", function () { process.send({ port: this.address().port }); });`;
  const child = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  onTestFinished(() => void child.kill());
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  const closed = once(child, "message") as Promise<[{ sent: number }]>;
  const result = await check({ url: `http://127.0.0.1:${port}/`, httpVersion: "2" });
  expect(result).toMatchObject({ status: "down", error: { text: "the server sends without end" } });
  // Without a bound gigabytes, until the deadline.
  expect((await closed)[0].sent).toBeLessThan(1024 * 1024 * 1024);
});

describe("JSON", () => {
  const json = async (body: string, assertion: Record<string, unknown>) =>
    (await check({ url: await answering(body), assertions: [{ kind: "jsonPath", ...assertion }] }))?.status;

  it.each([
    ['{"e":{"m":"disk \\"sda\\" failed"}}', "$.e", 'disk "sda" failed'],
    ['{"e":{"m":"a\\nb"}}', "$.e", "a\nb"],
    ['{"e":[{"m":"C:\\\\temp"}]}', "$.e", "C:\\temp"],
    ['{"e":{"a\\"b":1}}', "$.e", 'a"b'],
  ])("an object lacks no text that it holds escaped: %s", async (body, path, value) => {
    expect(await json(body, { path, operator: "lacks", value })).toBe("down");
    expect(await json(body, { path, operator: "contains", value })).toBe("up");
  });

  it("of a list every item is wanted, and what one lacks is not there", async () => {
    const items = (list: string, assertion: object) => json(`{"items":${list}}`, { path: "$.items[*].ok", ...assertion });
    expect(await items('[{"ok":true},{"ok":true}]', { value: true })).toBe("up");
    expect(await items('[{"ok":true},{}]', { value: true })).toBe("down");
    expect(await items('[{"ok":true},{}]', { operator: "exists" })).toBe("down");
    expect(await items("[{},{}]", { operator: "exists", value: false })).toBe("up");
    expect(await items("[]", { operator: "exists" })).toBe("down");
  });

  it("names of a path are escaped as in JSON, and exponents are as long as they are", async () => {
    expect(await json('{"caf\u00e9":1,"a\\nb":2}', { path: '$["caf\\u00e9"]', value: 1 })).toBe("up");
    expect(await json('{"a\\nb":2}', { path: '$["a\\nb"]', value: 2 })).toBe("up");
    expect(await json('{"n":1e00000002}', { path: "$.n", value: 100 })).toBe("up");
    expect(await json('{"n":1e9999999}', { path: "$.n", operator: "gt", value: 5 })).toBe("up");
  });
});

describe("a body that means to hold the loop", () => {
  /** CPU in milliseconds, beside the budget that a check has. */
  const cpuOf = async (body: string, assertions: unknown[], headers: Record<string, string> = {}) => {
    const url = await answering(body, headers);
    const before = process.cpuUsage();
    const result = await check({ url, assertions });
    const { user, system } = process.cpuUsage(before);
    return { result, cpuMs: (user + system) / 1_000 };
  };

  it("by marks like ours does not", async () => {
    const { result, cpuMs } = await cpuOf(`["\u{f8ff}number${":".repeat(150_000)}",12345678901234567890]`, [
      { kind: "jsonPath", path: "$[1]", value: 1 },
    ]);
    expect(result).toMatchObject({ status: "down", error: { text: "$[1] is 12345678901234567890, expected eq 1" } });
    // Without a bound: 15 s.
    expect(cpuMs).toBeLessThan(2_500);
  });

  it("by a list of as many values as are looked at does not, and an honest one is judged", async () => {
    const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
    const matches = (value: string) => [{ kind: "jsonPath", path: "$[*]", operator: "matches", value }];
    const honest = Array.from({ length: 5_000 }, (_, index) => `6f147f9b-0477-4384-a5c1-${String(index).padStart(12, "0")}`);
    expect((await cpuOf(JSON.stringify(honest), matches(uuid))).result).toMatchObject({ status: "up" });
    const { result, cpuMs } = await cpuOf(JSON.stringify(Array(99_000).fill("eeeeeee")), matches("^\\pL{1,50}$"));
    expect(result?.status).toMatch(/up|down/);
    // Compiled anew for each value: minutes.
    expect(cpuMs).toBeLessThan(3_000);
  });

  it("by JSON that is deeper than any stack is told so", async () => {
    const deep = "[".repeat(400_000) + "]".repeat(400_000);
    const { result } = await cpuOf(deep, [{ kind: "jsonPath", path: "$", operator: "contains", value: "x" }]);
    expect(result).toMatchObject({ status: "down", error: { class: "body", text: expect.stringMatching(/nested too deep/) } });
  });

  it("by the charsets that it names does not", async () => {
    const type = `text/html${";charset=q".repeat(12_000)}`;
    const { cpuMs } = await cpuOf("all is well", [lacks("x")], { "content-type": type.slice(0, 15_000) });
    expect(cpuMs).toBeLessThan(1_000);
  });
});

describe("our own trouble proves nothing of a target that is to be down", () => {
  it.each(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "ENETDOWN", "EPERM", "EACCES", "EAFNOSUPPORT"])("%s", (code) => {
    expect(explainFailure(Object.assign(new Error(`connect ${code}`), { code }), "connectMs")).toMatchObject({ about: "way" });
  });

  it("nor a registry that is not there, nor one that refuses to say", async () => {
    const port = await serveTcp((socket) => socket.destroy());
    const forbidding = await serveHttp((_, response) => response.writeHead(403).end());
    const silent = await serveHttp(() => undefined);
    for (const rdapServer of [`http://127.0.0.1:${port}/`, forbidding, silent]) {
      const fields = { type: "domain", host: "away.example", rdapServer, timeoutMs: 500 };
      expect(await check(fields)).toMatchObject({ status: "degraded", error: { about: "way" } });
      expect(await check({ ...fields, expect: "down" })).toMatchObject({ status: "down" });
    }
    expect(await check({ type: "domain", host: "co.uk", expect: "down" })).toMatchObject({ status: "down" });
  });

  it("nor a proxy that is silent", async () => {
    const proxy = await serveHttp(() => undefined);
    expect(await check({ url: "http://a.example/", proxy, expect: "down", timeoutMs: 400 })).toMatchObject({
      status: "down",
      error: { about: "way" },
    });
  });

  it("nor a machine that cannot ping", () => {
    expect(new PingError("this machine has no ping command", { isOurOwn: true }).isOurOwn).toBe(true);
  });
});

describe("cookies on the way", () => {
  it("are those of a host with a dot at its end, too", async () => {
    const url = await serveHttp((request, response) =>
      /x=1/.test(request.headers.cookie ?? "") ? response.end("in") : response.writeHead(302, { "set-cookie": "x=1", location: "/" }).end(),
    );
    const dns = await serveDns(({ name, type }) => (type === "A" ? [{ type, name, data: "127.0.0.1" }] : []));
    const { port } = new URL(url);
    expect(await check({ url: `http://a.example.test.:${port}/` }, testEngine({ dnsServers: [dns] }))).toMatchObject({ status: "up" });
  });

  it("take the place of what the owner gave", async () => {
    const seen: (string | undefined)[] = [];
    const url = await serveHttp((request, response) => {
      seen.push(request.headers.cookie);
      if (seen.length > 1) response.end();
      else response.writeHead(302, { "set-cookie": "consent=1", location: "/" }).end();
    });
    expect(await check({ url, headers: { cookie: "consent=0; lang=de" } })).toMatchObject({ status: "up" });
    expect(seen).toEqual(["consent=0; lang=de", "lang=de; consent=1"]);
  });
});

describe("websocket", () => {
  const type = "websocket";

  it("passes over messages that are longer than is looked at", async () => {
    const url = await serveWebSocket({
      greet: (socket) => socket.write(Buffer.concat([serverFrame(1, `snapshot ${"x".repeat(60_000)}`), serverFrame(1, "ready")])),
    });
    expect(await check({ type, url, answer: "^ready$" })).toMatchObject({ status: "up" });
    expect(await check({ type, url, answer: "^snapshot" })).toMatchObject({ status: "up" });
  });
});

describe("what can never hold is refused where it is written", () => {
  const json = (path: string, operator: string, value: unknown) => ({ assertions: [{ kind: "jsonPath", path, operator, value }] });
  const header = (operator: string, value: unknown) => ({ assertions: [{ kind: "header", name: "x", operator, value }] });
  const dns = (recordType: string, expectedRecords: string[], more = {}) => ({
    type: "dns",
    host: "a.example",
    recordType,
    expectedRecords,
    ...more,
  });
  it.each<[Record<string, unknown>, string]>([
    [{ expectedStatuses: [101] }, "expectedStatuses"],
    [{ expectedStatuses: ["100-199"] }, "expectedStatuses"],
    [{ expectedStatuses: [301] }, "expectedStatuses"],
    [{ expectedStatuses: [302, "307-308"] }, "expectedStatuses"],
    [{ expectedStatuses: ["204-204"], assertions: [{ kind: "bodyContains", text: "x" }] }, "assertions.0.kind"],
    [header("eq", null), "assertions.0.value"],
    [header("in", [null, " a "]), "assertions.0.value"],
    [header("eq", "a\nb"), "assertions.0.value"],
    [json("$.a.length()", "eq", "abc"), "assertions.0.value"],
    [json("$.a.length()", "in", [-1, 1.5]), "assertions.0.value"],
    [json("$.a.length()", "lt", 0), "assertions.0.value"],
    [json("$.a", "eq", Number("0.1234567890123456789")), "assertions.0.value"],
    [json("$.a", "eq", Number("1234567890123456789012")), "assertions.0.value"],
    [dns("A", ["hello"]), "expectedRecords.0"],
    [dns("AAAA", ["192.0.2.1"]), "expectedRecords.0"],
    [dns("MX", ["mail.example.com"]), "expectedRecords.0"],
    [dns("CNAME", ["a.example", "b.example"]), "expectedRecords"],
    [dns("AAAA", ["fe80::1%eth0"]), "expectedRecords.0"],
    [dns("A", ["cdn.example.", "x"], { match: "any" }), "expectedRecords.0 expectedRecords.1"],
    [dns("A", [], { host: "192.0.2.1" }), "host"],
  ])("%j", (fields, field) => {
    expect(refused(fields)).toEqual(field.split(" "));
  });

  it.each<Record<string, unknown>>([
    { expectedStatuses: [301], followRedirects: false },
    { expectedStatuses: [304] },
    { expectedStatuses: ["304-304"] },
    { expectedStatuses: ["300-399"] },
    json("$.a.length()", "eq", "1e1"),
    dns("A", [], { match: "exactly" }),
    dns("CNAME", ["a.example", "A.example."]),
    dns("A", ["cdn.example.", "192.0.2.1"], { match: "any" }),
    { expectedStatuses: [204], assertions: [{ kind: "body", operator: "eq", value: "" }] },
    json("$.a.length()", "gte", 0),
    json("$.a", "eq", 1e300),
    json("$.a", "eq", 0.1),
    header("in", ["a", null]),
    dns("A", ["192.0.2.1"]),
  ])("and what may is not: %j", (fields) => {
    expect(refused(fields)).toBeUndefined();
  });
});

const isSame = (type: RecordType, found: string, expected: string) => sameRecord(recordOf(type, found), recordOf(type, expected));

it("DNS records are matched in the words of dig, Route 53 and people", () => {
  for (const [type, found, expected] of [
    ["TXT", '"v=DMARC1; p=none"', "v=DMARC1\\; p=none"],
    ["CAA", '0 issue "a.org; x=\\"1\\""', '0 issue "a.org; x=\\"1\\""'],
    ["CNAME", "*.example.com.", "\\052.example.com."],
    ["MX", "10 mail.example.", "010 mail.example"],
    ["AAAA", "2001:db8::1", "[2001:db8::1]"],
  ] as const)
    expect([expected, isSame(type, found, expected)]).toEqual([expected, true]);
  expect(presentation("CAA", { critical: 0, issue: 'a.org; x="1"' })).toBe('0 issue "a.org; x=\\"1\\""');
  expect(isSame("TXT", '"a\\\\b"', "ab")).toBe(false);
});

it("DNS texts and names are dig's, whatever is in them", async () => {
  const dns = await serveDns(({ name, type }) => {
    if (type === "TXT") return [{ type, name, data: [Buffer.from("caf\u00e9")] }];
    return type === "PTR" ? [{ type, name, data: "Office Printer._ipp.example" }] : [];
  });
  const engine = testEngine({ dnsServers: [dns] });
  const fields = { type: "dns", host: "a.example" };
  for (const expected of ['"caf\\195\\169"', "caf\u00e9"])
    expect(await check({ ...fields, recordType: "TXT", expectedRecords: [expected] }, engine)).toMatchObject({ status: "up" });
  const expectedRecords = ["Office\\032Printer._ipp.example."];
  expect(await check({ ...fields, recordType: "PTR", expectedRecords }, engine)).toMatchObject({ status: "up" });
});
