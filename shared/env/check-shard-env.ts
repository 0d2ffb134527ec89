import * as z from "zod";
import { fieldKeyEnv, logEnv, pingEnv, reachEnv, roundEnv, stateEnv, wholeNumber } from "./fields.ts";

export const checkShardEnv = z.object({
  ...stateEnv,
  ...logEnv,
  ...roundEnv,
  ...reachEnv,
  ...pingEnv,
  ...fieldKeyEnv,
  /** Name of the function that delivers alerts in the middle of a round; without one they wait for its end. */
  BELL_FUNCTION: z.string().optional(),
  /** Checks started a second in one process; see `shared/round/pacer.ts`. */
  CHECKS_PER_SECOND: wholeNumber(1, 10_000).default(500),
});
