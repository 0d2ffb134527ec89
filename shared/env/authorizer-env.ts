import * as z from "zod";
import { httpUrl } from "../net/http-url.ts";
import { flag, list, secretsEnv, stateEnv } from "./fields.ts";

/** What of the owner's secrets it reads: who parses tokens of strangers holds no webhook. */
export const AUTHORIZER_SECRETS: readonly string[] = ["API_KEY"];

export const authorizerEnv = z.object({
  ...stateEnv,
  ...secretsEnv,
  /** OpenID Connect issuer whose JWTs are taken; none when left out. */
  OIDC_ISSUER: httpUrl.optional(),
  /** Accepted `aud` or `client_id`, separated by commas. */
  OIDC_AUDIENCE: list.default([]),
  OIDC_JWKS_URI: httpUrl.optional(),
  /** Claim that names roles. Amazon Cognito's groups by default. */
  OIDC_ROLES_CLAIM: z.string().default("cognito:groups"),
  API_KEY: z.string().min(20, "must have at least 20 characters").optional(),
  PUBLIC_READ: flag.default(false),
});
