import { RDSDataClient } from "@aws-sdk/client-rds-data";
import * as z from "zod";
import { openDataFolder } from "../../local/data-folder.ts";
import { readLocalSettings } from "../../local/settings.ts";
import { startEngine } from "../../local/stand-ins/engines/start-engine.ts";
import { MIGRATIONS } from "../../local/stand-ins/migrations.ts";
import { complain, say } from "../../local/terminal.ts";
import { createTransactionalDataApi } from "../../shared/log/data-api.ts";
import { migrate, readMigrations } from "../../shared/log/migrate.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { runCommand, whole } from "../options.ts";
import { seedLog } from "./seed-log.ts";

/* `npm run seed -- --targets 200 --days 90`: a believable history in an empty log, for dashboards and demos. */
const USAGE = `Fills an empty log with a believable history, for dashboards and demos.

  npm run seed -- [--targets 50] [--days 30] [--raw 1]

--raw is for how many of the last days single checks are kept.`;

const optionsSchema = z.object({
  targets: whole(1, 10_000).default(50),
  days: whole(1, 400).default(30),
  raw: whole(1, 30).default(1),
});

await runCommand("npm run seed", USAGE, optionsSchema, async ({ options }) => {
  const settings = readLocalSettings();
  const folder = await openDataFolder(settings.dataDir);
  const where = settings.databaseUrl === undefined ? { dataDir: folder.log } : { databaseUrl: settings.databaseUrl };
  const engine = await startEngine("log-worker.ts", where, (error) => complain(error.message));
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new RDSDataClient({
    endpoint: engine.url,
    region: "local",
    credentials,
    maxAttempts: 1,
    requestHandler: { requestTimeout: 50_000 },
  });
  const sql = createTransactionalDataApi(client, { resourceArn: "arn:local", secretArn: "arn:local", database: "log" }, systemClock);
  await migrate(sql, await readMigrations(MIGRATIONS));
  const [{ targets } = { targets: 0 }] = z
    .array(z.object({ targets: z.number() }))
    .parse(await sql.execute("select count(*)::integer as targets from target"));
  if (targets > 0) throw new Error(`the log has ${targets} targets already: seed an empty one, such as with DATA_DIR=.data/seeded`);
  const started = performance.now();
  const history = await seedLog(sql, {
    targets: options.targets,
    days: options.days,
    rawDays: options.raw,
    fineDays: Math.max(options.raw, 7),
    now: Date.now(),
    onStep: (what) => say(`… ${what}`),
  });
  say(`${options.targets} targets from ${history.from} to ${history.to}, in ${Math.round((performance.now() - started) / 1_000)} s.`);
  await engine.close();
  await folder.close();
});
