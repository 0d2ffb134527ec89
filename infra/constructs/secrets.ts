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

  grantRead(grantee: IGrantable): void {
    const parameters = Stack.of(this).formatArn({ service: "ssm", resource: "parameter", resourceName: this.path.slice(1) });
    Grant.addToPrincipal({ grantee, actions: ["ssm:GetParametersByPath"], resourceArns: [parameters] });
  }
}
