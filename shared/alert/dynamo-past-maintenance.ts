import { DeleteCommand, type DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { queryItems } from "../targets/query-items.ts";
import { type MaintenanceWindow, parseMaintenance } from "./maintenance.ts";
import { BACK_MS, type PastMaintenanceStore } from "./maintenance-time.ts";

const itemSchema = z.looseObject({ sk: z.string(), id: z.string(), createdAt: z.string(), endedAt: z.number(), window: z.string() });

/** Keeps what windows were. */
export function pastMaintenanceKeeper(client: DynamoDBDocumentClient, tableName: string): PastMaintenanceStore["keep"] {
  return async (windows, endedAt) => {
    for (const { id, version: _, createdAt, ...window } of windows) {
      const of = window.targets.length === 1 ? `#${window.targets[0]}` : "";
      const sk = `${id}#${window.once?.from}#${endedAt}${of}`;
      const Item = { pk: "maintenance-past", sk, id, createdAt, endedAt, window: JSON.stringify(window) };
      await client.send(new PutCommand({ TableName: tableName, Item }));
    }
  };
}

/** Items: `maintenance-past` / <id>#<its begin>#<when it was changed>, and of one target alone #<its id>. */
export function createDynamoPastMaintenance(client: DynamoDBDocumentClient, tableName: string): PastMaintenanceStore {
  return {
    keep: pastMaintenanceKeeper(client, tableName),
    async list(now) {
      const found: MaintenanceWindow[] = [];
      for await (const item of queryItems(client, tableName, "pk = :pk", { ":pk": "maintenance-past" }, { consistent: true })) {
        const { success, data } = itemSchema.safeParse(item);
        if (!success) continue;
        if (data.endedAt < now - BACK_MS) {
          await client.send(new DeleteCommand({ TableName: tableName, Key: { pk: "maintenance-past", sk: data.sk } }));
        } else found.push(...windowIn(data));
      }
      return found;
    },
  };
}

/** What another release wrote and this one does not understand is none. */
function windowIn({ id, createdAt, window }: z.output<typeof itemSchema>): MaintenanceWindow[] {
  try {
    return [{ id, version: 1, createdAt, ...parseMaintenance(JSON.parse(window)) }];
  } catch {
    return [];
  }
}
