import { DeleteCommand, type DynamoDBDocumentClient, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { Clock } from "../time/clock.ts";
import type { ChannelHealthStore } from "./channel-health.ts";

const itemSchema = z.object({ sk: z.string(), unhealthySince: z.number().catch(0), lastError: z.string().catch("") });

/** Items: `channel` / <channel id>. */
export function createDynamoChannelHealth(client: DynamoDBDocumentClient, tableName: string, clock: Clock): ChannelHealthStore {
  const table = { TableName: tableName };
  return {
    async markUnhealthy(channel, error) {
      await client.send(
        new UpdateCommand({
          ...table,
          Key: { pk: "channel", sk: channel },
          UpdateExpression: "SET unhealthySince = if_not_exists(unhealthySince, :now), lastError = :error",
          ExpressionAttributeValues: { ":now": clock.now(), ":error": error },
        }),
      );
    },
    async markHealthy(channel) {
      await client.send(new DeleteCommand({ ...table, Key: { pk: "channel", sk: channel } }));
    },
    async unhealthy() {
      const { Items } = await client.send(
        new QueryCommand({ ...table, KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": "channel" } }),
      );
      return z
        .array(itemSchema)
        .parse(Items ?? [])
        .map(({ sk, unhealthySince, lastError }) => ({ channel: sk, unhealthySince, error: lastError }));
    },
  };
}
