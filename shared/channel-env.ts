import * as z from "zod";
import { fieldKeyEnv, logEnv, pageEnv, reachEnv, roundEnv, secretsEnv, stateEnv, wholeNumber } from "./env.ts";
import { channelSettings } from "./notify/channel.ts";

/* Environments of the functions that know channels: see `env.ts`. */

export const concludeRoundEnv = z.object({
  ...stateEnv,
  ...logEnv,
  ...reachEnv,
  ...pageEnv,
  ...secretsEnv,
  ...channelSettings,
  /** The deployment's name, in its metrics. */
  STAGE: z.string().default("local"),
  /** Called at the end of each round, so that an outside watcher notices when rounds stop. */
  DEAD_MANS_SWITCH_URL: z.url({ protocol: /^https?$/, error: "must be an http or https URL" }).optional(),
});

export const apiEnv = z.object({
  ...stateEnv,
  ...logEnv,
  ...roundEnv,
  ...secretsEnv,
  ...fieldKeyEnv,
  ...channelSettings,
  /** Calls a minute that one caller may make. */
  RATE_LIMIT_PER_MINUTE: wholeNumber(1, 1_000_000).default(3_000),
  /** Targets there may be. */
  MAX_TARGETS: wholeNumber(1, 100_000).default(10_000),
  ALLOWED_PRIVATE_RANGES: reachEnv.ALLOWED_PRIVATE_RANGES,
  ALLOWED_PORTS: reachEnv.ALLOWED_PORTS,
  /** Folder of Swagger UI's files, from the function's own; by default the package's. */
  SWAGGER_UI_DIR: z.string().optional(),
});
