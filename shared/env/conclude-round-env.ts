import * as z from "zod";
import { httpUrl } from "../net/http-url.ts";
import { fieldKeyEnv, logEnv, pageEnv, reachEnv, roundEnv, secretsEnv, stageEnv, stateEnv } from "./fields.ts";

export const concludeRoundEnv = z.object({
  ...stateEnv,
  ...logEnv,
  ...reachEnv,
  ...pageEnv,
  ...secretsEnv,
  ...stageEnv,
  ...roundEnv,
  ...fieldKeyEnv,
  /** Called at the end of each round, so that an outside watcher notices when rounds stop. */
  DEAD_MANS_SWITCH_URL: httpUrl.optional(),
});
