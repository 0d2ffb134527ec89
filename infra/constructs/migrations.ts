import { Duration, Validations } from "aws-cdk-lib";
import { Trigger } from "aws-cdk-lib/triggers";
import { Construct } from "constructs";
import { migrateEnv } from "../../shared/env.ts";
import { AppFunction, type Deployment } from "./app-function.ts";
import type { GrafanaReader } from "./grafana-reader.ts";
import type { LogDatabase } from "./log-database.ts";
import type { StateTable } from "./state-table.ts";

/** Applies `sql/` to the log at each deploy that changes it. An SQL error fails the deploy, with its text. */
export class Migrations extends Construct {
  constructor(
    scope: Construct,
    id: string,
    {
      state,
      log,
      grafanaReader,
      ...deployment
    }: Deployment & { state: StateTable; log: LogDatabase; grafanaReader: GrafanaReader | undefined },
  ) {
    super(scope, id);
    const { lambda } = new AppFunction(this, "Migrate", {
      name: "migrate",
      schema: migrateEnv,
      environment: {
        TABLE_NAME: state.table.tableName,
        ...log.environment,
        SQL_DIR: "sql",
        GRAFANA_READER_SECRET_ARN: grafanaReader?.secretArn,
      },
      description: "Applies sql/ at deploy",
      timeout: Duration.minutes(10),
      memoryMb: 512,
      deployment,
    });
    log.grantStatements(lambda, { transactions: true });
    grafanaReader?.grantRead(lambda);
    state.grant(lambda, "UpdateItem");
    Validations.of(lambda).acknowledge({
      id: "Serverless::Serverless-LambdaDLQ",
      reason: "Invoked by the deploy and awaited: its error fails the deploy.",
    });
    // Runs again whenever the function's code changes, which holds the SQL files.
    new Trigger(this, "MigrateNow", { handler: lambda, timeout: Duration.minutes(10), executeAfter: [log, state] });
  }
}
