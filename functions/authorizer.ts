import { Logger } from "@aws-lambda-powertools/logger";
import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from "aws-lambda";
import { ANONYMOUS, apiKeyAuthenticator, authenticate, type Principal } from "../shared/access/authorize.ts";
import { createDynamoTokenReader } from "../shared/access/dynamo-token-reader.ts";
import { jwtAuthenticator } from "../shared/access/jwt-authenticator.ts";
import { tokenAuthenticator } from "../shared/access/token-authenticator.ts";
import { AUTHORIZER_SECRETS, authorizerEnv } from "../shared/env/authorizer-env.ts";
import { clock, stateClient } from "./wiring/clients.ts";
import { freshSettings } from "./wiring/fresh-settings.ts";
import { lowerCaseNames } from "./wiring/headers.ts";
import { parameterStore } from "./wiring/parameter-store.ts";

const logger = new Logger({ serviceName: "authorizer" });
const { env, current: apiKeys } = await freshSettings(
  authorizerEnv,
  [parameterStore(AUTHORIZER_SECRETS)],
  ({ API_KEY }) => (API_KEY === undefined ? [] : [apiKeyAuthenticator(API_KEY)]),
  { clock, warn: (message) => logger.warn(message) },
);
const authenticators = [
  tokenAuthenticator(createDynamoTokenReader(stateClient(), env.TABLE_NAME, clock), clock),
  ...(env.OIDC_ISSUER === undefined
    ? []
    : [
        jwtAuthenticator(
          {
            issuer: env.OIDC_ISSUER,
            audiences: env.OIDC_AUDIENCE,
            jwksUri: env.OIDC_JWKS_URI,
            rolesClaim: env.OIDC_ROLES_CLAIM,
          },
          logger,
        ),
      ]),
];
const anyone: Principal | undefined = env.PUBLIC_READ ? { id: ANONYMOUS, role: "viewer" } : undefined;

/**
 * In front of every private route: tells who is calling. What the caller may do is in the API's one
 * table of routes, so one answer serves all routes.
 * @throws {Error} "Unauthorized", the word that API Gateway turns into a 401
 */
export const handler = async (event: APIGatewayRequestAuthorizerEvent): Promise<APIGatewayAuthorizerResult> => {
  const principal = (await authenticate(lowerCaseNames(event.headers), [...authenticators, ...(await apiKeys())])) ?? anyone;
  if (principal === undefined) throw new Error("Unauthorized");
  return {
    principalId: principal.id,
    context: { role: principal.role ?? "none" },
    policyDocument: {
      Version: "2012-10-17",
      Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource: event.methodArn.replace(/^(([^/]+\/){2}).*$/, "$1*") }],
    },
  };
};
