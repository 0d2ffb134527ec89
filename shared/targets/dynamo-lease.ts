import { randomUUID } from "node:crypto";
import { type DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Clock } from "../time/clock.ts";
import { held } from "./dynamo-target-item.ts";

/** An item that only says who has it: its partition and its name there. */
export interface LeaseKey {
  readonly pk: string;
  readonly sk: string;
}

/** Gives back what was claimed. */
export type Release = () => Promise<void>;

/**
 * Claims what one at a time may do, for `leaseMs`: who dies with it gives it back by that.
 * @returns `undefined` while another has it
 */
export async function claimLease(
  { client, tableName, clock }: { readonly client: DynamoDBDocumentClient; readonly tableName: string; readonly clock: Clock },
  key: LeaseKey,
  leaseMs: number,
): Promise<Release | undefined> {
  const [id, now] = [randomUUID(), clock.now()];
  const update = (UpdateExpression: string, ConditionExpression: string, ExpressionAttributeValues: Record<string, unknown>) =>
    held(
      client.send(new UpdateCommand({ TableName: tableName, Key: key, UpdateExpression, ConditionExpression, ExpressionAttributeValues })),
    );
  const isOurs = await update("SET leaseId = :id, leaseUntil = :until", "attribute_not_exists(leaseUntil) OR leaseUntil < :now", {
    ":id": id,
    ":until": now + leaseMs,
    ":now": now,
  });
  if (!isOurs) return undefined;
  return async () => {
    await update("REMOVE leaseUntil", "leaseId = :id", { ":id": id });
  };
}
