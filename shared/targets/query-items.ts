import { type DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";

interface QueryOptions {
  readonly consistent: boolean;
  readonly limit?: number;
  readonly projection?: { readonly expression: string; readonly names: Record<string, string> };
}

/** Items of one partition, page after page. */
export async function* queryItems(
  client: DynamoDBDocumentClient,
  tableName: string,
  condition: string,
  values: Record<string, unknown>,
  { consistent, limit, projection }: QueryOptions,
) {
  let start: Record<string, unknown> | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: condition,
        ExpressionAttributeValues: values,
        ...(projection && { ProjectionExpression: projection.expression, ExpressionAttributeNames: projection.names }),
        ConsistentRead: consistent,
        Limit: limit,
        ExclusiveStartKey: start,
      }),
    );
    yield* page.Items ?? [];
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}
