import { AWAKE_MS } from "../../shared/log/log-rest.ts";
import type { MeteredPublishing } from "./metered-pages.ts";
import type { Metered } from "./metered-run.ts";
import { PRICES } from "./prices.ts";

/** What stands in the account whether or not anything is called: counted in the synthesized template. */
export interface Standing {
  readonly memoryMb: Readonly<Record<string, number>>;
  readonly alarms: number;
  readonly dashboards: number;
  readonly keys: number;
  readonly secrets: number;
  readonly metrics: number;
  /** Least capacity; 0 where it sleeps. */
  readonly auroraMinAcu: number;
}

export interface BillOptions {
  readonly targets: number;
  readonly intervalSeconds: number;
  readonly roundSeconds: number;
  /** Days that single checks are kept. */
  readonly rawDays: number;
  /** Calls of the API a day. */
  readonly apiCallsPerDay: number;
  /** Seconds from one of the log's maintenances to the next. */
  readonly maintenanceSeconds: number;
  /** Where the log sleeps: times a day that somebody looks at history. */
  readonly looksPerDay: number;
}

export interface BillLine {
  readonly service: string;
  /** USD a month of 30 days. */
  readonly usd: number;
  /** What it is made of. */
  readonly why: string;
}

const MONTH_SECONDS = 30 * 86_400;
const HOURS = MONTH_SECONDS / 3_600;
/** Measured on Postgres: a row of `check_result` with its key and BRIN, and the roll-ups that outlive it. */
const RAW_ROW_BYTES = 110;
const ROLLUP_BYTES_PER_TARGET_DAY = 288 * 180 + 24 * 180;
/** An ACU comes with about a quarter of a CPU; a database that is busy for more than half of the time wants more. */
const CPU_PER_ACU = 0.25;
/** What Aurora has while it is awake, at least. */
const LEAST_ACU = 0.5;
/** Of each waking, in seconds: it resumes, and sleeps five minutes after its last statement. */
const RESUME_S = 15;
const IDLE_S = 300;
/** How long a look keeps it awake, in seconds. */
const LOOK_S = AWAKE_MS / 1_000;

/** Hours of a month in which a log that sleeps is awake. @param maintenanceMs how long it is written to in its hour */
function awakeHours(maintenanceMs: number, maintenances: number, looksPerDay: number): number {
  const own = maintenances * (RESUME_S + maintenanceMs / 1_000 + IDLE_S);
  const looks = looksPerDay * 30 * (RESUME_S + LOOK_S + IDLE_S);
  return Math.min(HOURS, (own + looks) / 3_600);
}

/** START, END and REPORT lines of one call. */
const LOG_BYTES_PER_CALL = 400;

