import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareDecimals, isDecimal } from "../../../shared/check/exact-number.ts";
import { holdsText } from "../../../shared/check/find-text.ts";
import { parseJsonPath, valuesAt } from "../../../shared/check/json-path.ts";
import { runCheck } from "../../../shared/check/run-check.ts";
import { runChecks } from "../../../shared/round/run-checks.ts";
import { configOf, testEngine } from "../../support/checks.ts";
import { serveHttp } from "../../support/servers.ts";

interface Answer {
  readonly body: string | Buffer;
  readonly headers?: Record<string, string>;
}

/** Checks an answer against assertions. */
async function check({ body, headers = {} }: Answer, ...assertions: Record<string, unknown>[]) {
  const url = await serveHttp((_, response) => response.writeHead(200, headers).end(body));
  return runCheck({ config: configOf({ url, retries: 0, assertions }), heartbeat: { awaitedSince: 0 } }, testEngine());
}
const contains = (text: string) => ({ kind: "bodyContains", text });
const lacks = (text: string) => ({ kind: "bodyLacks", text });

const PAGE = "naïve café says: größer €";
const latin1 = Buffer.from(PAGE.replace("€", ""), "latin1");

describe("a body is read as a browser reads it", () => {
  it.each<[string, Answer]>([
    ["UTF-8 that says nothing", { body: PAGE }],
    ["ISO-8859-1 by its header", { body: latin1, headers: { "content-type": "text/html; charset=ISO-8859-1" } }],
    ["a quoted charset", { body: latin1, headers: { "content-type": 'text/html; Charset="windows-1252"' } }],
    [
      "ISO-8859-1 by its meta element",
      { body: Buffer.concat([Buffer.from('<html><head><meta charset="latin1">'), latin1]), headers: { "content-type": "text/html" } },
    ],
    [
      "ISO-8859-1 by http-equiv",
      { body: Buffer.concat([Buffer.from('<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">'), latin1]) },
    ],
    ["an XML declaration", { body: Buffer.concat([Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?>'), latin1]) }],
    ["no charset and no UTF-8", { body: latin1 }],
    ["UTF-16 by its mark", { body: Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(PAGE, "utf16le")]) }],
    ["UTF-16 by its header", { body: Buffer.from(PAGE, "utf16le"), headers: { "content-type": "text/plain; charset=utf-16le" } }],
    ["UTF-8 with a mark", { body: `\ufeff${PAGE}` }],
    ["gzip", { body: gzipSync(PAGE), headers: { "content-encoding": "gzip" } }],
    ["x-gzip in capitals", { body: gzipSync(PAGE), headers: { "content-encoding": "X-GZIP" } }],
    ["deflate as the RFC has it", { body: deflateSync(PAGE), headers: { "content-encoding": "deflate" } }],
    ["deflate as some servers have it", { body: deflateRawSync(PAGE), headers: { "content-encoding": "deflate" } }],
    ["br", { body: brotliCompressSync(PAGE), headers: { "content-encoding": "br" } }],
    ["zstd", { body: zstdCompressSync(PAGE), headers: { "content-encoding": "zstd" } }],
    ["gzip, gzip", { body: gzipSync(gzipSync(PAGE)), headers: { "content-encoding": "gzip, gzip" } }],
    ["gzip within br, and identity", { body: brotliCompressSync(gzipSync(PAGE)), headers: { "content-encoding": "gzip ,  br,identity" } }],
  ])("%s", async (_, answer) => {
    expect(await check(answer, contains("café"))).toMatchObject({ status: "up" });
    expect(await check(answer, lacks("größer"))).toMatchObject({ status: "down", error: { text: 'body contains "größer"' } });
  });

  it.each<[string, Answer, RegExp]>([
    ["a coding that nobody knows", { body: gzipSync(PAGE), headers: { "content-encoding": "sdch" } }, /coding "sdch" is not known/],
    [
      "a charset that nobody knows",
      { body: latin1, headers: { "content-type": "text/plain; charset=klingon" } },
      /charset "klingon" is not known/,
    ],
    ["gzip that is none", { body: "plain", headers: { "content-encoding": "gzip" } }, /cannot be read as gzip/],
    ["zstd that is none", { body: "plain", headers: { "content-encoding": "zstd" } }, /cannot be read as zstd/],
  ])("or said to be unreadable, so that no absence is proven: %s", async (_, answer, text) => {
    for (const assertion of [
      lacks("error"),
      contains("x"),
      { kind: "body", operator: "ne", value: "y" },
      { kind: "jsonPath", path: "$.a", operator: "ne", value: 1 },
    ]) {
      expect(await check(answer, assertion)).toMatchObject({ status: "down", error: { class: "body", text: expect.stringMatching(text) } });
    }
  });

  it("JSON with a mark, and in another charset, is JSON", async () => {
    const wish = { kind: "jsonPath", path: "$.name", value: "café" };
    expect(await check({ body: '\ufeff{"name":"café"}' }, wish)).toMatchObject({ status: "up" });
    expect(
      await check(
        { body: Buffer.from('{"name":"café"}', "latin1"), headers: { "content-type": "application/json; charset=iso-8859-1" } },
        wish,
      ),
    ).toMatchObject({ status: "up" });
  });
});

describe("a body over 1 MiB", () => {
  const long = `start ${"x".repeat(1_100_000)} end`;

  it("proves no absence, and says that it was cut", async () => {
    expect(await check({ body: long }, lacks("end"))).toMatchObject({
      status: "down",
      note: "body cut at 1 MiB",
      error: { text: expect.stringMatching(/longer than 1 MiB: nobody can say of the rest/) },
    });
    expect(await check({ body: long }, lacks("start"))).toMatchObject({ status: "down", error: { text: 'body contains "start"' } });
    expect(await check({ body: long }, contains("start"))).toMatchObject({ status: "up", note: "body cut at 1 MiB" });
    expect(await check({ body: long }, contains("end"))).toMatchObject({
      status: "down",
      error: { text: 'body lacks "end" within its first MiB' },
    });
  });

  it("proves what stands at its start when it was compressed, however much it inflates to", async () => {
    for (const [coding, body] of [
      ["gzip", gzipSync(long)],
      ["br", brotliCompressSync(long)],
      ["zstd", zstdCompressSync(long)],
    ] as const) {
      const answer = { body, headers: { "content-encoding": coding } };
      expect(await check(answer, contains("start"))).toMatchObject({ status: "up" });
      expect(await check(answer, lacks("end"))).toMatchObject({ status: "down" });
    }
  });
});

describe("numbers", () => {
  const json = '{"id":9007199254740993,"price":1.10,"text":"1.10","big":1e400,"small":0.1}';
  const at = (path: string, operator: string, value: unknown) => check({ body: json }, { kind: "jsonPath", path, operator, value });

  it.each([
    ["$.id", "eq", "9007199254740993", true],
    ["$.id", "eq", "9007199254740992", false],
    ["$.id", "ne", "9007199254740992", true],
    ["$.id", "gt", "9007199254740992", true],
    ["$.id", "lte", "9007199254740992", false],
    ["$.price", "eq", 1.1, true],
    ["$.price", "eq", "1.1", true],
    ["$.price", "eq", "1.100", true],
    ["$.text", "eq", "1.10", true],
    ["$.text", "eq", "1.1", false],
    ["$.small", "eq", 0.1, true],
    ["$.big", "gt", 1e300, true],
  ])("%s %s %j is %j: compared as they are written", async (path, operator, value, holds) => {
    expect(await at(path, operator, value)).toMatchObject({ status: holds ? "up" : "down" });
  });

  it("that no number of JSON holds are refused where they are written, with the way out", () => {
    expect(() =>
      configOf({ url: "http://a.example", assertions: [{ kind: "jsonPath", path: "$.id", value: Number("9007199254740993") }] }),
    ).toThrow(/send it as text/);
  });

  it("compare in order, whatever they look like", () => {
    const decimal = fc.tuple(fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: 0, max: 3 }));
    fc.assert(
      fc.property(decimal, decimal, ([a, shiftA], [b, shiftB]) => {
        const [left, right] = [`${a}e${-shiftA}`, (b / 10 ** shiftB).toString()];
        const exact = BigInt(a) * 10n ** BigInt(3 - shiftA) - BigInt(b) * 10n ** BigInt(3 - shiftB);
        expect(Math.sign(compareDecimals(left, right))).toBe(exact === 0n ? 0 : exact < 0n ? -1 : 1);
      }),
    );
    for (const none of ["", " ", "abc", "1.2.3", "0x10", "."]) expect([none, isDecimal(none)]).toEqual([none, false]);
  });
});

