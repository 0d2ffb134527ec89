import * as z from "zod";
import { httpUrl } from "../net/http-url.ts";
import { logEnv, pageEnv, reachEnv, secretsEnv, stageEnv, stateEnv } from "./fields.ts";

export const concludeRoundEnv = z.object({
  ...stateEnv,
  ...logEnv,
  ...reachEnv,
  ...pageEnv,
  ...secretsEnv,
  ...stageEnv,
  /** Called at the end of each round, so that an outside watcher notices when rounds stop. */
  DEAD_MANS_SWITCH_URL: httpUrl.optional(),
});
