import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";

const KEY = { pk: "counter", sk: "target" };
const counterSchema = z.object({ lastSeq: z.number() });

/** The next target's number, by which the log knows it: given out once. */
export async function nextSeq(client: DynamoDBDocumentClient, tableName: string): Promise<number> {
  const { Attributes } = await client.send(
    new UpdateCommand({
      TableName: tableName,
      Key: KEY,
      UpdateExpression: "ADD lastSeq :one",
      ExpressionAttributeValues: { ":one": 1 },
      ReturnValues: "UPDATED_NEW",
    }),
  );
  return counterSchema.parse(Attributes).lastSeq;
}

/**
 * Sees to it that new targets get numbers above `used`: a new table over a log that has targets already would else
 * give theirs out again, and mix their histories.
 */
export async function skipSeqs(client: DynamoDBDocumentClient, tableName: string, used: number): Promise<void> {
  try {
    await client.send(
      new UpdateCommand({
        TableName: tableName,
        Key: KEY,
        UpdateExpression: "SET lastSeq = :used",
        ConditionExpression: "attribute_not_exists(lastSeq) OR lastSeq < :used",
        ExpressionAttributeValues: { ":used": used },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}
