import * as z from "zod";
import { httpOrigin } from "../net/http-url.ts";
import {
  fieldKeyEnv,
  listOf,
  logEnv,
  parseProbe,
  pingEnv,
  reachEnv,
  restEnv,
  roundEnv,
  secretsEnv,
  stateEnv,
  wholeNumber,
} from "./fields.ts";

export const apiEnv = z.object({
  ...stateEnv,
  ...logEnv,
  ...restEnv,
  ...roundEnv,
  ...secretsEnv,
  ...fieldKeyEnv,
  /** Calls a minute that one caller may make. */
  RATE_LIMIT_PER_MINUTE: wholeNumber(1, 1_000_000).default(3_000),
  /** Targets there may be. */
  MAX_TARGETS: wholeNumber(1, 100_000).default(10_000),
  /** What a check costs, where it costs: in AWS. */
  USD_PER_CHECK: z.coerce.number().positive().optional(),
  /** Name of the function that keeps the log, which wakes it where it sleeps. */
  MAINTAIN_FUNCTION: z.string().default("maintain-log"),
  /** Places that are asked before a target is down, as check-shard knows them. */
  PROBES: listOf(parseProbe).default([]),
  ...reachEnv,
  ...pingEnv,
  /** Origins of pages that may call, besides our own. */
  CORS_ORIGINS: listOf((part) => httpOrigin.parse(part)).default([]),
  /** Folder of Swagger UI's files, from the function's own; by default the package's. */
  SWAGGER_UI_DIR: z.string().optional(),
});
