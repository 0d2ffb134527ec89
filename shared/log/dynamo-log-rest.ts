import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { Clock } from "../time/clock.ts";
import { AWAKE_MS, isAwake, type LogRest, type RestState, WAKING_MS } from "./log-rest.ts";

const KEY = { pk: "log-rest", sk: "log-rest" };
const stateSchema = z.object({ awakeUntil: z.number().catch(0), wokenAt: z.number().catch(0), writtenAt: z.number().catch(0) });

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

  async function state(): Promise<RestState> {
    const { Item } = await client.send(new GetCommand({ ...table, Key: KEY, ConsistentRead: true }));
    return stateSchema.parse(Item ?? {});
  }

  return {
    state,

    async look() {
      const [seen, now] = [await state(), clock.now()];
      const until = { ":until": now + AWAKE_MS };
      const awake = isAwake(seen, now);
      if (awake || now - seen.wokenAt < WAKING_MS) {
        // Not for each of many looks: a page asks for much at once.
        if (seen.awakeUntil < now + AWAKE_MS / 2) await update("awakeUntil = :until", until);
        return { isAwake: awake };
      }
      const isOurs = await update(
        "awakeUntil = :until, wokenAt = :now",
        { ...until, ":now": now, ":seen": seen.wokenAt },
        "attribute_not_exists(wokenAt) OR wokenAt = :seen",
      );
      return { isAwake: false, ...(isOurs && { wakes: now }) };
    },

    async written(at) {
      await update("writtenAt = :at", { ":at": at }, "attribute_not_exists(writtenAt) OR writtenAt < :at");
    },
  };
}
