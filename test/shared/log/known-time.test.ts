import { afterAll, beforeAll, expect, it } from "vitest";
import { createDataApiLogHistory } from "../../../shared/log/data-api-log-history.ts";
import { createDataApiLogKeeper } from "../../../shared/log/data-api-log-keeper.ts";
import { createDataApiLogReports } from "../../../shared/log/data-api-log-reports.ts";
import { createDataApiLogWriter } from "../../../shared/log/data-api-log-writer.ts";
import { summarise } from "../../../shared/log/summarise.ts";
import { batch, type CheckRow, type LogBatch, type TransitionRow } from "../../../shared/log/tables.ts";
import { targetRow } from "../../../shared/targets/target-row.ts";
import { type LogEngine, startLog } from "../../support/log-engine.ts";
import { checkRow, targetOf, totalsOf } from "../../support/log-rows.ts";
import { randomOf } from "../../support/random.ts";

const START = Date.parse("2026-07-01T00:00:00Z") / 1_000;
const HOURS = 30;
const END = START + HOURS * 3_600;
const EVER = { rawDays: 3_650, fiveMinuteDays: 3_650, hourDays: 3_650 };
const iso = (seconds: number) => new Date(seconds * 1_000).toISOString();

let engine: LogEngine;
beforeAll(async () => {
  engine = await startLog();
});
afterAll(() => engine.close());

/** What happened to one target, in order of time. */
interface Story {
  readonly seq: number;
  readonly createdAt: number;
  readonly checks: CheckRow[];
  /** Epoch seconds with their part: pauses and ends of pauses, and the deletion. */
  readonly byHand: { at: number; from: "up" | "paused"; to: "paused" | "pending" | "deleted" }[];
}

/** Intervals, changes of them that check at once, pauses, times in which the monitor was away, and a deletion. */
function storyOf(seq: number): Story {
  const random = randomOf(seq);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const intervals = [10, 30, 60, 90, 300, 420, 3_600, 14_400, 43_200];
  const story: Story = { seq, createdAt: START + random() * 7_200, checks: [], byHand: [] };
  let interval = pick(intervals);
  let now = Math.ceil(story.createdAt / 10) * 10;
  while (now < END) {
    const status = pick(["up", "up", "up", "degraded", "down"] as const);
    story.checks.push({ ...checkRow(seq, iso(now), { status }), intervalSeconds: interval });
    const chance = random();
    if (chance < 0.04) {
      // The next check comes early, by another interval.
      interval = pick(intervals);
      now += 10;
    } else if (chance < 0.07) {
      const paused = now + random() * interval;
      const resumed = paused + random() * 9_000;
      story.byHand.push({ at: paused, from: "up", to: "paused" }, { at: resumed, from: "paused", to: "pending" });
      now = Math.ceil(resumed / 10) * 10;
    } else if (chance < 0.1) {
      now += Math.ceil((random() * 20_000) / 10) * 10;
    } else if (chance < 0.102 && seq % 3 === 0) {
      story.byHand.push({ at: now + random() * interval, from: "up", to: "deleted" });
      return story;
    } else {
      now += interval;
    }
  }
  return story;
}

/** The plain recomputation: what each second of the time from START is, as a code of the log, 0 unknown. */
function secondsOf({ createdAt, checks, byHand }: Story): Uint8Array {
  const seconds = new Uint8Array(END - START);
  const events = [
    ...checks.map(({ round, intervalSeconds, result }) => ({
      at: round,
      length: intervalSeconds,
      code: { up: 1, degraded: 2, down: 3 }[result.status],
    })),
    ...byHand.map(({ at }) => ({ at: Math.floor(at), length: 0, code: 0 })),
  ].sort((a, b) => a.at - b.at || a.length - b.length);
  events.forEach(({ at, length, code }, index) => {
    const until = Math.min(at + length, events[index + 1]?.at ?? END, END);
    if (until > at) seconds.fill(code, Math.max(at, Math.ceil(createdAt)) - START, until - START);
  });
  return seconds;
}

