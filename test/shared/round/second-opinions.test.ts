import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CheckResult, Opinion } from "../../../shared/check/check-result.ts";
import { runCheck } from "../../../shared/check/run-check.ts";
import { createAsking, type Probe } from "../../../shared/round/ask-probes.ts";
import { answerProbe, probeAnswer, probeCall } from "../../../shared/round/probe-call.ts";
import { withOpinions } from "../../../shared/round/weigh-opinions.ts";
import { pendingState } from "../../../shared/status/next-status.ts";
import { configOf, testEngine } from "../../support/checks.ts";
import { resultOf } from "../../support/log-rows.ts";
import { serveHttp } from "../../support/servers.ts";

const refused = resultOf({ status: "down", error: { class: "connect", text: "connection refused" } });
const vote = (from: string, status: CheckResult["status"]): Opinion => ({ from, result: resultOf({ status }) });
const silent = (from: string): Opinion => ({ from, reason: "no answer in time" });

describe("opinions", () => {
  it.each<[string, Opinion[], number, string, string]>([
    ["one of two agrees", [vote("b", "down"), vote("c", "up")], 2, "down", "connection refused (also from b; up from c)"],
    ["all agree", [vote("b", "down"), vote("c", "down")], 3, "down", "connection refused (also from b and c)"],
    ["nobody agrees", [vote("b", "up"), vote("c", "degraded")], 2, "degraded", "down from a (connection refused), up from b and c"],
    ["too few agree", [vote("b", "down"), vote("c", "up")], 3, "degraded", "down from a and b (connection refused), up from c"],
    [
      "one is silent",
      [vote("b", "up"), silent("c")],
      2,
      "degraded",
      "down from a (connection refused), up from b; not asked: c: no answer in time",
    ],
    [
      "who has a vote agrees, and more are wanted than have one",
      [vote("b", "down"), silent("c")],
      3,
      "down",
      "connection refused (also from b); not asked: c: no answer in time",
    ],
    [
      "nobody has a vote",
      [silent("b"), silent("c")],
      2,
      "down",
      "connection refused; not asked: b: no answer in time, c: no answer in time",
    ],
  ])("%s", (_, opinions, agree, status, text) => {
    const result = withOpinions("a", refused, opinions, agree);
    expect([result.status, result.error]).toEqual([status, { class: "connect", text }]);
    expect(result.opinions).toBe(opinions);
    // What was seen here stays known.
    expect(result.seenHere).toBe(status === "degraded" ? refused : undefined);
  });

  it("tell the reason of another place where it is another one", () => {
    const timeout: CheckResult = { ...refused, error: { class: "timeout", text: "timed out after 1 s" } };
    const seen = withOpinions(
      "a",
      refused,
      [
        { from: "b", result: timeout },
        { from: "c", result: refused },
      ],
      2,
    );
    expect(seen.error?.text).toBe("connection refused (also from b: timed out after 1 s and c)");
  });

  it("make a target down that enough see down, whatever their order, and never one that is up here", () => {
    const opinion = fc.tuple(fc.constantFrom("b", "c", "d", "e"), fc.constantFrom("up", "down", "degraded", "silent"));
    fc.assert(
      fc.property(fc.uniqueArray(opinion, { selector: ([from]) => from }), fc.integer({ min: 1, max: 6 }), (given, agree) => {
        const opinions = given.map(([from, said]) => (said === "silent" ? silent(from) : vote(from, said as "up" | "down")));
        const votes = given.filter(([, said]) => said !== "silent");
        const down = 1 + votes.filter(([, said]) => said === "down").length;
        const expected = votes.length === 0 || down >= Math.min(agree, 1 + votes.length) ? "down" : "degraded";
        for (const order of [opinions, opinions.toReversed()]) expect(withOpinions("a", refused, order, agree).status).toBe(expected);
      }),
    );
  });
});

const ID = "0b1c2d3e-0000-4000-8000-000000000001";

