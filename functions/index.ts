import { apiEnv } from "../shared/env/api-env.ts";
import { authorizerEnv } from "../shared/env/authorizer-env.ts";
import { checkShardEnv } from "../shared/env/check-shard-env.ts";
import { concludeRoundEnv } from "../shared/env/conclude-round-env.ts";
import { deliverAlertsEnv } from "../shared/env/deliver-alerts-env.ts";
import { maintainLogEnv } from "../shared/env/maintain-log-env.ts";
import { migrateEnv } from "../shared/env/migrate-env.ts";
import { nameRoundsEnv } from "../shared/env/name-rounds-env.ts";
import { planRoundEnv } from "../shared/env/plan-round-env.ts";
import { probeEnv } from "../shared/env/probe-env.ts";
import { publishPagesEnv } from "../shared/env/publish-pages-env.ts";

/**
 * Every function: what bundles, infra, the local runner and the tests read. A new one is a file beside this, its
 * schema in `shared/env/`, a line here, and a construct of its name in `infra/constructs/`.
 *
 * `trigger` says what calls it: a state of `infra/round.asl.json`, another function, a schedule, the REST API, or a deploy.
 */
export const functions = {
  "name-rounds": { schema: nameRoundsEnv, trigger: { task: "NameRounds" }, load: () => import("./name-rounds.ts") },
  "plan-round": { schema: planRoundEnv, trigger: { task: "PlanRound" }, load: () => import("./plan-round.ts") },
  "check-shard": { schema: checkShardEnv, trigger: { task: "CheckShard" }, load: () => import("./check-shard.ts") },
  "check-waiting": { schema: checkShardEnv, trigger: { task: "CheckWaiting" }, load: () => import("./check-waiting.ts") },
  "conclude-round": { schema: concludeRoundEnv, trigger: { task: "ConcludeRound" }, load: () => import("./conclude-round.ts") },
  "publish-pages": { schema: publishPagesEnv, trigger: { task: "PublishPages" }, load: () => import("./publish-pages.ts") },
  "deliver-alerts": { schema: deliverAlertsEnv, trigger: { bell: "check-shard" }, load: () => import("./deliver-alerts.ts") },
  probe: { schema: probeEnv, trigger: { opinion: "check-shard" }, load: () => import("./probe.ts") },
  "maintain-log": { schema: maintainLogEnv, trigger: { everyMinutes: 5, everyMinutesAsleep: 60 }, load: () => import("./maintain-log.ts") },
  api: { schema: apiEnv, trigger: { api: "routes" }, load: () => import("./api.ts") },
  authorizer: { schema: authorizerEnv, trigger: { api: "authorizer" }, load: () => import("./authorizer.ts") },
  migrate: { schema: migrateEnv, trigger: { deploy: true }, load: () => import("./migrate.ts") },
} as const;

export type FunctionName = keyof typeof functions;

export const FUNCTION_NAMES = Object.keys(functions) as FunctionName[];
