import { RemovalPolicy, Validations } from "aws-cdk-lib";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import { GRAFANA_READER } from "../../shared/log/grafana-reader.ts";
import type { Settings } from "../settings.ts";

/** Name and password of the SQL role that dashboards read by. The migrations give the role its password. */
export class GrafanaReader extends Construct {
  readonly secretArn: string;

  constructor(scope: Construct, id: string, { protectData }: Settings) {
    super(scope, id);
    const secret = new Secret(this, "Secret", {
      description: "Server Tracker: the SQL role of dashboards",
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: GRAFANA_READER }),
        generateStringKey: "password",
        passwordLength: 32,
        excludePunctuation: true,
      },
      removalPolicy: protectData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
    this.secretArn = secret.secretArn;
    Validations.of(secret).acknowledge({
      id: "AwsSolutions::AwsSolutions-SMG4",
      reason: "Grafana keeps a copy: it is changed by a new value here, a deploy, and `npm run grafana:push`.",
    });
  }

  grantRead(grantee: IGrantable): void {
    Grant.addToPrincipal({ grantee, actions: ["secretsmanager:GetSecretValue"], resourceArns: [this.secretArn] });
  }
}
