import { LogAsleepError, messageOf } from "../../shared/errors.ts";
import type { ApiDeps } from "./route.ts";

/** What the log answers; `undefined` while it sleeps, or is away, which is logged: what is not in it is shown all the same. */
export async function askLog<Answer>({ logger }: Pick<ApiDeps, "logger">, ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof LogAsleepError))
      logger.warn("the log does not answer: shown is what is known without it", { reason: messageOf(error) });
    return undefined;
  }
}
