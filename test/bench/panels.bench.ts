import { seedLog } from "../../cli/seed/seed-log.ts";
import { dashboards } from "../../grafana/index.ts";
import { openPglite } from "../../local/stand-ins/engines/pglite-engine.ts";
import { migrate, readMigrations } from "../../shared/log/migrate.ts";
import { ALL, expandMacros, type Panel } from "../support/grafana.ts";
import { openDatabase, serveLog } from "../support/log-engine.ts";
import { printTable, quantile, type Row } from "./report.ts";

const RUNS = 7;
const DAY_MS = 86_400_000;

/** Each dashboard panel's query over 1,000 targets x 90 days on `TEST_DATABASE_URL`'s server; over a tenth of it on PGlite. */
export async function benchPanels(): Promise<void> {
  const server = process.env["TEST_DATABASE_URL"];
  const [targets, days] = server === undefined ? [100, 30] : [1_000, 90];
  const engine = await (server === undefined ? openPglite(undefined) : openDatabase(server));
  const log = await serveLog(engine);
  await migrate(log.sql, await readMigrations("sql"));
  const started = performance.now();
  const history = await seedLog(log.sql, {
    targets,
    days,
    rawDays: 1,
    fineDays: 7,
    now: Date.now(),
    onStep: (what) => console.log(`… ${what}`),
  });
  const seededMs = performance.now() - started;

  const session = await engine.session();
  const rows: Row[] = [];
  for (const [name, dashboard] of Object.entries(dashboards)) {
    const spanMs = name === "incidents" ? 7 * DAY_MS : name === "target" ? DAY_MS : 6 * 3_600_000;
    const choice = {
      from: new Date(Date.parse(history.to) - spanMs).toISOString(),
      to: history.to,
      intervalSeconds: 60,
      variables: { target: "17", group: ALL, tag: ALL },
    };
    for (const { title, targets: queries } of (dashboard.panels ?? []) as unknown as Panel[]) {
      const text = expandMacros(queries[0]?.rawSql ?? "select 1", choice);
      const times: number[] = [];
      for (let run = 0; run < RUNS; run++) {
        const start = performance.now();
        await session.query(text, []);
        times.push(performance.now() - start);
      }
      rows.push({ what: `${name}: ${title}`, figures: { "p50 ms": quantile(times, 0.5), "p95 ms": quantile(times, 0.95) } });
    }
  }
  session.release();
  const worst = Math.max(...rows.map(({ figures }) => Number(figures["p95 ms"])));
  printTable(`Dashboard panels, ${targets} targets x ${days} days, seeded in ${Math.round(seededMs / 1_000)} s`, rows, [
    { aim: "every panel within 100 ms at p95, on native Postgres", met: server === undefined ? undefined : worst <= 100 },
  ]);
  await log.close();
}
