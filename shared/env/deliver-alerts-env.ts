import * as z from "zod";
import { fieldKeyEnv, logEnv, pageEnv, reachEnv, roundEnv, secretsEnv, stageEnv, stateEnv } from "./fields.ts";

export const deliverAlertsEnv = z.object({
  ...stateEnv,
  ...logEnv,
  ...reachEnv,
  ...pageEnv,
  ...secretsEnv,
  ...stageEnv,
  ...roundEnv,
  ...fieldKeyEnv,
});
