import { Duration } from "aws-cdk-lib";
import { Trigger } from "aws-cdk-lib/triggers";
import { Construct } from "constructs";
import { AppFunction } from "./app-function.ts";
import type { Parts } from "./parts.ts";
import type { SqlRoleSecret } from "./sql-role-secret.ts";

/** Applies `sql/` to the log at each deploy that changes it. An SQL error fails the deploy, with its text. */
export class Migrations extends Construct {
  constructor(
    scope: Construct,
    id: string,
    {
      settings,
      bundles,
      state,
      log,
      grafanaReader,
    }: Pick<Parts, "settings" | "bundles" | "state" | "log"> & { grafanaReader: SqlRoleSecret | undefined },
  ) {
    super(scope, id);
    const { lambda } = new AppFunction(this, "Migrate", {
      name: "migrate",
      settings,
      bundles,
      environment: {
        ...state.environment,
        ...log.maintainer.environment,
        SQL_DIR: "sql",
        GRAFANA_READER_SECRET_ARN: grafanaReader?.secretArn,
        LOG_WRITER_SECRET_ARN: log.writerSecret?.secretArn,
      },
      description: "Applies sql/ at deploy",
      timeout: Duration.minutes(10),
      memoryMb: 512,
    });
    log.maintainer.grant(lambda, { transactions: true });
    grafanaReader?.grantRead(lambda);
    log.writerSecret?.grantRead(lambda);
    state.grant(lambda, { counter: ["UpdateItem"] });
    // Runs again whenever the function's code changes, which holds the SQL files.
    new Trigger(this, "MigrateNow", { handler: lambda, timeout: Duration.minutes(10), executeAfter: [log, state] });
  }
}
