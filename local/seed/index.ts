import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { RDSDataClient } from "@aws-sdk/client-rds-data";
import * as z from "zod";
import { messageOf } from "../../shared/errors.ts";
import { createTransactionalDataApi } from "../../shared/log/data-api.ts";
import { migrate, readMigrations } from "../../shared/log/migrate.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { openDataFolder } from "../data-folder.ts";
import { startEngine } from "../engines/start-engine.ts";
import { readLocalSettings } from "../settings.ts";
import { complain, say } from "../terminal.ts";
import { seedLog } from "./seed-log.ts";

/* `npm run seed -- --targets 200 --days 90`: a believable history in an empty log, for dashboards and demos. */
const whole = (max: number) =>
  z.coerce.number().int("must be a whole number").min(1, `must be 1 to ${max}`).max(max, `must be 1 to ${max}`);
const optionsSchema = z.object({ targets: whole(10_000).default(50), days: whole(400).default(30), raw: whole(30).default(1) });

try {
  const text = { type: "string" } as const;
  const parsed = optionsSchema.safeParse(parseArgs({ options: { targets: text, days: text, raw: text } }).values);
  if (!parsed.success) throw new Error(parsed.error.issues.map(({ path, message }) => `--${path.join(".")} ${message}`).join("; "));
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
  await migrate(sql, await readMigrations(fileURLToPath(new URL("../../sql", import.meta.url))));
  const [{ targets } = { targets: 0 }] = z
    .array(z.object({ targets: z.number() }))
    .parse(await sql.execute("select count(*)::integer as targets from target"));
  if (targets > 0) throw new Error(`the log has ${targets} targets already: seed an empty one, such as with DATA_DIR=.data/seeded`);
  const started = performance.now();
  const history = await seedLog(sql, {
    targets: parsed.data.targets,
    days: parsed.data.days,
    rawDays: parsed.data.raw,
    fineDays: Math.max(parsed.data.raw, 7),
    now: Date.now(),
    onStep: (what) => say(`… ${what}`),
  });
  say(`${parsed.data.targets} targets from ${history.from} to ${history.to}, in ${Math.round((performance.now() - started) / 1_000)} s.`);
  await engine.close();
  await folder.close();
  process.exit(0);
} catch (error) {
  complain(`npm run seed: ${messageOf(error)}`);
  process.exit(1);
}
