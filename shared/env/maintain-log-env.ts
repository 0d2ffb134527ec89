import * as z from "zod";
import { logEnv, restEnv, stateEnv, wholeNumber } from "./fields.ts";

export const maintainLogEnv = z.object({
  ...stateEnv,
  ...logEnv,
  ...restEnv,
  RAW_RETENTION_DAYS: wholeNumber(1, 3_650).default(14),
  FIVE_MINUTE_RETENTION_DAYS: wholeNumber(1, 3_650).default(90),
  HOUR_RETENTION_DAYS: wholeNumber(1, 36_500).default(730),
});
