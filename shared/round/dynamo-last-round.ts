import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { LastRoundStore } from "./last-round.ts";

const itemSchema = z.object({ round: z.number(), finishedAt: z.number(), planned: z.number().catch(0), checked: z.number().catch(0) });

/** Item: `round` / `last`. */
export function createDynamoLastRound(client: DynamoDBDocumentClient, tableName: string): LastRoundStore {
  const key = { pk: "round", sk: "last" };
  return {
    async put(last) {
      try {
        await client.send(
          new PutCommand({
            TableName: tableName,
            Item: { ...key, ...last },
            ConditionExpression: "attribute_not_exists(pk) OR #round < :round",
            ExpressionAttributeNames: { "#round": "round" },
            ExpressionAttributeValues: { ":round": last.round },
          }),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
    async get() {
      const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: key, ConsistentRead: true }));
      return Item && itemSchema.safeParse(Item).data;
    },
  };
}
