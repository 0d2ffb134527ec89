import * as z from "zod";
import { type CheckConfig, checkBudgetMs, checkLimits, checkTypeOf, RETRY_DELAY_MS } from "../check/check-config.ts";
import type { HeartbeatSeen } from "../check/check-type.ts";
import { checkTypes } from "../check/index.ts";
import type { CertificateWarnings } from "../status/certificate-warning.ts";
import type { Status, TargetState } from "../status/next-status.ts";
import type { BurnLevel } from "../status/slo.ts";
import { isObject } from "../text/is-object.ts";
import { visibleText } from "../text/visible-text.ts";
import { managedSchema } from "./managed.ts";
import type { OwedAlert } from "./owed-alert.ts";

const DEFAULT_TIMEOUT_MS = 10_000;
/** Of a target's checks: every five minutes at 30 s, as often as latency is rolled up. */
export const DEFAULT_FROM_EVERY = 10;

const common = {
  name: visibleText(200).meta({ description: "Unique among targets; case does not count." }),
  intervalSeconds: z.int().min(10, "must be at least 10").max(86_400, "must be at most 86400, a day").optional().meta({
    description: "Seconds between checks; a multiple of the deployment's round, which is the default but for domain, asked once a day.",
  }),
  ...checkLimits,
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
  flapThreshold: z.int().min(0).max(20, "must be at most 20").default(10).meta({
    description:
      "With more changes of status than this within an hour it flaps: told so once, and again when it has not changed for 10 minutes. 0: never.",
  }),
  slo: z
    .strictObject({
      objectivePercent: z.number().min(50, "must be at least 50").max(99.999, "must be at most 99.999"),
      windowDays: z.int().min(1, "must be at least 1").max(90, "must be at most 90").default(30),
    })
    .optional()
    .meta({
      description: "How much of its time it is to be up: what is left of the budget is in its summary, and spending it too fast is told.",
    }),
  tags: z.array(visibleText(50)).max(20, "must have at most 20 tags").default([]),
  group: visibleText(100).optional(),
  paused: z.boolean().default(false).meta({ description: "Not checked while true; what was down before starts anew." }),
  managed: managedSchema,
  channels: z
    .array(visibleText(100))
    .max(20, "must have at most 20 channels")
    .optional()
    .meta({ description: "Ids of the channels to alert, of GET /channels. Left out: all that are for it." }),
  dependsOn: z
    .array(z.uuid("must be targets' ids").toLowerCase())
    .max(10, "must have at most 10 targets")
    .default([])
    .meta({ description: "Targets without which this one cannot be up: its alerts are hidden while one of them is down." }),
  confirm: z
    .strictObject({
      from: z
        .union(
          [z.literal("all"), z.array(visibleText(40)).min(1, "must name at least one").max(20)],
          "must be all, or a list of the deployment's probe regions",
        )
        .default("all")
        .meta({ description: "The deployment's probe regions that are asked." }),
      agree: z
        .int()
        .min(1, "must be at least 1")
        .max(21)
        .default(2)
        .meta({ description: "Places that must see it down, this one included. 1: nobody is asked." }),
    })
    .optional()
    .meta({
      description: "Who else must see the target down before it is, where the deployment has probe regions. Left out: one of all of them.",
    }),
  from: z
    .array(visibleText(40))
    .min(1, "must name at least one")
    .max(20, "must have at most 20 places")
    .refine((places) => new Set(places).size === places.length, "must name each place once")
    .optional()
    .meta({ description: "The deployment's probe regions that check it as well, for its latency from there: they decide nothing." }),
  fromEvery: z
    .int()
    .min(1, "must be at least 1")
    .max(1_000, "must be at most 1000")
    .optional()
    .meta({ description: `Every so many checks, the places in \`from\` make one. Left out: ${DEFAULT_FROM_EVERY}.` }),
  degradedIsIncident: z
    .boolean()
    .default(false)
    .meta({ description: "The time it is degraded is an incident, too: acknowledged, reminded of and escalated as a down is." }),
  remindEverySeconds: z
    .int()
    .min(60, "must be at least 60")
    .max(604_800, "must be at most 604800, a week")
    .optional()
    .meta({ description: "While it is in an incident and nobody has acknowledged it, it is told again after this. Left out: told once." }),
  remindGrowing: z
    .boolean()
    .default(false)
    .meta({ description: "Each reminder comes after twice the time of the one before, a day at most." }),
  escalation: z
    .array(
      z.strictObject({
        afterMinutes: z.int().min(1, "must be at least 1").max(10_080, "must be at most 10080, a week"),
        channels: z.array(visibleText(100)).min(1, "must name a channel").max(20, "must have at most 20 channels"),
      }),
    )
    .max(5, "must have at most 5 steps")
    .default([])
    .meta({ description: "Who is told besides, when it is in an incident for so long and nobody has acknowledged it." }),
};

