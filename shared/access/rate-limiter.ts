import type { Clock } from "../time/clock.ts";

/** Callers remembered at most; the oldest are forgotten, and start with a full allowance. */
const MAX_CALLERS = 10_000;

/** Token buckets by caller: a burst of the allowance of a minute, filled again evenly. In this process alone. */
export interface RateLimiter {
  /** Takes one call off. @returns 0, or in how many seconds the caller may try again */
  take(caller: string): number;
}

export function createRateLimiter(perMinute: number, clock: Clock): RateLimiter {
  const buckets = new Map<string, { left: number; at: number }>();
  return {
    take(caller) {
      // A clock that is set back gives nothing, and takes nothing.
      const now = clock.now();
      const known = buckets.get(caller) ?? { left: perMinute, at: now };
      const left = Math.min(perMinute, known.left + (Math.max(0, now - known.at) / 60_000) * perMinute);
      buckets.delete(caller);
      if (buckets.size >= MAX_CALLERS) buckets.delete(buckets.keys().next().value ?? "");
      buckets.set(caller, { left: left >= 1 ? left - 1 : left, at: now });
      return left >= 1 ? 0 : Math.ceil(((1 - left) / perMinute) * 60);
    },
  };
}
