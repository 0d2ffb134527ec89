import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { Clock } from "../time/clock.ts";
import { held } from "./dynamo-target-item.ts";

/** Longer than any API function may run: who made a claim that long ago and has no target is gone. */
const CLAIM_MS = 60_000;

const claimSchema = z.object({ targetId: z.string(), claimedAt: z.number().default(0) });

/** What one target alone may have: its name, the key by which jobs of another monitor call it. */
export interface Claims {
  /** Claims `key` for a target, taking over a claim whose target is gone or has another. @returns false while another has it */
  claim(key: string, targetId: string): Promise<boolean>;
  /** Who claimed it last, whether it still has it or not. */
  holder(key: string): Promise<string | undefined>;
  /** Gives back what was claimed by `claimedBefore`, epoch ms; a later claim is another change's. */
  release(key: string, targetId: string, claimedBefore: number): Promise<void>;
}

/** @param pk partition of the claims @param holds whether a target that is there has what is claimed by a key */
export function createDynamoClaims(
  client: DynamoDBDocumentClient,
  tableName: string,
  clock: Clock,
  { pk, holds }: { readonly pk: string; readonly holds: (targetId: string, key: string) => Promise<boolean> },
): Claims {
  const table = { TableName: tableName };

  async function find(key: string): Promise<z.infer<typeof claimSchema> | undefined> {
    const { Item } = await client.send(new GetCommand({ ...table, Key: { pk, sk: key }, ConsistentRead: true }));
    return Item && claimSchema.parse(Item);
  }

  async function claim(key: string, targetId: string): Promise<boolean> {
    const Item = { pk, sk: key, targetId, claimedAt: clock.now() };
    if (await held(client.send(new PutCommand({ ...table, Item, ConditionExpression: "attribute_not_exists(pk)" })))) return true;
    const found = await find(key);
    if (found === undefined) return claim(key, targetId); // given back between the two calls
    if (found.targetId !== targetId) {
      const young = clock.now() - found.claimedAt < CLAIM_MS;
      if (young || (await holds(found.targetId, key))) return false;
    }
    const unchanged = {
      ConditionExpression: "targetId = :holder AND claimedAt = :claimedAt",
      ExpressionAttributeValues: { ":holder": found.targetId, ":claimedAt": found.claimedAt },
    };
    return held(client.send(new PutCommand({ ...table, Item, ...unchanged })));
  }

  return {
    claim,
    holder: async (key) => (await find(key))?.targetId,
    async release(key, targetId, claimedBefore) {
      await held(
        client.send(
          new DeleteCommand({
            ...table,
            Key: { pk, sk: key },
            ConditionExpression: "targetId = :id AND claimedAt <= :before",
            ExpressionAttributeValues: { ":id": targetId, ":before": claimedBefore },
          }),
        ),
      );
    },
  };
}
