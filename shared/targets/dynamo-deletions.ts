import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { isTableName } from "../log/tables.ts";
import type { Deletion, DeletionStore } from "./deletions.ts";
import { held } from "./dynamo-target-item.ts";
import { queryItems } from "./query-items.ts";

const rowsSchema = z.array(
  z.object({
    kind: z.string().refine(isTableName, "is of another release"),
    rows: z.array(z.record(z.string(), z.unknown())),
  }),
);
const itemSchema = z.object({
  sk: z.string(),
  startedAt: z.number(),
  stateVersion: z.number(),
  finishedAt: z.number().optional(),
  rows: z.string().transform(jsonOf).pipe(rowsSchema),
});

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // which no schema takes
  }
}

/** Items: `deletion` / <id of the target>. What another release wrote and this one does not understand is left as it is. */
export function createDynamoDeletions(client: DynamoDBDocumentClient, tableName: string): DeletionStore {
  const table = { TableName: tableName };
  const keyOf = (target: string) => ({ pk: "deletion", sk: target });
  return {
    put({ target, startedAt, stateVersion, finishedAt, rows }) {
      return held(
        client.send(
          new PutCommand({
            ...table,
            Item: { ...keyOf(target), startedAt, stateVersion, finishedAt, rows: JSON.stringify(rows) },
            ConditionExpression: "attribute_not_exists(pk) OR startedAt = :own OR stateVersion < :state",
            ExpressionAttributeValues: { ":own": startedAt, ":state": stateVersion },
          }),
        ),
      );
    },
    async get(target) {
      const { Item } = await client.send(new GetCommand({ ...table, Key: keyOf(target), ConsistentRead: true }));
      return Item && toDeletion(Item);
    },
    async list() {
      const found: Deletion[] = [];
      for await (const item of queryItems(client, tableName, "pk = :pk", { ":pk": "deletion" }, { consistent: true })) {
        const deletion = toDeletion(item);
        if (deletion !== undefined) found.push(deletion);
      }
      return found;
    },
    async remove(target) {
      await client.send(new DeleteCommand({ ...table, Key: keyOf(target) }));
    },
  };
}

function toDeletion(item: unknown): Deletion | undefined {
  const { success, data } = itemSchema.safeParse(item);
  if (!success) return undefined;
  const { sk: target, ...deletion } = data;
  return { target, ...deletion };
}