type Common = Omit<z.output<z.ZodObject<typeof common>>, keyof typeof checkLimits>;

/** What the owner set, with every default filled in. */
export type TargetConfig = CheckConfig & Common & { readonly intervalSeconds: number };

/** Every field that a target of a type may have, by type. */
export const configShapes = Object.fromEntries(checkTypes.map(({ type, shape }) => [type, { ...common, ...shape }])) as unknown as Readonly<
  Record<TargetConfig["type"], z.ZodRawShape>
>; // fromEntries forgets the names

const variants = checkTypes.map((checkType) => z.strictObject({ ...common, ...checkType.shape }));

/**
 * Input of `POST /targets`: a strict object per check type, told apart by `type`.
 * Read by {@link parseTargetConfig}, which fills in `type` and `interval` and checks across fields.
 */
const targetInputSchema = z.discriminatedUnion("type", variants as unknown as [(typeof variants)[0]]); // map keeps no tuple

/** What the API's description shows of it: `type` may be left out for the first check type. */
export const targetInputDoc = z
  .union([z.strictObject({ ...common, ...checkTypes[0].shape, type: checkTypes[0].shape.type.optional() }), ...variants.slice(1)])
  .meta({ examples: [{ name: "Google Production", url: "https://google.com" }] });

/** Input that was parsed, without what is filled in. */
export type ParsedInput = Omit<TargetConfig, "intervalSeconds" | "timeoutMs"> & { intervalSeconds?: number; timeoutMs?: number };

/**
 * Validates a target's configuration.
 * @param roundSeconds the deployment's round: the default interval, and what intervals are multiples of
 * @throws {z.ZodError} naming each wrong field
 */
export function parseTargetConfig(input: unknown, roundSeconds: number): TargetConfig {
  const parsed = targetInputSchema.parse(withType(input)) as unknown as ParsedInput; // same reason as above
  const config = withDefaults(parsed, roundSeconds);
  const issues = issuesAcrossFields(config, roundSeconds);
  if (issues.length > 0) throw new z.ZodError(issues);
  return config;
}

/** Input with the type that it is of where it names none. */
export function withType(input: unknown): unknown {
  return isObject(input) && input["type"] === undefined ? { ...input, type: checkTypes[0].type } : input;
}

/** What depends on the deployment's round and on other fields, where it was left out. */
export function withDefaults(parsed: ParsedInput, roundSeconds: number): TargetConfig {
  const intervalSeconds = parsed.intervalSeconds ?? checkTypeOf(parsed).defaultIntervalSeconds ?? roundSeconds;
  const timeoutMs = parsed.timeoutMs ?? defaultTimeoutMs({ intervalSeconds, retries: parsed.retries });
  return { ...parsed, intervalSeconds, timeoutMs } as TargetConfig; // of the type that was parsed
}

/** What is wrong with a configuration whose fields are each as they may be. */
export function issuesAcrossFields(config: TargetConfig, roundSeconds: number): z.core.$ZodIssue[] {
  const issues = [...commonIssues(config, roundSeconds), ...(checkTypeOf(config).refine?.(config) ?? [])];
  return issues.map(({ path, message }) => ({ code: "custom", path: [path], message, input: config }));
}

/** Whether probes can see what is checked here: jobs call us alone, and Lambda sends no ICMP. */
export function canBeSeenElsewhere(config: Pick<TargetConfig, "type">): boolean {
  return checkTypeOf(config).callsUs !== true && config.type !== "ping";
}

/** The longest timeout that is sure to end within the interval: a second is left for the rest of a round. */
export function timeoutRoomMs({ intervalSeconds, retries }: Pick<TargetConfig, "intervalSeconds" | "retries">): number {
  return intervalSeconds * 1_000 - retries * RETRY_DELAY_MS - 1_000;
}