/** The bill of a month, from what one round and one maintenance were metered to use. */
export function monthlyBill(metered: Metered, standing: Standing, options: BillOptions): BillLine[] {
  const { round, maintenance } = metered;
  const rounds = MONTH_SECONDS / options.roundSeconds;
  const maintenances = MONTH_SECONDS / options.maintenanceSeconds;
  const monthly = (pick: (part: Metered["round"]) => number) => pick(round) * rounds + pick(maintenance) * maintenances;
  const lines: BillLine[] = [];
  const add = (service: string, usd: number, why: string) => lines.push({ service, usd, why });

  let calls = 0;
  let gbSeconds = 0;
  const whys: string[] = [];
  for (const [part, times] of [
    [round, rounds],
    [maintenance, maintenances],
  ] as const) {
    for (const [name, durations] of Object.entries(part.calls)) {
      const ms = durations.reduce((total, duration) => total + Math.ceil(duration), 0);
      const own = ((ms / 1_000) * times * (standing.memoryMb[name] ?? 0)) / 1_024;
      calls += durations.length * times;
      gbSeconds += own;
      whys.push(`${name} ${durations.length} × ${Math.round(ms / durations.length)} ms`);
    }
  }
  const published = publishing(metered.pages, rounds);
  for (const { ms, times } of published.calls) {
    calls += times;
    gbSeconds += ((Math.ceil(ms) / 1_000) * times * (standing.memoryMb["publish-pages"] ?? 0)) / 1_024;
  }
  const lambda = PRICES.lambda;
  add("Lambda", gbSeconds * lambda.perGbSecondArm + calls * lambda.perRequest, `${count(gbSeconds)} GB-s: ${whys.join(", ")}`);

  const states = PRICES.stepFunctionsExpress;
  const minutes = MONTH_SECONDS / 60;
  // An execution lasts until its last round has ended.
  const executionMs = Math.ceil(((60 - options.roundSeconds) * 1_000 + round.roundMs) / states.durationStepMs) * states.durationStepMs;
  const stateGbSeconds = minutes * (executionMs / 1_000) * (states.memoryStepMb / 1_024);
  add(
    "Step Functions",
    minutes * states.perRequest + stateGbSeconds * states.perGbSecond,
    `${count(minutes)} executions of ${(executionMs / 1_000).toFixed(1)} s`,
  );

  const reads = monthly(({ readUnits }) => readUnits) + published.sum(({ readUnits }) => readUnits);
  const writes = monthly(({ writeUnits }) => writeUnits) + published.sum(({ writeUnits }) => writeUnits);
  const stateGb = (options.targets * metered.itemBytes) / 1e9;
  add(
    "DynamoDB",
    reads * PRICES.dynamo.perReadUnit +
      writes * PRICES.dynamo.perWriteUnit +
      stateGb * (PRICES.dynamo.perGbMonth + PRICES.dynamo.perBackupGbMonth),
    `${count(reads)} read and ${count(writes)} write units`,
  );

  const statements = monthly(({ dataApiRequests }) => dataApiRequests) + published.sum(({ dataApiRequests }) => dataApiRequests);
  add("RDS Data API", statements * PRICES.dataApi.perRequest, `${count(statements)} requests of 32 KB`);

  const [puts, gets] = [published.sum((part) => part.puts), published.sum((part) => part.gets)];
  if (metered.pages !== undefined)
    add("S3", puts * PRICES.s3.perPut + gets * PRICES.s3.perGet, `${count(puts)} files of status pages written, ${count(gets)} read`);

  const custom = standing.metrics * PRICES.cloudWatch.perMetricMonth;
  const logGb = (calls * LOG_BYTES_PER_CALL + rounds * 700) / 1e9;
  add(
    "CloudWatch",
    custom +
      standing.alarms * PRICES.cloudWatch.perAlarmMonth +
      standing.dashboards * PRICES.cloudWatch.perDashboardMonth +
      logGb * (PRICES.cloudWatch.perLogGb + PRICES.cloudWatch.perLogGbMonth),
    `${standing.metrics} metrics, ${standing.alarms} alarms, ${standing.dashboards} dashboard, ${logGb.toFixed(2)} GB of logs`,
  );
  add(
    "KMS, Secrets Manager",
    standing.keys * PRICES.kms.perKeyMonth + standing.secrets * PRICES.secretsManager.perSecretMonth,
    `${standing.keys} keys, ${standing.secrets} secrets`,
  );
  const apiCalls = options.apiCallsPerDay * 30;
  add("API Gateway", apiCalls * PRICES.apiGatewayRest.perRequest, `${count(apiCalls)} requests`);

  const checks = (MONTH_SECONDS / options.intervalSeconds) * options.targets;
  const storedGb = ((checks / 30) * options.rawDays * RAW_ROW_BYTES + options.targets * 90 * ROLLUP_BYTES_PER_TARGET_DAY) / 1e9;
  const ios = monthly(({ walBytes }) => walBytes) / 4_096;
  const hours = standing.auroraMinAcu > 0 ? HOURS : awakeHours(maintenance.roundMs, maintenances, options.looksPerDay);
  const busyCpu = monthly(({ dataApiMs }) => dataApiMs) / 1_000 / (hours * 3_600);
  const acu = Math.max(standing.auroraMinAcu, LEAST_ACU, Math.ceil((busyCpu / (CPU_PER_ACU / 2)) * 2) / 2);
  const awake = hours === HOURS ? "" : ` for ${Math.round(hours)} hours awake`;
  add(
    "Aurora",
    acu * hours * PRICES.aurora.perAcuHour + storedGb * PRICES.aurora.perGbMonth + ios * PRICES.aurora.perIo,
    `${acu} ACU${awake} (statements take ${(busyCpu * 100).toFixed(1)} % of a CPU here), ${storedGb.toFixed(1)} GB, ${count(ios)} writes`,
  );
  // A look from elsewhere is asked for, about as many bytes again, and sends what a check sends.
  const looks = (round.calls["probe"]?.length ?? 0) * rounds;
  const sentGb = ((checks + 2 * looks) * PRICES.dataTransfer.bytesPerCheck) / 1e9;
  add("Data transfer", sentGb * PRICES.dataTransfer.perGbOut, `${sentGb.toFixed(1)} GB sent by checks, if all are HTTPS to the internet`);
  return lines;
}

/** A status page is written again every five minutes, in each of a month. */
const RENEWALS = MONTH_SECONDS / 300;

/** What publishing status pages comes to in a month: in every round a look whether something changed, and the renewals. */
function publishing(pages: Metered["pages"], rounds: number) {
  const parts =
    pages === undefined
      ? []
      : [
          { part: pages.idle, times: rounds - RENEWALS },
          { part: pages.renewal, times: RENEWALS },
        ];
  return {
    calls: parts.map(({ part: { ms }, times }) => ({ ms, times })),
    sum: (pick: (part: MeteredPublishing) => number) => parts.reduce((total, { part, times }) => total + pick(part) * times, 0),
  };
}

function count(value: number): string {
  return Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 }).format(value);
}
