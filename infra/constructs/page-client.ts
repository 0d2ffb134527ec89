import { CfnOutput } from "aws-cdk-lib";
import { CfnManagedLoginBranding, OAuthScope, UserPoolClient } from "aws-cdk-lib/aws-cognito";
import { Construct } from "constructs";
import { CLI_SIGN_IN_URL, PAGE_SCOPE, SIGN_IN_PATH, type SignInSettings } from "../../web/serving.ts";
import { CLIENT_DEFAULTS, type CognitoUsers } from "./identity.ts";

/**
 * The client of page and command line at the deployment's user pool: it knows where the page is, and so belongs to what can
 * be thrown away.
 */
export class PageClient extends Construct {
  readonly signIn: SignInSettings;

  /** @param callbackUrls where the login may lead back to on the page: each ends with {@link SIGN_IN_PATH} */
  constructor(scope: Construct, id: string, { pool, issuer, loginUrl }: CognitoUsers, callbackUrls: string[]) {
    super(scope, id);
    const client = new UserPoolClient(this, "Client", {
      ...CLIENT_DEFAULTS,
      userPool: pool,
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID, OAuthScope.EMAIL],
        callbackUrls: [...callbackUrls, CLI_SIGN_IN_URL],
        logoutUrls: callbackUrls.map((url) => url.slice(0, 1 - SIGN_IN_PATH.length)),
      },
    });
    // Without one, managed login shows "Login pages unavailable".
    // https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-managed-login.html
    new CfnManagedLoginBranding(this, "Branding", {
      userPoolId: pool.userPoolId,
      clientId: client.userPoolClientId,
      useCognitoProvidedValues: true,
    });
    new CfnOutput(this, "Id", { value: client.userPoolClientId });
    // https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints.html
    this.signIn = {
      issuer,
      clientId: client.userPoolClientId,
      scope: PAGE_SCOPE,
      endpoints: {
        authorization_endpoint: `${loginUrl}/oauth2/authorize`,
        token_endpoint: `${loginUrl}/oauth2/token`,
        revocation_endpoint: `${loginUrl}/oauth2/revoke`,
        end_session_endpoint: `${loginUrl}/logout`,
      },
    };
  }
}
