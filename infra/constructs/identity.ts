import { CfnOutput, Duration, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import {
  AccountRecovery,
  CfnManagedLoginBranding,
  CfnUserPoolGroup,
  ManagedLoginVersion,
  Mfa,
  OAuthScope,
  ResourceServerScope,
  UserPool,
  type UserPoolClient,
  type UserPoolClientOptions,
} from "aws-cdk-lib/aws-cognito";
import { Construct } from "constructs";
import { ROLES } from "../../shared/access/authorize.ts";
import { SCOPE_PREFIX } from "../../shared/access/jwt-authenticator.ts";
import type { Settings } from "../settings.ts";

/** What the authorizer needs to know of the issuer of JWTs; nothing where there is none. */
export interface OidcEnvironment {
  readonly OIDC_ISSUER: string | undefined;
  readonly OIDC_AUDIENCE: string | undefined;
  readonly OIDC_JWKS_URI: string | undefined;
  readonly OIDC_ROLES_CLAIM: string | undefined;
}

const NO_ISSUER: OidcEnvironment = {
  OIDC_ISSUER: undefined,
  OIDC_AUDIENCE: undefined,
  OIDC_JWKS_URI: undefined,
  OIDC_ROLES_CLAIM: undefined,
};

const MFA = { off: Mfa.OFF, optional: Mfa.OPTIONAL, required: Mfa.REQUIRED } as const;

/** Who may sign in: an issuer of the owner's, or an Amazon Cognito user pool whose groups are the roles. */
export class Identity extends Construct {
  readonly environment: OidcEnvironment;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    if (settings.oidcIssuer !== undefined) {
      this.environment = {
        OIDC_ISSUER: settings.oidcIssuer,
        OIDC_AUDIENCE: settings.oidcAudience,
        OIDC_JWKS_URI: settings.oidcJwksUri,
        OIDC_ROLES_CLAIM: settings.oidcRolesClaim,
      };
    } else this.environment = settings.cognito ? this.createUserPool(settings) : NO_ISSUER;
  }

  private createUserPool({ stage, mfa, loginCallbackUrls, machineClient, protectData }: Settings): OidcEnvironment {
    const pool = new UserPool(this, "Users", {
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      mfa: MFA[mfa],
      ...(mfa !== "off" && { mfaSecondFactor: { sms: false, otp: true } }),
      passwordPolicy: {
        minLength: 12,
        requireDigits: true,
        requireLowercase: true,
        requireUppercase: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(3),
      },
      deletionProtection: protectData,
      removalPolicy: protectData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
    // Precedence: of a user's groups, the strongest role comes first.
    for (const [index, role] of [...ROLES].reverse().entries()) {
      new CfnUserPoolGroup(this, `Group-${role}`, { userPoolId: pool.userPoolId, groupName: role, precedence: index });
    }
    pool.addDomain("Login", {
      cognitoDomain: { domainPrefix: `server-tracker-${stage}-${Stack.of(this).account}` },
      managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN,
    });
    const common: UserPoolClientOptions = {
      accessTokenValidity: Duration.hours(1),
      enableTokenRevocation: true,
      preventUserExistenceErrors: true,
    };
    const page = pool.addClient("Page", {
      ...common,
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID, OAuthScope.EMAIL],
        callbackUrls: loginCallbackUrls.split(","),
      },
    });
    // Without one, managed login shows "Login pages unavailable".
    // https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-managed-login.html
    new CfnManagedLoginBranding(this, "Branding", {
      userPoolId: pool.userPoolId,
      clientId: page.userPoolClientId,
      useCognitoProvidedValues: true,
    });
    const clients = [page, ...(machineClient ? [this.addMachines(pool, common)] : [])];
    Validations.of(pool).acknowledge(
      { id: "AwsSolutions::AwsSolutions-COG2", reason: "The owner decides by the setting mfa: off, optional or required." },
      { id: "AwsSolutions::AwsSolutions-COG8", reason: "The Plus plan costs per user; an owner who wants it turns it on." },
      { id: "AwsSolutions::AwsSolutions-COG3", reason: "Threat protection belongs to the Plus plan, which costs per user." },
    );
    new CfnOutput(this, "UserPoolId", { value: pool.userPoolId, description: "Add users here, and put them into viewer, editor or admin" });
    new CfnOutput(this, "PageClientId", { value: page.userPoolClientId });
    return {
      ...NO_ISSUER,
      OIDC_ISSUER: pool.userPoolProviderUrl,
      OIDC_AUDIENCE: clients.map(({ userPoolClientId }) => userPoolClientId).join(","),
    };
  }

  /** A client for machines: Cognito bills $6 a month for each, used or not. */
  private addMachines(pool: UserPool, common: UserPoolClientOptions): UserPoolClient {
    const scopes = ROLES.filter((role) => role !== "admin").map(
      (role) => new ResourceServerScope({ scopeName: role, scopeDescription: `What a ${role} may do` }),
    );
    const server = pool.addResourceServer("Api", { identifier: SCOPE_PREFIX.replace("/", ""), scopes });
    const machines = pool.addClient("Machines", {
      ...common,
      generateSecret: true,
      oAuth: { flows: { clientCredentials: true }, scopes: scopes.map((scope) => OAuthScope.resourceServer(server, scope)) },
    });
    new CfnOutput(this, "MachineClientId", { value: machines.userPoolClientId });
    return machines;
  }
}
