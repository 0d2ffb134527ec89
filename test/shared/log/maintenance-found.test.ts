import { afterAll, beforeAll, expect, it } from "vitest";
import { createDataApiLogBurns } from "../../../shared/log/data-api-log-burns.ts";
import { createDataApiLogHistory } from "../../../shared/log/data-api-log-history.ts";
import { createDataApiLogKeeper } from "../../../shared/log/data-api-log-keeper.ts";
import { createDataApiLogReports } from "../../../shared/log/data-api-log-reports.ts";
import { createDataApiLogWriter } from "../../../shared/log/data-api-log-writer.ts";
import { batch, type CheckRow } from "../../../shared/log/tables.ts";
import { targetRow } from "../../../shared/targets/target-row.ts";
import { type LogEngine, startLog } from "../../support/log-engine.ts";
import { checkRow, targetOf, totalsOf } from "../../support/log-rows.ts";

/* Maintenance in sums of hours and days, at the edges of windows, and after its steps of 5 minutes are gone. */
const EVER = { rawDays: 3_650, fiveMinuteDays: 3_650, hourDays: 3_650 };
const at = (text: string) => `2026-07-${text}Z`;
const DOWN = { from: Date.parse(at("08T10:20:00")), to: Date.parse(at("08T11:40:00")) };
const BEGIN = Date.parse(at("08T00:00:00"));
const END = Date.parse(at("10T15:40:00"));

let log: LogEngine;
beforeAll(async () => {
  log = await startLog();
  const [writer, keeper] = [createDataApiLogWriter(log.sql), createDataApiLogKeeper(log.sql)];
  await log.sql.execute("insert into rollup_state (rolled_up_to) values (:at::timestamptz)", { at: new Date(BEGIN).toISOString() });
  await keeper.maintain(BEGIN, EVER);
  await writer.write(batch("target", [targetRow(targetOf(1)), targetRow(targetOf(2))]));
  const rows: CheckRow[] = [];
  for (let ms = BEGIN; ms < END; ms += 300_000) {
    const isDown =
      (ms >= DOWN.from && ms < DOWN.to) || (ms >= END - 50 * 60_000 && ms < END) || (ms >= END - 240 * 60_000 && ms < END - 180 * 60_000);
    rows.push({ ...checkRow(1, new Date(ms).toISOString(), { status: isDown ? "down" : "up" }), intervalSeconds: 300 });
  }
  for (let from = 0; from < rows.length; from += 200) await writer.write(batch("check", rows.slice(from, from + 200)));
  await keeper.recordMaintenance([
    { seq: 1, window: "00000000-0000-4000-8000-000000000001", from: at("08T10:20:00"), to: at("08T11:40:00") },
    { seq: 1, window: "00000000-0000-4000-8000-000000000001", from: at("10T14:50:00"), to: at("10T15:40:00") },
  ]);
  for (let ms = BEGIN; ms <= END + 600_000; ms += 3_600_000) await keeper.maintain(ms, EVER);
  await keeper.maintain(END + 600_000, EVER);
});
afterAll(() => log.close());

it("of a budget's windows takes away what was added: a longer one holds no less than a shorter one", async () => {
  const downs = (await createDataApiLogBurns(log.sql).downs([1])).get(1) ?? new Map<number, number>();
  const inOrder = [...downs].sort(([a], [b]) => a - b).map(([, seconds]) => seconds);
  expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b));
  // Three hours ago, for an hour; what is down now is maintenance.
  expect([downs.get(21_600), downs.get(259_200)]).toEqual([3_600, 3_600]);
});

it("stands in dashboards where it was added: no window has one without the other", async () => {
  for (const view of ["hour", "day"]) {
    for (const from of ["08T10:30:00", "08T11:10:00", "08T12:00:00", "10T15:00:00"]) {
      const [sums] = (await log.sql.execute(
        `select sum(up_s)::integer as up, sum(down_s)::integer as down from grafana_availability_${view} where seq = 1 and time >= :from::timestamptz`,
        { from: at(from) },
      )) as { up: number; down: number }[];
      expect(sums?.down).toBeGreaterThanOrEqual(0);
      expect(sums?.up).toBeGreaterThanOrEqual(0);
    }
  }
});

it("counts nothing twice in dashboards while a time is rolled up again", async () => {
  const sums = async () =>
    Promise.all(
      ["hour", "day"].map((view) =>
        log.sql.execute(`select sum(up_s)::integer as up, sum(down_s)::integer as down from grafana_availability_${view} where seq = 1`),
      ),
    );
  const before = await sums();
  await log.sql.execute("select roll_up_again_from(:at::timestamptz)", { at: at("09T20:10:00") });
  expect(await sums()).toEqual(before);
  await createDataApiLogKeeper(log.sql).maintain(END + 600_000, EVER);
  for (let tries = 0; tries < 30; tries++) await createDataApiLogKeeper(log.sql).maintain(END + 600_000, EVER);
  expect(await sums()).toEqual(before);
});

it("an incident that goes on is of each time it goes on in, and ends in one", async () => {
  const status = (to: number, moment: string, since: string) =>
    log.sql.execute(
      `insert into transition (target, at, kind, from_status, to_status, since, previous_since) values (2, :moment::timestamptz, 1, :from, :to, :since::timestamptz, :since::timestamptz)`,
      { moment: at(moment), from: to === 3 ? 1 : 3, to, since: at(since) },
    );
  await status(3, "08T05:00:00", "08T05:00:00");
  await status(1, "10T05:00:00", "10T05:00:00");
  const counted = async (from: string, to: string) => {
    const [, row] = await createDataApiLogReports(log.sql).targets({ from: at(from), to: at(to), after: 0, limit: 10 });
    return [row?.incidents, row?.recovered, row?.recoverSeconds];
  };
  expect(await counted("08T00:00:00", "09T00:00:00")).toEqual([1, 0, null]);
  expect(await counted("09T00:00:00", "10T00:00:00")).toEqual([1, 0, null]);
  expect(await counted("10T00:00:00", "10T12:00:00")).toEqual([1, 1, 172_800]);
  expect(await counted("10T06:00:00", "10T12:00:00")).toEqual([0, 0, null]);
});

it("is kept of a target that is known by its id alone, and of one that nobody knows not", async () => {
  const window = "00000000-0000-4000-8000-000000000002";
  const time = { window, from: at("09T01:00:00"), to: at("09T02:00:00") };
  await createDataApiLogKeeper(log.sql).recordMaintenance([
    { id: targetOf(2).id, ...time },
    { id: targetOf(99).id, ...time },
  ]);
  expect(await log.sql.execute(`select target from maintenance_time where window_id = '${window}'`)).toEqual([{ target: 2 }]);
});

it("stays out of the sums once its steps of 5 minutes are gone", async () => {
  const history = createDataApiLogHistory(log.sql);
  const window = [at("08T00:00:00"), at("10T00:00:00")] as const;
  const before = await totalsOf(history, 1, ...window);
  expect(before).toMatchObject({ downSeconds: 0 });
  await log.sql.execute("delete from rollup_5m where at < :at::timestamptz", { at: at("10T00:00:00") });
  expect(await totalsOf(history, 1, ...window)).toMatchObject({ downSeconds: 0, upSeconds: before.upSeconds });
});
