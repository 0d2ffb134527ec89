import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { Clock } from "../time/clock.ts";
import { createLogRest, type LogRest } from "./log-rest.ts";

const KEY = { pk: "log-rest", sk: "log-rest" };
const at = z.number().catch(0);
const stateSchema = z.object({ awakeUntil: at, wokenAt: at, wakingSince: at, writtenAt: at });

/** One item: `log-rest` / `log-rest`. */
export function createDynamoLogRest(client: DynamoDBDocumentClient, tableName: string, clock: Pick<Clock, "now">): LogRest {
  const table = { TableName: tableName };

  /** @returns whether the condition held */
  async function update(set: string, values: Record<string, number>, condition?: string): Promise<boolean> {
    try {
      await client.send(
        new UpdateCommand({
          ...table,
          Key: KEY,
          UpdateExpression: `SET ${set}`,
          ExpressionAttributeValues: values,
          ...(condition !== undefined && { ConditionExpression: condition }),
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  return createLogRest(
    {
      async state() {
        const { Item } = await client.send(new GetCommand({ ...table, Key: KEY, ConsistentRead: true }));
        return stateSchema.parse(Item ?? {});
      },
      keepAwake: async (until) => void (await update("awakeUntil = :until", { ":until": until })),
      wake: ({ now, until, since }, seen) =>
        update(
          "awakeUntil = :until, wokenAt = :now, wakingSince = :since",
          { ":until": until, ":now": now, ":since": since, ":seen": seen },
          "attribute_not_exists(wokenAt) OR wokenAt = :seen",
        ),
      written: async (at) => void (await update("writtenAt = :at", { ":at": at }, "attribute_not_exists(writtenAt) OR writtenAt < :at")),
    },
    clock,
  );
}
