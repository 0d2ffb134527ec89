import { DeleteCommand, type DynamoDBDocumentClient, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { type MaintenanceStore, type MaintenanceWindow, parseMaintenance } from "./maintenance.ts";

const itemSchema = z.looseObject({ sk: z.string(), createdAt: z.string(), window: z.string() });

/** Items: `maintenance` / <id>. What another release wrote and this one does not understand holds nothing back. */
export function createDynamoMaintenance(client: DynamoDBDocumentClient, tableName: string): MaintenanceStore {
  const table = { TableName: tableName };
  return {
    async list() {
      const { Items = [] } = await client.send(
        new QueryCommand({ ...table, KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": "maintenance" } }),
      );
      return Items.flatMap((item) => readWindow(item) ?? []).sort((a, b) => a.createdAt.localeCompare(b.createdAt));
    },
    async put({ id, createdAt, ...window }) {
      await client.send(new PutCommand({ ...table, Item: { pk: "maintenance", sk: id, createdAt, window: JSON.stringify(window) } }));
    },
    async remove(id) {
      const { Attributes } = await client.send(
        new DeleteCommand({ ...table, Key: { pk: "maintenance", sk: id }, ReturnValues: "ALL_OLD" }),
      );
      return Attributes && readWindow(Attributes);
    },
  };
}

function readWindow(item: unknown): MaintenanceWindow | undefined {
  const { success, data } = itemSchema.safeParse(item);
  if (!success) return undefined;
  try {
    return { id: data.sk, createdAt: data.createdAt, ...parseMaintenance(JSON.parse(data.window)) };
  } catch {
    return undefined;
  }
}
