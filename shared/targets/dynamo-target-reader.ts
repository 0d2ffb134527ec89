import { type DynamoDBDocumentClient, GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { UnreadableItemError } from "../errors.ts";
import { type OnUnreadable, readTarget, targetKey } from "./dynamo-target-item.ts";
import type { Target, TargetKey } from "./target.ts";
import type { TargetReader } from "./target-store.ts";

// What cannot be read is due in each round: it counts as planned, and its shard tells why it is not checked.
const keyItemSchema = z.object({
  sk: z.string(),
  intervalSeconds: z.number().catch(0),
  state: z.object({ status: z.string() }).catch({ status: "pending" }),
  owed: z.record(z.string(), z.unknown()).catch({}),
});

/** Reads one target, consistently. */
export function targetGetter(client: DynamoDBDocumentClient, tableName: string): TargetReader["get"] {
  return async (id) => {
    const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: targetKey(id), ConsistentRead: true }));
    if (Item === undefined) return undefined;
    const problems: string[] = [];
    const target = readTarget(Item, ({ reason }) => problems.push(reason));
    if (target === undefined) throw new UnreadableItemError(`target ${id} was stored by another release: ${problems.join("; ")}`);
    return target;
  };
}

interface QueryOptions {
  readonly consistent: boolean;
  readonly limit?: number;
  readonly projection?: { readonly expression: string; readonly names: Record<string, string> };
}

async function* query(
  client: DynamoDBDocumentClient,
  tableName: string,
  condition: string,
  values: Record<string, unknown>,
  { consistent, limit, projection }: QueryOptions,
) {
  let start: Record<string, unknown> | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: condition,
        ExpressionAttributeValues: values,
        ...(projection && { ProjectionExpression: projection.expression, ExpressionAttributeNames: projection.names }),
        ConsistentRead: consistent,
        Limit: limit,
        ExclusiveStartKey: start,
      }),
    );
    yield* page.Items ?? [];
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}

/** Reads a page of targets in order of id. */
export function targetLister(client: DynamoDBDocumentClient, tableName: string, onUnreadable: OnUnreadable): TargetReader["list"] {
  return async ({ after, limit }) => {
    const found: Target[] = [];
    const values = { ":pk": "target", ":after": after ?? " " };
    for await (const item of query(client, tableName, "pk = :pk AND sk > :after", values, { consistent: true, limit })) {
      const target = readTarget(item, onUnreadable);
      if (target !== undefined) found.push(target);
      if (found.length === limit) break;
    }
    return found;
  };
}

/** Reads what planning needs of every target. */
export function targetKeyReader(client: DynamoDBDocumentClient, tableName: string): TargetReader["keys"] {
  return async function* (): AsyncGenerator<TargetKey> {
    const projection = { expression: "sk, intervalSeconds, #state.#status, owed", names: { "#state": "state", "#status": "status" } };
    for await (const item of query(client, tableName, "pk = :pk", { ":pk": "target" }, { consistent: false, projection })) {
      const { sk, intervalSeconds, state, owed } = keyItemSchema.parse(item);
      yield { id: sk, intervalSeconds, status: state.status, owesAlert: Object.keys(owed).length > 0 };
    }
  };
}

export function createDynamoTargetReader(client: DynamoDBDocumentClient, tableName: string, onUnreadable: OnUnreadable): TargetReader {
  return {
    get: targetGetter(client, tableName),
    list: targetLister(client, tableName, onUnreadable),
    keys: targetKeyReader(client, tableName),

    async range(from, to) {
      const values = { ":pk": "target", ":from": from, ":to": to };
      const found: Target[] = [];
      for await (const item of query(client, tableName, "pk = :pk AND sk BETWEEN :from AND :to", values, { consistent: false })) {
        const target = readTarget(item, onUnreadable);
        if (target !== undefined) found.push(target);
      }
      return found;
    },
  };
}
