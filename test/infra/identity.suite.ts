import { expect, it } from "vitest";
import { CLI_SIGN_IN_URL } from "../../web/serving.ts";
import { deployedFunctions, synthesized } from "./deployment.ts";

const authorizer = (deployment: Awaited<ReturnType<typeof synthesized>>) =>
  deployedFunctions(deployment).find(({ name }) => name === "authorizer")?.environment ?? {};

it("makes a user pool without self sign-up, with the roles as groups, a login page that shows, and a client for machines only where one is asked for", async () => {
  const deployment = await synthesized();
  expect(deployment.ofType("AWS::Cognito::UserPool")[0]?.[1]).toMatchObject({
    DeletionPolicy: "RetainExceptOnCreate",
    Properties: { AdminCreateUserConfig: { AllowAdminCreateUserOnly: true }, MfaConfiguration: "OPTIONAL", DeletionProtection: "ACTIVE" },
  });
  expect(
    deployment
      .ofType("AWS::Cognito::UserPoolGroup")
      .map(([, { Properties }]) => Properties["GroupName"])
      .sort(),
  ).toEqual(["admin", "editor", "viewer"]);
  // Without a branding, the login page of a new deployment is not there.
  expect(deployment.ofType("AWS::Cognito::ManagedLoginBranding")).toHaveLength(1);
  const clientsOf = (made: typeof deployment) => made.ofType("AWS::Cognito::UserPoolClient").map(([, { Properties }]) => Properties);
  expect(clientsOf(deployment).map((client) => client["AllowedOAuthFlows"])).toEqual([["code"]]);
  const clients = clientsOf(await synthesized({ machineClient: "true" }));
  expect(clients.map((client) => client["AllowedOAuthFlows"])).toEqual([["client_credentials"], ["code"]]);
  // Machines get no admin.
  expect(JSON.stringify(clients[0]?.["AllowedOAuthScopes"])).not.toContain("admin");
  expect(authorizer(deployment)).toMatchObject({ OIDC_ISSUER: expect.anything(), OIDC_AUDIENCE: expect.anything() });
});

it("takes the owner's issuer instead, or none", async () => {
  const own = await synthesized({ oidcIssuer: "https://login.example.com", oidcAudience: "tracker", oidcRolesClaim: "roles" });
  expect(own.ofType("AWS::Cognito::UserPool")).toEqual([]);
  expect(authorizer(own)).toMatchObject({ OIDC_ISSUER: "https://login.example.com", OIDC_AUDIENCE: "tracker", OIDC_ROLES_CLAIM: "roles" });
  const none = await synthesized({ cognito: "false" });
  expect(none.ofType("AWS::Cognito::UserPool")).toEqual([]);
  expect(authorizer(none)).not.toHaveProperty("OIDC_ISSUER");
  // Nor does the page ask anybody but its own origin.
  for (const made of [own, none]) {
    expect(JSON.stringify(made.ofType("AWS::CloudFront::ResponseHeadersPolicy"))).toContain("connect-src 'self';");
    expect(made.ofType("AWS::Cognito::UserPoolClient")).toEqual([]);
  }
  await expect(synthesized({ oidcIssuer: "https://login.example.com" })).rejects.toThrow(/oidcAudience|must be set with oidcIssuer/);
});

it("keeps the key of encrypted fields with the data", async () => {
  const deployment = await synthesized();
  const [, secret] = deployment.ofType("AWS::SecretsManager::Secret").find(([id]) => id.startsWith("FieldKey")) ?? [];
  expect(secret).toMatchObject({ DeletionPolicy: "RetainExceptOnCreate", Properties: { GenerateSecretString: { PasswordLength: 64 } } });
});

it("lets people sign in on the page: where it is, and nowhere else", async () => {
  const deployment = await synthesized();
  const [client] = deployment.ofType("AWS::Cognito::UserPoolClient").map(([, { Properties }]) => Properties);
  const [distribution] = deployment.ofType("AWS::CloudFront::Distribution").map(([id]) => id);
  const at = (path: string) => ({ "Fn::Join": ["", ["https://", { "Fn::GetAtt": [distribution, "DomainName"] }, path]] });
  expect(client).toMatchObject({
    CallbackURLs: [at("/sign-in"), CLI_SIGN_IN_URL],
    LogoutURLs: [at("/")],
    AllowedOAuthScopes: ["openid", "email"],
  });
  expect(client).not.toHaveProperty("GenerateSecret", true);
  // Its tokens are asked for from the page, and are good for the API.
  const origin = "https://server-tracker-test-";
  const policies = JSON.stringify(
    deployment.ofType("AWS::CloudFront::ResponseHeadersPolicy").filter(([id]) => id.startsWith("PageHeaders")),
  );
  expect(policies).toContain(`connect-src 'self' ${origin}`);
  expect(policies).toContain("same-origin-allow-popups");
  const [clientId] = deployment.ofType("AWS::Cognito::UserPoolClient").map(([id]) => id);
  expect(authorizer(deployment)["OIDC_AUDIENCE"]).toEqual({ Ref: clientId });
  const named = await synthesized({
    pageDomainName: "status.example.com",
    pageCertificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/a",
    loginCallbackUrls: "http://localhost:8000/sign-in",
  });
  expect(named.ofType("AWS::Cognito::UserPoolClient")[0]?.[1].Properties).toMatchObject({
    CallbackURLs: ["https://status.example.com/sign-in", "http://localhost:8000/sign-in", CLI_SIGN_IN_URL],
    LogoutURLs: ["https://status.example.com/", "http://localhost:8000/"],
  });
});

it("lets people sign in at the owner's issuer where the page has a client there", async () => {
  const issuer = { oidcIssuer: "https://login.example.com/realm", oidcAudience: "tracker" };
  const own = await synthesized({ ...issuer, oidcClientId: "page", oidcOrigins: "https://tokens.example.com" });
  const policies = JSON.stringify(own.ofType("AWS::CloudFront::ResponseHeadersPolicy"));
  expect(policies).toContain("connect-src 'self' https://login.example.com https://tokens.example.com;");
  await expect(synthesized({ oidcClientId: "page" })).rejects.toThrow(/oidcIssuer|must be set with oidcClientId/);
  await expect(synthesized({ ...issuer, oidcClientId: "page", oidcOrigins: "https://tokens.example.com/token" })).rejects.toThrow(
    /origins/,
  );
  await expect(synthesized({ loginCallbackUrls: "https://status.example.com/" })).rejects.toThrow(/sign-in/);
});
