import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as z from "zod";
import { checkShardEnv } from "../shared/env/check-shard-env.ts";
import { reachEnv } from "../shared/env/fields.ts";
import { messageOf, SettingError } from "../shared/errors.ts";
import { httpOrigin, httpUrl } from "../shared/net/http-url.ts";
import { snsNotifier } from "../shared/notify/sns.ts";
import { isObject } from "../shared/text/is-object.ts";
import { ROUND_LENGTHS } from "../shared/time/marks.ts";
import { SIGN_IN_PATH } from "../web/serving.ts";

/** What is separated by commas. */
const listed = (text: string): string[] => text.split(",").filter((part) => part !== "");

/** A number as a file has it, or as text, as the command line and the environment do; a multiple of `step`. */
const number = (min: number, max: number, step = 1) =>
  z
    .union(
      [
        z.number(),
        z
          .string()
          .regex(/^\d{1,9}(?:\.\d{1,9})?$/)
          .transform(Number),
      ],
      "must be a number",
    )
    .refine((value) => value >= min && value <= max, `must be ${min} to ${max}`)
    .refine((value) => Number.isInteger(value / step), step === 1 ? "must be a whole number" : `must be a multiple of ${step}`);
const flag = z.union([z.boolean(), z.enum(["true", "false"]).transform((value) => value === "true")], "must be true or false");

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const LOG_RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1_096, 1_827, 2_192, 2_557, 2_922, 3_288, 3_653];

/**
 * A state holds 262,144 B. Of 599 shards in a mass outage, with the ids of what is checked apart and what the conclusion tells
 * beside their reports, it had 262,418 (measured with `npm run simulate`): some room is left.
 */
const MAX_SHARDS = 550;

/** Targets there may be, where an owner does not say. */
const DEFAULT_MAX_TARGETS = 10_000;

/**
 * Targets beyond which the log may not sleep: who looks at the last hour reads what waits of all of them, 240,000 rows of so many
 * in 3 s of a CPU, and the API answers within 15 s. An hour of 10,000 is written in 83 of the 150 s that there are.
 */
const ECONOMY_AT_MOST = 2_000;
/** From this many on, more shards at once check them sooner. */
export const MANY_TARGETS = 2_000;
/** Shards at once where an owner does not say what the account has: it fits the 10 in all of a new one. */
export const DEFAULT_CONCURRENCY = 8;
/** A shard of 250 takes 0.66 s and another 2.6 ms for each target more (`npm run simulate -- --targets 100000`). Seconds. */
const SHARD_S = { base: 0.16, each: 0.002 };

/** Shards that must run at once, so that the last begins before half of the round, after which a check is late. */
function enoughAtOnce({ maxTargets, shardSize, roundSeconds }: { maxTargets: number; shardSize: number; roundSeconds: number }): number {
  const shards = Math.ceil(maxTargets / shardSize);
  const seconds = SHARD_S.base + Math.min(shardSize, maxTargets) * SHARD_S.each;
  return Math.ceil((shards * seconds) / (roundSeconds / 2));
}

