import { randomUUID } from "node:crypto";
import { RDSDataClient } from "@aws-sdk/client-rds-data";
import pg from "pg";
import { seedLog } from "../../cli/seed/seed-log.ts";
import { dashboards } from "../../grafana/index.ts";
import { createDataApiServer } from "../../local/stand-ins/data-api.ts";
import { openPglite } from "../../local/stand-ins/engines/pglite-engine.ts";
import { openPostgres } from "../../local/stand-ins/engines/postgres-engine.ts";
import { listen } from "../../local/stand-ins/listen.ts";
import { createTransactionalDataApi } from "../../shared/log/data-api.ts";
import { migrate, readMigrations } from "../../shared/log/migrate.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { ALL, expandMacros, type Panel } from "../support/grafana.ts";
import { printTable, quantile, type Row } from "./report.ts";

const RUNS = 7;
const DAY_MS = 86_400_000;

/** Each dashboard panel's query over 1,000 targets x 90 days on `TEST_DATABASE_URL`'s server; over a tenth of it on PGlite. */
export async function benchPanels(): Promise<void> {
  const server = process.env["TEST_DATABASE_URL"];
  const [targets, days] = server === undefined ? [100, 30] : [1_000, 90];
  const { engine, drop } = await openEngine(server);
  const bridge = createDataApiServer(engine);
  const client = new RDSDataClient({
    endpoint: await listen(bridge),
    region: "local",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
    requestHandler: { requestTimeout: 60_000 },
  });
  const sql = createTransactionalDataApi(client, { resourceArn: "arn:local", secretArn: "arn:local", database: "log" }, systemClock);
  await migrate(sql, await readMigrations("sql"));
  const started = performance.now();
  const history = await seedLog(sql, {
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
  bridge.closeAllConnections();
  bridge.close();
  await drop();
}

async function openEngine(server: string | undefined) {
  if (server === undefined) {
    const engine = await openPglite(undefined);
    return { engine, drop: () => engine.close() };
  }
  const name = `bench_${randomUUID().replaceAll("-", "")}`;
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  await admin.query(`create database ${name}`);
  const engine = openPostgres(Object.assign(new URL(server), { pathname: `/${name}` }).href);
  return {
    engine,
    drop: async () => {
      await engine.close();
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}
