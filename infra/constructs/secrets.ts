import { Stack } from "aws-cdk-lib";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import type { Settings } from "../settings.ts";

/**
 * Webhook URLs, tokens and the API key: SecureString parameters that the owner puts under one path,
 * named like the settings of `.env.example`. They are in no template; functions read them at cold start and every 5 minutes.
 */
export class Secrets extends Construct {
  readonly path: string;
  readonly environment: { readonly SECRETS_PATH: string };

  constructor(scope: Construct, id: string, { stage, secretsPath }: Settings) {
    super(scope, id);
    this.path = secretsPath ?? `/server-tracker/${stage}`;
    this.environment = { SECRETS_PATH: this.path };
  }

  /** @param names of those that it needs: each reads its own, and by name */
  grantRead(grantee: IGrantable, names: readonly string[]): void {
    const arnOf = (name: string) =>
      Stack.of(this).formatArn({ service: "ssm", resource: "parameter", resourceName: `${this.path.slice(1)}/${name}` });
    Grant.addToPrincipal({ grantee, actions: ["ssm:GetParameters"], resourceArns: names.map(arnOf) });
  }
}