const count = (seconds: Uint8Array, code: number, from: number, to: number) =>
  seconds.subarray(Math.max(0, from - START), Math.max(0, to - START)).reduce((sum, one) => sum + (one === code ? 1 : 0), 0);

function pausedSeconds({ byHand }: Story, from: number, to: number): number {
  return byHand
    .map(({ at, to: status }, index) =>
      status === "paused" ? Math.max(0, Math.min(byHand[index + 1]?.at ?? to, to) - Math.max(at, from)) : 0,
    )
    .reduce((sum, one) => sum + one, 0);
}

const transitionOf = (seq: number, { at, from, to }: Story["byHand"][number]): TransitionRow => ({
  seq,
  alert: { at: Math.round(at * 1_000), kind: "status", from, to, since: Math.floor(at), previousSince: 0 },
});

it("is the time between checks, an interval at most: roll-ups, API and views agree with a plain recomputation", async () => {
  const log = createDataApiLogWriter(engine.sql);
  const history = createDataApiLogHistory(engine.sql);
  const keeper = createDataApiLogKeeper(engine.sql);
  const stories = Array.from({ length: 40 }, (_, index) => storyOf(index + 1));
  await log.write(
    batch(
      "target",
      stories.map(({ seq, createdAt }) => targetRow(targetOf(seq, { createdAt: iso(createdAt) }))),
    ),
  );
  await engine.sql.execute("insert into rollup_state (rolled_up_to) values (:at::timestamptz)", { at: iso(START) });

  // Stretch by stretch, as rounds write them; what comes late arrives when its time is rolled up already.
  const random = randomOf(99);
  const late: LogBatch[] = [];
  for (let from = START; from < END; from += 3 * 3_600) {
    const to = from + 3 * 3_600;
    const within = (at: number) => at >= from && at < to;
    const rows = [
      ...stories.flatMap(({ checks }) => checks.filter(({ round }) => within(round)).map((row) => ["check", row] as const)),
      ...stories.flatMap(({ seq, byHand }) =>
        byHand.filter(({ at }) => within(at)).map((change) => ["transition", transitionOf(seq, change)] as const),
      ),
    ];
    const onTime: (typeof rows)[number][] = [];
    for (const row of rows) {
      if (random() < 0.05) late.push(row[0] === "check" ? batch("check", [row[1]]) : batch("transition", [row[1]]));
      else onTime.push(row);
    }
    const checks = onTime.flatMap(([kind, row]) => (kind === "check" ? [row] : []));
    for (let index = 0; index < checks.length; index += 2_000) await log.write(batch("check", checks.slice(index, index + 2_000)));
    await log.write(
      batch(
        "transition",
        onTime.flatMap(([kind, row]) => (kind === "transition" ? [row] : [])),
      ),
    );
    await keeper.maintain((to - 1_000) * 1_000, EVER);
  }
  expect(late.length).toBeGreaterThan(50);
  for (const rows of late) await log.write(rows, { late: true });
  await keeper.maintain((END - 5_000) * 1_000, EVER);

  for (const story of stories) {
    const seconds = secondsOf(story);
    const made = story.createdAt;
    for (const [from, to] of [
      [made, END],
      [START + 12 * 3_600, START + 36_000 + 12 * 3_600],
      [START + 24 * 3_600, END - 1_234],
      [START + 7 * 3_600 + 900, START + 7 * 3_600 + 901],
      [END - 6_000, END - 17.25],
    ] as const) {
      const summary = summarise(await totalsOf(history, story.seq, iso(from), iso(to)), from * 1_000, to * 1_000);
      const { upSeconds, degradedSeconds, downSeconds, unknownSeconds } = summary;
      const window = `target ${story.seq}, ${iso(from)} to ${iso(to)}`;
      expect([upSeconds, degradedSeconds, downSeconds], window).toEqual(
        [1, 2, 3].map((code) => count(seconds, code, Math.floor(from), Math.floor(to))),
      );
      expect(unknownSeconds, window).toBeGreaterThanOrEqual(0);
      if (!story.byHand.some(({ to: status }) => status === "deleted")) {
        const known = upSeconds + degradedSeconds + downSeconds;
        expect(Math.abs(unknownSeconds - (to - from - known - pausedSeconds(story, from, to))), window).toBeLessThan(1);
      }
    }
  }
  // Reports read roll-ups of all targets at once, and say the same.
  const reporting = createDataApiLogReports(engine.sql);
  const rolledUpTo = Date.parse((await reporting.rolledUpTo()) ?? "") / 1_000;
  for (const [from, to] of [
    [START, rolledUpTo],
    [START + 5 * 3_600 + 900, START + 27 * 3_600 + 300],
    [START + 7 * 3_600 + 300, START + 7 * 3_600 + 600],
    [START + 23 * 3_600, START + 25 * 3_600],
  ] as const) {
    const pages = [];
    for (let after = 0; after < stories.length; after += 7)
      pages.push(reporting.targets({ from: iso(from), to: iso(to), after, limit: 7 }));
    const reports = new Map((await Promise.all(pages)).flat().map((report) => [report.seq, report]));
    for (const story of stories) {
      const report = reports.get(story.seq);
      const seconds = secondsOf(story);
      const window = `report of ${story.seq}, ${iso(from)} to ${iso(to)}`;
      const expected = [1, 2, 3].map((code) => count(seconds, code, from, to));
      const { upSeconds = 0, degradedSeconds = 0, downSeconds = 0, pausedSeconds = 0, existedSeconds = 0 } = report ?? {};
      expect([upSeconds, degradedSeconds, downSeconds], window).toEqual(expected);
      expect(existedSeconds - pausedSeconds - upSeconds - degradedSeconds - downSeconds, window).toBeGreaterThanOrEqual(-2);
    }
  }
  for (const [view, step] of [
    ["grafana_5m", 300],
    ["grafana_hour", 3_600],
    ["grafana_day", 86_400],
  ] as const) {
    // A page at a time: the Data API returns a MiB at most.
    const pages = await Promise.all(
      stories.map(({ seq }) =>
        engine.sql.execute(`select seq, extract(epoch from time)::integer as at, up_s, degraded_s, down_s from ${view} where seq = :seq`, {
          seq,
        }),
      ),
    );
    const rows = pages.flat() as { seq: number; at: number; up_s: number; degraded_s: number; down_s: number }[];
    const complete = rows.filter(({ at }) => at + step <= END - 7_200);
    expect(complete.length).toBeGreaterThan(20);
    for (const { seq, at, up_s, degraded_s, down_s } of complete) {
      const seconds = secondsOf(stories[seq - 1] as Story);
      // What is not rolled up to days yet is there in finer steps.
      const length = step === 86_400 && at >= START + 86_400 ? 3_600 : step;
      expect([up_s, degraded_s, down_s], `${view} ${seq} ${iso(at)}`).toEqual(
        [1, 2, 3].map((code) => count(seconds, code, at, at + length)),
      );
    }
  }
});

it("is 20 s of an incident that ended when its interval was changed, and not an hour", async () => {
  const log = createDataApiLogWriter(engine.sql);
  const history = createDataApiLogHistory(engine.sql);
  const at = Date.parse("2026-08-01T10:00:00Z") / 1_000;
  await log.write(batch("target", [targetRow(targetOf(500, { createdAt: iso(at) }))]));
  const rows = [{ ...checkRow(500, iso(at), { status: "down" as const }), intervalSeconds: 3_600 }];
  for (let mark = at + 20; mark < at + 80; mark += 10) rows.push({ ...checkRow(500, iso(mark)), intervalSeconds: 10 });
  await log.write(batch("check", rows));
  const summary = summarise(await totalsOf(history, 500, iso(at), iso(at + 80)), at * 1_000, (at + 80) * 1_000);
  expect(summary).toMatchObject({ downSeconds: 20, upSeconds: 60, unknownSeconds: 0, uptimePercent: 75 });
});