/** Settings of a deployment: from `settings.<stage>.json`, CDK context (`-c name=value`) or environment variables `ST_NAME`. */
export const settingsSchema = z
  .strictObject({
    /** Names the stacks, so that several deployments fit an account. */
    stage: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,15}$/, "must be a short name in lower case")
      .default("prod"),
    account: z
      .string()
      .regex(/^\d{12}$/, "must be an account's 12 digits")
      .optional(),
    region: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be a region such as eu-central-1")
      .optional(),
    roundSeconds: z.coerce
      .number()
      .refine((seconds) => ROUND_LENGTHS.some((length) => length === seconds), `must be one of ${ROUND_LENGTHS.join(", ")}`)
      .default(30),
    shardSize: number(1, 1_000).default(250),
    /**
     * True lets the log sleep: rows wait in the state table, once an hour Aurora wakes and takes them, and a look at history
     * wakes it. For deployments that few people look at; left out, it is so up to 100 targets of `maxTargets`.
     */
    economy: flag.optional(),
    /** Aurora capacity units, without economy. A round every 30 s never lets it pause: the minimum is what a quiet month costs. */
    auroraMinCapacity: number(0.5, 128, 0.5).default(0.5),
    auroraMaxCapacity: number(1, 128, 0.5).default(4),
    rawRetentionDays: number(1, 3_650).default(14),
    fiveMinuteRetentionDays: number(1, 3_650).default(90),
    hourRetentionDays: number(1, 36_500).default(730),
    /** Days that CloudWatch keeps logs; it takes these values only. */
    logRetentionDays: z.coerce
      .number()
      .refine((days) => LOG_RETENTION_DAYS.includes(days), `must be one of ${LOG_RETENTION_DAYS.join(", ")}`)
      .default(30),
    /** Gets alarms about the monitor itself, by a way that shares nothing with its notifiers. */
    alarmEmail: z.email("must be an e-mail address").optional(),
    /** Verified SES identity (address or domain) that e-mail alerts are sent from. */
    emailIdentity: z.string().min(3).optional(),
    /** Topics of Amazon SNS that channels may publish to, separated by commas. */
    snsTopics: z
      .string()
      .default("")
      .refine(
        (text) => text.split(",").every((part) => part === "" || snsNotifier.schema.safeParse({ topicArn: part }).success),
        "must be ARNs of topics separated by commas, such as arn:aws:sns:eu-central-1:123456789012:ops",
      ),
    /** True makes a CloudWatch dashboard of the monitor's own health, besides its alarms and its page: $3 a month. */
    dashboard: flag.default(false),
    /** True traces rounds, and what they call, in X-Ray: a trace a minute, $0.22 a month. */
    tracing: flag.default(false),
    publicRead: flag.default(false),
    /** OpenID Connect issuer whose JWTs are taken, instead of a Cognito user pool made here. */
    oidcIssuer: z.url({ protocol: /^https$/, error: "must be an https URL" }).optional(),
    /** Accepted `aud` or `client_id`, separated by commas. */
    oidcAudience: z.string().optional(),
    oidcJwksUri: z.url({ protocol: /^https$/, error: "must be an https URL" }).optional(),
    /** Claim that names roles. */
    oidcRolesClaim: z.string().optional(),
    /** The page's client at that issuer (public, authorization code with PKCE, leads back to `/sign-in`): people sign in there. */
    oidcClientId: z.string().optional(),
    /** Origins of the issuer besides its own, where its token endpoint is at another, separated by commas. */
    oidcOrigins: z
      .string()
      .default("")
      .refine(
        (text) => text.split(",").every((part) => part === "" || httpOrigin.safeParse(part).success),
        "must be origins separated by commas, such as https://login.example.com",
      ),
    /** Origins of pages besides our own that may call the API from a browser, separated by commas. */
    corsOrigins: z
      .string()
      .default("")
      .refine(
        (text) => text.split(",").every((part) => part === "" || httpOrigin.safeParse(part).success),
        "must be origins separated by commas, such as https://status.example.com",
      ),
    /** False makes no user pool: API tokens alone. */
    cognito: flag.default(true),
    /** Second factor at Cognito's login: off, optional or required. */
    mfa: z.enum(["off", "optional", "required"], "must be off, optional or required").default("optional"),
    /** True makes a client for machines, by client credentials: Cognito bills $6 a month for it. API tokens cost nothing. */
    machineClient: flag.default(false),
    /** Where else than to the page Cognito's login may lead back to, separated by commas: for who hosts the page elsewhere. */
    loginCallbackUrls: z
      .string()
      .default("")
      .refine(
        (text) => text.split(",").every((part) => part === "" || (httpUrl.safeParse(part).success && part.endsWith(SIGN_IN_PATH))),
        `must be addresses of the page separated by commas, such as https://status.example.com${SIGN_IN_PATH}`,
      ),
    /** Targets there may be. */
    maxTargets: number(1, 100_000).default(DEFAULT_MAX_TARGETS),
    /** Calls of the API a minute that one caller may make, in each instance of its function. */
    requestsPerMinute: number(1, 1_000_000).default(3_000),
    /** Private CIDR ranges that checks may reach, separated by commas. */
    allowedPrivateRanges: z
      .string()
      .default("")
      .refine(
        (text) => reachEnv.ALLOWED_PRIVATE_RANGES.safeParse(text).success,
        "must be CIDR ranges separated by commas, such as 10.0.0.0/8",
      ),
    /** Where the user agent of checks points those who wonder who calls. */
    userAgentUrl: httpUrl.optional(),
    /** Checks that one process of check-shard starts a second. Honest latencies need CPU: see `shared/check/pacer.ts`. */
    checksPerSecond: number(1, 2_000).default(500),
    /** Path in Parameter Store of the secret settings; `/server-tracker/<stage>` when left out. */
    secretsPath: z
      .string()
      .regex(/^(\/[\w.-]+)+$/, "must be a path such as /server-tracker/prod")
      .optional(),
    /** Other regions that are asked before a target is down, such as `us-east-1,ap-southeast-1`; each is bootstrapped for CDK. */
    probeRegions: z
      .string()
      .regex(/^([a-z]{2}(-[a-z]+)+-\d(,[a-z]{2}(-[a-z]+)+-\d)*)?$/, "must be regions separated by commas, such as us-east-1,ap-southeast-1")
      .default(""),
    /** Own domain of the API, with its certificate in ACM, in the same region. */
    domainName: z
      .string()
      .regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/, "must be a domain name in lower case, such as status.example.com")
      .optional(),
    certificateArn: z
      .string()
      .regex(/^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/, "must be the ARN of an ACM certificate")
      .optional(),
    /** False makes no page: for emulators without CloudFront, and for those who host it elsewhere. */
    page: flag.default(true),
    /** Own domain of the page, with its certificate in ACM in us-east-1, where CloudFront looks for it. */
    pageDomainName: z
      .string()
      .regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/, "must be a domain name in lower case, such as status.example.com")
      .optional(),
    pageCertificateArn: z
      .string()
      .regex(/^arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate\/[\w-]+$/, "must be the ARN of an ACM certificate in us-east-1")
      .optional(),
    /** Requests a second that each method of each of the API's routes takes, over all callers: API Gateway counts them apart. */
    apiRequestsPerSecond: number(1, 10_000).default(50),
    /** True makes an Amazon Managed Grafana workspace, in a stack of its own. */
    grafana: flag.default(false),
    /** How people sign in to it: IAM Identity Center (`sso`) or `saml`. */
    grafanaSignIn: z.enum(["sso", "saml"], "must be sso or saml").default("sso"),
    /** False lets `destroy` delete targets, history and backups. */
    protectData: flag.default(true),
    /** A Data API other than AWS's, as functions see it: the log is behind it, and no Aurora is made. For emulators. */
    dataApiUrl: httpUrl.optional(),
    /** The only ports that checks and webhooks may reach, such as `80,443,8000-9000`; any when left out. */
    allowedPorts: z
      .string()
      .default("")
      .refine(
        (text) => reachEnv.ALLOWED_PORTS.safeParse(text).success,
        "must be ports and ranges separated by commas, such as 80,443,8000-9000",
      ),
    /** Address of the deployment that alerts link to; the own domain's when left out. */
    publicUrl: httpUrl.optional(),
    /** Name servers that checks ask instead of Lambda's, such as `1.1.1.1,[2606:4700:4700::1111]:53`. */
    dnsServers: z
      .string()
      .default("")
      .refine(
        (text) => checkShardEnv.shape.DNS_SERVERS.safeParse(text).success,
        "must be addresses separated by commas, with a port if not 53, such as 1.1.1.1,[::1]:5353",
      ),
    /**
     * What stands for the outside, `host:port` with commas: while one answers, failures all over are no fault of ours.
     * Never none: how hosts and networks fail would then be all there is to tell an outage by, and a real one may look so.
     */
    controlTargets: z
      .string()
      .default("checkip.amazonaws.com:443,aws.amazon.com:443")
      .refine(
        (text) => (checkShardEnv.shape.CONTROL_TARGETS.safeParse(text).data ?? []).length > 0,
        "must be addresses separated by commas, such as 1.1.1.1:443,example.com:443",
      ),
    /** Shards that are checked at once. Left out, 8, which fits the 10 functions at once that a new account has in all. */
    checkConcurrency: number(1, 1_000).optional(),
    /**
     * Functions at once that are kept for checks, whatever else runs in the account. AWS keeps 100 for all others: it takes
     * an account that has this many and 100 more.
     */
    reservedConcurrency: number(1, 1_000).optional(),
  })
  .refine((settings) => settings.auroraMinCapacity <= settings.auroraMaxCapacity, {
    path: ["auroraMaxCapacity"],
    message: "must be at least auroraMinCapacity",
  })
  .refine(
    ({ reservedConcurrency, checkConcurrency = DEFAULT_CONCURRENCY }) => (reservedConcurrency ?? checkConcurrency) >= checkConcurrency,
    {
      path: ["reservedConcurrency"],
      message: "must be at least checkConcurrency: else shards would wait for each other",
    },
  )
  .refine((settings) => settings.oidcIssuer === undefined || settings.oidcAudience !== undefined, {
    path: ["oidcAudience"],
    message: "must be set with oidcIssuer: else tokens for others would be taken",
  })
  .refine((settings) => settings.economy !== true || settings.dataApiUrl === undefined, {
    path: ["economy"],
    message: "needs Aurora, which sleeps: leave dataApiUrl out",
  })
  .refine((settings) => !settings.grafana || settings.dataApiUrl === undefined, {
    path: ["grafana"],
    message: "needs Aurora: leave dataApiUrl out",
  })
  .refine((settings) => settings.oidcClientId === undefined || settings.oidcIssuer !== undefined, {
    path: ["oidcIssuer"],
    message: "must be set with oidcClientId: it is a client there",
  })
  .refine(({ probeRegions, region }) => region === undefined || !probeRegions.split(",").includes(region), {
    path: ["probeRegions"],
    message: "must be other regions than the deployment's own",
  })
  .refine(({ probeRegions }) => new Set(listed(probeRegions)).size === listed(probeRegions).length, {
    path: ["probeRegions"],
    message: "must name each region once",
  })
  .refine((settings) => (settings.domainName === undefined) === (settings.certificateArn === undefined), {
    path: ["certificateArn"],
    message: "and domainName go together: set both or none",
  })
  .refine((settings) => (settings.pageDomainName === undefined) === (settings.pageCertificateArn === undefined), {
    path: ["pageCertificateArn"],
    message: "and pageDomainName go together: set both or none",
  })
  .refine(({ economy, maxTargets }) => economy !== true || maxTargets <= ECONOMY_AT_MOST, {
    path: ["economy"],
    message: `is for at most ${ECONOMY_AT_MOST} targets, and maxTargets allows more, ${DEFAULT_MAX_TARGETS} where it is left out: set it, or leave economy out`,
  })
  .refine((settings) => Math.ceil(settings.maxTargets / settings.shardSize) <= MAX_SHARDS, {
    path: ["shardSize"],
    message: `makes more than ${MAX_SHARDS} shards of maxTargets, whose reports do not fit a state of Step Functions (256 KiB): raise it`,
  })
  // Of those who mean to have many: as many as may be unless somebody says otherwise, few have.
  .refine((s) => s.maxTargets <= DEFAULT_MAX_TARGETS || enoughAtOnce(s) <= (s.checkConcurrency ?? DEFAULT_CONCURRENCY), {
    path: ["checkConcurrency"],
    error: ({ input }) => {
      const { maxTargets, roundSeconds } = input as Parameters<typeof enoughAtOnce>[0]; // what was parsed
      const needed = enoughAtOnce(input as Parameters<typeof enoughAtOnce>[0]);
      return `must be at least ${needed} for ${maxTargets} targets every ${roundSeconds} s: fewer shards at once are late (docs/scale.md). Ask Service Quotas what the account has, or lower maxTargets`;
    },
  })
  .refine((settings) => settings.allowedPrivateRanges === "" || settings.dataApiUrl !== undefined, {
    path: ["allowedPrivateRanges"],
    message: "would open nothing: check functions run outside of any VPC, from where no private address is reached. Leave it out",
  });

