import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { Deployment } from "./constructs/app-function.ts";
import { AuroraDatabase } from "./constructs/aurora-database.ts";
import { ExternalDatabase } from "./constructs/external-database.ts";
import { FieldKey } from "./constructs/field-key.ts";
import { keepHelperLogs } from "./constructs/helper-logs.ts";
import { Identity } from "./constructs/identity.ts";
import type { LogDatabase } from "./constructs/log-database.ts";
import { Migrations } from "./constructs/migrations.ts";
import { SqlRoleSecret } from "./constructs/sql-role-secret.ts";
import { StateTable } from "./constructs/state-table.ts";

const GRAFANA_ROTATION =
  "Grafana keeps a copy: it is changed by a new value here, a call of the function migrate, and `npm run grafana:push`.";

/** What holds data, apart from what can be thrown away. */
export class DataStack extends Stack {
  readonly state: StateTable;
  readonly log: LogDatabase;
  readonly fieldKey: FieldKey;
  readonly identity: Identity;
  /** Where there is an Amazon Managed Grafana. */
  readonly grafanaReader: SqlRoleSecret | undefined;

  constructor(scope: Construct, id: string, { settings, bundles, ...props }: StackProps & Deployment) {
    super(scope, id, props);
    this.state = new StateTable(this, "State", settings);
    this.fieldKey = new FieldKey(this, "FieldKey", settings);
    this.identity = new Identity(this, "Identity", settings);
    const { dataApiUrl } = settings;
    this.log = dataApiUrl === undefined ? new AuroraDatabase(this, "Log", settings) : new ExternalDatabase(this, "Log", dataApiUrl);
    this.grafanaReader = settings.grafana
      ? new SqlRoleSecret(this, "GrafanaReader", settings, "grafana_reader", GRAFANA_ROTATION)
      : undefined;
    new Migrations(this, "Migrations", { settings, bundles, state: this.state, log: this.log, grafanaReader: this.grafanaReader });
    new CfnOutput(this, "TableName", { value: this.state.table.tableName, description: "Targets, states, alerts owed (DynamoDB)" });
    new CfnOutput(this, "ClusterArn", { value: this.log.writer.environment.LOG_RESOURCE_ARN, description: "The log" });
    keepHelperLogs(this, settings);
  }
}
