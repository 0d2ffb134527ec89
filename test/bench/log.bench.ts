import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RDSDataClient } from "@aws-sdk/client-rds-data";
import { startEngine } from "../../local/stand-ins/engines/start-engine.ts";
import { createTransactionalDataApi } from "../../shared/log/data-api.ts";
import { createDataApiLogHistory } from "../../shared/log/data-api-log-history.ts";
import { createDataApiLogKeeper } from "../../shared/log/data-api-log-keeper.ts";
import { createDataApiLogWriter } from "../../shared/log/data-api-log-writer.ts";
import { migrate, readMigrations } from "../../shared/log/migrate.ts";
import { batch } from "../../shared/log/tables.ts";
import { targetRow } from "../../shared/targets/target-row.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { checkRow, targetOf, totalsOf } from "../support/log-rows.ts";
import { measured, printTable, quantile, type Row } from "./report.ts";

const TARGETS = 1_000;
const DAYS = 30;
const DAY_MS = 86_400_000;
const RUNS = 40;

/** Roll-ups of every target as a month of checks leaves them: days, hours, and 5 minutes for the last two days. */
const LOAD = (table: string, step: string, seconds: number) => `
  insert into ${table} (at, target, up_s, degraded_s, down_s, checks, retried, latency_sum_ms, latency_max_ms, buckets, counts)
  select at, target, ${seconds} - down, 0, down, ${seconds / 30}, 1, ${seconds / 30} * 40.0, 300,
         array[19, 20, 21, 22, 24, 27]::smallint[], array[${[4, 30, 40, 20, 5, 1].map((share) => Math.max(1, Math.round((share * seconds) / 3000))).join(", ")}]
  from generate_series(:first::timestamptz, :last::timestamptz - interval '1 second', interval '${step}') as at,
       generate_series(1, ${TARGETS}) as target,
       lateral (select case when hashtext(target::text || at::text) % 200 = 0 then 30 else 0 end as down) as d`;