export type Settings = z.output<typeof settingsSchema>;

/** What alerts link to; nothing where the deployment has no address of its own. @param pageUrl where there is a page */
export function publicUrlOf({ publicUrl, domainName }: Settings, pageUrl: string | undefined): string | undefined {
  return publicUrl ?? pageUrl ?? (domainName && `https://${domainName}`);
}

const NAMES = Object.keys(settingsSchema.shape);
const nameSchema = settingsSchema.shape.stage;

/** Where settings come from; the first that names one decides. */
export interface SettingSources {
  /** CDK context: `-c name=value`, `cdk.json`. */
  readonly context: Readonly<Record<string, unknown>>;
  /** Variables `ST_NAME`. */
  readonly environment: NodeJS.ProcessEnv;
  /** Where `settings.<stage>.json` lies, if there is one. */
  readonly folder: string;
}

/**
 * Settings as they were given, before defaults: of context, environment, and the stage's file, which is what a deployment
 * keeps. Empty ones count as not given.
 * @throws {SettingError} naming what is unknown, or the file that cannot be read
 */
export function givenSettings({ context, environment, folder }: SettingSources): Record<string, unknown> {
  // CDK's own names have colons and slashes.
  refuseUnknown(Object.keys(context).filter((name) => /^[a-zA-Z]+$/.test(name) && !NAMES.includes(name)));
  const known = new Set(NAMES.map(variableOf));
  refuseUnknown(Object.keys(environment).filter((name) => name.startsWith("ST_") && !known.has(name)));
  const asked = Object.fromEntries(NAMES.map((name) => [name, context[name] ?? environment[variableOf(name)]]));
  const stage = nameSchema.safeParse(asked["stage"] || undefined).data;
  const kept = stage === undefined ? {} : readFile(join(folder, `settings.${stage}.json`), stage);
  const given = NAMES.map((name) => [name, isGiven(asked[name]) ? asked[name] : kept[name]]);
  return Object.fromEntries(given.filter(([, value]) => isGiven(value)));
}

