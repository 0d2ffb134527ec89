import * as z from "zod";
import { logEnv, pageEnv, reachEnv, secretsEnv, stageEnv, stateEnv } from "./fields.ts";

export const deliverAlertsEnv = z.object({ ...stateEnv, ...logEnv, ...reachEnv, ...pageEnv, ...secretsEnv, ...stageEnv });
