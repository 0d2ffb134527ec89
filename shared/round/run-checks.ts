import { monitorEventLoopDelay } from "node:perf_hooks";
import { checkTypeOf } from "../check/check-config.ts";
import type { CheckResult } from "../check/check-result.ts";
import { type CheckEngine, type CheckJob, runCheck } from "../check/run-check.ts";
import type { LoopLag } from "../time/loop-lag.ts";
import type { Pacer } from "./pacer.ts";

/** An engine whose checks start at a bounded pace. */
export interface PacedEngine extends CheckEngine {
  readonly pacer: Pacer;
  readonly lag?: LoopLag | undefined;
  /** Another way to check, for simulations: no socket, and time of its own. */
  readonly check?: typeof runCheck;
}

/** A check with its moment. */
export interface TimedJob extends CheckJob {
  /** Epoch ms before which it does not start. */
  readonly startAt?: number;
}

/** A moment farther off than this, in ms, is none of this round. */
const LONGEST_WAIT_MS = 60_000;

async function untilMoment({ startAt = 0 }: TimedJob, { clock }: PacedEngine): Promise<void> {
  const waitMs = startAt - clock.now();
  if (waitMs > 0 && waitMs < LONGEST_WAIT_MS) await clock.sleep(waitMs);
}

/**
 * Runs a shard's checks side by side. Starts are paced, so that latency measures the target and not
 * our event loop; nothing else waits for anything else, so a hanging target delays no other.
 *
 * @param confirmed makes of a check's result what counts: others may be asked first
 * @param onResult called as each check ends; all are waited for
 * @returns results in the order of `jobs` (`undefined`: nothing to say yet), and the 99th percentile
 *   of event-loop delay meanwhile in ms, which bounds how far latencies can be off
 */
export async function runChecks(
  jobs: readonly TimedJob[],
  engine: PacedEngine,
  onResult: (index: number, result: CheckResult) => Promise<void> = async () => undefined,
  confirmed: (index: number, result: CheckResult) => Promise<CheckResult> = async (_, result) => result,
): Promise<{ results: (CheckResult | undefined)[]; loopDelayMs: number }> {
  const loopDelay = monitorEventLoopDelay({ resolution: 10 });
  loopDelay.enable();
  const unwatch = engine.lag?.watch();
  const results = await Promise.all(
    jobs.map(async (job, index) => {
      if (!checkTypeOf(job.config).callsUs) {
        await untilMoment(job, engine);
        await engine.pacer.turn();
      }
      const seen = await (engine.check ?? runCheck)(job, engine);
      const result = seen && (await confirmed(index, seen));
      if (result !== undefined) await onResult(index, result);
      return result;
    }),
  );
  unwatch?.();
  loopDelay.disable();
  return { results, loopDelayMs: jobs.length === 0 ? 0 : Math.max(0, loopDelay.percentile(99) / 1e6 - 10) };
}
