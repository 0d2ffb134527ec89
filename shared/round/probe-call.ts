import * as z from "zod";
import { type CheckConfig, checkTypeOf, isCheckType } from "../check/check-config.ts";
import type { CheckResult } from "../check/check-result.ts";
import { type CheckStatus, ERROR_CLASSES } from "../check/check-type.ts";
import { type CheckEngine, runCheck } from "../check/run-check.ts";
import { configShapes, type TargetConfig } from "../targets/target.ts";
import { cleanText } from "../text/clean-text.ts";

/*
 * What a shard and a probe say to each other. Deployments of both may be of different releases: what one does not
 * understand is an error, which is no vote.
 */
const VERSION = 1;
/** Texts of a probe: it is ours, and what it says is bounded all the same. */
const MAX_TEXT = 300;
/** An answer is some hundred bytes. */
export const MAX_ANSWER_BYTES = 64 * 1024;

const callSchema = z.object({
  version: z.literal(VERSION),
  config: z.looseObject({ type: z.string(), timeoutMs: z.number().max(60_000), retries: z.number().max(10) }),
});

const ms = z.number().min(0).max(600_000);
const answerSchema = z.object({
  version: z.literal(VERSION),
  result: z.object({
    status: z.enum(["up", "degraded", "down"] satisfies CheckStatus[]),
    error: z.object({ class: z.enum(ERROR_CLASSES), text: z.string().transform((text) => cleanText(text, MAX_TEXT)) }).exactOptional(),
    httpStatus: z.int().min(0).max(999).exactOptional(),
    attempts: z.int().min(1).max(100),
    startedAt: z.number(),
    totalMs: ms.exactOptional(),
    phases: z.object({
      dnsMs: ms.exactOptional(),
      connectMs: ms.exactOptional(),
      tlsMs: ms.exactOptional(),
      ttfbMs: ms.exactOptional(),
      transferMs: ms.exactOptional(),
    }),
    address: z.union([z.ipv4(), z.ipv6()]).exactOptional(),
  }),
});

/**
 * What is sent to a probe: the check alone, with its secrets in the open, and nothing of whom it is for. Without its limit of
 * latency: that is of the way from here, and who is far away has no vote in it.
 */
export function probeCall(config: TargetConfig): unknown {
  const { shape } = checkTypeOf(config);
  const own = Object.entries(config).filter(([name]) => name in shape || (LIMITS.has(name) && name !== "latencyLimitMs"));
  return { version: VERSION, config: Object.fromEntries(own) };
}

const LIMITS: ReadonlySet<string> = new Set(["type", "timeoutMs", "retries", "latencyLimitMs", "slowIs", "expect"]);

/** Answers a call: one check, as a shard makes it. @throws {Error} for what this release does not know */
export async function answerProbe(engine: CheckEngine, input: unknown): Promise<unknown> {
  const { config } = callSchema.parse(input);
  if (!isCheckType(config.type)) throw new Error("this probe does not know that type of check");
  const result = await runCheck({ config: understood(config.type, config), heartbeat: { awaitedSince: 0 } }, engine);
  if (result === undefined) throw new Error("nothing was seen");
  return { version: VERSION, result };
}

/**
 * A check as a shard sent it, which judged it: numbers and lengths may be beyond this release's limits; nothing may be in
 * it of a form that this release does not know, or missing that it needs.
 * @throws {Error} naming what is not understood
 */
function understood(type: CheckConfig["type"], config: Readonly<Record<string, unknown>>): CheckConfig {
  const shape = configShapes[type];
  const own = new Set([...Object.keys(checkTypeOf({ type }).shape), ...LIMITS]);
  const known = Object.fromEntries(Object.entries(shape).filter(([name]) => own.has(name)));
  const parsed = z.strictObject(known).safeParse(config);
  if (!parsed.success && !parsed.error.issues.every(isLimit)) {
    const [{ path, message } = { path: [], message: "" }] = parsed.error.issues.filter((issue) => !isLimit(issue));
    throw new Error(`this probe does not understand the check: ${path.join(".")} ${message}`);
  }
  const absent = [...own].find((name) => config[name] === undefined && hasDefault(known[name]));
  if (absent !== undefined) throw new Error(`this probe needs ${absent}, which the check does not have`);
  return config as unknown as CheckConfig; // every field of its type was looked at
}

/** Whether a value is of a form that this release knows, and beyond a limit of it. */
function isLimit({ code }: Pick<z.core.$ZodIssue, "code">): boolean {
  return code === "too_big" || code === "too_small" || code === "custom" || code === "not_multiple_of";
}

/** A field that every stored configuration has. */
function hasDefault(schema: unknown): boolean {
  return schema instanceof z.ZodDefault;
}

/** @param text what a probe answered @throws {Error} when it is no answer of a probe of this release */
export function probeAnswer(text: string): CheckResult {
  if (text.length > MAX_ANSWER_BYTES) throw new Error("answers too much");
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new Error("answers no JSON");
  }
  const answer = answerSchema.safeParse(parsed);
  if (!answer.success) throw new Error("is of another release");
  return answer.data.result;
}
