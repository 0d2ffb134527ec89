import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDataApiLogHistory } from "../../../shared/log/data-api-log-history.ts";
import { createDataApiLogKeeper } from "../../../shared/log/data-api-log-keeper.ts";
import { createDataApiLogWriter } from "../../../shared/log/data-api-log-writer.ts";
import { latencyBucket, percentile } from "../../../shared/log/histogram.ts";
import type { LogHistory } from "../../../shared/log/log-history.ts";
import type { LogKeeper } from "../../../shared/log/log-keeper.ts";
import type { LogWriter } from "../../../shared/log/log-writer.ts";
import { batch, type CheckRow } from "../../../shared/log/tables.ts";
import type { OwedAlert } from "../../../shared/targets/owed-alert.ts";
import { targetRow } from "../../../shared/targets/target-row.ts";
import { type LogEngine, startLog } from "../../support/log-engine.ts";
import { checkRow, targetOf, totalsOf } from "../../support/log-rows.ts";

let engine: LogEngine;
let log: LogWriter;
let history: LogHistory;
let keeper: LogKeeper;
const retention = { rawDays: 14, fiveMinuteDays: 90, hourDays: 730 };
const at = (iso: string) => Date.parse(iso);

beforeAll(async () => {
  engine = await startLog();
  log = createDataApiLogWriter(engine.sql);
  history = createDataApiLogHistory(engine.sql);
  keeper = createDataApiLogKeeper(engine.sql);
  await log.write(
    batch(
      "target",
      [1, 2, 3, 4, 5, 6].map((seq) => targetRow(targetOf(seq))),
    ),
  );
});
afterAll(() => engine.close());

async function count(table: string, where = "true"): Promise<number> {
  const [row] = await engine.sql.execute(`select count(*)::integer as n from ${table} where ${where}`);
  return (row as { n: number }).n;
}

describe("writes", () => {
  it("make the partitions they need, and write a row once however often they are repeated", async () => {
    const rows = batch("check", [checkRow(1, "2026-03-01T00:00:00Z"), checkRow(1, "2026-03-04T00:00:30Z", { status: "down", totalMs: 3 })]);
    await log.write(rows);
    await log.write(rows);
    expect(await count("check_result", "target = 1")).toBe(2);
  });

  it("keep everything a check saw", async () => {
    const full = {
      status: "degraded",
      attempts: 2,
      httpStatus: 200,
      error: { class: "assertion", text: "took 900 ms, limit 500 ms" },
      totalMs: 900.16,
      phases: { dnsMs: 1.25, connectMs: 2.5, tlsMs: 3.75, ttfbMs: 880.1, transferMs: 12.6 },
      address: "2001:4860:4860::8888",
      certificate: { daysLeft: 40_000, lifeDays: 40_100, what: "certificate of a.example", id: "a" },
    } as const;
    await log.write(batch("check", [checkRow(2, "2026-03-01T00:00:00Z", full)]));
    const { items } = await history.checks(2, { from: "2026-03-01T00:00:00Z", to: "2026-03-02T00:00:00Z", limit: 10 });
    expect(items).toEqual([
      {
        at: "2026-03-01T00:00:00Z",
        target: { id: targetOf(2).id, name: "Target 2" },
        status: "degraded",
        attempts: 2,
        passedAfterRetry: true,
        httpStatus: 200,
        error: { class: "assertion", text: "took 900 ms, limit 500 ms" },
        latencyMs: 900.2,
        phases: { dnsMs: 1.3, connectMs: 2.5, tlsMs: 3.8, ttfbMs: 880.1, transferMs: 12.6 },
        address: "2001:4860:4860::8888",
        certificateDaysLeft: 32_767,
        note: null,
      },
    ]);
  });

  it("name targets anew, but never by an older version", async () => {
    const renamed = targetOf(3, { configVersion: 3, config: { ...targetOf(3).config, name: "Newest" } });
    await log.write(batch("target", [targetRow(renamed)]));
    await log.write(batch("target", [targetRow(targetOf(3, { configVersion: 2 }))]));
    expect(await count("target", "seq = 3 and name = 'Newest'")).toBe(1);
  });

  it("keep the latest of a delivery, and what is final", async () => {
    const row = (attempts: number, outcome: "waiting" | "sent", at = 1_000) => ({
      seq: 1,
      at,
      channel: "discord",
      delivery: { outcome, attempts, attemptedAt: attempts * 1_000 },
    });
    await log.write(batch("delivery", [row(2, "sent")]));
    await log.write(batch("delivery", [row(1, "waiting")]));
    // Who still tried when it was settled by another says so later.
    await log.write(batch("delivery", [row(3, "waiting")]));
    expect(await engine.sql.execute("select outcome, attempts from delivery where target = 1")).toEqual([{ outcome: 2, attempts: 2 }]);
    // The same, where what is final waited in the spool, and comes last.
    await log.write(batch("delivery", [row(3, "waiting", 2_000)]));
    await log.write(batch("delivery", [row(2, "sent", 2_000)]));
    expect(await engine.sql.execute("select outcome, attempts from delivery where target = 1")).toEqual([
      { outcome: 2, attempts: 2 },
      { outcome: 2, attempts: 2 },
    ]);
  });

  it("record a round once", async () => {
    const row = {
      round: 1_795_400_010,
      planned: 3,
      checked: 3,
      up: 2,
      degraded: 0,
      down: 1,
      late: 0,
      failedShards: 0,
      transitions: 1,
      spooled: 0,
      tookMs: 120.5,
      loopDelayMs: 1.26,
    };
    await log.write(batch("round", [row]));
    await log.write(batch("round", [{ ...row, checked: 0 }]));
    expect(await engine.sql.execute("select checked, took_ms, loop_delay_ms from round")).toEqual([
      { checked: 3, took_ms: 121, loop_delay_ms: 1.3 },
    ]);
  });
});

