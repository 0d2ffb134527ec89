import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDataApiLogWriter } from "../../../shared/log/data-api-log-writer.ts";
import { type DrainingRecorder, drainSpool } from "../../../shared/log/drain-spool.ts";
import { createDynamoSetAside } from "../../../shared/log/dynamo-set-aside.ts";
import { createDynamoSpool } from "../../../shared/log/dynamo-spool.ts";
import { record } from "../../../shared/log/record.ts";
import { batch } from "../../../shared/log/tables.ts";
import { writeWaiting } from "../../../shared/log/write-waiting.ts";
import { type LogEngine, startLog } from "../../support/log-engine.ts";
import { checkRow } from "../../support/log-rows.ts";
import { type StateEngine, startState, TABLE_NAME } from "../../support/state-engine.ts";

let state: StateEngine;
let engine: LogEngine;
let now = Date.UTC(2026, 8, 1);
let deps: DrainingRecorder & { warnings: string[] };

beforeAll(async () => {
  [state, engine] = await Promise.all([startState(), startLog()]);
  const warnings: string[] = [];
  deps = {
    log: createDataApiLogWriter(engine.sql),
    spool: createDynamoSpool(state.client, TABLE_NAME),
    logger: { warn: (message) => warnings.push(message) },
    clock: { now: () => now },
    warnings,
  };
});
afterAll(async () => {
  await Promise.all([state.close(), engine.close()]);
});

const mark = (round: number) => new Date(Date.UTC(2026, 8, 1) + round * 30_000).toISOString();
const roundOf = (round: number) =>
  batch(
    "check",
    [1, 2, 3].map((seq) => checkRow(seq, mark(round))),
  );

async function rows(): Promise<number> {
  const [row] = await engine.sql.execute("select count(*)::integer as n from check_result");
  return (row as { n: number }).n;
}

it("loses no row and doubles none while the log is away for ten rounds, also when rounds are done twice", async () => {
  expect(await record(deps, mark(0), roundOf(0))).toBe("logged");
  const comeBack = await engine.goAway();
  for (let round = 1; round <= 10; round++) {
    expect(await record(deps, mark(round), roundOf(round))).toBe("spooled");
    if (round % 3 === 0) await record(deps, mark(round), roundOf(round));
  }
  expect((await drainSpool(deps, 5_000)).drained).toBe(0);
  await comeBack();
  expect(await record(deps, mark(11), roundOf(11))).toBe("logged");
  expect((await drainSpool(deps, 5_000)).drained).toBe(10);
  expect(await rows()).toBe(12 * 3);
  expect((await drainSpool(deps, 5_000)).drained).toBe(0);
});

describe("what waited for an hour", () => {
  const rest = () => {
    const told: number[] = [];
    return { told, rest: { written: async (at: number) => void told.push(at) } as never };
  };

  it("is written in few statements, however many rows its batches have, and told once what is made of it is there", async () => {
    await Promise.all(
      Array.from({ length: 45 }, (_, index) =>
        deps.spool.put(
          `${mark(1_000 + index)}#shard`,
          batch(
            "check",
            Array.from({ length: 200 }, (_each, seq) => checkRow(seq + 1, mark(1_000 + index))),
          ),
        ),
      ),
    );
    const statements: number[] = [];
    const { told, rest: own } = rest();
    const log = {
      write: (...args: Parameters<typeof deps.log.write>) => {
        statements.push(args[0].rows.length);
        return deps.log.write(...args);
      },
    };
    const before = await rows();
    now += 1_000;
    const from = now;
    const drained = await writeWaiting({ ...deps, log, sql: engine.sql, rest: own }, 0, async () => {
      // What comes from here on is not among what is told of.
      now += 5_000;
      expect([told, (await rows()) - before]).toEqual([[], 45 * 200]);
    });
    expect([drained, told]).toEqual([45, [from]]);
    expect(statements).toEqual([5_000, 3_000, 1_000]);
  });

  it("is not told of as written while some of it waits", async () => {
    const comeBack = await engine.goAway();
    await record(deps, mark(1_100), roundOf(1_100));
    const { told, rest: own } = rest();
    await writeWaiting({ ...deps, sql: { execute: async () => [] } as never, rest: own });
    expect(told).toEqual([]);
    await comeBack();
    await writeWaiting({ ...deps, sql: engine.sql, rest: own }, now + 60_000);
    expect(told).toEqual([now + 60_000]);
  });
});

it("rolls up anew what was drained behind the roll-up", async () => {
  await engine.sql.execute("insert into rollup_state (rolled_up_to) values ('2026-09-01 12:00:00+00')");
  await deps.spool.put(`${mark(400)}#late`, roundOf(400));
  await drainSpool(deps, 5_000);
  expect(await engine.sql.execute("select rolled_up_to::text as at from rollup_state")).toEqual([{ at: "2026-09-01 03:20:00+00" }]);
});

