import { loadEnv } from "../shared/env/load-env.ts";
import { probeEnv } from "../shared/env/probe-env.ts";
import { createAddressGuard } from "../shared/net/address-guard.ts";
import { answerProbe } from "../shared/round/probe-call.ts";
import { systemClock } from "../shared/time/clock.ts";
import { userAgent } from "./wiring/user-agent.ts";

const env = loadEnv(probeEnv);
const engine = {
  clock: systemClock,
  guard: createAddressGuard(env.ALLOWED_PRIVATE_RANGES, env.ALLOWED_PORTS),
  userAgent: userAgent(env),
  dnsServers: env.DNS_SERVERS,
};

/**
 * Called by check-shard of another region before it holds a target for down, and where a target is to be looked at from
 * here: one check, and nothing else. It has no store, no settings of its owner's, and logs nothing of what it is asked: calls hold a target's secrets.
 */
export const handler = (event: unknown): Promise<unknown> => answerProbe(engine, event);
