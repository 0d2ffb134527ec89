import { expect, it } from "vitest";
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
  expect(clients.map((client) => client["AllowedOAuthFlows"])).toEqual([["code"], ["client_credentials"]]);
  // Machines get no admin.
  expect(JSON.stringify(clients[1]?.["AllowedOAuthScopes"])).not.toContain("admin");
  expect(authorizer(deployment)).toMatchObject({ OIDC_ISSUER: expect.anything(), OIDC_AUDIENCE: expect.anything() });
});

it("takes the owner's issuer instead, or none", async () => {
  const own = await synthesized({ oidcIssuer: "https://login.example.com", oidcAudience: "tracker", oidcRolesClaim: "roles" });
  expect(own.ofType("AWS::Cognito::UserPool")).toEqual([]);
  expect(authorizer(own)).toMatchObject({ OIDC_ISSUER: "https://login.example.com", OIDC_AUDIENCE: "tracker", OIDC_ROLES_CLAIM: "roles" });
  const none = await synthesized({ cognito: "false" });
  expect(none.ofType("AWS::Cognito::UserPool")).toEqual([]);
  expect(authorizer(none)).not.toHaveProperty("OIDC_ISSUER");
  await expect(synthesized({ oidcIssuer: "https://login.example.com" })).rejects.toThrow(/oidcAudience|must be set with oidcIssuer/);
});

it("keeps the key of encrypted fields with the data", async () => {
  const deployment = await synthesized();
  const [, secret] = deployment.ofType("AWS::SecretsManager::Secret").find(([id]) => id.startsWith("FieldKey")) ?? [];
  expect(secret).toMatchObject({ DeletionPolicy: "RetainExceptOnCreate", Properties: { GenerateSecretString: { PasswordLength: 64 } } });
});
