import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCheck } from "../../../shared/check/run-check.ts";
import { createAddressGuard } from "../../../shared/net/address-guard.ts";
import { DeliveryError } from "../../../shared/notify/notifier.ts";
import { postJson } from "../../../shared/notify/post-json.ts";
import { configOf, testEngine } from "../../support/checks.ts";
import { serveDns } from "../../support/servers.ts";

/** Hosts that are, or lead to, what a check must not reach: spelled in every way that a URL parser, a resolver or a socket may know. */
const IPV4_LOOPBACK = [
  ...["127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "127.000.000.001", "127.0.0.2", "127.127.127.127", "127.255.255.254"],
  ...[
    "2130706433",
    "2130706433.",
    "0x7f000001",
    "0X7F000001",
    "017700000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "0x7F.0x0.0x0.0x1",
    "0177.0.0.1",
    "0177.1",
  ],
  ...["0177.0x0.0.1", "00000177.0.0.1", "0x0000007f.1", "127.0x1", "127.0.0x1", "127.00.1"],
  ...["127.0.0.0x1", "0x7f.0.1", "0177.0.1", "2130706434", "0x7f000002", "127.0.513", "0x7fffffff", "017777777777", "1２7.0.0.1"],
  ...[
    "%31%32%37.0.0.1",
    "127%2E0%2E0%2E1",
    "１２７.０.０.１",
    "127。0。0。1",
    "127．0．0．1",
    "127｡0｡0｡1",
    "①②⑦.⓪.⓪.①",
    "𝟏𝟐𝟕.𝟎.𝟎.𝟏",
    "0x⑦f.1",
  ],
];
const UNSPECIFIED = ["0", "0.0.0.0", "0x0", "00", "0.0", "0.0.0", "0.1", "0.255.255.255", "０", "0.0.0.0."];
const PRIVATE = [
  ...[
    "10.0.0.1",
    "10.1",
    "0xa.0.0.1",
    "167772161",
    "0x0a000001",
    "012.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "2886729729",
  ],
  ...[
    "0xac100001",
    "192.168.0.1",
    "192.168.1",
    "3232235521",
    "0xc0a80001",
    "0300.0250.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "１０.０.０.１",
  ],
];
const SPECIAL = [
  ...["169.254.169.254", "169.254.100.1", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "0xa9.0xfe.0xa9.0xfe"],
  ...[
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
  ],
  ...["240.0.0.1", "255.255.255.255", "4294967295", "0xffffffff", "037777777777"],
];
const IPV6 = [
  ...["[::1]", "[0:0:0:0:0:0:0:1]", "[0000:0000:0000:0000:0000:0000:0000:0001]", "[::0001]", "[0::1]", "[::]", "[0:0:0:0:0:0:0:0]"],
  ...["[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::FFFF:7F00:0001]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::ffff:0.0.0.0]", "[::ffff:10.0.0.1]"],
  ...[
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[::ffff:192.168.1.1]",
    "[::ffff:100.64.0.1]",
    "[::ffff:7f00:2]",
    "[::ffff:ac10:1]",
    "[::FFFF:192.168.0.1]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::a9fe:a9fe]",
  ],
  ...[
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[64:ff9b:1:ffff::1]",
  ],
  ...["[2002:7f00:1::]", "[2002:7f00:0001::1]", "[2002:a9fe:a9fe::]", "[2002:a00:1::]", "[2002:c0a8:101::]"],
  ...[
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "[2001::1]",
    "[2001:10::1]",
    "[2001:20::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[5f00::1]",
    "[100::1]",
  ],
  ...["[fe80::1]", "[febf::1]", "[fec0::1]", "[fc00::1]", "[fd00::1]", "[fdff:ffff::1]", "[ff02::1]", "[ff0e::1]"],
];
/** Resolved by a name server that answers loopback and worse for all. */
const NAMES = [
  "localhost",
  "LOCALHOST",
  "localhost.",
  "LocalHost",
  "loopback.test",
  "mapped.test",
  "v6.test",
  "mixed.test",
  "metadata.test",
  "xn--e1afmkfd.test",
  "пример.test",
];

const SPELLINGS = [...IPV4_LOOPBACK, ...UNSPECIFIED, ...PRIVATE, ...SPECIAL, ...IPV6, ...NAMES];

const LOOPBACK = ["127.0.0.1", "127.0.0.2", "127.0.0.78", "127.127.127.127", "127.255.255.254", "::1"];
let canaries: Server[];
let port: number;
let hits = 0;
let redirector: Server;
let redirectPort: number;

beforeAll(async () => {
  // On every loopback address that is spelled here: whatever is dialled is heard.
  canaries = LOOPBACK.map(() =>
    createServer((_, response) => {
      hits++;
      response.end("reached");
    }),
  );
  for (const [index, address] of LOOPBACK.entries()) {
    const server = canaries[index];
    if (server === undefined) throw new Error("one server an address");
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port ?? 0, address, resolve));
    port = (server.address() as AddressInfo).port;
  }
  redirector = createServer((request, response) => {
    const [, hop = "0", location = ""] = /^\/(\d)\/(.*)$/.exec(request.url ?? "") ?? [];
    const next = hop === "0" ? decodeURIComponent(location) : `/${Number(hop) - 1}/${location}`;
    response.writeHead(302, { location: Buffer.from(next).toString("latin1") }).end();
  });
  await new Promise<void>((resolve) => redirector.listen(0, "127.0.0.77", resolve));
  redirectPort = (redirector.address() as AddressInfo).port;
});
afterAll(() => {
  for (const server of [...canaries, redirector]) {
    server.closeAllConnections();
    server.close();
  }
});

