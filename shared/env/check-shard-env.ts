import * as z from "zod";
import { fieldKeyEnv, logEnv, reachEnv, roundEnv, stateEnv, wholeNumber } from "./fields.ts";

export const checkShardEnv = z.object({
  ...stateEnv,
  ...logEnv,
  ...roundEnv,
  ...reachEnv,
  ...fieldKeyEnv,
  /** Checks started a second in one process; see `shared/round/pacer.ts`. */
  CHECKS_PER_SECOND: wholeNumber(1, 10_000).default(500),
});
