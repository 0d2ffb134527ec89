import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Clock } from "../clock.ts";
import type { AddressGuard } from "../net/address-guard.ts";
import { type Phases, Trace } from "../net/dial.ts";
import { checkTypeOf, RETRY_DELAY_MS, type TargetConfig } from "../target/target.ts";
import type { CheckError, CheckOutcome, CheckStatus, HeartbeatSeen } from "./check-type.ts";
import { CheckTimeoutError, explainFailure } from "./explain-failure.ts";
import type { Pacer } from "./pacer.ts";

/** The result of one check: what the status rule decides on and what the log keeps. */
export interface CheckResult {
  readonly status: CheckStatus;
  readonly error?: CheckError;
  readonly httpStatus?: number;
  readonly note?: string;
  /** 1 when the first attempt decided; more means it needed retries, also when it passed. */
  readonly attempts: number;
  /** Epoch ms of the first attempt. */
  readonly startedAt: number;
  /** Milliseconds of the deciding attempt, from name look-up to last byte; absent for a ping without one. */
  readonly totalMs?: number;
  readonly phases: Phases;
  readonly address?: string;
  readonly certificateDaysLeft?: number;
}

export interface CheckEngine {
  readonly guard: AddressGuard;
  readonly clock: Clock;
  readonly userAgent: string;
  readonly pacer: Pacer;
  readonly dnsServers?: readonly string[] | undefined;
}

export interface CheckJob {
  readonly config: TargetConfig;
  readonly heartbeat: HeartbeatSeen;
}

/**
 * Runs a shard's checks side by side. Starts are paced, so that latency measures the target and not
 * our event loop; nothing else waits for anything else, so a hanging target delays no other.
 *
 * @returns results in the order of `jobs` (`undefined`: nothing to say yet), and the 99th percentile
 *   of event-loop delay meanwhile in ms, which bounds how far latencies can be off
 */
export async function runChecks(
  jobs: readonly CheckJob[],
  engine: CheckEngine,
): Promise<{ results: (CheckResult | undefined)[]; loopDelayMs: number }> {
  const loopDelay = monitorEventLoopDelay({ resolution: 10 });
  loopDelay.enable();
  const results = await Promise.all(
    jobs.map(async (job) => {
      if (checkTypeOf(job.config).type !== "heartbeat") await engine.pacer.turn();
      return runCheck(job, engine);
    }),
  );
  loopDelay.disable();
  return { results, loopDelayMs: jobs.length === 0 ? 0 : Math.max(0, loopDelay.percentile(99) / 1e6 - 10) };
}

/**
 * One check with its retries. All attempts share one budget, `timeoutMs` besides the pauses, so a
 * target that hangs is not waited for twice and a round ends when its timeouts say.
 */
export async function runCheck({ config, heartbeat }: CheckJob, engine: CheckEngine): Promise<CheckResult | undefined> {
  const startedAt = engine.clock.now();
  let workLeftMs = config.timeoutMs;
  for (let attempts = 1; ; attempts++) {
    const start = performance.now();
    const attempt = await runAttempt(config, heartbeat, engine, workLeftMs);
    if (attempt === undefined) return undefined;
    workLeftMs -= performance.now() - start;
    const final = attempt.status !== "down" || attempts > config.retries || !canRetryHelp(attempt);
    if (final || workLeftMs < MIN_ATTEMPT_MS) return { ...attempt, attempts, startedAt };
    await engine.clock.sleep(RETRY_DELAY_MS);
  }
}

// A forbidden address stays forbidden, and a ping that did not come does not come in two seconds.
function canRetryHelp({ error }: Attempt): boolean {
  return error?.class !== "forbidden" && error?.class !== "heartbeat";
}

/** An attempt with less time than this could only time out. */
const MIN_ATTEMPT_MS = 50;

// Made once: streams ask for the stack of the error they are destroyed with, which costs 5 % of a check.
const ATTEMPT_IS_OVER = new Error("the attempt is over");

type Attempt = Omit<CheckResult, "attempts" | "startedAt">;

async function runAttempt(
  config: TargetConfig,
  heartbeat: HeartbeatSeen,
  engine: CheckEngine,
  timeoutMs: number,
): Promise<Attempt | undefined> {
  const { guard, userAgent, dnsServers, clock } = engine;
  const trace = new Trace();
  const timeout = new AbortController();
  const timedOut = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new CheckTimeoutError(config.timeoutMs);
    timeout.abort(error);
    timedOut.reject(error);
  }, timeoutMs);
  const start = performance.now();
  let outcome: CheckOutcome | undefined;
  try {
    const context = { guard, userAgent, dnsServers, signal: timeout.signal, trace, now: clock.now(), heartbeat };
    // Raced, so that a check that does not mind its signal cannot hold the round either.
    outcome = await Promise.race([checkTypeOf(config).run(config, context), timedOut.promise]);
    if (outcome === undefined) return undefined;
  } catch (thrown) {
    const reason = timeout.signal.aborted ? timeout.signal.reason : thrown;
    outcome = { status: "down", error: explainFailure(reason, trace.phase) };
  } finally {
    clearTimeout(timer);
    // Ends whatever the attempt left open.
    timeout.abort(ATTEMPT_IS_OVER);
  }
  const { latencyMs = performance.now() - start, ...unbounded } = outcome;
  const seen = unbounded.error === undefined ? unbounded : { ...unbounded, error: bounded(unbounded.error) };
  return {
    ...(latencyMs === null ? seen : { ...tooSlow(config, seen, latencyMs), totalMs: latencyMs }),
    phases: trace.phases,
    ...(trace.address !== undefined && { address: trace.address }),
    ...(trace.certificateDaysLeft !== undefined && { certificateDaysLeft: trace.certificateDaysLeft }),
  };
}

function tooSlow(config: TargetConfig, outcome: CheckOutcome, totalMs: number): CheckOutcome {
  const limit = config.latencyLimitMs;
  if (limit === undefined || outcome.status !== "up" || totalMs <= limit) return outcome;
  const text = `took ${Math.round(totalMs)} ms, limit ${limit} ms`;
  return { ...outcome, status: "degraded", error: { class: "assertion", text } };
}

const MAX_ERROR_CHARACTERS = 300;

// Part of it may come from the target; it goes into rows, alerts and the target's item.
function bounded(error: CheckError): CheckError {
  // Control characters and those that turn text around would write lines of their own into alerts.
  const text = error.text.slice(0, 4 * MAX_ERROR_CHARACTERS).replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ");
  const characters = [...text];
  return { class: error.class, text: characters.slice(0, MAX_ERROR_CHARACTERS).join("").toWellFormed() };
}
