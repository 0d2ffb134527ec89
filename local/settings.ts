import { existsSync } from "node:fs";
import { resolve } from "node:path";
import * as z from "zod";
import { apiEnv } from "../shared/env/api-env.ts";
import { authorizerEnv } from "../shared/env/authorizer-env.ts";
import { checkShardEnv } from "../shared/env/check-shard-env.ts";
import { concludeRoundEnv } from "../shared/env/conclude-round-env.ts";
import { loadEnv } from "../shared/env/load-env.ts";
import { maintainLogEnv } from "../shared/env/maintain-log-env.ts";
import { SettingError } from "../shared/errors.ts";
import { httpOrigin } from "../shared/net/http-url.ts";
import { channelSettings, channelsFromSettings } from "../shared/notify/channel.ts";
import { PAGE_SCOPE } from "../web/serving.ts";
import type { PageSources } from "./stand-ins/page-files.ts";

/** A port; 0 takes a free one. */
export const port = z
  .string()
  .regex(/^\d{1,5}$/, "must be a port, 0 to 65535; 0 takes a free one")
  .transform(Number)
  .refine((value) => value <= 65_535, "must be a port, 0 to 65535; 0 takes a free one");

/** Where the log is, when it is not embedded. */
export const databaseUrl = z
  .url({
    protocol: /^postgres(ql)?$/,
    error:
      "must be a URL such as postgres://user:password@127.0.0.1:5432/database; in a password, @ : / # are %40 %3A %2F %23, or PGPASSWORD has it",
  })
  .optional();

/** What only `npm start` knows; the functions' own settings are checked with the functions' schemas. */
export const localEnv = z.object({
  PORT: port.default(8_000),
  HOST: z.string().default("127.0.0.1"),
  DATA_DIR: z.string().default(".data"),
  DATABASE_URL: databaseUrl,
  ROUND_SECONDS: checkShardEnv.shape.ROUND_SECONDS,
  /** The page's client at `OIDC_ISSUER`. */
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  /** Origins of the issuer besides its own, where its token endpoint is at another. */
  OIDC_ORIGINS: z
    .string()
    .default("")
    .transform((text) => text.split(",").filter((part) => part !== ""))
    .pipe(z.array(httpOrigin)),
});

/** What functions are told by `startServerTracker`. */
const STORES = { TABLE_NAME: true, LOG_RESOURCE_ARN: true, LOG_SECRET_ARN: true, LOG_DATABASE: true } as const;
const KEYED = { ...STORES, FIELD_KEY: true } as const;

export interface LocalSettings {
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  /** Absolute. */
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly roundSeconds: number;
  /** How people sign in on the page at the owner's issuer. */
  readonly signIn: Awaited<PageSources["signIn"]> | undefined;
}

/**
 * Reads `.env`, where there is one, and the environment, which wins.
 * @throws {SettingError} naming every wrong setting
 */
export function readLocalSettings(): LocalSettings {
  if (existsSync(".env")) process.loadEnvFile(".env");
  // With the functions' settings, which would otherwise be refused later, one function after the other.
  const env = loadEnv(
    localEnv
      .extend(checkShardEnv.omit(KEYED).shape)
      .extend(concludeRoundEnv.omit(KEYED).shape)
      .extend(maintainLogEnv.omit(STORES).shape)
      .extend(authorizerEnv.omit({ TABLE_NAME: true }).shape)
      .extend(apiEnv.omit(KEYED).shape)
      .extend(channelSettings),
  );
  // A deployment goes on with what is right; whoever starts it by hand is told at once.
  channelsFromSettings(env);
  if (env.OIDC_ISSUER !== undefined && env.OIDC_AUDIENCE.length === 0) {
    throw new SettingError("OIDC_AUDIENCE must be set with OIDC_ISSUER: else tokens for others would be taken");
  }
  return {
    port: env.PORT,
    host: env.HOST,
    dataDir: resolve(env.DATA_DIR),
    databaseUrl: env.DATABASE_URL,
    roundSeconds: env.ROUND_SECONDS,
    signIn:
      env.OIDC_ISSUER === undefined || env.OIDC_CLIENT_ID === undefined
        ? undefined
        : {
            settings: { issuer: env.OIDC_ISSUER, clientId: env.OIDC_CLIENT_ID, scope: PAGE_SCOPE },
            issuers: [new URL(env.OIDC_ISSUER).origin, ...env.OIDC_ORIGINS],
          },
  };
}
