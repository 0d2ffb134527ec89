import type { AddressGuard } from "../net/address-guard.ts";
import { Trace } from "../net/dial.ts";
import { cleanText } from "../text/clean-text.ts";
import type { Clock } from "../time/clock.ts";
import type { LoopLag } from "../time/loop-lag.ts";
import { type CheckConfig, checkTypeOf, RETRY_DELAY_MS } from "./check-config.ts";
import type { CheckResult } from "./check-result.ts";
import type { CheckError, CheckOutcome, HeartbeatSeen } from "./check-type.ts";
import { startDeadline } from "./deadline.ts";
import { explainFailure } from "./explain-failure.ts";

/** What checks run with. */
export interface CheckEngine {
  readonly guard: AddressGuard;
  readonly clock: Clock;
  readonly userAgent: string;
  /** Name servers asked instead of the machine's own. */
  readonly dnsServers?: readonly string[] | undefined;
  /** How late this process is: a target is neither slow nor away for that. */
  readonly lag?: Pick<LoopLag, "lostMs"> | undefined;
  /** Whether somebody reads what it saw besides: chains of certificates, which cost a seventh of a check, and what assertions found. */
  readonly inDetail?: boolean;
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

type Attempt = Omit<CheckResult, "attempts" | "startedAt">;

async function runAttempt(
  config: CheckConfig,
  heartbeat: HeartbeatSeen,
  engine: CheckEngine,
  timeoutMs: number,
): Promise<Attempt | undefined> {
  const { guard, userAgent, dnsServers, clock, inDetail = false } = engine;
  const trace = new Trace(inDetail);
  const start = performance.now();
  const deadline = startDeadline(timeoutMs, config.timeoutMs, engine.lag);
  let outcome: CheckOutcome | undefined;
  try {
    const { signal, lostMs } = deadline;
    const context = { guard, userAgent, dnsServers, signal, trace, now: clock.now(), heartbeat, lostMs, inDetail };
    // Raced, so that a check that does not mind its signal cannot hold the round either.
    outcome = await Promise.race([checkTypeOf(config).run(config, context), deadline.over]);
    if (outcome === undefined) return undefined;
  } catch (thrown) {
    const reason = deadline.signal.aborted ? deadline.signal.reason : thrown;
    const error = errorOf(reason, trace);
    const isWay = error.about === "way" && error.class !== "forbidden";
    outcome = { status: (isWay && checkTypeOf(config).wayIs) || "down", error };
  } finally {
    deadline.end();
  }
  const { latencyMs = performance.now() - start, ...unbounded } = outcome;
  const seen = unbounded.error === undefined ? unbounded : { ...unbounded, error: bounded(unbounded.error) };
  const lost = deadline.lostMs();
  const judged = config.expect === "down" ? turnedRound(config, seen) : latencyMs === null ? seen : tooSlow(config, seen, latencyMs, lost);
  // What is up because nothing answered has no latency.
  const hasLatency = latencyMs !== null && !(config.expect === "down" && judged.status === "up");
  return {
    ...judged,
    ...(hasLatency && { totalMs: latencyMs, ...noteOf(judged, latencyMs, lost) }),
    ...seenOnTheWay(trace),
  };
}

function seenOnTheWay({ phases, hops, address, certificate, chains = [] }: Trace) {
  return {
    phases,
    ...(hops.length > 0 && { hops }),
    ...(address !== undefined && { address }),
    ...(certificate !== undefined && { certificate }),
    ...(chains.length > 0 && { chains }),
  };
}

function errorOf(reason: unknown, { phase, isOnTheWay, said }: Trace): CheckError {
  const error = explainFailure(reason, phase);
  const heard = error.class === "timeout" && said !== undefined && said !== "" ? `; it said "${said.slice(0, 100).toWellFormed()}"` : "";
  return { ...error, text: error.text + heard, ...(isOnTheWay && { about: "way" }) };
}

/** Whether a failure says something of the target: it was asked. */
function wasAsked({ class: errorClass, about }: CheckError, type: string): boolean {
  // A name without an answer is what a dns check asks for.
  return about !== "way" && errorClass !== "forbidden" && (errorClass !== "dns" || type === "dns");
}

/** A check whose target is meant to be down. */
function turnedRound({ type }: CheckConfig, outcome: CheckOutcome): CheckOutcome {
  const { status, error, ...seen } = outcome;
  if (status !== "down") return { ...seen, status: "down", error: { class: "assertion", text: `is ${status}, expected down` } };
  return error === undefined || wasAsked(error, type)
    ? { ...seen, status: "up", note: `down, as expected: ${error?.text ?? ""}` }
    : outcome;
}

/** @param lostMs in which this process was late: it may all have been its own */
function tooSlow(config: CheckConfig, outcome: CheckOutcome, totalMs: number, lostMs: number): CheckOutcome {
  const limit = config.latencyLimitMs;
  if (limit === undefined || outcome.status !== "up" || totalMs - lostMs <= limit) return outcome;
  const text = `took ${Math.round(totalMs)} ms, limit ${limit} ms`;
  return { ...outcome, status: config.slowIs, isSlow: true, error: { class: "assertion", text } };
}

/** A latency that is off by less than this, in ms, or by less than a fifth of it, is told as it is. */
const LOST_TOLD_MS = 50;

/** Says of a latency that much of it may be our own. */
function noteOf({ note }: CheckOutcome, totalMs: number, lostMs: number): { note?: string } {
  if (lostMs < LOST_TOLD_MS || lostMs < totalMs / 5) return {};
  const own = `the monitor was busy for up to ${Math.round(Math.min(lostMs, totalMs))} of these ${Math.round(totalMs)} ms`;
  return { note: note === undefined ? own : `${note}; ${own}` };
}

const MAX_ERROR_CHARACTERS = 300;

// Part of it may come from the target; it goes into rows, alerts and the target's item.
function bounded(error: CheckError): CheckError {
  return { ...error, text: cleanText(error.text, MAX_ERROR_CHARACTERS) };
}
