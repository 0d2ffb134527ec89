import { describe, expect, it } from "vitest";
import { runCheck } from "../../../shared/check/run-check.ts";
import { createAddressGuard } from "../../../shared/net/address-guard.ts";
import { createPacer } from "../../../shared/round/pacer.ts";
import { runChecks } from "../../../shared/round/run-checks.ts";
import { configOf, testEngine } from "../../support/checks.ts";
import { serveDns, serveHttp, serveTcp } from "../../support/servers.ts";

const job = (fields: Record<string, unknown>) => ({ config: configOf(fields), heartbeat: { awaitedSince: Date.now() } });

describe("retries", () => {
  it("pass after a retry, and say so", async () => {
    let calls = 0;
    const url = await serveHttp((_, response) => response.writeHead(calls++ === 0 ? 503 : 200).end());
    expect(await runCheck(job({ url }), testEngine())).toMatchObject({ status: "up", attempts: 2 });
  });

  it("are used up before a target is down", async () => {
    let calls = 0;
    const url = await serveHttp((_, response) => {
      calls++;
      response.writeHead(503).end();
    });
    expect(await runCheck(job({ url, retries: 1 }), testEngine())).toMatchObject({ status: "down", attempts: 2 });
    expect(calls).toBe(2);
  });

  it("are not made where a first try has used the time up", async () => {
    const port = await serveTcp(() => undefined);
    expect(await runCheck(job({ url: `http://127.0.0.1:${port}/`, timeoutMs: 500, retries: 3 }), testEngine())).toMatchObject({
      status: "down",
      attempts: 1,
    });
  });
});

describe("a shard", () => {
  it("of 250 hanging targets waits for all of them at once, and for each until its timeout", async () => {
    let open = 0;
    let mostOpen = 0;
    const port = await serveTcp((socket) => {
      mostOpen = Math.max(mostOpen, ++open);
      socket.once("close", () => open--);
    });
    const jobs = Array.from({ length: 250 }, () => job({ url: `http://127.0.0.1:${port}/`, timeoutMs: 5_000, retries: 0 }));
    const { results } = await runChecks(jobs, testEngine({ pacer: createPacer(500) }));
    expect(results.map((result) => result?.error?.class)).toEqual(Array(250).fill("timeout"));
    // Started within half a second of each other: one after the other, there would be one.
    expect(mostOpen).toBeGreaterThan(100);
  });

  it("measures healthy targets as if the hanging ones were not there", async () => {
    const hanging = await serveTcp(() => undefined);
    const deaf = await serveDns(() => undefined);
    const healthy = await serveHttp((_, response) => response.end("fine"));
    const jobs = Array.from({ length: 200 }, (_, index) =>
      job(
        index % 4 === 0
          ? { url: healthy, timeoutMs: 6_000 }
          : index % 4 === 1
            ? { url: `http://127.0.0.1:${hanging}/`, timeoutMs: 6_000 }
            : { url: `http://name-${index}.test/`, timeoutMs: 6_000 },
      ),
    );
    const { results } = await runChecks(jobs, testEngine({ pacer: createPacer(500), dnsServers: [deaf] }));
    const good = results.filter((_, index) => index % 4 === 0);
    expect(good.every((result) => result?.status === "up")).toBe(true);
    expect(results.filter((result) => result?.error?.class === "timeout")).toHaveLength(150);
  });

  it("keeps results in the order of its targets", async () => {
    const url = await serveHttp((request, response) =>
      setTimeout(() => response.writeHead(Number(request.url?.slice(1))).end(), Math.random() * 50),
    );
    const statuses = Array.from({ length: 60 }, (_, index) => 200 + index);
    const { results } = await runChecks(
      statuses.map((status) => job({ url: `${url}/${status}`, retries: 0 })),
      testEngine(),
    );
    expect(results.map((result) => result?.httpStatus)).toEqual(statuses);
  });
});

describe("the address guard", () => {
  it("meets every address a name has, at each look-up, and dials only what it allows", async () => {
    let hits = 0;
    const url = await serveHttp((_, response) => {
      hits++;
      response.end();
    });
    const port = new URL(url).port;
    let asked = 0;
    const rebinding = await serveDns(({ name, type }) =>
      type === "A" ? [{ type, name, data: asked++ === 0 ? "192.0.2.1" : "127.0.0.1" }] : [],
    );
    const engine = testEngine({ guard: createAddressGuard(), dnsServers: [rebinding] });
    for (let round = 0; round < 3; round++) {
      const result = await runCheck(job({ url: `http://rebind.test:${port}/`, timeoutMs: 500, retries: 0 }), engine);
      expect(result).toMatchObject({ status: "down", error: { class: "forbidden" } });
    }
    expect(asked).toBe(3);
    expect(hits).toBe(0);
  });

  it.each(["127.0.0.1", "2130706433", "0x7f.1", "017700000001", "[::ffff:127.0.0.1]", "[::1]", "0", "localhost", "127.1"])(
    "refuses loopback spelled %s",
    async (host) => {
      const port = await serveTcp((socket) => expect.fail(`reached by ${socket.remoteAddress}`));
      const result = await runCheck(job({ url: `http://${host}:${port}/`, retries: 0 }), testEngine({ guard: createAddressGuard() }));
      expect(result).toMatchObject({ status: "down", error: { class: "forbidden" } });
    },
  );
});

describe("the pacer", () => {
  it("hands out no more starts than its pace", async () => {
    const pacer = createPacer(200);
    const start = performance.now();
    const times = await Promise.all(
      Array.from({ length: 60 }, async () => {
        await pacer.turn();
        return performance.now() - start;
      }),
    );
    for (const [index, time] of times.entries()) expect(time).toBeGreaterThan((index - 3) * 5 - 3);
  });
});

describe("of several attempts, the one that says most decides", () => {
  it("and none is made without the time that the last one took", async () => {
    let calls = 0;
    const url = await serveHttp((_, response) => {
      calls++;
      setTimeout(() => response.writeHead(503).end(), 900);
    });
    const result = await runCheck(job({ url, timeoutMs: 1_500, retries: 1 }), testEngine());
    expect(result).toMatchObject({ status: "down", httpStatus: 503, attempts: 1, error: { text: "503 Service Unavailable" } });
    expect(result?.totalMs).toBeGreaterThan(800);
    expect(calls).toBe(1);
  });

  it("an answer, though the second attempt hung", async () => {
    let calls = 0;
    const url = await serveHttp((_, response) => {
      if (calls++ === 0) response.writeHead(503).end();
    });
    const clock = { now: Date.now, sleep: async () => undefined };
    expect(await runCheck(job({ url, timeoutMs: 700, retries: 1 }), testEngine({ clock }))).toMatchObject({
      status: "down",
      httpStatus: 503,
      attempts: 2,
      error: { class: "status" },
    });
  });
});