describe("asking", () => {
  const NOW = 1_800_000_000_000;
  const config = configOf({ name: "Shop", url: "http://shop.example/", timeoutMs: 1_000 });
  const up = { ...pendingState(0), status: "up" as const };
  const asking = (probes: readonly Probe[], now = NOW) => createAsking({ here: "a", probes }, NOW / 1_000, () => now);
  const counted = (name: string, answer: () => Promise<CheckResult>) => {
    const calls: number[] = [];
    const ask = (_: unknown, timeoutMs: number) => {
      calls.push(timeoutMs);
      return answer();
    };
    return { calls, probe: { name, ask } };
  };
  const seesUp = () => counted("b", async () => resultOf());

  it.each<[string, Parameters<ReturnType<typeof asking>["confirmed"]>[0], CheckResult]>([
    ["is up", { config, state: up, id: ID }, resultOf()],
    ["is down already", { config, state: { ...up, status: "down" }, id: ID }, refused],
    ["is paused", { config, state: { ...up, status: "paused" }, id: ID }, refused],
    ["may not be reached", { config, state: up, id: ID }, resultOf({ status: "down", error: { class: "forbidden", text: "private" } })],
    ["calls us", { config: configOf({ name: "Job", type: "heartbeat" }), state: up, id: ID }, refused],
    ["is slow alone, which nobody sees from elsewhere", { config, state: up, id: ID }, resultOf({ status: "down", isSlow: true })],
    ["is for this place alone", { config: { ...config, confirm: { from: "all", agree: 1 } }, state: up, id: ID }, refused],
    ["is for others to confirm", { config: { ...config, confirm: { from: ["z"], agree: 2 } }, state: up, id: ID }, refused],
  ])("asks nobody of what %s", async (_, target, seen) => {
    const { calls, probe } = seesUp();
    expect(await asking([probe]).confirmed(target, seen)).toBe(seen);
    expect(calls).toEqual([]);
  });

  it("asks of what would be down or count towards it, once each, those that the target names", async () => {
    const [b, c] = [counted("b", async () => resultOf()), counted("c", async () => resultOf())];
    const some = { ...config, confirm: { from: ["c"], agree: 2 } };
    expect(await asking([b.probe, c.probe]).confirmed({ config: some, state: up, id: ID }, refused)).toMatchObject({ status: "degraded" });
    expect([b.calls.length, c.calls]).toEqual([0, [6_000]]);
  });

  it("waits for nobody longer than its time, and not into the next round", async () => {
    const hangs: Probe = { name: "b", ask: () => new Promise(() => undefined) };
    const start = performance.now();
    const asked = await asking([hangs], NOW + 49_200).confirmed({ config, state: up, id: ID }, refused);
    expect(asked).toMatchObject({ status: "down", error: { text: expect.stringContaining("not asked: b: no answer within 1 s") } });
    expect(performance.now() - start).toBeLessThan(5_000);
    const { calls, probe } = seesUp();
    expect(await asking([probe], NOW + 49_900).confirmed({ config, state: up, id: ID }, refused)).toMatchObject({
      status: "down",
      error: { text: "connection refused; not asked: b: no time was left in the round" },
    });
    expect(calls).toEqual([]);
  });

  it("is done in turns when a whole shard is down at once: that is when it is worth most", async () => {
    let now = 0;
    let most = 0;
    const probe: Probe = {
      name: "b",
      ask: async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 5));
        now--;
        return resultOf();
      },
    };
    const shard = asking([probe]);
    const results = await Promise.all(Array.from({ length: 250 }, () => shard.confirmed({ config, state: up, id: ID }, refused)));
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(["degraded"]));
    expect(most).toBe(50);
    // Who fails gives the turn on.
    const broken: Probe = { name: "b", ask: () => Promise.reject(new Error("gone")) };
    const failed = asking([broken]);
    const none = await Promise.all(Array.from({ length: 120 }, () => failed.confirmed({ config, state: up, id: ID }, refused)));
    expect(new Set(none.map(({ error }) => error?.text))).toEqual(new Set(["connection refused; not asked: b: gone"]));
  });

  describe("how it looks from elsewhere", () => {
    const seen = { config: { ...config, intervalSeconds: 30, from: ["b"], fromEvery: 1 }, state: up, id: ID };

    it("is asked of the places that are named, at each so many checks, and told with what they saw", async () => {
      const [b, c] = [counted("b", async () => resultOf({ totalMs: 81 })), counted("c", async () => resultOf())];
      const looks = await asking([b.probe, c.probe])
        .looks([seen, { ...seen, id: randomUUID(), config }], 30)
        .end();
      expect([...looks]).toEqual([[ID, [{ from: "b", result: resultOf({ totalMs: 81 }) }]]]);
      expect([b.calls, c.calls]).toEqual([[6_000], []]);
      const every = { ...seen, config: { ...seen.config, fromEvery: 4 } };
      let calls = 0;
      const probe = counted("b", async () => resultOf()).probe;
      for (let mark = NOW / 1_000; mark < NOW / 1_000 + 40 * 30; mark += 30) {
        calls += (
          await createAsking({ here: "a", probes: [probe] }, mark, () => mark * 1_000)
            .looks([every], 30)
            .end()
        ).size;
      }
      expect(calls).toBe(10);
    });

    it("is asked of what is down as well, and never of what calls us", async () => {
      const { calls, probe } = seesUp();
      const job = configOf({ name: "Job", type: "heartbeat" });
      await asking([probe])
        .looks([{ ...seen, state: { ...up, status: "down" } }], 30)
        .end();
      await asking([probe])
        .looks([{ ...seen, config: { ...job, from: ["b"], fromEvery: 1 } }], 30)
        .end();
      expect(calls).toHaveLength(1);
    });

    it("is no second opinion: that is asked when the check has failed, and not before", async () => {
      let isUp = true;
      const { calls, probe } = counted("b", async () => (isUp ? resultOf() : refused));
      const shard = asking([probe]);
      await shard.looks([seen], 30).end();
      isUp = false;
      expect((await shard.confirmed(seen, refused)).error?.text).toBe("connection refused (also from b)");
      expect(calls).toHaveLength(2);
    });

    it("holds up nobody's second opinion, however many are looked at from a place that hangs", async () => {
      const hangs: Probe = { name: "b", ask: () => new Promise(() => undefined) };
      const shard = asking([hangs, seesUp().probe].map((probe, index) => ({ ...probe, name: ["b", "c"][index] ?? "" })));
      const many = Array.from({ length: 60 }, () => ({ ...seen, id: randomUUID() }));
      const looks = shard.looks(many, 30);
      const other = { ...seen, id: randomUUID(), config: { ...config, confirm: { from: ["c"], agree: 2 } } };
      expect(await shard.confirmed(other, refused)).toMatchObject({ status: "degraded" });
      // Nobody has answered, and it says so of each; the shard is not kept for that.
      const start = performance.now();
      expect([...(await looks.end()).values()].flat().filter(({ reason }) => reason?.startsWith("had not answered"))).toHaveLength(60);
      expect(performance.now() - start).toBeLessThan(10_000);
    }, 20_000);
  });

  it("counts no vote of who may not reach the target from there, or fails", async () => {
    const forbidden = counted("b", async () => resultOf({ status: "down", error: { class: "forbidden", text: "private" } }));
    const broken = counted("c", () => Promise.reject(new Error("is of another release")));
    expect(await asking([forbidden.probe, broken.probe]).confirmed({ config, state: up, id: ID }, refused)).toMatchObject({
      status: "down",
      error: { text: "connection refused; not asked: b: may not be reached from there, c: is of another release" },
    });
  });
});