describe("what is empty or missing", () => {
  it.each([
    ["lt", 5],
    ["lte", 5],
    ["gt", -1],
    ["ne", "down"],
    ["lacks", "x"],
    ["notMatches", "x"],
  ])("fulfils no %s", async (operator, value) => {
    const body = JSON.stringify({ empty: "", nothing: null });
    expect(await check({ body }, { kind: "jsonPath", path: "$.missing", operator, value })).toMatchObject({
      status: "down",
      error: { text: expect.stringMatching(/is missing/) },
    });
    if (operator.length === 2 || operator.length === 3) {
      if (operator !== "ne")
        expect(await check({ body, headers: { "x-load": "" } }, { kind: "jsonPath", path: "$.empty", operator, value })).toMatchObject({
          status: "down",
        });
    }
  });

  it("can be wished for by name", async () => {
    expect(await check({ body: "{}" }, { kind: "jsonPath", path: "$.error", operator: "exists", value: false })).toMatchObject({
      status: "up",
    });
  });
});

describe("an assertion that could never hold is refused, by field", () => {
  it.each<[string, Record<string, unknown>]>([
    ["assertions.0.value", { assertions: [{ kind: "jsonPath", path: "$.a", operator: "eq" }] }],
    ["assertions.0.value", { assertions: [{ kind: "header", name: "x", operator: "contains" }] }],
    ["assertions.0.value", { assertions: [{ kind: "jsonPath", path: "$.a", operator: "lt", value: "many" }] }],
    ["assertions.0.value", { assertions: [{ kind: "jsonPath", path: "$.a", operator: "gt", value: "" }] }],
    ["assertions.0.value", { assertions: [{ kind: "jsonPath", path: "$.a", operator: "exists", value: "yes" }] }],
    ["assertions.0.value", { assertions: [{ kind: "jsonPath", path: "$.a", operator: "in", value: "x" }] }],
    ["assertions.0.value", { assertions: [{ kind: "jsonPath", path: "$.a", operator: "eq", value: ["x"] }] }],
    ["assertions.0.value", { assertions: [{ kind: "header", name: "x", value: "ready  " }] }],
    ["assertions.0.value", { assertions: [{ kind: "body", operator: "matches", value: "(unclosed" }] }],
    ["assertions.0.value", { assertions: [{ kind: "body", operator: "matches", value: "(?=ahead)" }] }],
    ["assertions.0.kind", { method: "HEAD", assertions: [contains("x")] }],
    ["assertions.0.kind", { method: "HEAD", assertions: [{ kind: "jsonPath", path: "$.a", operator: "exists" }] }],
    ["assertions.0.kind", { expectedStatuses: [204], assertions: [contains("x")] }],
    ["assertions.0.kind", { url: "http://a.example/", followRedirects: false, assertions: [{ kind: "certificate", minDaysLeft: 3 }] }],
    ["expectedStatuses.0", { expectedStatuses: ["299-200"] }],
    ["expectedStatuses.0", { expectedStatuses: [1_000] }],
  ])("%s", (field, fields) => {
    const refusal = (() => {
      try {
        return configOf({ url: "http://a.example/", ...fields });
      } catch (error) {
        return (error as { issues: { path: unknown[] }[] }).issues.map(({ path }) => path.join("."));
      }
    })();
    expect(refusal).toContain(field);
  });
});

