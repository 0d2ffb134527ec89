import { DeleteCommand, type DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { held } from "../targets/dynamo-target-item.ts";
import { queryItems } from "../targets/query-items.ts";
import { withoutUndefined } from "../text/without-undefined.ts";
import { type MaintenanceStore, type MaintenanceWindow, parseMaintenance } from "./maintenance.ts";

const itemSchema = z.looseObject({
  sk: z.string(),
  createdAt: z.string(),
  effectiveFrom: z.string().optional(),
  version: z.number().default(1),
  window: z.string(),
});

/** Lists windows. What another release wrote and this one does not understand holds nothing back. */
export function maintenanceLister(client: DynamoDBDocumentClient, tableName: string): MaintenanceStore["list"] {
  return async () => {
    const found: MaintenanceWindow[] = [];
    for await (const item of queryItems(client, tableName, "pk = :pk", { ":pk": "maintenance" }, { consistent: false })) {
      const window = readWindow(item);
      if (window !== undefined) found.push(window);
    }
    return found.sort((a, b) => a.createdAt.localeCompare(b.createdAt));
  };
}

/** Items: `maintenance` / <id>. */
export function createDynamoMaintenance(client: DynamoDBDocumentClient, tableName: string): MaintenanceStore {
  const table = { TableName: tableName };
  return {
    list: maintenanceLister(client, tableName),
    put({ id, version, createdAt, effectiveFrom, ...window }) {
      // Items of older releases have no version: they are at the first.
      const condition =
        version === 1
          ? { ConditionExpression: "attribute_not_exists(pk)" }
          : {
              ConditionExpression: `attribute_exists(pk) AND (#version = :before${version === 2 ? " OR attribute_not_exists(#version)" : ""})`,
              ExpressionAttributeNames: { "#version": "version" },
              ExpressionAttributeValues: { ":before": version - 1 },
            };
      const Item = withoutUndefined({ pk: "maintenance", sk: id, version, createdAt, effectiveFrom, window: JSON.stringify(window) });
      return held(client.send(new PutCommand({ ...table, Item, ...condition })));
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
    const { sk: id, version, createdAt, effectiveFrom, window } = data;
    return { id, version, createdAt, ...(effectiveFrom && { effectiveFrom }), ...parseMaintenance(JSON.parse(window)) };
  } catch {
    return undefined;
  }
}