const isGiven = (value: unknown) => value !== undefined && value !== "";

function refuseUnknown(names: readonly string[], where = ""): void {
  if (names.length > 0) throw new SettingError(`unknown settings${where}: ${names.join(", ")}; see infra/settings.ts`);
}

function readFile(file: string, stage: string): Record<string, unknown> {
  if (!existsSync(file)) return {};
  let kept: unknown;
  try {
    kept = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new SettingError(`${basename(file)} is not JSON: ${messageOf(error)}`);
  }
  if (!isObject(kept)) throw new SettingError(`${basename(file)} must hold one object of settings`);
  refuseUnknown(
    Object.keys(kept).filter((name) => !NAMES.includes(name)),
    ` in ${basename(file)}`,
  );
  if (kept["stage"] !== undefined && kept["stage"] !== stage)
    throw new SettingError(`${basename(file)} names another stage, ${String(kept["stage"])}`);
  return kept;
}

/** @throws {SettingError} naming each setting that is wrong or unknown, so that synth stops with one clear line */
export function readSettings(sources: SettingSources): Settings {
  const parsed = settingsSchema.safeParse(givenSettings(sources));
  if (parsed.success) return parsed.data;
  throw new SettingError(parsed.error.issues.map(({ path, message }) => `setting ${path.join(".")} ${message}`).join("; "));
}