describe("assertions of users of other monitors", () => {
  const body = JSON.stringify({
    items: [
      { ok: true, n: 1 },
      { ok: true, n: 2 },
    ],
    "full name": "A",
    list: ["a", "b"],
  });
  it.each<[Record<string, unknown>, boolean]>([
    [{ kind: "jsonPath", path: "$.items[*].ok", value: true }, true],
    [{ kind: "jsonPath", path: "$.items[*].n", value: 1 }, false],
    [{ kind: "jsonPath", path: "$.items[-1].n", value: 2 }, true],
    [{ kind: "jsonPath", path: "$.items.length()", operator: "gte", value: 2 }, true],
    [{ kind: "jsonPath", path: "$['full name']", value: "A" }, true],
    [{ kind: "jsonPath", path: '$["full name"].length()', value: 1 }, true],
    [{ kind: "jsonPath", path: "$.items[0].n", operator: "in", value: [1, 5] }, true],
    [{ kind: "jsonPath", path: "$.items[0].n", operator: "in", value: [7, "x"] }, false],
    [{ kind: "jsonPath", path: "$.list", operator: "contains", value: "b" }, true],
    [{ kind: "jsonPath", path: "$.list", operator: "lacks", value: "b" }, false],
    [{ kind: "jsonPath", path: '$["full name"]', operator: "matches", value: "^[A-Z]$" }, true],
    [{ kind: "jsonPath", path: "$.none[*].ok", value: true }, false],
    [{ kind: "body", operator: "matches", value: '"n":\\s*[12]' }, true],
    [{ kind: "body", operator: "notMatches", value: "error|fatal" }, true],
    [{ kind: "body", operator: "contains", value: "full name" }, true],
    [{ kind: "body", operator: "ne", value: "down" }, true],
    [{ kind: "header", name: "x-version", operator: "matches", value: "^v\\d+\\.\\d+$" }, true],
    [{ kind: "header", name: "x-version", operator: "in", value: ["v1.2", "v1.3"] }, true],
  ])("%j: %j", async (assertion, holds) => {
    expect(await check({ body, headers: { "x-version": "v1.2" } }, assertion)).toMatchObject({ status: holds ? "up" : "down" });
  });

  it("paths are read in linear time, and lead nowhere that is not there", () => {
    expect(parseJsonPath(`$${".a".repeat(200)}`)).toHaveLength(200);
    for (const path of ["a", "$.", "$[", "$[1", '$["a]', "$.a b", "$.length"])
      expect([path, parseJsonPath(path) === undefined || path === "$.length"]).toEqual([path, true]);
    expect(valuesAt({ __proto__: null, constructor: 1 }, parseJsonPath("$.constructor") ?? [])).toEqual([1]);
    expect(valuesAt({}, parseJsonPath("$.constructor") ?? [])).toEqual([undefined]);
  });
});

