import { gunzipSync, gzipSync } from "node:zlib";
import { DeleteCommand, type DynamoDBDocumentClient, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { LogBatch } from "./log-store.ts";
import type { Spool, SpoolWriter } from "./spool.ts";

/** A DynamoDB item holds 400 KB; a shard of 250 results packs to some 10 KB. */
const MAX_PACKED_BYTES = 350_000;

const itemSchema = z.object({ sk: z.string(), batch: z.instanceof(Uint8Array) });
const batchSchema = z.object({
  kind: z.enum(["check", "transition", "delivery", "target", "round", "audit"]),
  rows: z.array(z.record(z.string(), z.unknown())),
});

/*
 * Items: `spool` / <key>, and `spool-rejected` / <key>. Writing is apart from draining, so that a function's
 * bundle and role hold only what it does.
 */
export function createDynamoSpoolWriter(client: DynamoDBDocumentClient, tableName: string): SpoolWriter {
  const table = { TableName: tableName };

  async function put(key: string, batch: LogBatch): Promise<void> {
    const packed = gzipSync(JSON.stringify(batch));
    if (packed.length > MAX_PACKED_BYTES && batch.rows.length > 1) {
      const middle = Math.ceil(batch.rows.length / 2);
      await put(`${key}a`, { ...batch, rows: batch.rows.slice(0, middle) });
      await put(`${key}b`, { ...batch, rows: batch.rows.slice(middle) });
      return;
    }
    await client.send(new PutCommand({ ...table, Item: { pk: "spool", sk: key, batch: packed } }));
  }

  return { put };
}

export function createDynamoSpool(client: DynamoDBDocumentClient, tableName: string): Spool {
  const table = { TableName: tableName };

  async function remove(key: string): Promise<void> {
    await client.send(new DeleteCommand({ ...table, Key: { pk: "spool", sk: key } }));
  }

  return {
    ...createDynamoSpoolWriter(client, tableName),
    remove,

    async oldest(limit) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          ...table,
          KeyConditionExpression: "pk = :pk",
          ExpressionAttributeValues: { ":pk": "spool" },
          Limit: limit,
        }),
      );
      return z
        .array(itemSchema)
        .parse(Items)
        .map(({ sk, batch }) => ({
          key: sk,
          batch: batchSchema.parse(JSON.parse(gunzipSync(batch).toString("utf8"))),
        }));
    },

    async reject({ key, batch }, reason) {
      const packed = gzipSync(JSON.stringify(batch));
      await client.send(new PutCommand({ ...table, Item: { pk: "spool-rejected", sk: key, batch: packed, reason } }));
      await remove(key);
    },
  };
}