/** Writes through the bridge, and reads as the API and dashboards do, on PGlite. */
export async function benchLog(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "server-tracker-bench-"));
  const data = process.env["DATABASE_URL"] ? { databaseUrl: process.env["DATABASE_URL"] } : { dataDir: join(folder, "log") };
  const engine = await startEngine("log-worker.ts", data, (error) => {
    throw error;
  });
  const client = new RDSDataClient({ endpoint: engine.url, region: "local", credentials: { accessKeyId: "x", secretAccessKey: "x" } });
  const sql = createTransactionalDataApi(client, { resourceArn: "arn:local", secretArn: "arn:local", database: "log" }, systemClock);
  await migrate(sql, await readMigrations("sql"));
  const log = createDataApiLogWriter(sql);
  const history = createDataApiLogHistory(sql);
  const now = Math.floor(Date.now() / DAY_MS) * DAY_MS + 12 * 3_600_000;
  const iso = (ms: number) => new Date(ms).toISOString();
  await sql.execute("select ensure_log_partitions(:first::timestamptz, :last::timestamptz)", {
    first: iso(now - DAYS * DAY_MS),
    last: iso(now + DAY_MS),
  });
  await log.write(
    batch(
      "target",
      Array.from({ length: TARGETS }, (_, index) => targetRow(targetOf(index + 1))),
    ),
  );

  const batches = Array.from({ length: 80 }, (_, part) =>
    batch(
      "check",
      Array.from({ length: 250 }, (__, index) => checkRow((part % 4) * 250 + index + 1, iso(now + Math.floor(part / 4) * 30_000))),
    ),
  );
  for (const rows of batches.splice(0, 8)) await log.write(rows);
  const writing = await measured(async () => {
    for (const rows of batches) await log.write(rows);
  });
  const rowsPerSecond = (batches.length * 250 * 1_000) / writing.wallMs;

  const today = now - (now % DAY_MS);
  const load = async (table: string, step: string, seconds: number, firstMs: number, lastMs: number) => {
    for (let from = firstMs; from < lastMs; from += DAY_MS) {
      await sql.execute(
        LOAD(table, step, seconds),
        { first: iso(from), last: iso(Math.min(from + DAY_MS, lastMs)) },
        { timeoutMs: 120_000 },
      );
    }
  };
  const loading = await measured(async () => {
    await load("rollup_day", "1 day", 86_400, now - DAYS * DAY_MS - (now % DAY_MS), today);
    await load("rollup_hour", "1 hour", 3_600, now - DAYS * DAY_MS, now);
    await load("rollup_5m", "5 minutes", 300, now - 2 * DAY_MS, now);
  });
  await sql.execute(
    "insert into rollup_state (rolled_up_to) values (:now::timestamptz) on conflict (only_row) do update set rolled_up_to = excluded.rolled_up_to",
    { now: iso(now) },
  );
  await createDataApiLogKeeper(sql).maintain(now + 25 * 60_000, { rawDays: 14, fiveMinuteDays: 90, hourDays: 730 });
  for (const table of ["rollup_day", "rollup_hour", "rollup_5m", "check_result"]) await sql.execute(`analyze ${table}`);

  const p95 = async (query: (target: number) => Promise<unknown>): Promise<number> => {
    const times: number[] = [];
    for (let run = 0; run < RUNS; run++) times.push((await measured(() => query(((run * 37) % TARGETS) + 1))).wallMs);
    return quantile(times.slice(2), 0.95);
  };
  const query = (text: string) => (target: number) =>
    sql.execute(text.replaceAll(":target", String(target)).replaceAll(":now", `timestamptz '${iso(now)}'`));
  const queries: Record<string, (target: number) => Promise<unknown>> = {
    "summary of a target, 24 h": (target) => totalsOf(history, target, iso(now - DAY_MS), iso(now)),
    "summary of a target, 7 d": (target) => totalsOf(history, target, iso(now - 7 * DAY_MS), iso(now)),
    "summary of a target, 30 d": (target) => totalsOf(history, target, iso(now - DAYS * DAY_MS), iso(now)),
    "checks of a target, a page of 50": (target) => history.checks(target, { from: iso(now - DAY_MS), to: iso(now + DAY_MS), limit: 50 }),
    "last checks of all targets, a page of 50": () => history.recentChecks({ limit: 50, now: now + 600_000 }),
    "p95 of a target by 5 minutes, 24 h": query(
      "select at, latency_percentile(buckets, counts, 0.95) as p95 from rollup_5m where target = :target and at >= :now - interval '24 hours' order by at",
    ),
    "p95 of a target by hour, 30 d": query(
      "select at, latency_percentile(buckets, counts, 0.95) as p95 from rollup_hour where target = :target and at >= :now - interval '30 days' order by at",
    ),
    "uptime of all targets, 24 h, worst 20": query(
      `select target, 100.0 * (sum(up_s) + sum(degraded_s)) / nullif(sum(up_s) + sum(degraded_s) + sum(down_s), 0) as uptime
       from rollup_hour where at >= :now - interval '24 hours' group by target order by uptime limit 20`,
    ),
    "uptime of all targets, 30 d, worst 20": query(
      `select target, 100.0 * (sum(up_s) + sum(degraded_s)) / nullif(sum(up_s) + sum(degraded_s) + sum(down_s), 0) as uptime
       from rollup_day where at >= :now - interval '31 days' group by target order by uptime limit 20`,
    ),
  };
  const rows: (Row & { ms: number })[] = [];
  for (const [what, run] of Object.entries(queries)) {
    const ms = await p95(run);
    rows.push({ what, ms, figures: { "p95 ms": ms } });
  }
  printTable(
    `Log on ${process.env["DATABASE_URL"] ? "DATABASE_URL" : "PGlite"}: ${TARGETS.toLocaleString("en")} targets x ${DAYS} days (loaded in ${Math.round(loading.wallMs / 1_000)} s)`,
    [{ what: "checks written in batches of 250", figures: { "rows/s": rowsPerSecond } }, ...rows],
    [{ aim: "no query above 50 ms at p95", met: rows.every(({ ms }) => ms <= 50) }],
  );
  client.destroy();
  await engine.close();
  await rm(folder, { recursive: true, force: true });
}