const BAD: Readonly<Record<string, [type: "A" | "AAAA", data: string][]>> = {
  "mapped.test": [["AAAA", "::ffff:127.0.0.1"]],
  "v6.test": [["AAAA", "::1"]],
  "mixed.test": [
    ["A", "127.0.0.1"],
    ["AAAA", "::1"],
  ],
  "metadata.test": [["A", "169.254.169.254"]],
};

/** An engine whose names all lead home; `open` is reached, and nothing else that is closed. */
async function engine(open: string[] = []) {
  const dnsServer = await serveDns(({ name, type }) =>
    (BAD[name.toLowerCase()] ?? [["A", "127.0.0.1"]]).filter(([kind]) => kind === type).map(([kind, data]) => ({ type: kind, name, data })),
  );
  return testEngine({ guard: createAddressGuard(open), dnsServers: [dnsServer] });
}

/** Refused when it is registered, or down as forbidden when it is checked. */
async function refused(fields: Record<string, unknown>, checks: Awaited<ReturnType<typeof engine>>): Promise<string> {
  let config: ReturnType<typeof configOf>;
  try {
    config = configOf({ timeoutMs: 3_000, retries: 0, ...fields });
  } catch {
    return "forbidden";
  }
  const result = await runCheck({ config, heartbeat: { awaitedSince: 0 } }, checks);
  return result?.error?.class ?? `${result?.status}`;
}

it("knows at least 150 spellings", () => {
  expect(new Set(SPELLINGS).size).toBeGreaterThanOrEqual(150);
});

describe("what is closed is not reached", () => {
  const each = async (what: (host: string) => Promise<string>) => {
    const before = hits;
    const outcomes = await Promise.all([...new Set(SPELLINGS)].map(async (host) => [host, await what(host)] as const));
    expect(outcomes.filter(([, outcome]) => outcome !== "forbidden")).toEqual([]);
    expect(hits).toBe(before);
  };

  it("by http", async () => {
    const checks = await engine();
    await each((host) => refused({ url: `http://${host}:${port}/` }, checks));
  });

  it("by https", async () => {
    const checks = await engine();
    await each((host) => refused({ url: `https://${host}:${port}/`, verifyTls: false }, checks));
  });

  it("by tcp and tls", async () => {
    const checks = await engine();
    const bare = (host: string) => host.replace(/^\[|\]$/g, "");
    await each((host) => refused({ type: "tcp", host: bare(host), port }, checks));
    await each((host) => refused({ type: "tls", host: bare(host), port }, checks));
  });

  it.each([0, 2])("by a redirect, after %d others", async (hops) => {
    const checks = await engine(["127.0.0.77/32"]);
    // A redirect that no URL parser takes is an error of its own, and reaches nothing either.
    await each(async (host) => {
      const outcome = await refused(
        { url: `http://127.0.0.77:${redirectPort}/${hops}/${encodeURIComponent(`http://${host}:${port}/`)}` },
        checks,
      );
      return outcome === "redirect" ? "forbidden" : outcome;
    });
  });

  it("by a webhook", async () => {
    const { guard } = await engine();
    await each(async (host) => {
      const url = URL.parse(`http://${host}:${port}/`);
      if (url === null || /\.test\.?$|^localhost/i.test(url.hostname)) return "forbidden"; // names are looked up by the machine here
      const context = { guard, signal: AbortSignal.timeout(3_000), userAgent: "test" };
      const error = await postJson("hook", url.href, "{}", context as Parameters<typeof postJson>[3]).catch((caught: unknown) => caught);
      return error instanceof DeliveryError && error.permanent ? "forbidden" : String(error);
    });
  });

  it("is reached where it is opened: the canary hears what is let through", async () => {
    const before = hits;
    expect(await refused({ url: `http://127.0.0.1:${port}/` }, await engine(["127.0.0.0/8"]))).toBe("up");
    expect(hits).toBe(before + 1);
  });
});

it("leaves closed ports alone, by every check", async () => {
  const before = hits;
  const checks = testEngine({ guard: createAddressGuard(["127.0.0.0/8"], [[443, 443]]) });
  expect(await refused({ url: `http://127.0.0.1:${port}/` }, checks)).toBe("forbidden");
  expect(await refused({ type: "tcp", host: "127.0.0.1", port }, checks)).toBe("forbidden");
  expect(await refused({ type: "tls", host: "127.0.0.1", port }, checks)).toBe("forbidden");
  expect(hits).toBe(before);
});

describe("a name whose answer changes between look-ups", () => {
  it("is judged by the address that is dialled, each time", async () => {
    let asked = 0;
    const before = hits;
    // Allowed on the first look-up (and nobody there), loopback on every other: a guard that looks up by itself would be fooled.
    const rebinding = await serveDns(({ name, type }) =>
      type === "A" ? [{ type: "A", name, data: asked++ % 2 === 0 ? "127.0.0.78" : "127.0.0.1" }] : [],
    );
    const checks = testEngine({ guard: createAddressGuard(["127.0.0.78/32"]), dnsServers: [rebinding] });
    const outcomes = new Set<string>();
    for (let round = 0; round < 8; round++) outcomes.add(await refused({ url: `http://rebind.test:${port}/`, timeoutMs: 800 }, checks));
    expect(asked).toBeGreaterThanOrEqual(8);
    // 127.0.0.78 is a loopback address that the canary also listens on: reached when it was dialled as such.
    expect([...outcomes].sort()).toEqual(["forbidden", "up"]);
    expect(hits - before).toBe(4);
  });
});
