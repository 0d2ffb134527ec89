import type { IMetric } from "aws-cdk-lib/aws-cloudwatch";
import type { IVpc } from "aws-cdk-lib/aws-ec2";
import type { IGrantable } from "aws-cdk-lib/aws-iam";
import type { IConstruct } from "constructs";
import type { SqlRoleSecret } from "./sql-role-secret.ts";

/** A PostgreSQL that functions reach by the RDS Data API. */
export interface LogDatabase extends IConstruct {
  /** Rounds and API: rows alone. */
  readonly writer: LogAccess;
  /** Migrations, partitions and roll-ups: the owner of it all. */
  readonly maintainer: LogAccess;
  /** Name and password of the writer's role, where it has one of its own. */
  readonly writerSecret?: SqlRoleSecret;
  /** Where SQL clients in the same network reach it, where there is one. */
  readonly network?: DatabaseNetwork;
  /** Percent of its highest capacity in use, where that is ours to watch. */
  readonly capacityUtilization?: IMetric;
}

/** The log, as one SQL role. */
export interface LogAccess {
  /** What functions need in their environment to reach it. */
  readonly environment: {
    readonly LOG_RESOURCE_ARN: string;
    readonly LOG_SECRET_ARN: string;
    readonly LOG_DATABASE: string;
    /** Whether it sleeps between its hours. */
    readonly ECONOMY: string | undefined;
    readonly AWS_ENDPOINT_URL_RDS_DATA?: string;
  };
  /** Lets `grantee` run statements; `transactions` too, which only migrations need. */
  grant(grantee: IGrantable, options?: { transactions?: boolean }): void;
}

/** For Grafana, which knows SQL and not the Data API. */
export interface DatabaseNetwork {
  readonly vpc: IVpc;
  /** `host:port`. */
  readonly endpoint: string;
  readonly securityGroupId: string;
}

/** Actions of the Data API that {@link LogAccess.grant} grants. */
export function statementActions(transactions = false): string[] {
  const actions = ["ExecuteStatement", ...(transactions ? ["BeginTransaction", "CommitTransaction", "RollbackTransaction"] : [])];
  return actions.map((action) => `rds-data:${action}`);
}

export const DATABASE_NAME = "server_tracker";
