import { Stack } from "aws-cdk-lib";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { DATABASE_NAME, type LogDatabase, statementActions } from "./log-database.ts";

/** A PostgreSQL behind a Data API that is not AWS's, such as `local/data-api.ts`: where an emulator has no Aurora. */
export class ExternalDatabase extends Construct implements LogDatabase {
  readonly environment: LogDatabase["environment"];

  /** @param url address of its Data API, as functions see it */
  constructor(scope: Construct, id: string, url: string) {
    super(scope, id);
    const { region, account } = Stack.of(this);
    this.environment = {
      LOG_RESOURCE_ARN: `arn:aws:rds:${region}:${account}:cluster:external`,
      LOG_SECRET_ARN: `arn:aws:secretsmanager:${region}:${account}:secret:external`,
      LOG_DATABASE: DATABASE_NAME,
      AWS_ENDPOINT_URL_RDS_DATA: url,
    };
  }

  grantStatements(grantee: IGrantable, { transactions = false } = {}): void {
    Grant.addToPrincipal({ grantee, actions: statementActions(transactions), resourceArns: [this.environment.LOG_RESOURCE_ARN] });
  }
}
