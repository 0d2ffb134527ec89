import { Stack } from "aws-cdk-lib";
import { Grant } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { DATABASE_NAME, type LogAccess, type LogDatabase, statementActions } from "./log-database.ts";

/** A PostgreSQL behind a Data API that is not AWS's, such as `local/data-api.ts`: where an emulator has no Aurora. */
export class ExternalDatabase extends Construct implements LogDatabase {
  readonly writer: LogAccess;
  readonly maintainer: LogAccess;

  /** @param url address of its Data API, as functions see it; it has one user */
  constructor(scope: Construct, id: string, url: string) {
    super(scope, id);
    const { region, account, partition } = Stack.of(this);
    const environment = {
      LOG_RESOURCE_ARN: `arn:${partition}:rds:${region}:${account}:cluster:external`,
      LOG_SECRET_ARN: `arn:${partition}:secretsmanager:${region}:${account}:secret:external`,
      LOG_DATABASE: DATABASE_NAME,
      ECONOMY: undefined,
      AWS_ENDPOINT_URL_RDS_DATA: url,
    };
    const grant: LogAccess["grant"] = (grantee, { transactions = false } = {}) => {
      Grant.addToPrincipal({ grantee, actions: statementActions(transactions), resourceArns: [environment.LOG_RESOURCE_ARN] });
    };
    this.writer = { environment, grant };
    this.maintainer = this.writer;
  }
}