it("sets aside what the log refuses for good, and goes on with the rest", async () => {
  const before = await rows();
  await deps.spool.put("0-poison", { kind: "check", rows: [{ at: mark(500), target: "not a number" }] });
  await deps.spool.put(`${mark(501)}#good`, roundOf(501));
  expect((await drainSpool(deps, 5_000)).drained).toBe(1);
  expect(await rows()).toBe(before + 3);
  expect(await deps.spool.oldest(10)).toEqual([]);
  expect(deps.warnings.at(-1)).toContain("set aside");
});

it("sets aside one bad row, and not the batch it came in", async () => {
  const before = await rows();
  const mixed = batch(
    "check",
    Array.from({ length: 9 }, (_, seq) => checkRow(seq + 1, mark(510))),
  );
  const poisoned = { ...mixed, rows: mixed.rows.map((row, index) => (index === 4 ? { ...row, http_status: 99_999 } : row)) };
  expect(await record(deps, mark(510), poisoned)).toBe("spooled");
  for (let drains = 0; drains < 5; drains++) await drainSpool(deps, 5_000);
  expect(await rows()).toBe(before + 8);
  expect(await deps.spool.oldest(10)).toEqual([]);
});

it("finds a bad row wherever it stands in a batch without neighbours", async () => {
  const before = await rows();
  for (const [round, bad] of [
    [550, 0],
    [551, 1],
    [552, 249],
  ] as const) {
    const all = batch(
      "check",
      Array.from({ length: 250 }, (_, seq) => checkRow(seq + 1, mark(round))),
    );
    await deps.spool.put(`${mark(round)}#x`, {
      ...all,
      rows: all.rows.map((row, at) => (at === bad ? { ...row, http_status: 99_999 } : row)),
    });
    expect(await drainSpool(deps, 20_000)).toMatchObject({ empty: true });
  }
  expect(await rows()).toBe(before + 3 * 249);
});

it("sets aside the rows at fault alone, however little time each drain has", async () => {
  const setAside = createDynamoSetAside(state.client, TABLE_NAME);
  const keys = async () => {
    const found: string[] = [];
    for await (const { key } of setAside.all()) found.push(key);
    return found;
  };
  const [before, known] = [await rows(), (await keys()).length];
  const all = batch(
    "check",
    Array.from({ length: 48 }, (_, seq) => checkRow(seq + 1, mark(560))),
  );
  const bad = [3, 4, 17, 31, 40, 47];
  await deps.spool.put(`${mark(560)}#x`, {
    ...all,
    rows: all.rows.map((row, at) => (bad.includes(at) ? { ...row, http_status: 99_999 } : row)),
  });
  const slow: DrainingRecorder = {
    ...deps,
    log: {
      write: async (...args) => {
        await new Promise((resolve) => setTimeout(resolve, 40));
        return deps.log.write(...args);
      },
    },
  };
  let drains = 0;
  // What is left in the end may be bad rows alone, which are judged after an hour.
  now = Date.parse(mark(560)) + 3_600_001;
  for (let empty = false; !empty && drains < 100; drains++) ({ empty } = await drainSpool(slow, 1_500));
  now = Date.UTC(2026, 8, 1);
  expect(drains).toBeGreaterThan(1);
  expect(await rows()).toBe(before + 48 - bad.length);
  expect(await keys()).toHaveLength(known + bad.length);
});

it("writes what was set aside once the log is mended and its owner says so", async () => {
  const setAside = createDynamoSetAside(state.client, TABLE_NAME);
  const all = async () => {
    const found: { key: string; reason: string }[] = [];
    for await (const one of setAside.all()) found.push(one);
    return found;
  };
  const others = await all();
  await engine.sql.execute("alter table check_result add constraint broken check (http_status is distinct from 418)");
  const rowsOf515 = [418, 418, 200].map((httpStatus, seq) => checkRow(seq, mark(515), { httpStatus }));
  expect(await record(deps, mark(515), batch("check", rowsOf515))).toBe("spooled");
  for (let drains = 0; drains < 3; drains++) await drainSpool(deps, 5_000);
  const refused = (await all()).filter(({ key }) => others.every((other) => other.key !== key));
  const broken = { reason: expect.stringContaining("broken") };
  expect(refused).toMatchObject([broken, broken]);

  await engine.sql.execute("alter table check_result drop constraint broken");
  // Twice: a retry that was cut off is done again.
  for (const { key } of [...refused, ...refused]) await setAside.retry(key);
  expect(await all()).toEqual(others);
  expect((await drainSpool(deps, 5_000)).drained).toBe(2);
  expect(await engine.sql.execute("select count(*)::integer as n from check_result where http_status = 418")).toEqual([{ n: 2 }]);
});

