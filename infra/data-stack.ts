import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { LogDatabase } from "./constructs/log-database.ts";
import { StateTable } from "./constructs/state-table.ts";
import type { Settings } from "./settings.ts";

/** What holds data, apart from what can be thrown away. */
export class DataStack extends Stack {
  readonly state: StateTable;
  readonly log: LogDatabase;

  constructor(scope: Construct, id: string, props: StackProps & { settings: Settings }) {
    super(scope, id, props);
    this.state = new StateTable(this, "State");
    this.log = new LogDatabase(this, "Log", props.settings);
    new CfnOutput(this, "TableName", { value: this.state.table.tableName });
    new CfnOutput(this, "ClusterArn", { value: this.log.cluster.clusterArn });
  }
}