describe("pages", () => {
  it("of a target's checks hold each row once, newest first", async () => {
    const marks = Array.from({ length: 95 }, (_, index) => new Date(at("2026-04-01T00:00:00Z") + index * 30_000).toISOString());
    await log.write(
      batch(
        "check",
        marks.map((mark) => checkRow(4, mark)),
      ),
    );
    const seen: string[] = [];
    let before: { at: string; seq: number } | undefined;
    do {
      const page = await history.checks(4, { from: "2026-04-01T00:00:00Z", to: "2026-04-02T00:00:00Z", limit: 20, before });
      seen.push(...page.items.map((item) => item.at));
      before = page.next;
    } while (before !== undefined);
    expect(seen).toEqual(marks.map((mark) => mark.replace(".000Z", "Z")).reverse());
  });

  it("of a target's checks hold those alone that found what is asked for, however many are between", async () => {
    const marks = Array.from({ length: 120 }, (_, index) => new Date(at("2026-04-03T00:00:00Z") + index * 30_000).toISOString());
    const statusOf = (index: number) => (index % 50 === 0 ? "down" : index % 40 === 0 ? "degraded" : "up");
    await log.write(
      batch(
        "check",
        marks.map((mark, index) => checkRow(4, mark, { status: statusOf(index) })),
      ),
    );
    const within = { from: "2026-04-03T00:00:00Z", to: "2026-04-04T00:00:00Z", limit: 3 };
    const first = await history.checks(4, { ...within, statuses: ["down", "degraded"] });
    const rest = await history.checks(4, { ...within, statuses: ["down", "degraded"], before: first.next });
    expect([...first.items, ...rest.items].map(({ status }) => status)).toEqual(["down", "degraded", "down", "degraded", "down"]);
    expect(rest.next).toBeUndefined();
    expect((await history.checks(4, { ...within, statuses: ["degraded"] })).items).toHaveLength(2);
  });

  it("of all targets' checks hold each row once, also within one mark", async () => {
    const marks = Array.from({ length: 12 }, (_, index) => new Date(at("2026-05-01T00:00:00Z") + index * 30_000).toISOString());
    await log.write(
      batch(
        "check",
        marks.flatMap((mark) => [1, 2, 3, 4, 5].map((seq) => checkRow(seq, mark))),
      ),
    );
    const seen: string[] = [];
    let before: { at: string; seq: number } | undefined;
    do {
      const page = await history.recentChecks({ limit: 7, before, now: at("2026-05-01T00:06:00Z") });
      seen.push(...page.items.map((item) => `${item.at} ${item.target.name}`));
      before = page.next;
    } while (before !== undefined && before.at > "2026-05-01");
    const ofThatDay = seen.filter((key) => key.startsWith("2026-05-01"));
    expect(ofThatDay).toHaveLength(60);
    expect(new Set(ofThatDay).size).toBe(60);
    expect(ofThatDay.map((key) => key.slice(0, 20))).toEqual([...ofThatDay.map((key) => key.slice(0, 20))].sort().reverse());
  });
});

