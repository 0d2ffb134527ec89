import { type DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";

interface QueryOptions {
  readonly consistent: boolean;
  readonly limit?: number;
  readonly projection?: { readonly expression: string; readonly names: Record<string, string> };
}

/** Items of one partition, page after page: while one is looked at, the next is on its way. */
export async function* queryItems(
  client: DynamoDBDocumentClient,
  tableName: string,
  condition: string,
  values: Record<string, unknown>,
  { consistent, limit, projection }: QueryOptions,
) {
  const ask = (start: Record<string, unknown> | undefined) =>
    client.send(
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
  let page = await ask(undefined);
  let seen = 0;
  for (;;) {
    const { Items: items = [], LastEvaluatedKey: start } = page;
    seen += items.length;
    // Who wants no more than there is does not ask for what comes then.
    const next = start === undefined || (limit !== undefined && seen >= limit) ? undefined : ask(start);
    // Told where it is awaited, if it ever is.
    next?.catch(() => undefined);
    yield* items;
    if (start === undefined) return;
    page = await (next ?? ask(start));
  }
}
