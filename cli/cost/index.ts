import { App, type Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import * as z from "zod";
import { functions } from "../../functions/index.ts";
import { buildApp } from "../../infra/app.ts";
import { bundleFunctions } from "../../infra/bundle.ts";
import { isEconomical, settingsSchema } from "../../infra/settings.ts";
import { say } from "../../local/terminal.ts";
import { measuredMetrics } from "../../shared/round/round-metrics.ts";
import { DEFAULT_FROM_EVERY } from "../../shared/targets/target.ts";
import { ROUND_LENGTHS } from "../../shared/time/marks.ts";
import { runCommand, whole } from "../options.ts";
import { monthlyBill, type Standing } from "./bill.ts";
import { meteredRun } from "./metered-run.ts";
import { PEERS, PRICES_AS_OF } from "./prices.ts";

/* `npm run cost -- --targets 1000 --interval 30`: what a deployment costs a month, from metered calls. */
const USAGE = `What a deployment costs a month, from metered calls of the real functions.

  npm run cost -- [--targets 1000] [--interval 30] [--latency 150] [--down 0] [--hanging 0] [--economy true|false] [--looks 3]
                   [--from 0] [--every 10] [--pages 1]

--interval is seconds between checks, --latency how long a target takes to answer in ms, --down the percentage that is down,
--hanging that of those that never answer, within 10 s.
--from is how many other regions look at every target, --every at which of its checks.
--pages is how many status pages there are, of 20 targets each.
--economy lets the log sleep, as deployments of up to 100 targets do by themselves; --looks is how often a day somebody
looks at history then, which wakes it.`;

const PROBE_REGIONS = ["us-west-2", "eu-central-1", "ap-southeast-1", "sa-east-1", "af-south-1"];

const optionsSchema = z.object({
  targets: whole(1, 20_000).default(1_000),
  interval: whole(10, 86_400).default(30),
  latency: whole(0, 10_000).default(150),
  hanging: z.coerce.number().min(0, "must be a percentage").max(100, "must be a percentage").default(0),
  economy: z.enum(["true", "false"], "must be true or false").optional(),
  looks: whole(0, 1_000).default(3),
  from: whole(0, PROBE_REGIONS.length).default(0),
  pages: whole(0, 50).default(1),
  every: whole(1, 1_000).default(DEFAULT_FROM_EVERY),
  down: z.coerce.number().min(0, "must be a percentage").max(100, "must be a percentage").default(0),
});

await runCommand(
  "npm run cost",
  USAGE,
  optionsSchema,
  async ({ options: { targets, interval, latency, down, hanging, economy, looks, from, every, pages } }) => {
    const roundSeconds = [...ROUND_LENGTHS].reverse().find((length) => length <= 30 && interval % length === 0);
    if (roundSeconds === undefined) throw new Error("--interval must be a multiple of 10 or 15 seconds");
    const settings = settingsSchema.parse({
      stage: "cost",
      alarmEmail: "ops@example.com",
      roundSeconds,
      maxTargets: targets,
      // As wide as a Map is: what is late is no matter of the bill.
      checkConcurrency: 40,
      ...(economy !== undefined && { economy }),
      probeRegions: PROBE_REGIONS.slice(0, from).join(","),
    });
    const sleeps = isEconomical(settings);
    say(`Metering rounds of ${targets} targets that answer in ${latency} ms, every ${interval} s …`);
    const standing = await standingParts(settings);
    const metered = await meteredRun({
      targets,
      intervalSeconds: interval,
      roundSeconds,
      latencyMs: latency,
      downShare: down / 100,
      hangShare: hanging / 100,
      shardSize: settings.shardSize,
      checksPerSecond: settings.checksPerSecond,
      isEconomical: sleeps,
      lookingRegions: from,
      lookEvery: every,
      pages,
    });
    const lines = monthlyBill(metered, standing, {
      targets,
      intervalSeconds: interval,
      roundSeconds,
      rawDays: settings.rawRetentionDays,
      apiCallsPerDay: 1_000,
      maintenanceSeconds: 60 * functions["maintain-log"].trigger[sleeps ? "everyMinutesAsleep" : "everyMinutes"],
      looksPerDay: looks,
    });
    const total = lines.reduce((sum, { usd }) => sum + usd, 0);
    const beyondAurora = total - (lines.find(({ service }) => service === "Aurora")?.usd ?? 0);
    say(`\nA month in us-east-1, list prices of ${PRICES_AS_OF}, without free tiers, in USD:\n`);
    for (const { service, usd, why } of [...lines].sort((a, b) => b.usd - a.usd)) say(`  ${service.padEnd(22)}${money(usd)}   ${why}`);
    say(
      `  ${"total".padEnd(22)}${money(total)}   ${money(beyondAurora).trim()} beyond Aurora; ${money((total / targets) * 1_000).trim()} per 1,000 targets`,
    );
    say("\nThe same elsewhere, at list prices:\n");
    for (const { name, monthly, note } of PEERS) {
      const usd = monthly(targets, interval);
      say(`  ${name.padEnd(30)}${usd === undefined ? "not offered".padStart(12) : money(usd)}   ${note}`);
    }
  },
);

/** What the template holds that costs by the month. */
async function standingParts(settings: z.output<typeof settingsSchema>): Promise<Standing> {
  const { data, service, probes } = buildApp(new App(), { settings, bundles: await bundleFunctions() });
  const resources = [data, service, ...probes].flatMap((stack: Stack) =>
    Object.values(Template.fromStack(stack).toJSON()["Resources"] as Record<string, { Type: string; Properties: Record<string, unknown> }>),
  );
  const ofType = (type: string) => resources.filter(({ Type }) => Type === type);
  const alarms = ofType("AWS::CloudWatch::Alarm");
  const named = ofType("AWS::Lambda::Function").flatMap(({ Properties }) => {
    const { POWERTOOLS_SERVICE_NAME: name } =
      (Properties["Environment"] as { Variables?: Record<string, string> } | undefined)?.Variables ?? {};
    return name === undefined ? [] : [[name, Number(Properties["MemorySize"])] as const];
  });
  return {
    memoryMb: Object.fromEntries(named),
    alarms: alarms.length,
    dashboards: ofType("AWS::CloudWatch::Dashboard").length,
    keys: ofType("AWS::KMS::Key").length,
    // RDS keeps the password of the log's master user in one of its own.
    secrets: ofType("AWS::SecretsManager::Secret").length + ofType("AWS::RDS::DBCluster").length,
    metrics: measuredMetrics(settings.dashboard).length,
    auroraMinAcu: isEconomical(settings) ? 0 : settings.auroraMinCapacity,
  };
}

function money(usd: number): string {
  return `$${usd.toFixed(2)}`.padStart(12);
}