const DEFAULTS: Readonly<Record<string, unknown>> = settingsSchema.parse({});
/** What names a deployment, and is no choice that it could lose. */
const PLACE = ["stage", "account", "region"];

/** Settings that a deployment was given, as its stack says of itself: those that are not as they come. */
export function chosenSettings(settings: Settings): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).filter(([name, value]) => !PLACE.includes(name) && value !== undefined && value !== DEFAULTS[name]),
  );
}

/** Of what is deployed, what a deploy with these would take away without anybody having said so. */
export function droppedSettings(deployed: Readonly<Record<string, unknown>>, given: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(deployed).filter((name) => NAMES.includes(name) && !(name in given));
}

/** `alarmEmail` is `ST_ALARM_EMAIL` in the environment. */
function variableOf(name: string): string {
  return `ST_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** What a probe's function is called, in each region: shards of another region find it by its name. */
export function probeName({ stage }: Pick<Settings, "stage">): string {
  return `server-tracker-${stage}-probe`;
}

/** Regions that are asked before a target is down. */
export function probeRegionsOf({ probeRegions }: Pick<Settings, "probeRegions">): string[] {
  return listed(probeRegions);
}

/** Targets up to which the log of a deployment sleeps, unless its owner says otherwise. */
const ECONOMY_UP_TO = 100;

/** Whether the log sleeps between its hours. */
export function isEconomical({ economy, maxTargets, dataApiUrl }: Pick<Settings, "economy" | "maxTargets" | "dataApiUrl">): boolean {
  return dataApiUrl === undefined && (economy ?? maxTargets <= ECONOMY_UP_TO);
}