describe("incidents", () => {
  const change = (from: OwedAlert["from"], to: OwedAlert["to"] | "deleted", iso: string, sinceIso = iso) =>
    ({
      seq: 5,
      alert: {
        at: at(iso),
        kind: "status",
        from,
        to,
        since: at(sinceIso) / 1_000,
        previousSince: 0,
        ...(to === "down" && { error: { class: "connect" as const, text: "connection refused" } }),
      },
    }) as const;

  it("last from the first failing check to the first good one", async () => {
    await log.write(
      batch("transition", [
        change("pending", "up", "2026-06-01T00:00:00Z"),
        change("up", "down", "2026-06-01T01:01:00Z", "2026-06-01T01:00:00Z"),
        change("down", "up", "2026-06-01T01:11:00Z", "2026-06-01T01:10:00Z"),
        change("up", "down", "2026-06-02T00:00:00Z"),
        change("down", "paused", "2026-06-02T00:05:00Z"),
        change("paused", "pending", "2026-06-02T00:06:00Z"),
        change("pending", "down", "2026-06-03T00:00:00Z"),
      ]),
    );
    const window = { from: "2026-06-01T00:00:00Z", to: "2026-06-04T00:00:00Z", limit: 10 };
    const { items } = await history.incidents(window);
    expect(items.map(({ startedAt, endedAt, endedBy }) => [startedAt, endedAt, endedBy])).toEqual([
      ["2026-06-03T00:00:00.000Z", null, null],
      ["2026-06-02T00:00:00.000Z", "2026-06-02T00:05:00.000Z", "paused"],
      ["2026-06-01T01:00:00.000Z", "2026-06-01T01:10:00.000Z", "up"],
    ]);
    expect(items[2]).toMatchObject({
      detectedAt: "2026-06-01T01:01:00.000Z",
      durationSeconds: 600,
      error: { class: "connect", text: "connection refused" },
    });
    expect((await history.incidents({ ...window, open: true })).items).toHaveLength(1);
    expect((await history.incidents({ ...window, open: false })).items).toHaveLength(2);
    expect((await history.incidents({ ...window, seq: 1 })).items).toHaveLength(0);

    const first = await history.incidents({ ...window, limit: 2 });
    expect(first.items).toHaveLength(2);
    expect((await history.incidents({ ...window, limit: 2, before: first.next })).items).toHaveLength(1);
    await log.write(batch("transition", [change("down", "deleted", "2026-06-03T00:10:00Z")]));
    expect((await history.incidents({ ...window, open: true })).items).toHaveLength(0);
  });
});

