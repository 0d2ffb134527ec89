import * as z from "zod";
import { messageOf, SettingError } from "./errors.ts";
import { parseCidr, parsePorts } from "./net/address-guard.ts";
import { parseDnsServer } from "./net/dns-server.ts";
import { httpUrl } from "./net/http-url.ts";
import { ROUND_LENGTHS, type RoundSeconds } from "./time/marks.ts";

/*
 * One schema per function. `infra` types each function's environment by the same schema, so that a variable it forgets
 * does not compile. All values are text, as environments are. Settings of channels come beside them where a function
 * sends: `channelSettings` of `notify/channel.ts`.
 */

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, "must be a whole number")
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be ${min} to ${max}`);

const flag = z.enum(["true", "false"], "must be true or false").transform((value) => value === "true");

const roundSeconds = z
  .enum(ROUND_LENGTHS.map(String) as [string, ...string[]], `must be one of ${ROUND_LENGTHS.join(", ")}`)
  .transform((value) => Number(value) as RoundSeconds); // the enum holds these numbers

const list = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean),
);

/** A list whose parts `parse` takes; its error tells what is wrong. */
const listOf = <T>(parse: (part: string) => T) =>
  list.transform((parts, context) =>
    parts.flatMap((part) => {
      try {
        return [parse(part)];
      } catch (error) {
        context.addIssue({ code: "custom", message: messageOf(error) });
        return [];
      }
    }),
  );

const cidrList = listOf((range) => {
  parseCidr(range);
  return range;
});

export const stateEnv = { TABLE_NAME: z.string().min(1) };
export const logEnv = {
  LOG_RESOURCE_ARN: z.string().min(1),
  LOG_SECRET_ARN: z.string().min(1),
  LOG_DATABASE: z.string().min(1),
};
export const roundEnv = { ROUND_SECONDS: roundSeconds.default(30) };
export const reachEnv = {
  /** Ranges a check or webhook may reach though they are closed by default. */
  ALLOWED_PRIVATE_RANGES: cidrList.default([]),
  /** The only ports that may be dialled, such as `80,443,8000-9000`; any when it is empty. */
  ALLOWED_PORTS: listOf(parsePorts).default([]),
  /** Where `user-agent` points readers of other people's access logs. */
  USER_AGENT_URL: z.url().optional(),
};
export const pageEnv = {
  /** Address of the deployment, for links in alerts. */
  PUBLIC_URL: z.url().optional(),
};

export const secretsEnv = {
  /** Path in SSM Parameter Store under which secret settings stand as SecureStrings, by their names. */
  SECRETS_PATH: z.string().startsWith("/").optional(),
};

export const fieldKeyEnv = {
  /** Encrypts what may hold credentials in targets. Changed, what was encrypted before cannot be read any more. */
  FIELD_KEY: z.string().min(32, "must have at least 32 characters"),
  /** Secret of Secrets Manager that holds it, where it is not given. */
  FIELD_KEY_SECRET_ARN: z.string().optional(),
};

/** Settings that functions fetch at run time, where they are not given: they stand in no environment, and so in no template. */
export type SecretSetting = "API_KEY" | "FIELD_KEY" | "DEAD_MANS_SWITCH_URL";

/** What is read before a function's secrets can be. */
export const secretPlacesEnv = z.object({ ...secretsEnv, FIELD_KEY_SECRET_ARN: fieldKeyEnv.FIELD_KEY_SECRET_ARN });

export const planRoundEnv = z.object({ ...stateEnv, ...roundEnv, SHARD_SIZE: wholeNumber(1, 1_000).default(250) });

export const checkShardEnv = z.object({
  ...stateEnv,
  ...logEnv,
  ...roundEnv,
  ...reachEnv,
  ...fieldKeyEnv,
  /** Checks started a second in one process; see `shared/check/pacer.ts`. */
  CHECKS_PER_SECOND: wholeNumber(1, 10_000).default(500),
  /** Name servers asked instead of the machine's own. */
  DNS_SERVERS: listOf((server) => {
    if (parseDnsServer(server) === undefined) throw new RangeError(`"${server}" is not a name server such as 1.1.1.1 or [::1]:5353`);
    return server;
  }).default([]),
});

export const concludeRoundEnv = z.object({
  ...stateEnv,
  ...logEnv,
  ...reachEnv,
  ...pageEnv,
  ...secretsEnv,
  /** The deployment's name, in its metrics. */
  STAGE: z.string().default("local"),
  /** Called at the end of each round, so that an outside watcher notices when rounds stop. */
  DEAD_MANS_SWITCH_URL: httpUrl.optional(),
});

export const apiEnv = z.object({
  ...stateEnv,
  ...logEnv,
  ...roundEnv,
  ...secretsEnv,
  ...fieldKeyEnv,
  /** Calls a minute that one caller may make. */
  RATE_LIMIT_PER_MINUTE: wholeNumber(1, 1_000_000).default(3_000),
  /** Targets there may be. */
  MAX_TARGETS: wholeNumber(1, 100_000).default(10_000),
  ALLOWED_PRIVATE_RANGES: reachEnv.ALLOWED_PRIVATE_RANGES,
  ALLOWED_PORTS: reachEnv.ALLOWED_PORTS,
  /** Folder of Swagger UI's files, from the function's own; by default the package's. */
  SWAGGER_UI_DIR: z.string().optional(),
});

export const maintainLogEnv = z.object({
  ...stateEnv,
  ...logEnv,
  RAW_RETENTION_DAYS: wholeNumber(1, 3_650).default(14),
  FIVE_MINUTE_RETENTION_DAYS: wholeNumber(1, 3_650).default(90),
  HOUR_RETENTION_DAYS: wholeNumber(1, 36_500).default(730),
});

export const migrateEnv = z.object({
  ...stateEnv,
  ...logEnv,
  /** Folder of the migrations, from the function's own. */
  SQL_DIR: z.string().min(1),
  /** Secret with the password of the SQL role that dashboards read by, where there is a Grafana. */
  GRAFANA_READER_SECRET_ARN: z.string().optional(),
});

export const authorizerEnv = z.object({
  ...stateEnv,
  ...secretsEnv,
  /** OpenID Connect issuer whose JWTs are taken; none when left out. */
  OIDC_ISSUER: httpUrl.optional(),
  /** Accepted `aud` or `client_id`, separated by commas. */
  OIDC_AUDIENCE: list.default([]),
  OIDC_JWKS_URI: httpUrl.optional(),
  /** Claim that names roles. Amazon Cognito's groups by default. */
  OIDC_ROLES_CLAIM: z.string().default("cognito:groups"),
  API_KEY: z.string().min(20, "must have at least 20 characters").optional(),
  PUBLIC_READ: flag.default(false),
});

/**
 * Parses a function's environment, once, at cold start. The one place that reads `process.env`.
 * @param secrets settings that are not in the environment in clear, by the same names
 * @throws {SettingError} naming every variable that is missing or wrong, and what fits
 */
export function loadEnv<Schema extends z.ZodObject>(schema: Schema, secrets: Readonly<Record<string, string>> = {}): z.output<Schema> {
  // An empty variable is one that is not set: `.env` files list names without values.
  const given = Object.fromEntries(Object.entries({ ...process.env, ...secrets }).filter(([, value]) => value !== ""));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => {
    const name = String(path[0] ?? "");
    return given[name] === undefined ? `${name} must be set` : `${name} ${message}`;
  });
  throw new SettingError([...new Set(problems)].join("; "));
}
