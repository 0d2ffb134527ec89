import { CreateTableCommand, DescribeTableCommand, DynamoDBClient, ResourceNotFoundException } from "@aws-sdk/client-dynamodb";

/** Its name on a laptop. */
export const STATE_TABLE = "server-tracker";

/** Creates the state table where it is not there yet: partition key `pk`, sort key `sk`, no index. */
export async function ensureStateTable(tableName: string): Promise<void> {
  const client = new DynamoDBClient({});
  try {
    await client.send(new DescribeTableCommand({ TableName: tableName }));
    return;
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "S" },
      ],
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
    }),
  );
  const abortSignal = AbortSignal.timeout(10_000);
  for (let status: string | undefined; status !== "ACTIVE"; ) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }), { abortSignal });
    status = Table?.TableStatus;
  }
}
