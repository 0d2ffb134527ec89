import { createPacer } from "../../shared/check/pacer.ts";
import type { CheckEngine } from "../../shared/check/run-checks.ts";
import { systemClock } from "../../shared/clock.ts";
import { createAddressGuard } from "../../shared/net/address-guard.ts";
import { parseTargetConfig, type TargetConfig } from "../../shared/target/target.ts";

/** An engine that may reach loopback. */
export function testEngine(overrides: Partial<CheckEngine> = {}): CheckEngine {
  return {
    clock: systemClock,
    guard: createAddressGuard(["127.0.0.0/8", "::1/128"]),
    userAgent: "server-tracker/test",
    pacer: createPacer(5_000),
    ...overrides,
  };
}

/** A target's configuration with every default. */
export function configOf(input: Record<string, unknown>): TargetConfig {
  return parseTargetConfig({ name: "test", ...input }, 30);
}
