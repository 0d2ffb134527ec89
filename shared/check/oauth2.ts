import * as z from "zod";
import { httpUrlField } from "./http-url-field.ts";

/** An OAuth 2 client that gets itself a token. Source: RFC 6749, 4.4 (client credentials). */
export const oauth2Field = z
  .strictObject({
    tokenUrl: httpUrlField.meta({ description: "The token endpoint." }),
    clientId: z.string().min(1).max(500, "must have at most 500 characters"),
    clientSecret: z.string().min(1).max(4_096, "must have at most 4096 characters"),
    scopes: z
      .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/, "must be a scope, without blanks"))
      .max(30, "must have at most 30 scopes")
      .default([]),
    audience: z.string().min(1).max(500, "must have at most 500 characters").optional(),
    tokenEndpointAuthMethod: z
      .enum(["client_secret_basic", "client_secret_post"])
      .default("client_secret_basic")
      .meta({ description: "How the client authenticates there: in the authorization header or in the form." }),
  })
  .meta({ description: "Client credentials: a bearer token is got, kept for its life, and sent with each check." });

export type OAuth2Config = z.output<typeof oauth2Field>;
