import { RemovalPolicy, Validations } from "aws-cdk-lib";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import type { SqlRole } from "../../shared/log/sql-roles.ts";
import type { Settings } from "../settings.ts";

/** Name and password of an SQL role, in the form that the Data API takes. The migrations give the role its password. */
export class SqlRoleSecret extends Construct {
  readonly secretArn: string;

  /** @param rotation how its password is changed */
  constructor(scope: Construct, id: string, { protectData }: Settings, role: SqlRole, rotation: string) {
    super(scope, id);
    const secret = new Secret(this, "Secret", {
      description: `Server Tracker: the SQL role ${role}`,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: role }),
        generateStringKey: "password",
        passwordLength: 32,
        excludePunctuation: true,
      },
      removalPolicy: protectData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
    this.secretArn = secret.secretArn;
    Validations.of(secret).acknowledge({ id: "AwsSolutions::AwsSolutions-SMG4", reason: rotation });
  }

  grantRead(grantee: IGrantable): void {
    Grant.addToPrincipal({ grantee, actions: ["secretsmanager:GetSecretValue"], resourceArns: [this.secretArn] });
  }
}
