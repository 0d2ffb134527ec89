import { type DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { sightSchema } from "../alert/sight.ts";
import type { LastRoundStore } from "./last-round.ts";

/** Key of the item: `round` / `last`. */
export const LAST_ROUND_KEY = { pk: "round", sk: "last" };

const itemSchema = z.object({
  round: z.number(),
  finishedAt: z.number(),
  planned: z.number().catch(0),
  checked: z.number().catch(0),
  failedShards: z.number().exactOptional(),
  late: z.number().exactOptional(),
  alertsFailed: z.number().exactOptional(),
  hearingSince: z.number().exactOptional(),
  blindSince: z.number().exactOptional(),
  sight: sightSchema.exactOptional(),
  waiting: z.array(z.string()).exactOptional(),
});

/** Reading is apart, so that plan-round's bundle and role hold only that. */
export function createDynamoLastRoundReader(client: DynamoDBDocumentClient, tableName: string): Pick<LastRoundStore, "get"> {
  return {
    async get() {
      const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: LAST_ROUND_KEY, ConsistentRead: true }));
      return Item && itemSchema.safeParse(Item).data;
    },
  };
}