describe("searching", () => {
  it("finds what V8 finds", () => {
    const letters = fc.stringMatching(/^[ab]{0,40}$/);
    fc.assert(
      fc.property(letters, fc.stringMatching(/^[ab]{1,6}$/), fc.boolean(), (text, wanted, long) => {
        // Long enough for the linear search where asked.
        const haystack = long ? `${"a".repeat(4_000_000)}${text}` : text;
        expect(holdsText(haystack, wanted)).toBe(haystack.includes(wanted));
      }),
      { numRuns: 60 },
    );
  });

  it("takes time linear in the text, where V8's takes the product: fewer steps than 200 searches of the plain text", () => {
    const text = "a".repeat(1024 * 1024);
    const worst = `ab${"a".repeat(998)}`;
    const cpu = (work: () => void) => {
      const before = process.threadCpuUsage();
      work();
      return process.threadCpuUsage(before).user / 1_000;
    };
    holdsText(text, worst);
    const linear = Math.min(...[1, 2, 3].map(() => cpu(() => holdsText(text, worst))));
    const quadratic = cpu(() => text.includes(worst));
    expect(linear).toBeLessThan(quadratic / 4);
  });

  it("for twenty such texts leaves healthy neighbours up", async () => {
    const hostile = await serveHttp((_, response) => response.end("a".repeat(1024 * 1024)));
    const healthy = await serveHttp((_, response) => response.end("fine"));
    const worst = Array.from({ length: 20 }, (_, index) => contains(`ab${"a".repeat(979)}${index}`));
    const job = (fields: Record<string, unknown>) => ({
      config: configOf({ retries: 0, timeoutMs: 5_000, ...fields }),
      heartbeat: { awaitedSince: 0 },
    });
    const jobs = [
      job({ url: hostile, assertions: worst.slice(0, 20) }),
      ...Array.from({ length: 20 }, () => job({ url: healthy, assertions: [contains("fine")] })),
    ];
    const { results } = await runChecks(jobs, testEngine());
    expect(results.slice(1).map((result) => result?.status)).toEqual(Array(20).fill("up"));
    expect(results[0]).toMatchObject({ status: "down" });
  });

  it("ends with its CPU budget, and says so", async () => {
    const digits = Array.from({ length: 60_000 }, (_, index) => `"k${index}":{"a":[[[[[[${index}.1234567890123456789]]]]]]}`).join(",");
    const patterns = Array.from({ length: 20 }, () => ({
      kind: "body",
      operator: "notMatches",
      value: "(a|aa|aaa|aaaa)*(b|bb|bbb)*z{1,20}y",
    }));
    const result = await check({ body: `{${digits}}`.slice(0, 900_000).padEnd(1_000_000, "a") }, ...patterns);
    expect(result?.status).toBe("down");
    expect(result?.error?.text).toMatch(/took more than 250 ms of CPU|longer than 128 KiB/);
  });
});
