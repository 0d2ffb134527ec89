import type { RoundSummary } from "../shared/round/conclude-round.ts";
import { lambdaContext } from "./api-server.ts";
import type { TaskHandlers } from "./round-machine.ts";

/** The functions, as Lambda would load them: call it when their environment is there, since they read it once. */
export async function loadFunctions() {
  const [plan, check, conclude, maintain, api, authorizer] = await Promise.all([
    import("../functions/plan-round.ts"),
    import("../functions/check-shard.ts"),
    import("../functions/conclude-round.ts"),
    import("../functions/maintain-log.ts"),
    import("../functions/api.ts"),
    import("../functions/authorizer.ts"),
  ]);
  return {
    api: api.handler,
    authorizer: authorizer.handler,
    maintainLog: () => maintain.handler({}, lambdaContext("maintain-log")),
    /** Handlers of the state machine's tasks. @param onRound told each round's summary */
    roundTasks: (onRound: (summary: RoundSummary) => void): TaskHandlers => ({
      PlanRound: (input) => plan.handler(input, lambdaContext("plan-round")),
      CheckShard: (input) => check.handler(input, lambdaContext("check-shard")),
      ConcludeRound: async (input) => {
        const summary = await conclude.handler(input, lambdaContext("conclude-round"));
        onRound(summary);
        return summary;
      },
    }),
  };
}
