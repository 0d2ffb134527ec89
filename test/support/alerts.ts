import { createAddressGuard } from "../../shared/net/address-guard.ts";
import type { Alert, NotifyContext } from "../../shared/notify/notifier.ts";

/** An alert of a target that went down. */
export function alertOf(overrides: Partial<Alert> = {}): Alert {
  return {
    id: "11111111-1111-4111-8111-111111111111:1795400000000",
    kind: "down",
    target: {
      id: "11111111-1111-4111-8111-111111111111",
      name: "Shop",
      label: "https://shop.example/health",
      tags: ["eu"],
      group: "front",
    },
    from: "up",
    to: "down",
    since: 1_795_400_000_000,
    decidedAt: 1_795_400_000_000,
    error: { class: "connect", text: "connection refused" },
    latencyMs: 12.3,
    missed: [],
    ...overrides,
  };
}

export function notifyContext(): NotifyContext {
  return {
    guard: createAddressGuard(["127.0.0.0/8"]),
    signal: AbortSignal.timeout(5_000),
    userAgent: "server-tracker/test",
    now: 1_795_400_030_000,
  };
}
