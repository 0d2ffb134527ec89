import { Logger } from "@aws-lambda-powertools/logger";
import { loadEnv } from "../shared/env/load-env.ts";
import { planRoundEnv } from "../shared/env/plan-round-env.ts";
import { createDynamoCut } from "../shared/round/dynamo-cut.ts";
import { createDynamoLastRoundReader } from "../shared/round/dynamo-last-round-reader.ts";
import { planRound } from "../shared/round/plan-round.ts";
import { targetKeyReader } from "../shared/targets/dynamo-target-keys.ts";
import { clock, stateClient } from "./wiring/clients.ts";
import { taskHandler } from "./wiring/task-handler.ts";

const env = loadEnv(planRoundEnv);
const client = stateClient();
const logger = new Logger({ serviceName: "plan-round" });
const deps = {
  clock,
  logger,
  cuts: createDynamoCut(client, env.TABLE_NAME),
  targets: { keys: targetKeyReader(client, env.TABLE_NAME) },
  lastRound: createDynamoLastRoundReader(client, env.TABLE_NAME),
  roundSeconds: env.ROUND_SECONDS,
  shardSize: env.SHARD_SIZE,
  isOneProcess: env.ONE_PROCESS,
  waitsApart: env.WAITS_APART,
};

/** First task of a round: which targets are due, in shards. */
export const handler = taskHandler(logger, (event) => planRound(deps, event));
