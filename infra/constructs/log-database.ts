import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import { FlowLogDestination, SubnetType, Vpc } from "aws-cdk-lib/aws-ec2";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import {
  AuroraPostgresEngineVersion,
  type CfnDBCluster,
  ClusterInstance,
  Credentials,
  DatabaseCluster,
  DatabaseClusterEngine,
} from "aws-cdk-lib/aws-rds";
import { Trigger } from "aws-cdk-lib/triggers";
import { Construct } from "constructs";
import { migrateEnv } from "../../shared/env.ts";
import type { Settings } from "../settings.ts";
import { AppFunction } from "./app-function.ts";

const DATABASE = "server_tracker";

/** Aurora PostgreSQL behind the RDS Data API, in subnets without a way out, with its schema. */
export class LogDatabase extends Construct {
  readonly cluster: DatabaseCluster;
  /** What functions need in their environment to reach it. */
  readonly environment: { readonly LOG_RESOURCE_ARN: string; readonly LOG_SECRET_ARN: string; readonly LOG_DATABASE: string };
  private readonly secretArn: string;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    const vpc = new Vpc(this, "Vpc", {
      maxAzs: 2,
      // The Data API is reached from outside: nothing in here needs a way out, and a NAT costs more than the rest.
      natGateways: 0,
      subnetConfiguration: [{ name: "database", subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 26 }],
      restrictDefaultSecurityGroup: false,
    });
    const flowLog = new LogGroup(this, "FlowLog", { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    vpc.addFlowLog("Flow", { destination: FlowLogDestination.toCloudWatchLogs(flowLog) });
    this.cluster = new DatabaseCluster(this, "Cluster", {
      engine: DatabaseClusterEngine.auroraPostgres({ version: AuroraPostgresEngineVersion.VER_17_7 }),
      writer: ClusterInstance.serverlessV2("Writer", { enablePerformanceInsights: true }),
      serverlessV2MinCapacity: settings.auroraMinCapacity,
      serverlessV2MaxCapacity: settings.auroraMaxCapacity,
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      defaultDatabaseName: DATABASE,
      credentials: Credentials.fromUsername("tracker"),
      // RDS makes the password and rotates it, without a function of ours inside the subnets.
      manageMasterUserPassword: true,
      enableDataApi: true,
      iamAuthentication: true,
      storageEncrypted: true,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      backup: { retention: Duration.days(7) },
    });
    const cfnCluster = this.cluster.node.defaultChild as CfnDBCluster; // a DatabaseCluster's default child
    this.secretArn = cfnCluster.attrMasterUserSecretSecretArn;
    this.environment = { LOG_RESOURCE_ARN: this.cluster.clusterArn, LOG_SECRET_ARN: this.secretArn, LOG_DATABASE: DATABASE };
    Validations.of(this.cluster).acknowledge({
      id: "AwsSolutions::AwsSolutions-RDS11",
      reason: "No address leads to the port from outside the isolated subnets; another number would hide nothing.",
    });
    this.migrateAtDeploy(settings);
  }

  /** Lets `grantee` run statements; `transactions` too, which only migrations need. */
  grantStatements(grantee: IGrantable, { transactions = false } = {}): void {
    const actions = ["ExecuteStatement", ...(transactions ? ["BeginTransaction", "CommitTransaction", "RollbackTransaction"] : [])];
    Grant.addToPrincipal({ grantee, actions: actions.map((action) => `rds-data:${action}`), resourceArns: [this.cluster.clusterArn] });
    Grant.addToPrincipal({ grantee, actions: ["secretsmanager:GetSecretValue"], resourceArns: [this.secretArn] });
  }

  private migrateAtDeploy({ logRetentionDays }: Settings): void {
    const migrate = new AppFunction(this, "Migrate", {
      name: "migrate",
      schema: migrateEnv,
      environment: { ...this.environment, SQL_DIR: "/var/task/sql" },
      description: "Applies sql/ at deploy",
      timeout: Duration.minutes(10),
      memoryMb: 512,
      logRetentionDays,
    });
    this.grantStatements(migrate.lambda, { transactions: true });
    Validations.of(migrate.lambda).acknowledge({
      id: "Serverless::Serverless-LambdaDLQ",
      reason: "Invoked by the deploy and awaited: its error fails the deploy.",
    });
    // Runs again whenever the function's code changes, which holds the SQL files.
    new Trigger(this, "MigrateNow", { handler: migrate.lambda, timeout: Duration.minutes(10), executeAfter: [this.cluster] });
  }
}
