import * as z from "zod";
import { logEnv, pageEnv, reachEnv, roundEnv, secretsEnv, stateEnv } from "./env.ts";
import { channelSettings } from "./notify/channel.ts";

/* Environments of the functions that know channels: see `env.ts`. */

export const concludeRoundEnv = z.object({ ...stateEnv, ...logEnv, ...reachEnv, ...pageEnv, ...secretsEnv, ...channelSettings });

export const apiEnv = z.object({
  ...stateEnv,
  ...logEnv,
  ...roundEnv,
  ...secretsEnv,
  ...channelSettings,
  ALLOWED_PRIVATE_RANGES: reachEnv.ALLOWED_PRIVATE_RANGES,
  /** Folder of Swagger UI's files; by default the package's own. */
  SWAGGER_UI_DIR: z.string().optional(),
});
