import type * as z from "zod";
import { checkShardEnv } from "../shared/env/check-shard-env.ts";
import { createDynamoSpoolWriter } from "../shared/log/dynamo-spool.ts";
import { waitingWriter } from "../shared/log/resting-log.ts";
import { createAddressGuard } from "../shared/net/address-guard.ts";
import type { SecondOpinions } from "../shared/round/ask-probes.ts";
import type { Ring } from "../shared/round/bell.ts";
import { checkShard } from "../shared/round/check-shard.ts";
import { createDynamoLastRoundReader } from "../shared/round/dynamo-last-round-reader.ts";
import { createPacer } from "../shared/round/pacer.ts";
import { createDynamoTargetReader } from "../shared/targets/dynamo-target-reader.ts";
import { createDynamoTargetRounds } from "../shared/targets/dynamo-target-rounds.ts";
import { createFieldCipher } from "../shared/targets/field-cipher.ts";
import { createLoopLag } from "../shared/time/loop-lag.ts";
import { clock } from "./wiring/clients.ts";
import { fieldKey } from "./wiring/field-key.ts";
import { loadSettings } from "./wiring/load-settings.ts";
import { storeDeps } from "./wiring/store-deps.ts";
import { taskHandler } from "./wiring/task-handler.ts";
import { userAgent } from "./wiring/user-agent.ts";

const env = await loadSettings(checkShardEnv, fieldKey);
// One for the process: locally, all shards of a round share its CPU.
const lag = createLoopLag();
const { client, onUnreadable, ...stores } = storeDeps("check-shard", env);
const deps = {
  ...stores,
  // Where the log sleeps, the last hour of checks is read where they wait.
  ...(env.ECONOMY && { log: waitingWriter }),
  targets: {
    ...createDynamoTargetReader(client, env.TABLE_NAME, onUnreadable),
    ...createDynamoTargetRounds(client, env.TABLE_NAME, clock),
  },
  spool: createDynamoSpoolWriter(client, env.TABLE_NAME),
  lastRound: createDynamoLastRoundReader(client, env.TABLE_NAME),
  roundSeconds: env.ROUND_SECONDS,
  controlTargets: env.CONTROL_TARGETS,
  cipher: createFieldCipher(env.FIELD_KEY),
  ring: ringOf(env.BELL_FUNCTION),
  opinions: await opinionsOf(env),
  engine: {
    clock,
    guard: createAddressGuard(env.ALLOWED_PRIVATE_RANGES, env.ALLOWED_PORTS, env.ALLOW_PING),
    userAgent: userAgent(env),
    pacer: createPacer(env.CHECKS_PER_SECOND, lag.busy),
    lag,
    dnsServers: env.DNS_SERVERS,
  },
};

/** The function that delivers alerts; its client is loaded when there is one to ring. */
function ringOf(name: string | undefined): Ring | undefined {
  return name === undefined ? undefined : async (call) => (await import("./wiring/invoke-later.ts")).invokeLater(name, call);
}

/** Who is asked before a target is down; their client is loaded where there is one to ask. */
async function opinionsOf({ PROBES, PROBE_FUNCTION, PROBE_HOME }: z.output<typeof checkShardEnv>): Promise<SecondOpinions | undefined> {
  if (PROBES.length === 0) return undefined;
  const { createProbes } = await import("./wiring/probes.ts");
  return { here: PROBE_HOME, probes: createProbes(PROBES, PROBE_FUNCTION) };
}

/** Map task of a round: checks one shard. */
export const handler = taskHandler(stores.logger, (event) => checkShard(deps, event));
