import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import type { Settings } from "../settings.ts";

/** What functions may do with the state table, by DynamoDB's words. */
type StateAction = "GetItem" | "Query" | "PutItem" | "UpdateItem" | "DeleteItem";

/** Values of the table's partition key: kinds of items. */
type StatePartition =
  | "target"
  | "name"
  | "former-key"
  | "counter"
  | "deletion"
  | "departed"
  | "round"
  | "channel"
  | "channel-config"
  | "channel-name"
  | "channel-turn"
  | "maintenance"
  | "maintenance-past"
  | "incident"
  | "status-page"
  | "token"
  | "log-rest"
  | "recent"
  | "spool"
  | "spool-rejected";

/** What the monitor needs to go on working: targets, states, alerts owed, the log's spool. */
export class StateTable extends Construct {
  readonly table: TableV2;
  /** What functions need in their environment to reach it. */
  readonly environment: { readonly TABLE_NAME: string };

  constructor(scope: Construct, id: string, { protectData }: Settings) {
    super(scope, id);
    this.table = new TableV2(this, "Table", {
      partitionKey: { name: "pk", type: AttributeType.STRING },
      sortKey: { name: "sk", type: AttributeType.STRING },
      // Of checks that are kept for the last hour, where the log sleeps.
      timeToLiveAttribute: "forgetAt",
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: protectData,
      removalPolicy: protectData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
    this.environment = { TABLE_NAME: this.table.tableName };
  }

  /**
   * Lets `grantee` touch items of the named partitions and no other: what parses the internet makes nobody an admin.
   * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
   */
  grant(grantee: IGrantable, allowed: Partial<Record<StatePartition, readonly StateAction[]>>): void {
    for (const [partition, actions] of Object.entries(allowed)) {
      Grant.addToPrincipal({
        grantee,
        actions: actions.map((action) => `dynamodb:${action}`),
        resourceArns: [this.table.tableArn],
        conditions: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [partition] }, Null: { "dynamodb:LeadingKeys": "false" } },
      });
    }
  }
}
