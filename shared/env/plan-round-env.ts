import * as z from "zod";
import { flag, roundEnv, stateEnv, wholeNumber } from "./fields.ts";

export const planRoundEnv = z.object({
  ...stateEnv,
  ...roundEnv,
  SHARD_SIZE: wholeNumber(1, 1_000).default(250),
  /** Whether all shards run in one process, as on a laptop: then each target has a moment of its own in its round. */
  ONE_PROCESS: flag.default(false),
  /** Whether what is down and keeps its checker waiting is checked by a function of its own, as where time is paid for. */
  WAITS_APART: flag.default(false),
});
