import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Clock } from "../time/clock.ts";
import type { OnUnreadable } from "./dynamo-target-item.ts";
import { createDynamoTargetReader } from "./dynamo-target-reader.ts";
import { createDynamoTargetRegistry } from "./dynamo-target-registry.ts";
import { createDynamoTargetRounds } from "./dynamo-target-rounds.ts";
import type { TargetStore } from "./target-store.ts";

/** All three parts over one table. */
export function createDynamoTargetStore(
  client: DynamoDBDocumentClient,
  tableName: string,
  clock: Clock,
  onUnreadable: OnUnreadable = () => undefined,
): TargetStore {
  return {
    ...createDynamoTargetReader(client, tableName, onUnreadable),
    ...createDynamoTargetRounds(client, tableName, clock),
    ...createDynamoTargetRegistry(client, tableName, clock),
  };
}
