import { type DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { UnreadableItemError } from "../errors.ts";
import { type OnUnreadable, readTarget, targetKey } from "./dynamo-target-item.ts";
import { targetKeyReader } from "./dynamo-target-keys.ts";
import { queryItems } from "./query-items.ts";
import type { Target } from "./target.ts";
import type { TargetReader } from "./target-store.ts";

/** Reads one target, consistently. */
export function targetGetter(client: DynamoDBDocumentClient, tableName: string, pk?: string): TargetReader["get"] {
  return async (id) => {
    const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: targetKey(id, pk), ConsistentRead: true }));
    if (Item === undefined) return undefined;
    const problems: string[] = [];
    const target = readTarget(Item, ({ reason }) => problems.push(reason));
    if (target === undefined) throw new UnreadableItemError(`target ${id} was stored by another release: ${problems.join("; ")}`);
    return target;
  };
}

/** Reads a page of targets in order of id. */
export function targetLister(client: DynamoDBDocumentClient, tableName: string, onUnreadable: OnUnreadable): TargetReader["list"] {
  return async ({ after, limit }) => {
    const found: Target[] = [];
    const values = { ":pk": "target", ":after": after ?? " " };
    for await (const item of queryItems(client, tableName, "pk = :pk AND sk > :after", values, { consistent: true, limit })) {
      const target = readTarget(item, onUnreadable);
      if (target !== undefined) found.push(target);
      if (found.length === limit) break;
    }
    return found;
  };
}

export function createDynamoTargetReader(client: DynamoDBDocumentClient, tableName: string, onUnreadable: OnUnreadable): TargetReader {
  return {
    get: targetGetter(client, tableName),
    list: targetLister(client, tableName, onUnreadable),
    keys: targetKeyReader(client, tableName),
    range: targetRanger(client, tableName, onUnreadable),
  };
}

/** Reads the targets of a range of ids, at half the price of a consistent read. */
export function targetRanger(client: DynamoDBDocumentClient, tableName: string, onUnreadable: OnUnreadable): TargetReader["range"] {
  return async (from, to) => {
    const values = { ":pk": "target", ":from": from, ":to": to };
    const found: Target[] = [];
    for await (const item of queryItems(client, tableName, "pk = :pk AND sk BETWEEN :from AND :to", values, { consistent: false })) {
      const target = readTarget(item, onUnreadable);
      if (target !== undefined) found.push(target);
    }
    return found;
  };
}