it("leaves rows where they are while the log refuses all of their kind, whatever for", async () => {
  const setAside = createDynamoSetAside(state.client, TABLE_NAME);
  const count = async () => {
    let batches = 0;
    for await (const _ of setAside.all()) batches++;
    return batches;
  };
  const before = await count();
  await engine.sql.execute("create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$");
  await engine.sql.execute("create trigger refuse before insert on check_result for each row execute function refuse()");
  for (const round of [530, 531]) expect(await record(deps, mark(round), roundOf(round))).toBe("spooled");
  expect(await drainSpool(deps, 5_000)).toMatchObject({ drained: 0, empty: false });
  expect(await deps.spool.oldest(10)).toHaveLength(2);

  await engine.sql.execute("drop trigger refuse on check_result");
  expect(await drainSpool(deps, 5_000)).toMatchObject({ drained: 2, empty: true });
  expect(await count()).toBe(before);
});

it("sets a row aside that is refused for an hour, though it has no neighbour to compare it with", async () => {
  await deps.spool.put(`${mark(540)}#lone`, { kind: "check", rows: [{ at: mark(540), target: "not a number" }] });
  expect(await drainSpool(deps, 5_000)).toMatchObject({ drained: 0, empty: false });
  now = Date.parse(mark(540)) + 3_600_001;
  expect(await drainSpool(deps, 5_000)).toMatchObject({ drained: 0, empty: true });
  now = Date.UTC(2026, 8, 1);
});

it("writes texts that Postgres would refuse", async () => {
  const texts = ["half of \ud83d", "nul \0 inside", "\ufffe odd \u202e"];
  const odd = batch(
    "check",
    texts.map((text, seq) => checkRow(seq + 1, mark(520), { status: "down", error: { class: "assertion", text } })),
  );
  expect(await record(deps, mark(520), odd)).toBe("logged");
  const found = await engine.sql.execute("select error from check_result where at = :at::timestamptz order by target", { at: mark(520) });
  expect(found).toEqual([{ error: "half of \ufffd" }, { error: "nul \ufffd inside" }, { error: texts[2] }]);
});

it("spools batches larger than an item", async () => {
  const random = () => randomBytes(210).toString("base64");
  const large = batch(
    "check",
    Array.from({ length: 4_000 }, (_, seq) => checkRow(seq, mark(600), { status: "down", error: { class: "status", text: random() } })),
  );
  await deps.spool.put(`${mark(600)}#large`, large);
  expect((await deps.spool.oldest(10)).flatMap((part) => ("batch" in part ? part.batch.rows : []))).toHaveLength(4_000);
  expect((await drainSpool(deps, 20_000)).drained).toBeGreaterThan(1);
});

it("keeps both of two batches of the same round and kind that differ, and one of the same spooled twice", async () => {
  const comeBack = await engine.goAway();
  const of = (seq: number) => batch("check", [checkRow(seq, mark(700))]);
  for (const seq of [1, 2, 1]) await record(deps, mark(700), of(seq));
  const waiting = await deps.spool.oldest(25);
  expect(waiting.filter(({ key }) => key.startsWith(mark(700)))).toHaveLength(2);
  await comeBack();
  await drainSpool(deps, 5_000);
  expect(
    await engine.sql.execute("select target from check_result where at = :at::timestamptz order by target", { at: mark(700) }),
  ).toEqual([{ target: 1 }, { target: 2 }]);
});

it("writes what waits of one kind together, and what is refused so one by one", async () => {
  const before = await rows();
  let writes = 0;
  const counting: typeof deps = {
    ...deps,
    log: {
      write: (given, options) => {
        writes++;
        return deps.log.write(given, options);
      },
    },
  };
  for (let round = 800; round < 820; round++) await deps.spool.put(`${mark(round)}#together`, roundOf(round));
  expect(await drainSpool(counting, 5_000)).toEqual({ drained: 20, empty: true, isThrough: true });
  expect([writes, await rows()]).toEqual([1, before + 60]);

  await deps.spool.put(`${mark(820)}#good`, roundOf(820));
  await deps.spool.put(`${mark(821)}#bad`, { kind: "check", rows: [{ at: mark(821), target: "not a number" }] });
  await deps.spool.put(`${mark(822)}#good`, roundOf(822));
  // Two of three, and the third set aside: its neighbours were taken.
  expect(await drainSpool(counting, 5_000)).toEqual({ drained: 2, empty: true, isThrough: true });
  expect(await rows()).toBe(before + 66);
});

it("says that it did not come through when its time is up", async () => {
  await deps.spool.put(`${mark(830)}#waits`, roundOf(830));
  expect(await drainSpool(deps, -1)).toEqual({ drained: 0, empty: false, isThrough: false });
  expect(await drainSpool(deps, 5_000)).toMatchObject({ drained: 1, isThrough: true });
});
