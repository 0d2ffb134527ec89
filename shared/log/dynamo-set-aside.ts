import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";

/** Rows that the log refused for good, as the operator sees them. */
export interface SetAsideRows {
  /** Every batch that is set aside, oldest first, and why. */
  all(): AsyncIterable<{ readonly key: string; readonly reason: string }>;
  /** Lets a batch wait for the log again. One that is not there is done already. */
  retry(key: string): Promise<void>;
}

const itemSchema = z.object({ sk: z.string(), reason: z.string().catch("unknown") });

/** Items of `createDynamoSpool`: `spool-rejected` / <key>. */
export function createDynamoSetAside(client: DynamoDBDocumentClient, tableName: string): SetAsideRows {
  const table = { TableName: tableName };
  return {
    async *all() {
      const pages = paginateQuery(
        { client },
        {
          ...table,
          KeyConditionExpression: "pk = :pk",
          ExpressionAttributeValues: { ":pk": "spool-rejected" },
          ProjectionExpression: "sk, reason",
        },
      );
      for await (const { Items = [] } of pages)
        for (const item of Items) {
          const { sk: key, reason } = itemSchema.parse(item);
          yield { key, reason };
        }
    },

    async retry(key) {
      const { Item } = await client.send(new GetCommand({ ...table, Key: { pk: "spool-rejected", sk: key } }));
      if (Item === undefined) return;
      const { reason: _, ...batch } = Item;
      // In this order nothing is lost at a crash between: the log takes rows twice.
      await client.send(new PutCommand({ ...table, Item: { ...batch, pk: "spool" } }));
      await client.send(new DeleteCommand({ ...table, Key: { pk: "spool-rejected", sk: key } }));
    },
  };
}
