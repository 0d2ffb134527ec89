import * as z from "zod";
import { logEnv, pageEnv, restEnv, stateEnv } from "./fields.ts";

export const publishPagesEnv = z.object({
  ...stateEnv,
  ...logEnv,
  ...restEnv,
  PUBLIC_URL: pageEnv.PUBLIC_URL,
  /** Where visitors open status pages, where that is not PUBLIC_URL. */
  STATUS_URL: z.url().optional(),
  /** Bucket for the files of status pages; without one, none are published. */
  PAGES_BUCKET: z.string().min(1).optional(),
});
