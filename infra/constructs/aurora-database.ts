import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import { type IMetric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { FlowLogDestination, type IVpc, SubnetType, Vpc } from "aws-cdk-lib/aws-ec2";
import { Grant } from "aws-cdk-lib/aws-iam";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import {
  AuroraPostgresEngineVersion,
  type CfnDBCluster,
  ClusterInstance,
  Credentials,
  DatabaseCluster,
  DatabaseClusterEngine,
} from "aws-cdk-lib/aws-rds";
import { Construct } from "constructs";
import { isEconomical, type Settings } from "../settings.ts";
import { DATABASE_NAME, type DatabaseNetwork, type LogAccess, type LogDatabase, statementActions } from "./log-database.ts";
import { SqlRoleSecret } from "./sql-role-secret.ts";

/** The least that Aurora takes: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2-auto-pause.html */
const SLEEPS_AFTER = Duration.minutes(5);

/** Aurora PostgreSQL behind the RDS Data API, in subnets without a way out. */
export class AuroraDatabase extends Construct implements LogDatabase {
  readonly cluster: DatabaseCluster;
  readonly writer: LogAccess;
  readonly maintainer: LogAccess;
  readonly writerSecret: SqlRoleSecret;
  readonly capacityUtilization: IMetric;
  readonly network: DatabaseNetwork;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    // CDK types what is left out as undefined.
    const vpc = new Vpc(this, "Vpc", {
      maxAzs: 2,
      // The Data API is reached from outside: nothing in here needs a way out, and a NAT costs more than the rest.
      natGateways: 0,
      subnetConfiguration: [{ name: "database", subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 26 }],
      restrictDefaultSecurityGroup: false,
    }) as IVpc;
    const flowLog = new LogGroup(this, "FlowLog", { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    vpc.addFlowLog("Flow", { destination: FlowLogDestination.toCloudWatchLogs(flowLog) });
    this.cluster = new DatabaseCluster(this, "Cluster", {
      engine: DatabaseClusterEngine.auroraPostgres({ version: AuroraPostgresEngineVersion.VER_17_7 }),
      writer: ClusterInstance.serverlessV2("Writer", { enablePerformanceInsights: true }),
      ...(isEconomical(settings)
        ? { serverlessV2MinCapacity: 0, serverlessV2AutoPauseDuration: SLEEPS_AFTER }
        : { serverlessV2MinCapacity: settings.auroraMinCapacity }),
      serverlessV2MaxCapacity: settings.auroraMaxCapacity,
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      defaultDatabaseName: DATABASE_NAME,
      credentials: Credentials.fromUsername("tracker"),
      // RDS makes the password and rotates it, without a function of ours inside the subnets.
      manageMasterUserPassword: true,
      enableDataApi: true,
      iamAuthentication: true,
      storageEncrypted: true,
      deletionProtection: settings.protectData,
      removalPolicy: settings.protectData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
      backup: { retention: Duration.days(7) },
    });
    const cfnCluster = this.cluster.node.defaultChild as CfnDBCluster; // a DatabaseCluster's default child
    this.writerSecret = new SqlRoleSecret(
      this,
      "Writer",
      settings,
      "log_writer",
      "Changed by a new value here and a call of the function migrate.",
    );
    const economy = isEconomical(settings) ? "true" : undefined;
    this.maintainer = this.accessBy(cfnCluster.attrMasterUserSecretSecretArn, economy);
    this.writer = this.accessBy(this.writerSecret.secretArn, economy);
    this.network = {
      vpc,
      endpoint: this.cluster.clusterEndpoint.socketAddress,
      securityGroupId: this.cluster.connections.securityGroups[0]?.securityGroupId ?? "",
    };
    this.capacityUtilization = this.cluster.metricACUUtilization({ period: Duration.minutes(5), statistic: Stats.AVERAGE });
    if (!settings.protectData) {
      Validations.of(this.cluster).acknowledge({
        id: "AwsSolutions::AwsSolutions-RDS10",
        reason: "The owner has turned protectData off, to take the deployment down.",
      });
    }
    Validations.of(this.cluster).acknowledge({
      id: "AwsSolutions::AwsSolutions-RDS11",
      reason: "No address leads to the port from outside the isolated subnets; another number would hide nothing.",
    });
  }

  private accessBy(secretArn: string, economy: string | undefined): LogAccess {
    const { clusterArn } = this.cluster;
    return {
      environment: { LOG_RESOURCE_ARN: clusterArn, LOG_SECRET_ARN: secretArn, LOG_DATABASE: DATABASE_NAME, ECONOMY: economy },
      grant(grantee, { transactions = false } = {}) {
        Grant.addToPrincipal({ grantee, actions: statementActions(transactions), resourceArns: [clusterArn] });
        Grant.addToPrincipal({ grantee, actions: ["secretsmanager:GetSecretValue"], resourceArns: [secretArn] });
      },
    };
  }
}
