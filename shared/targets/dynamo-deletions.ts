import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { isTableName } from "../log/tables.ts";
import type { Deletion, DeletionStore } from "./deletions.ts";
import { queryItems } from "./query-items.ts";

const rowsSchema = z.array(
  z.object({
    kind: z.string().refine(isTableName, "is of another release"),
    rows: z.array(z.record(z.string(), z.unknown())),
  }),
);
const itemSchema = z.object({ sk: z.string(), startedAt: z.number(), finishedAt: z.number().optional(), rows: z.string() });

/** Items: `deletion` / <id of the target>. */
export function createDynamoDeletions(client: DynamoDBDocumentClient, tableName: string): DeletionStore {
  const table = { TableName: tableName };
  const keyOf = (target: string) => ({ pk: "deletion", sk: target });
  return {
    async put({ target, startedAt, finishedAt, rows }) {
      await client.send(new PutCommand({ ...table, Item: { ...keyOf(target), startedAt, finishedAt, rows: JSON.stringify(rows) } }));
    },
    async get(target) {
      const { Item } = await client.send(new GetCommand({ ...table, Key: keyOf(target), ConsistentRead: true }));
      return Item && toDeletion(Item);
    },
    async list() {
      const found: Deletion[] = [];
      for await (const item of queryItems(client, tableName, "pk = :pk", { ":pk": "deletion" }, { consistent: true })) {
        found.push(toDeletion(item));
      }
      return found;
    },
    async remove(target) {
      await client.send(new DeleteCommand({ ...table, Key: keyOf(target) }));
    },
  };
}

function toDeletion(item: unknown): Deletion {
  const { sk: target, rows, ...times } = itemSchema.parse(item);
  return { target, ...times, rows: rowsSchema.parse(JSON.parse(rows)) };
}
