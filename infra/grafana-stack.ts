import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import { CfnSecurityGroupEgress, CfnSecurityGroupIngress, SecurityGroup } from "aws-cdk-lib/aws-ec2";
import { CfnWorkspace } from "aws-cdk-lib/aws-grafana";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { SettingError } from "../shared/errors.ts";
import type { DataStack } from "./data-stack.ts";
import type { Settings } from "./settings.ts";

/** Offered by Amazon Managed Grafana when this was written. */
const GRAFANA_VERSION = "10.4";

/** An Amazon Managed Grafana workspace inside the log's network. Dashboards come by `npm run grafana:push`. */
export class GrafanaStack extends Stack {
  constructor(scope: Construct, id: string, { settings, data, ...props }: StackProps & { settings: Settings; data: DataStack }) {
    super(scope, id, props);
    const { network } = data.log;
    if (network === undefined) throw new SettingError("setting grafana needs Aurora: leave dataApiUrl out");
    const role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("grafana.amazonaws.com", { conditions: { StringEquals: { "aws:SourceAccount": this.account } } }),
      description: "Of the Grafana workspace: its data source is SQL, so that it needs no permission",
    });
    const group = new SecurityGroup(this, "SecurityGroup", {
      vpc: network.vpc,
      allowAllOutbound: false,
      description: "Grafana, to the log alone",
    });
    // Rules of this stack on both groups: the data stack knows nothing of it.
    const port = { ipProtocol: "tcp", fromPort: 5432, toPort: 5432, description: "Grafana reads the log" };
    new CfnSecurityGroupIngress(this, "IntoLog", {
      ...port,
      groupId: network.securityGroupId,
      sourceSecurityGroupId: group.securityGroupId,
    });
    new CfnSecurityGroupEgress(this, "ToLog", {
      ...port,
      groupId: group.securityGroupId,
      destinationSecurityGroupId: network.securityGroupId,
    });
    const workspace = new CfnWorkspace(this, "Workspace", {
      name: `server-tracker-${settings.stage}`,
      accountAccessType: "CURRENT_ACCOUNT",
      authenticationProviders: [settings.grafanaSignIn === "sso" ? "AWS_SSO" : "SAML"],
      permissionType: "CUSTOMER_MANAGED",
      roleArn: role.roleArn,
      grafanaVersion: GRAFANA_VERSION,
      vpcConfiguration: {
        securityGroupIds: [group.securityGroupId],
        subnetIds: network.vpc.isolatedSubnets.map(({ subnetId }) => subnetId),
      },
    });
    new CfnOutput(this, "Url", { value: `https://${workspace.attrEndpoint}`, description: "--url of npm run grafana:push" });
    new CfnOutput(this, "LogEndpoint", { value: network.endpoint, description: "--host of npm run grafana:push" });
    new CfnOutput(this, "ReaderSecret", {
      value: data.grafanaReader?.secretArn ?? "",
      description: "Holds GRAFANA_READER_PASSWORD of npm run grafana:push",
    });
  }
}
