import { DeleteCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Clock } from "../time/clock.ts";
import type { DepartedTargets } from "./departed.ts";
import { type OnUnreadable, readTarget, targetKey } from "./dynamo-target-item.ts";
import { createDynamoTargetRounds } from "./dynamo-target-rounds.ts";
import { queryItems } from "./query-items.ts";
import type { Target } from "./target.ts";

/** Items: `departed` / <id of the target>, as targets are stored. */
export const DEPARTED = "departed";

export function createDynamoDeparted(
  client: DynamoDBDocumentClient,
  tableName: string,
  clock: Clock,
  onUnreadable: OnUnreadable,
): DepartedTargets {
  return {
    ...createDynamoTargetRounds(client, tableName, clock, DEPARTED),
    async list() {
      const found: Target[] = [];
      for await (const item of queryItems(client, tableName, "pk = :pk", { ":pk": DEPARTED }, { consistent: false })) {
        const target = readTarget(item, onUnreadable);
        if (target !== undefined) found.push(target);
      }
      return found;
    },
    async forget(id) {
      await client.send(new DeleteCommand({ TableName: tableName, Key: targetKey(id, DEPARTED) }));
    },
  };
}
