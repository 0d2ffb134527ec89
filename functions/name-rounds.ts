import { Logger } from "@aws-lambda-powertools/logger";
import { loadEnv } from "../shared/env/load-env.ts";
import { nameRoundsEnv } from "../shared/env/name-rounds-env.ts";
import { createRoundNamer } from "../shared/round/name-rounds.ts";
import { systemClock } from "../shared/time/clock.ts";
import { taskHandler } from "./wiring/task-handler.ts";

const env = loadEnv(nameRoundsEnv);
// One for the process, which is called each minute.
const nameRounds = createRoundNamer({ roundSeconds: env.ROUND_SECONDS, clock: systemClock });

/** First task of an execution: which rounds are its. */
export const handler = taskHandler(new Logger({ serviceName: "name-rounds" }), async (event) => nameRounds(event));
