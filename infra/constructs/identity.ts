import { CfnOutput, Duration, Lazy, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import {
  AccountRecovery,
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
import { PAGE_SCOPE, type SignInSettings } from "../../web/serving.ts";
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

/** The user pool of a deployment, for its clients. */
export interface CognitoUsers {
  readonly pool: UserPool;
  /** The `iss` of its tokens. */
  readonly issuer: string;
  /** Origin of its login and tokens. */
  readonly loginUrl: string;
}

/** Of every client of it. */
export const CLIENT_DEFAULTS: UserPoolClientOptions = {
  accessTokenValidity: Duration.hours(1),
  enableTokenRevocation: true,
  preventUserExistenceErrors: true,
};

const MFA = { off: Mfa.OFF, optional: Mfa.OPTIONAL, required: Mfa.REQUIRED } as const;

/** Who may sign in: an issuer of the owner's, or an Amazon Cognito user pool whose groups are the roles. */
export class Identity extends Construct {
  readonly environment: OidcEnvironment;
  /** Where there is a pool. */
  readonly cognito: CognitoUsers | undefined;
  /** How people sign in on the page at the owner's issuer, where it has a client for it. */
  readonly ownSignIn: SignInSettings | undefined;
  /** Origins that the page asks for tokens. */
  readonly tokenOrigins: readonly string[];
  private readonly audiences: string[] = [];

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    if (settings.oidcIssuer !== undefined) {
      this.environment = {
        OIDC_ISSUER: settings.oidcIssuer,
        OIDC_AUDIENCE: settings.oidcAudience,
        OIDC_JWKS_URI: settings.oidcJwksUri,
        OIDC_ROLES_CLAIM: settings.oidcRolesClaim,
      };
      const { oidcIssuer: issuer, oidcClientId: clientId, oidcOrigins } = settings;
      this.ownSignIn = clientId === undefined ? undefined : { issuer, clientId, scope: PAGE_SCOPE };
      this.tokenOrigins = clientId === undefined ? [] : [new URL(issuer).origin, ...oidcOrigins.split(",").filter((part) => part !== "")];
    } else if (settings.cognito) {
      this.cognito = this.createUserPool(settings);
      this.tokenOrigins = [this.cognito.loginUrl];
      this.environment = {
        ...NO_ISSUER,
        OIDC_ISSUER: this.cognito.issuer,
        OIDC_AUDIENCE: Lazy.string({ produce: () => this.audiences.join(",") }),
      };
    } else {
      this.environment = NO_ISSUER;
      this.tokenOrigins = [];
    }
  }

  /** Lets in who got a token by this client of the pool. */
  addClient(clientId: string): void {
    this.audiences.push(clientId);
  }

  private createUserPool({ stage, mfa, machineClient, protectData }: Settings): CognitoUsers {
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
    const { account, region } = Stack.of(this);
    const domainPrefix = `server-tracker-${stage}-${account}`;
    pool.addDomain("Login", { cognitoDomain: { domainPrefix }, managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN });
    if (machineClient) this.addClient(this.createMachines(pool).userPoolClientId);
    Validations.of(pool).acknowledge(
      { id: "AwsSolutions::AwsSolutions-COG2", reason: "The owner decides by the setting mfa: off, optional or required." },
      { id: "AwsSolutions::AwsSolutions-COG8", reason: "The Plus plan costs per user; an owner who wants it turns it on." },
      { id: "AwsSolutions::AwsSolutions-COG3", reason: "Threat protection belongs to the Plus plan, which costs per user." },
    );
    new CfnOutput(this, "UserPoolId", { value: pool.userPoolId, description: "Add users here, and put them into viewer, editor or admin" });
    return { pool, issuer: pool.userPoolProviderUrl, loginUrl: `https://${domainPrefix}.auth.${region}.amazoncognito.com` };
  }

  /** A client for machines: Cognito bills $6 a month for each, used or not. */
  private createMachines(pool: UserPool): UserPoolClient {
    const scopes = ROLES.filter((role) => role !== "admin").map(
      (role) => new ResourceServerScope({ scopeName: role, scopeDescription: `What a ${role} may do` }),
    );
    const server = pool.addResourceServer("Api", { identifier: SCOPE_PREFIX.replace("/", ""), scopes });
    const machines = pool.addClient("Machines", {
      ...CLIENT_DEFAULTS,
      generateSecret: true,
      oAuth: { flows: { clientCredentials: true }, scopes: scopes.map((scope) => OAuthScope.resourceServer(server, scope)) },
    });
    new CfnOutput(this, "MachineClientId", { value: machines.userPoolClientId });
    return machines;
  }
}
