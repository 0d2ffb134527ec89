import { DeleteCommand, type DynamoDBDocumentClient, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Clock } from "../time/clock.ts";
import { createDynamoTokenReader, ID_LENGTH, iso, toToken } from "./dynamo-token-reader.ts";
import type { TokenStore } from "./token-store.ts";

export function createDynamoTokenStore(client: DynamoDBDocumentClient, tableName: string, clock: Clock): TokenStore {
  const table = { TableName: tableName };

  async function query(idPrefix: string): Promise<Record<string, unknown>[]> {
    const { Items = [] } = await client.send(
      new QueryCommand({
        ...table,
        KeyConditionExpression: idPrefix === "" ? "pk = :pk" : "pk = :pk AND begins_with(sk, :id)",
        ExpressionAttributeValues: { ":pk": "token", ...(idPrefix !== "" && { ":id": idPrefix }) },
        ConsistentRead: true,
      }),
    );
    return Items;
  }

  return {
    ...createDynamoTokenReader(client, tableName, clock),

    async create(hash, { name, role, expiresAt }) {
      const token = { name, role, createdAt: iso(clock.now()), ...(expiresAt !== undefined && { expiresAt }) };
      await client.send(
        new PutCommand({ ...table, Item: { pk: "token", sk: hash, ...token }, ConditionExpression: "attribute_not_exists(pk)" }),
      );
      return { id: hash.slice(0, ID_LENGTH), ...token };
    },

    async list() {
      return (await query("")).flatMap((item) => toToken(item) ?? []).sort((a, b) => b.createdAt.localeCompare(a.createdAt));
    },

    async revoke(id) {
      const [item] = id.length === ID_LENGTH ? await query(id) : [];
      if (item === undefined) return undefined;
      const { Attributes } = await client.send(
        new DeleteCommand({ ...table, Key: { pk: "token", sk: item["sk"] }, ReturnValues: "ALL_OLD" }),
      );
      // One of another release is revoked like any other.
      return Attributes && (toToken(Attributes) ?? { id, name: "of another release", role: "viewer", createdAt: iso(0) });
    },
  };
}
