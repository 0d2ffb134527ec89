import { RemovalPolicy, Validations } from "aws-cdk-lib";
import type { IGrantable } from "aws-cdk-lib/aws-iam";
import { Grant } from "aws-cdk-lib/aws-iam";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import type { Settings } from "../settings.ts";

/** The key that encrypts what may hold credentials in targets. Kept with the table: without it their headers are lost. */
export class FieldKey extends Construct {
  readonly environment: { readonly FIELD_KEY_SECRET_ARN: string };

  constructor(scope: Construct, id: string, { protectData }: Settings) {
    super(scope, id);
    const secret = new Secret(this, "Secret", {
      description: "Server Tracker: encrypts header values and bodies of targets",
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: protectData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
    this.environment = { FIELD_KEY_SECRET_ARN: secret.secretArn };
    Validations.of(secret).acknowledge({
      id: "AwsSolutions::AwsSolutions-SMG4",
      reason: "What is encrypted with it stays so until its owner writes it again: a rotated key could not read it.",
    });
  }

  grantRead(grantee: IGrantable): void {
    Grant.addToPrincipal({
      grantee,
      actions: ["secretsmanager:GetSecretValue"],
      resourceArns: [this.environment.FIELD_KEY_SECRET_ARN],
    });
  }
}
