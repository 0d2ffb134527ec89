import { createPacer } from "../shared/check/pacer.ts";
import { checkShardEnv, loadEnv } from "../shared/env.ts";
import { createAddressGuard } from "../shared/net/address-guard.ts";
import { checkShard } from "../shared/round/check-shard.ts";
import { clock, storeDeps } from "./wiring/clients.ts";
import { taskHandler } from "./wiring/task-handler.ts";
import { userAgent } from "./wiring/user-agent.ts";

const env = loadEnv(checkShardEnv);
const stores = storeDeps("check-shard", env);
const deps = {
  ...stores,
  roundSeconds: env.ROUND_SECONDS,
  engine: {
    clock,
    guard: createAddressGuard(env.ALLOWED_PRIVATE_RANGES),
    userAgent: userAgent(env),
    // One for the process: locally, all shards of a round share its CPU.
    pacer: createPacer(env.CHECKS_PER_SECOND),
    dnsServers: env.DNS_SERVERS,
  },
};

/** Map task of a round: checks one shard. */
export const handler = taskHandler(stores.logger, (event) => checkShard(deps, event));
