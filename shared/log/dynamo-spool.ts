import { gunzipSync, gzipSync } from "node:zlib";
import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { messageOf } from "../errors.ts";
import type { Spool, SpooledBatch, SpoolState, SpoolWriter, UnreadableBatch } from "./spool.ts";
import { isTableName, type LogBatch } from "./tables.ts";

/** A DynamoDB item holds 400 KB; a shard of 250 results packs to some 10 KB. */
const MAX_PACKED_BYTES = 350_000;

const keySchema = z.object({ sk: z.string() });
const batchSchema = z.object({
  kind: z.string().refine(isTableName, "is of another release"),
  rows: z.array(z.record(z.string(), z.unknown())),
});

/*
 * Items: `spool` / <key>, `spool-rejected` / <key>, and `recent` / <key>, which DynamoDB itself forgets. Writing is apart from draining, so that a function's
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

/** How long checks can be read here after the log has them, in ms: what the API answers without it, and a little. */
const KEPT_MS = 3_900_000;

/** @param options.keepsChecks where the log sleeps: the last hour of checks is read from here */
export function createDynamoSpool(
  client: DynamoDBDocumentClient,
  tableName: string,
  { keepsChecks = false }: { readonly keepsChecks?: boolean } = {},
): Spool {
  const table = { TableName: tableName };

  async function remove(key: string): Promise<void> {
    await client.send(new DeleteCommand({ ...table, Key: { pk: "spool", sk: key } }));
  }

  return {
    ...createDynamoSpoolWriter(client, tableName),
    remove,

    async settle({ key, batch }) {
      if (keepsChecks && batch.kind === "check") {
        const [at = ""] = key.split("#");
        const forgetAt = Math.ceil((Date.parse(at) + KEPT_MS) / 1_000);
        const Item = { pk: "recent", sk: key, batch: gzipSync(JSON.stringify(batch)), forgetAt };
        if (Number.isFinite(forgetAt)) await client.send(new PutCommand({ ...table, Item }));
      }
      await remove(key);
    },

    async oldest(limit, after) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          ...table,
          KeyConditionExpression: "pk = :pk AND sk > :after",
          ExpressionAttributeValues: { ":pk": "spool", ":after": after ?? " " },
          Limit: limit,
        }),
      );
      return Items.map((item) => readBatch(keySchema.parse(item).sk, item["batch"]));
    },

    async reject(key, reason) {
      const { Item } = await client.send(new GetCommand({ ...table, Key: { pk: "spool", sk: key } }));
      if (Item === undefined) return;
      await client.send(new PutCommand({ ...table, Item: { ...Item, pk: "spool-rejected", reason } }));
      await remove(key);
    },
  };
}

/** Makes a glance at the spool: it reads one item of each kind. */
export function spoolStateReader(client: DynamoDBDocumentClient, tableName: string): () => Promise<SpoolState> {
  const hasAny = async (pk: string) => {
    const query = { KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": pk }, Select: "COUNT", Limit: 1 } as const;
    const { Count = 0 } = await client.send(new QueryCommand({ TableName: tableName, ...query }));
    return Count > 0;
  };
  return async () => {
    const [waiting, setAside] = await Promise.all([hasAny("spool"), hasAny("spool-rejected")]);
    return { waiting, setAside };
  };
}

/** A batch as it was put. */
export function readBatch(key: string, packed: unknown): SpooledBatch | UnreadableBatch {
  try {
    const unpacked = gunzipSync(z.instanceof(Uint8Array).parse(packed)).toString("utf8");
    return { key, batch: batchSchema.parse(JSON.parse(unpacked)) };
  } catch (error) {
    return { key, problem: messageOf(error) };
  }
}
