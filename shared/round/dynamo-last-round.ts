import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { createDynamoLastRoundReader, LAST_ROUND_KEY } from "./dynamo-last-round-reader.ts";
import type { LastRoundStore } from "./last-round.ts";

export function createDynamoLastRound(client: DynamoDBDocumentClient, tableName: string): LastRoundStore {
  return {
    ...createDynamoLastRoundReader(client, tableName),

    async put(last) {
      try {
        await client.send(
          new PutCommand({
            TableName: tableName,
            Item: { ...LAST_ROUND_KEY, ...last },
            ConditionExpression: "attribute_not_exists(pk) OR #round < :round",
            ExpressionAttributeNames: { "#round": "round" },
            ExpressionAttributeValues: { ":round": last.round },
          }),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
}