/** What a target gets that names no timeout: 10 s, less where its interval leaves less. */
export function defaultTimeoutMs({ intervalSeconds, retries }: Pick<TargetConfig, "intervalSeconds" | "retries">): number {
  return Math.min(DEFAULT_TIMEOUT_MS, timeoutRoomMs({ intervalSeconds, retries }));
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
  const { minIntervalSeconds = 0 } = checkTypeOf(config);
  if (intervalSeconds < minIntervalSeconds) {
    yield {
      path: "intervalSeconds",
      message: `must be at least ${minIntervalSeconds} with type ${config.type}: whoever answers limits how often it is asked`,
    };
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
  if (config.from !== undefined && !canBeSeenElsewhere(config)) {
    yield { path: "from", message: `must be left out with type ${config.type}: no other place can check it` };
  }
  if (config.fromEvery !== undefined && config.from === undefined) {
    yield { path: "fromEvery", message: "must be left out where from names no places" };
  }
  if (latencyLimitMs !== undefined && config.expect === "down") {
    yield { path: "latencyLimitMs", message: "must be left out with expect down: what does not answer has no latency" };
  }
  if (latencyLimitMs !== undefined && latencyLimitMs >= timeoutMs) {
    yield { path: "latencyLimitMs", message: `must be below timeoutMs, ${timeoutMs}: a slower check is down` };
  }
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
  /** Grows by one with each claim on what it owes, and with each record of what became of it. */
  readonly deliveryVersion: number;
  /** Who delivers what it owes, until when (epoch ms). */
  readonly lease?: { readonly id: string; readonly until: number } | undefined;
  readonly owed: readonly OwedAlert[];
  readonly heartbeat?: HeartbeatRecord;
  /** What was done about the incident it is in, if anything; of another time when `since` is not the state's. */
  readonly incident?: IncidentState | undefined;
  /** By channel, what its people were told last: where that is not what they would think who heard of every change. */
  readonly known: Readonly<Record<string, KnownStatus>>;
  /** How fast it spends its error budget, where that is too fast and was told. */
  readonly sloBurn?: BurnLevel | undefined;
  /** By channel, the message that tells of the incident it is in, where it can be changed. */
  readonly messages: Readonly<Record<string, SentMessage>>;
  /** What was told of the certificates behind it. */
  readonly certificateWarnings: CertificateWarnings;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
  /** When its tags or group were last changed, if ever: since then it is what windows and channels say of them. */
  readonly groupedAt?: string | undefined;
}

/** A message that a service lets us change. */
export interface SentMessage {
  /** The service's. */
  readonly id: string;
  /** Since when the status holds that it tells, epoch seconds. */
  readonly since: number;
}

/** What people take a status for. */
export type KnownStatus = "well" | "degraded" | "down";

/** @returns what people take a status for: of a target that is paused, or was never checked, for well */
export function howItIs(status: Status): KnownStatus {
  return status === "down" || status === "degraded" ? status : "well";
}

/** What is kept of an incident to act on it; its story is in the log. */
export interface IncidentState {
  /** Mark at which it began, epoch seconds: with the target, its identity. */
  readonly since: number;
  readonly acknowledged?: { readonly at: number; readonly by: string; readonly until?: number | undefined } | undefined;
  /** Reminders so far. */
  readonly reminders: number;
  /** Epoch ms of the last one. */
  readonly remindedAt?: number | undefined;
  /** Steps of the escalation that were taken, of releases before 0.3: the first ones, however they are changed since. */
  readonly escalated: number;
  /** The steps that were taken, by what they are: what is escalated to may be changed meanwhile. */
  readonly steps?: readonly string[] | undefined;
  /** By channel that it was escalated to, the alert of that, by its `at`: what came before it is no news there. */
  readonly escalatedTo?: Readonly<Record<string, number>> | undefined;
  /** Epoch ms until which everything held it back, so that nobody was told, or somebody took care of it: the wait begins then. */
  readonly heldUntil?: number | undefined;
}

/** Whether a target is in an incident: it is down, or degraded where it says that this is one. Its identity is the state's `since`. */
export function isInIncident({ state, config }: Pick<Target, "state" | "config">): boolean {
  return state.status === "down" || (state.status === "degraded" && config.degradedIsIncident);
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
  /** ISO 8601. */
  readonly updatedAt?: string | undefined;
  readonly owesAlert: boolean;
}
