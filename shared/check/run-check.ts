import type { AddressGuard } from "../net/address-guard.ts";
import { Trace } from "../net/dial.ts";
import { cleanText } from "../text/clean-text.ts";
import type { Clock } from "../time/clock.ts";
import { type CheckConfig, checkTypeOf, RETRY_DELAY_MS } from "./check-config.ts";
import type { CheckResult } from "./check-result.ts";
import type { CheckError, CheckOutcome, HeartbeatSeen } from "./check-type.ts";
import { CheckTimeoutError, explainFailure } from "./explain-failure.ts";

/** What checks run with. */
export interface CheckEngine {
  readonly guard: AddressGuard;
  readonly clock: Clock;
  readonly userAgent: string;
  /** Name servers asked instead of the machine's own. */
  readonly dnsServers?: readonly string[] | undefined;
}

export interface CheckJob {
  readonly config: CheckConfig;
  readonly heartbeat: HeartbeatSeen;
}

/**
 * One check with its retries. All attempts share one budget, `timeoutMs` besides the pauses, so a
 * target that hangs is not waited for twice and a round ends when its timeouts say.
 */
export async function runCheck({ config, heartbeat }: CheckJob, engine: CheckEngine): Promise<CheckResult | undefined> {
  const startedAt = engine.clock.now();
  let workLeftMs = config.timeoutMs;
  let telling: Attempt | undefined;
  for (let attempts = 1; ; attempts++) {
    const start = performance.now();
    const attempt = await runAttempt(config, heartbeat, engine, workLeftMs);
    if (attempt === undefined) return undefined;
    const tookMs = performance.now() - start;
    workLeftMs -= tookMs;
    // An answer, whatever it was, says more than that there was none in the time that was left.
    telling = telling !== undefined && attempt.error?.class === "timeout" ? telling : attempt;
    const final = attempt.status !== "down" || attempts > config.retries || !canRetryHelp(attempt);
    // With less time than the last attempt took, another could only run out of it.
    if (final || workLeftMs < Math.max(MIN_ATTEMPT_MS, tookMs)) return { ...telling, attempts, startedAt };
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
  config: CheckConfig,
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
  const judged = config.expect === "down" ? turnedRound(config, seen) : latencyMs === null ? seen : tooSlow(config, seen, latencyMs);
  // What is up because nothing answered has no latency.
  const hasLatency = latencyMs !== null && !(config.expect === "down" && judged.status === "up");
  return {
    ...judged,
    ...(hasLatency && { totalMs: latencyMs }),
    phases: trace.phases,
    ...(trace.hops.length > 0 && { hops: trace.hops }),
    ...(trace.address !== undefined && { address: trace.address }),
    ...(trace.certificate !== undefined && { certificate: trace.certificate }),
  };
}

/** Classes of errors that say nothing of the target: it was not asked. */
const NOT_ASKED: ReadonlySet<string> = new Set(["forbidden", "dns"]);

/** A check whose target is meant to be down. */
function turnedRound({ type }: CheckConfig, outcome: CheckOutcome): CheckOutcome {
  const { status, error, ...seen } = outcome;
  if (status !== "down") return { ...seen, status: "down", error: { class: "assertion", text: `is ${status}, expected down` } };
  // A name without an answer is what a dns check asks for.
  const wasAsked = error === undefined || !NOT_ASKED.has(error.class) || (error.class === "dns" && type === "dns");
  return wasAsked ? { ...seen, status: "up", note: `down, as expected: ${error?.text ?? ""}` } : outcome;
}

function tooSlow(config: CheckConfig, outcome: CheckOutcome, totalMs: number): CheckOutcome {
  const limit = config.latencyLimitMs;
  if (limit === undefined || outcome.status !== "up" || totalMs <= limit) return outcome;
  const text = `took ${Math.round(totalMs)} ms, limit ${limit} ms`;
  return { ...outcome, status: config.slowIs, error: { class: "assertion", text } };
}

const MAX_ERROR_CHARACTERS = 300;

// Part of it may come from the target; it goes into rows, alerts and the target's item.
function bounded(error: CheckError): CheckError {
  return { ...error, text: cleanText(error.text, MAX_ERROR_CHARACTERS) };
}
