import * as z from "zod";
import type { OwedAlert } from "../alert/owed-alert.ts";
import type { HeartbeatSeen } from "../check/check-type.ts";
import { visibleText } from "../check/fields.ts";
import { type CheckTypeName, checkTypes } from "../check/index.ts";
import type { TargetState } from "../status/next-status.ts";

/** Seconds between two attempts of the same check within a round. */
export const RETRY_DELAY_MS = 2_000;
const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_TIMEOUT_MS = 30_000;

const common = {
  name: visibleText(200).meta({ description: "Unique among targets; case does not count." }),
  intervalSeconds: z
    .int()
    .min(10, "must be at least 10")
    .max(86_400, "must be at most 86400, a day")
    .optional()
    .meta({ description: "Seconds between checks; a multiple of the deployment's round, which is the default." }),
  timeoutMs: z.int().min(100, "must be at least 100").max(MAX_TIMEOUT_MS, `must be at most ${MAX_TIMEOUT_MS}`).optional().meta({
    description:
      "Milliseconds for all attempts of a check together, besides the pauses between them. Default 10000, less where the interval leaves less.",
  }),
  retries: z
    .int()
    .min(0)
    .max(3, "must be at most 3")
    .default(1)
    .meta({ description: "Further attempts within the round, 2 s apart, unless the target is down already." }),
  failureThreshold: z
    .int()
    .min(1)
    .max(20, "must be at most 20")
    .default(1)
    .meta({ description: "Failing checks that make the target down." }),
  failureWindow: z
    .int()
    .min(1)
    .max(20, "must be at most 20")
    .optional()
    .meta({ description: "Flap control: failureThreshold is counted among this many of the last checks. Left out: consecutive." }),
  successThreshold: z
    .int()
    .min(1)
    .max(20, "must be at most 20")
    .default(1)
    .meta({ description: "Consecutive good checks that end a down." }),
  latencyLimitMs: z.int().min(1).max(MAX_TIMEOUT_MS).optional().meta({ description: "A slower check is degraded." }),
  tags: z.array(visibleText(50)).max(20, "must have at most 20 tags").default([]),
  group: visibleText(100).optional(),
  paused: z.boolean().default(false).meta({ description: "Not checked while true; what was down before starts anew." }),
  channels: z
    .array(visibleText(100))
    .max(20, "must have at most 20 channels")
    .optional()
    .meta({ description: "Ids of the channels to alert, of GET /channels. Left out: all." }),
};

type Common = z.output<z.ZodObject<typeof common>>;
type ByType = {
  [Type in (typeof checkTypes)[number] as Type["type"]]: Common & z.output<z.ZodObject<Type["shape"]>>;
};

/** What the owner set, with every default filled in. */
export type TargetConfig = ByType[CheckTypeName] & { readonly intervalSeconds: number; readonly timeoutMs: number };

const variants = checkTypes.map((checkType) => z.strictObject({ ...common, ...checkType.shape }));

/**
 * Input of `POST /targets`: a strict object per check type, told apart by `type`.
 * Use {@link parseTargetConfig}, which fills in `type` and `interval` and checks across fields.
 */
export const targetInputSchema = z.discriminatedUnion("type", variants as unknown as [(typeof variants)[0]]); // map keeps no tuple

/** What the API's description shows of it: `type` may be left out for the first check type. */
export const targetInputDoc = z
  .union([z.strictObject({ ...common, ...checkTypes[0].shape, type: checkTypes[0].shape.type.optional() }), ...variants.slice(1)])
  .meta({ examples: [{ name: "Google Production", url: "https://google.com" }] });

/**
 * Validates a target's configuration.
 * @param roundSeconds the deployment's round: the default interval, and what intervals are multiples of
 * @throws {z.ZodError} naming each wrong field
 */
