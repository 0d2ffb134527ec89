import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRoundNamer } from "../../../shared/round/name-rounds.ts";
import { isDue, isNthCheck } from "../../../shared/targets/schedule.ts";
import { markOf, ROUND_LENGTHS } from "../../../shared/time/marks.ts";
import { randomOf } from "../../support/random.ts";

const roundLength = fc.constantFrom(...ROUND_LENGTHS);

describe("marks", () => {
  it("are multiples of the round's length, at or before the moment", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), roundLength, (ms, seconds) => {
        const mark = markOf(ms, seconds);
        expect(mark % seconds).toBe(0);
        expect(mark * 1_000).toBeLessThanOrEqual(ms);
        expect((mark + seconds) * 1_000).toBeGreaterThan(ms);
      }),
    );
  });
});

describe("the rounds of executions", () => {
  const BASE = 1_795_400_040;
  /** Marks of executions that really start then. @param said what the event says of it, epoch seconds */
  function named(roundSeconds: number, starts: readonly number[], said = (start: number) => start): { mark: number; at: number }[] {
    let now = 0;
    const name = createRoundNamer({ roundSeconds, clock: { now: () => now } });
    return starts.flatMap((start) => {
      now = start * 1_000;
      const { rounds } = name({ start: new Date(said(start) * 1_000).toISOString() });
      return rounds.map(({ mark, at }) => ({ mark, at: Date.parse(at) / 1_000 }));
    });
  }
  const minuteOf = (second: number) => second - (second % 60);

  it("are every mark exactly once, and none of them late, at whatever second of its minute the rule fires", () => {
    for (const roundSeconds of ROUND_LENGTHS) {
      for (let phase = 0; phase < 60; phase++) {
        const starts = [0, 1, 2, 3].map((minute) => BASE + 60 * minute + phase);
        const rounds = named(roundSeconds, starts);
        // Those of the very moment are waited for a little: see MARGIN_MS.
        for (const { mark, at } of rounds) expect(at - mark).toBeLessThan(0.25);
        const first = Math.ceil((starts[0] ?? 0) / roundSeconds) * roundSeconds;
        expect([phase, rounds.map(({ mark }) => mark)]).toEqual([
          phase,
          Array.from({ length: (4 * 60) / roundSeconds }, (_, index) => first + index * roundSeconds),
        ]);
      }
    }
  });

  it("are so where the event says the minute alone, and where its second moves", () => {
    const random = randomOf(20_261_128);
    for (const said of [(start: number) => start, minuteOf]) {
      for (const roundSeconds of ROUND_LENGTHS) {
        for (let phase = 2; phase < 58; phase++) {
          const starts = Array.from({ length: 60 }, (_, minute) => BASE + 60 * minute + phase + Math.round(20 * (random() - 0.5)) / 10);
          // A first one that remembers nothing begins where the event says.
          const rounds = named(roundSeconds, starts, said).slice(60 / roundSeconds + 1);
          const marks = rounds.map(({ mark }) => mark);
          expect(marks).toEqual(marks.map((_, index) => (marks[0] ?? 0) + index * roundSeconds));
          expect(marks.length).toBeGreaterThan(55 * (60 / roundSeconds));
          // By what the second moved, and not by what it is.
          for (const { mark, at } of rounds) expect(at - mark).toBeLessThan(3);
        }
      }
    }
  });

  it("are the same for a task that is tried again, and go on after a minute without an execution", () => {
    let now = (BASE + 20) * 1_000;
    const name = createRoundNamer({ roundSeconds: 30, clock: { now: () => now } });
    const at = (minute: number) =>
      name({ start: new Date((BASE + 60 * minute) * 1_000).toISOString() }).rounds.map(({ mark }) => mark - BASE);
    expect(at(0)).toEqual([0, 30, 60]);
    now += 3_000;
    expect(at(0)).toEqual([0, 30, 60]);
    now += 57_000;
    expect(at(1)).toEqual([90, 120]);
    now += 120_000;
    expect(at(3)).toEqual([180, 210, 240]);
  });

  it("begin at once where their mark has passed", () => {
    const name = createRoundNamer({ roundSeconds: 30, clock: { now: () => 1_795_400_045_000 } });
    const [first, second] = name({ start: "2026-11-23T02:14:00Z" }).rounds;
    expect(first).toEqual({ mark: 1_795_400_040, at: "2026-11-23T02:14:05.200Z" });
    expect(second).toEqual({ mark: 1_795_400_070, at: "2026-11-23T02:14:30.000Z" });
  });

  it("are named from a start that says when it is", () => {
    const name = createRoundNamer({ roundSeconds: 30, clock: { now: () => 0 } });
    for (const start of [undefined, "", "now", 5]) expect(() => name({ start })).toThrow(/start/);
  });
});

describe("a target is due", () => {
  it("exactly once an interval, always the same time apart", () => {
    fc.assert(
      fc.property(
        fc.uuid(),
        roundLength,
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 0, max: 1e6 }),
        (id, seconds, every, first) => {
          const target = { id, intervalSeconds: every * seconds, status: "up" };
          const marks = Array.from({ length: every * 3 }, (_, index) => (first + index) * seconds);
          const due = marks.filter((mark) => isDue(target, mark, seconds));
          expect(due).toHaveLength(3);
          expect((due[1] ?? 0) - (due[0] ?? 0)).toBe(target.intervalSeconds);
          expect((due[2] ?? 0) - (due[1] ?? 0)).toBe(target.intervalSeconds);
        },
      ),
    );
  });

  it("for each so many-th check exactly once in so many, at a turn of its own", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 0, max: 1e6 }),
        (every, nth, first) => {
          const target = { id: randomUUID(), intervalSeconds: every * 30, status: "up" };
          const marks = Array.from({ length: every * nth * 3 }, (_, index) => (first + index) * 30);
          const chosen = marks.filter((mark) => isDue(target, mark, 30) && isNthCheck(target, mark, 30, nth));
          expect(chosen).toHaveLength(3);
          expect((chosen[1] ?? 0) - (chosen[0] ?? 0)).toBe(every * nth * 30);
        },
      ),
    );
    const ids = Array.from({ length: 2_000 }, () => randomUUID());
    const chosen = ids.filter((id) => isNthCheck({ id, intervalSeconds: 30 }, 1_795_400_040, 30, 10)).length;
    // Binomial(2000, 1/10): standard deviation 13; six of them.
    expect(Math.abs(chosen - 200)).toBeLessThan(80);
  });

  it("at once when it was never checked, and never when paused", () => {
    const target = { id: randomUUID(), intervalSeconds: 86_400 };
    for (let mark = 0; mark < 3_000; mark += 30) {
      expect(isDue({ ...target, status: "pending" }, mark, 30)).toBe(true);
      expect(isDue({ ...target, status: "paused" }, mark, 30)).toBe(false);
    }
  });

  it("so that load is even over the rounds", () => {
    const targets = Array.from({ length: 5_000 }, () => ({ id: randomUUID(), intervalSeconds: 300, status: "up" }));
    const loads = Array.from({ length: 10 }, (_, round) => targets.filter((target) => isDue(target, round * 30, 30)).length);
    expect(loads.reduce((sum, load) => sum + load)).toBe(5_000);
    // Binomial(5000, 1/10): standard deviation 21; six of them.
    for (const load of loads) expect(Math.abs(load - 500)).toBeLessThan(130);
  });
});
