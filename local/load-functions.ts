import { type FunctionName, functions } from "../functions/index.ts";
import type { BellReport } from "../shared/alert/answer-bell.ts";
import type { RoundSummary } from "../shared/round/conclude-round.ts";
import { lambdaContext } from "./stand-ins/api-server.ts";
import type { InvokedFunctions } from "./stand-ins/lambda-server.ts";
import type { TaskHandlers } from "./stand-ins/round-machine.ts";

/** The longest that a task of a round may take, and the log's maintenance: as in `infra/constructs/`. */
const TASK_TIMEOUT_MS = 90_000;
const MAINTENANCE_TIMEOUT_MS = 300_000;

/** The functions, as Lambda would load them: call it when their environment is there, since they read it once. */
export async function loadFunctions() {
  const [api, authorizer, maintain, deliver, tasks] = await Promise.all([
    functions.api.load(),
    functions.authorizer.load(),
    functions["maintain-log"].load(),
    functions["deliver-alerts"].load(),
    loadTasks(),
  ]);
  return {
    api: api.handler,
    authorizer: authorizer.handler,
    /** Functions that others call, by name. @param onTold told what the bell told */
    invoked: (onTold: (report: BellReport) => void): InvokedFunctions => ({
      // A log that sleeps is woken by who looks.
      "maintain-log": (input) => maintain.handler(input, lambdaContext("maintain-log", MAINTENANCE_TIMEOUT_MS)),
      "deliver-alerts": async (input) => onTold(await deliver.handler(input, lambdaContext("deliver-alerts", TASK_TIMEOUT_MS))),
    }),
    maintainEveryMs: maintainEveryMs(),
    maintainLog: () => maintain.handler({}, lambdaContext("maintain-log", MAINTENANCE_TIMEOUT_MS)),
    /** Handlers of the state machine's tasks. @param onRound told each round's summary */
    roundTasks: (onRound: (summary: RoundSummary) => void): TaskHandlers => ({
      ...tasks,
      ConcludeRound: async (input) => {
        const summary = (await tasks["ConcludeRound"]?.(input)) as RoundSummary; // what that function returns
        onRound(summary);
        return summary;
      },
    }),
  };
}

/** As the schedule in an account: by the log's hours, where it sleeps. */
function maintainEveryMs(): number {
  const { everyMinutes, everyMinutesAsleep } = functions["maintain-log"].trigger;
  return 60_000 * (process.env["ECONOMY"] === "true" ? everyMinutesAsleep : everyMinutes);
}

type Task = (input: unknown) => Promise<unknown>;

async function loadTasks(): Promise<Record<string, Task>> {
  const loaded = Object.entries(functions).flatMap(
    ([name, { trigger, load }]) => ("task" in trigger ? [loadTask(name as FunctionName, trigger.task, load as Load)] : []), // a task takes and returns plain JSON
  );
  return Object.fromEntries(await Promise.all(loaded));
}

type Load = () => Promise<{ handler: (input: unknown, context: ReturnType<typeof lambdaContext>) => Promise<unknown> }>;

async function loadTask(name: FunctionName, state: string, load: Load): Promise<[string, Task]> {
  const { handler } = await load();
  return [state, (input) => handler(input, lambdaContext(name, TASK_TIMEOUT_MS))];
}