export function parseTargetConfig(input: unknown, roundSeconds: number): TargetConfig {
  const defaultType = checkTypes[0].type;
  const typed = isObject(input) && input["type"] === undefined ? { ...input, type: defaultType } : input;
  const parsed = targetInputSchema.parse(typed) as unknown as ByType[CheckTypeName]; // same reason as above
  const intervalSeconds = parsed.intervalSeconds ?? roundSeconds;
  const timeoutMs = parsed.timeoutMs ?? Math.min(DEFAULT_TIMEOUT_MS, intervalSeconds * 1_000 - parsed.retries * RETRY_DELAY_MS - 1_000);
  const config: TargetConfig = { ...parsed, intervalSeconds, timeoutMs };
  const issues = [...commonIssues(config, roundSeconds), ...(checkTypeOf(config).refine?.(config) ?? [])];
  if (issues.length > 0) {
    throw new z.ZodError(issues.map(({ path, message }) => ({ code: "custom", path: [path], message, input: config })));
  }
  return config;
}

/** DynamoDB's items hold 400 KB, alerts owed included. */
const MAX_CONFIG_BYTES = 150_000;

function* commonIssues(config: TargetConfig, roundSeconds: number): Generator<{ path: string; message: string }> {
  const { intervalSeconds, failureThreshold, failureWindow, timeoutMs, retries, latencyLimitMs } = config;
  if (Buffer.byteLength(JSON.stringify(config)) > MAX_CONFIG_BYTES) {
    yield { path: "", message: `must have at most ${MAX_CONFIG_BYTES} bytes as JSON: shorten the body or the headers` };
  }
  if (intervalSeconds % roundSeconds !== 0) {
    yield { path: "intervalSeconds", message: `must be a multiple of ${roundSeconds}, the length of a round here` };
  }
  const budgetMs = checkBudgetMs(config);
  if (budgetMs >= intervalSeconds * 1_000) {
    yield {
      path: "timeoutMs",
      message: `must leave a check shorter than its interval: ${timeoutMs} ms and ${retries} retries with pauses of ${RETRY_DELAY_MS} ms make ${budgetMs} ms, the interval is ${intervalSeconds * 1_000} ms`,
    };
  }
  if (failureWindow !== undefined && failureWindow < failureThreshold) {
    yield { path: "failureWindow", message: `must be at least failureThreshold, ${failureThreshold}` };
  }
  if (latencyLimitMs !== undefined && latencyLimitMs >= timeoutMs) {
    yield { path: "latencyLimitMs", message: `must be below timeoutMs, ${timeoutMs}: a slower check is down` };
  }
}

/** The longest a check of this target can take, attempts and pauses included, in ms. */
export function checkBudgetMs({ timeoutMs, retries }: { timeoutMs: number; retries: number }): number {
  return timeoutMs + retries * RETRY_DELAY_MS;
}

interface AnyCheckType {
  readonly type: CheckTypeName;
  readonly label: (config: TargetConfig) => string;
  readonly secrets?: readonly string[];
  readonly secretsGoTo?: (config: TargetConfig) => string;
  readonly refine?: (config: TargetConfig) => { path: string; message: string }[];
  readonly run: (typeof checkTypes)[number] extends { run: (config: never, context: infer Context) => infer Outcome }
    ? (config: TargetConfig, context: Context) => Outcome
    : never;
}

const byName = new Map(checkTypes.map((checkType) => [checkType.type, checkType]));

/** The check type of a configuration. */
export function checkTypeOf(config: TargetConfig): AnyCheckType {
  // A configuration is always handed to the type it names, which TypeScript cannot follow through a map.
  return byName.get(config.type) as unknown as AnyCheckType;
}

/** What is checked, in one line for people. */
export function labelOf(config: TargetConfig): string {
  return checkTypeOf(config).label(config);
}

/** A target as stored: configuration, state, and what it owes, in one item. */
export interface Target {
  readonly id: string;
  /** Small integer that stands for the target in the log. */
  readonly seq: number;
  readonly config: TargetConfig;
  /** Grows by one with each change of `config`; the API's ETag. */
  readonly configVersion: number;
  readonly state: TargetState;
  /** Grows by one with each change of `state`. */
  readonly stateVersion: number;
  readonly owed: readonly OwedAlert[];
  readonly heartbeat?: HeartbeatRecord;
  /** Days-left limit that the owner was last warned about. */
  readonly certificateWarnedAt?: number;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface HeartbeatRecord extends HeartbeatSeen {
  /** SHA-256 of the ping key, hex. */
  readonly keyHash: string;
}

/** What a round needs to know of a target to plan. */
export interface TargetKey {
  readonly id: string;
  readonly intervalSeconds: number;
  readonly status: string;
  readonly owesAlert: boolean;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
