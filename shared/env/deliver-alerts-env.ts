import * as z from "zod";
import { fieldKeyEnv, logEnv, pageEnv, reachEnv, restEnv, roundEnv, secretsEnv, stageEnv, stateEnv } from "./fields.ts";

export const deliverAlertsEnv = z.object({
  ...stateEnv,
  ...logEnv,
  ...restEnv,
  ...reachEnv,
  ...pageEnv,
  ...secretsEnv,
  ...stageEnv,
  ...roundEnv,
  ...fieldKeyEnv,
});