describe("what a shard and a probe say to each other", () => {
  it("is the check alone: nothing of whose it is", () => {
    const config = configOf({
      name: "Shop",
      url: "http://shop.example/",
      group: "secret",
      tags: ["x"],
      channels: ["ops"],
      headers: { a: "b" },
    });
    expect(probeCall(config)).toMatchObject({
      version: 1,
      config: { type: "http", url: "http://shop.example/", headers: { a: "b" }, retries: 1 },
    });
    expect(JSON.stringify(probeCall(config))).not.toMatch(/Shop|secret|ops/);
  });

  it("is without the limit of latency, which is of the way from here: who is far away sees it up", async () => {
    const url = await serveHttp((_, response) => setTimeout(() => response.end("ok"), 60));
    const slow = configOf({ url, retries: 0, timeoutMs: 2_000, latencyLimitMs: 20, slowIs: "down" });
    const answer = await answerProbe(testEngine(), JSON.parse(JSON.stringify(probeCall(slow))));
    expect(answer).toMatchObject({ result: { status: "up" } });
    // Here it is down, and nobody is asked whether it is slow.
    expect(await runCheck({ config: slow, heartbeat: { awaitedSince: 0 } }, testEngine())).toMatchObject({ status: "down", isSlow: true });
  });

  it("is refused by a probe that does not understand all of it: an error is no vote", async () => {
    const url = await serveHttp((_, response) => response.end("ok"));
    const { config } = probeCall(configOf({ url, retries: 0, timeoutMs: 2_000 })) as { config: Record<string, unknown> };
    const ask = (change: object) => answerProbe(testEngine(), { version: 1, config: JSON.parse(JSON.stringify({ ...config, ...change })) });
    expect(await ask({})).toMatchObject({ result: { status: "up" } });
    // What is only beyond a limit of this release was judged by who sent it.
    expect(await ask({ body: "x".repeat(70_000), method: "POST" })).toMatchObject({ result: { status: "up" } });
    for (const change of [
      { assertions: [{ kind: "xmlPath", path: "/a" }] },
      { assertions: [{ kind: "body", operator: "resembles", value: "x", otherwise: "down" }] },
      { assertions: [{ kind: "bodyContains", text: "ok", otherwise: "down", ignoresCase: true }] },
      { expectedStatuses: ["2xx"] },
      { signRequests: true },
      { type: "quic" },
      ...["headers", "assertions", "expectedStatuses", "method", "followRedirects"].map((name) => ({ [name]: undefined })),
    ]) {
      await expect(ask(change), JSON.stringify(change)).rejects.toThrow(/this probe/);
    }
  });

  it.each([
    ["is too long", `{"version":1,"result":${" ".repeat(70_000)}{}}`, "answers too much"],
    ["is no JSON", "<html>", "answers no JSON"],
    ["is of another release", '{"version":2,"result":{}}', "is of another release"],
    ["has another status", JSON.stringify({ version: 1, result: { ...resultOf(), status: "fine" } }), "is of another release"],
    [
      "has an address that is none",
      JSON.stringify({ version: 1, result: { ...resultOf(), address: "'; drop table" } }),
      "is of another release",
    ],
  ])("is refused when it %s", (_, text, message) => expect(() => probeAnswer(text)).toThrow(message));

  it("is cleaned: a probe's words are shown like any other's", () => {
    const result = { ...resultOf({ status: "down" }), error: { class: "connect", text: "\u001b[31mred\u202e" } };
    expect(probeAnswer(JSON.stringify({ version: 1, result })).error?.text).toBe("[31mred");
  });
});
