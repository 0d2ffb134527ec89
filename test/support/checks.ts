import { spawnSync } from "node:child_process";
import { createAddressGuard } from "../../shared/net/address-guard.ts";
import { createPacer } from "../../shared/round/pacer.ts";
import type { PacedEngine } from "../../shared/round/run-checks.ts";
import { parseTargetConfig, type TargetConfig } from "../../shared/targets/target.ts";
import { systemClock } from "../../shared/time/clock.ts";

/** An engine that may reach loopback. */
export function testEngine(overrides: Partial<PacedEngine> = {}): PacedEngine {
  return {
    clock: systemClock,
    guard: createAddressGuard(["127.0.0.0/8", "::1/128"], [], true),
    userAgent: "server-tracker/test",
    pacer: createPacer(5_000),
    ...overrides,
  };
}

/** A target's configuration with every default. */
export function configOf(input: Record<string, unknown>): TargetConfig {
  return parseTargetConfig({ name: "test", ...input }, 30);
}

/** Whether this machine has a `ping` command that may send; small containers have none. */
export function canPing(): boolean {
  return spawnSync("ping", ["-c", "1", "127.0.0.1"], { stdio: "ignore" }).status === 0;
}
