import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { Clock } from "../time/clock.ts";
import { ROLES } from "./authorize.ts";
import { type ApiToken, LAST_USED_STEP_MS, type TokenStore } from "./token-store.ts";

/** 80 bits: no two of 200 tokens share them. */
export const ID_LENGTH = 20;

const itemSchema = z.object({
  sk: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  createdAt: z.string(),
  expiresAt: z.string().exactOptional(),
  lastUsedAt: z.string().exactOptional(),
});

/** What the authorizer needs of tokens. */
export type TokenReader = Pick<TokenStore, "find" | "touch">;

/* Items: `token` / <hash>. Reading is apart, so that the authorizer's bundle and role hold only that. */
export function createDynamoTokenReader(client: DynamoDBDocumentClient, tableName: string, clock: Clock): TokenReader {
  const key = (hash: string) => ({ TableName: tableName, Key: { pk: "token", sk: hash } });
  return {
    async find(hash) {
      const { Item } = await client.send(new GetCommand({ ...key(hash), ConsistentRead: true }));
      return Item && toToken(Item);
    },

    async touch(hash) {
      const now = clock.now();
      try {
        await client.send(
          new UpdateCommand({
            ...key(hash),
            UpdateExpression: "SET lastUsedAt = :now",
            ConditionExpression: "attribute_exists(pk) AND (attribute_not_exists(lastUsedAt) OR lastUsedAt < :before)",
            ExpressionAttributeValues: { ":now": iso(now), ":before": iso(now - LAST_USED_STEP_MS) },
          }),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
}

/** A token from its item; `undefined` for one that this release does not understand, which grants nothing. */
export function toToken(item: unknown): ApiToken | undefined {
  const read = itemSchema.safeParse(item);
  if (!read.success) return undefined;
  const { sk, ...token } = read.data;
  return { id: sk.slice(0, ID_LENGTH), ...token };
}

/** ISO 8601. @param ms epoch */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}