describe("roll-ups", () => {
  // Two and a bit days of one target, with an outage, slow checks, a gap and retries.
  const start = at("2026-07-01T00:00:00Z");
  const end = at("2026-07-03T05:17:30Z");
  const rows: CheckRow[] = [];
  for (let mark = start; mark < end; mark += 30_000) {
    const minute = (mark - start) / 60_000;
    if (minute >= 600 && minute < 700) continue; // the monitor was away
    const down = minute >= 300 && minute < 320.5;
    const slow = minute >= 2_000 && minute < 2_015;
    const totalMs = 5 + ((mark / 30_000) % 97) ** 1.7;
    rows.push(
      checkRow(6, new Date(mark).toISOString(), {
        status: down ? "down" : slow ? "degraded" : "up",
        attempts: minute % 50 === 0 ? 2 : 1,
        totalMs,
      }),
    );
  }

  function expected(from: number, to: number) {
    const inside = rows.filter(({ round }) => round * 1_000 >= from && round * 1_000 < to);
    const seconds = (status: string) => 30 * inside.filter(({ result }) => result.status === status).length;
    const good = inside.filter(({ result }) => result.status !== "down").map(({ result }) => Math.round((result.totalMs ?? 0) * 10) / 10);
    return { inside, good, upSeconds: seconds("up"), degradedSeconds: seconds("degraded"), downSeconds: seconds("down") };
  }

  beforeAll(async () => {
    for (let index = 0; index < rows.length; index += 1_000)
      await log.write(batch("check", rows.slice(index, index + 1_000)), { timeoutMs: 30_000 });
    await engine.sql.execute("delete from rollup_state");
    await engine.sql.execute("insert into rollup_state (rolled_up_to) values ('2026-07-01 00:00:00+00')");
  });

  it.each([
    ["before anything is rolled up", undefined],
    ["with days, hours and 5 minutes rolled up and the rest raw", "2026-07-03T04:20:00Z"],
    ["with everything rolled up that is complete", "2026-07-03T05:20:00Z"],
  ])("agree with a plain recomputation %s", async (_, maintainedAt) => {
    if (maintainedAt !== undefined) await keeper.maintain(at(maintainedAt), { rawDays: 3_650, fiveMinuteDays: 3_650, hourDays: 3_650 });
    for (const [from, to] of [
      [start, end],
      [start + 7 * 3_600_000 + 35 * 60_000, end],
      [at("2026-07-01T04:55:00Z"), at("2026-07-01T05:25:00Z")],
      [at("2026-07-01T00:00:00Z"), at("2026-07-02T00:00:00Z")],
      [at("2026-07-03T05:00:00Z"), end],
    ] as const) {
      const totals = await totalsOf(history, 6, new Date(from).toISOString(), new Date(to).toISOString());
      const plain = expected(from, to);
      expect(totals).toMatchObject({
        upSeconds: plain.upSeconds,
        degradedSeconds: plain.degradedSeconds,
        downSeconds: plain.downSeconds,
        checks: plain.inside.length,
      });
      expect(totals.retried).toBe(plain.inside.filter(({ result }) => result.attempts > 1).length);
      expect(totals.latencySumMs).toBeCloseTo(
        plain.good.reduce((sum, ms) => sum + ms, 0),
        -1,
      );
      const buckets = new Map<number, number>();
      for (const ms of plain.good) buckets.set(latencyBucket(ms), (buckets.get(latencyBucket(ms)) ?? 0) + 1);
      expect([...totals.latencies].sort()).toEqual([...buckets].sort());
    }
  });

  it("change nothing when done again", async () => {
    const before = await engine.sql.execute("select * from rollup_hour where target = 6 order by at");
    await engine.sql.execute("select roll_up_again_from('2026-07-01 10:03:00+00')");
    await keeper.maintain(at("2026-07-03T05:20:00Z"), { rawDays: 3_650, fiveMinuteDays: 3_650, hourDays: 3_650 });
    expect(await engine.sql.execute("select * from rollup_hour where target = 6 order by at")).toEqual(before);
  });

  it("take in rows that come late", async () => {
    const late = checkRow(6, "2026-07-01T10:30:00Z", { status: "down" });
    await log.write(batch("check", [late]), { late: true });
    await keeper.maintain(at("2026-07-03T05:20:00Z"), { rawDays: 3_650, fiveMinuteDays: 3_650, hourDays: 3_650 });
    const totals = await totalsOf(history, 6, "2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z");
    expect(totals.downSeconds).toBe(expected(start, start + 86_400_000).downSeconds + 30);
  });

  it("have the same percentiles in SQL and in TypeScript", async () => {
    const totals = await totalsOf(history, 6, "2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z");
    const [row] = (await engine.sql.execute(
      `select latency_percentile(array_agg(b), array_agg(c::integer), 0.95) as p95
       from rollup_day, unnest(buckets, counts) as h(b, c) where target = 6 and at = '2026-07-01 00:00:00+00'`,
    )) as { p95: number }[];
    expect(row?.p95).toBeCloseTo(percentile(totals.latencies, 0.95) ?? 0, 6);
  });

  it("are all that is left of what retention ends, and nothing goes that is not rolled up", async () => {
    await keeper.maintain(at("2026-07-03T05:20:00Z"), { ...retention, rawDays: 1 });
    expect(await count("check_result", "at < '2026-07-02'")).toBe(0);
    expect(await count("check_result", "target = 6 and at >= '2026-07-02'")).toBeGreaterThan(0);
    expect(await count("rollup_day", "target = 6")).toBe(2);
    const totals = await totalsOf(history, 6, "2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z");
    expect(totals.downSeconds).toBeGreaterThan(1_000);

    await log.write(batch("check", [checkRow(6, "2026-07-03T06:00:00Z")]));
    await engine.sql.execute("update rollup_state set rolled_up_to = '2026-07-03 05:55:00+00'");
    await engine.sql.execute(
      "select drop_partitions('check_result', 'day', least('2026-08-01'::timestamptz, (select rolled_up_to from rollup_state)))",
    );
    expect(await count("check_result", "at >= '2026-07-03 06:00:00+00'")).toBe(1);
  });
});

it("counts paused time as paused, not as unknown", async () => {
  const pause = (from: OwedAlert["from"], to: OwedAlert["to"], iso: string) => ({
    seq: 4,
    alert: { at: at(iso), kind: "status", from, to, since: at(iso) / 1_000, previousSince: 0 } as const,
  });
  await log.write(batch("transition", [pause("up", "paused", "2026-08-01T00:00:00Z"), pause("paused", "pending", "2026-08-01T01:00:00Z")]));
  expect((await totalsOf(history, 4, "2026-08-01T00:30:00Z", "2026-08-02T00:00:00Z")).pausedSeconds).toBe(1_800);
});
