import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { claimLease } from "../targets/dynamo-lease.ts";
import { held } from "../targets/dynamo-target-item.ts";
import { queryItems } from "../targets/query-items.ts";
import type { Clock } from "../time/clock.ts";
import { type PublishedPages, type StatusPage, type StatusPageStore, statusPageFields } from "./status-page.ts";

const itemSchema = z.looseObject({
  sk: z.string(),
  version: z.number(),
  key: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  page: z.string(),
  removed: z.boolean().default(false),
});

const PARTITION = "status-page";

/**
 * Items: `status-page` / <slug>. One that was taken back stays, marked, until the publisher has removed its files. What
 * another release wrote and this one does not understand is neither shown nor published, and stays.
 */
async function readAll(client: DynamoDBDocumentClient, tableName: string): Promise<Awaited<ReturnType<PublishedPages["all"]>>> {
  const pages: StatusPage[] = [];
  const removed: Pick<StatusPage, "slug" | "key">[] = [];
  let toldAt = 0;
  for await (const item of queryItems(client, tableName, "pk = :pk", { ":pk": PARTITION }, { consistent: true })) {
    toldAt = Math.max(toldAt, toldSchema.safeParse(item).data?.toldAt ?? 0);
    const { success, data } = itemSchema.safeParse(item);
    if (!success) continue;
    const page = readPage(data);
    if (data.removed) removed.push({ slug: data.sk, key: data.key });
    else if (page !== undefined) pages.push(page);
  }
  return { pages, removed, toldAt };
}

/** No slug: the item that says who publishes. */
const PUBLISHER = { pk: PARTITION, sk: "#publisher" };
/** Nor this: when something was said to the public. */
const TOLD = { pk: PARTITION, sk: "#told" };
const toldSchema = z.object({ sk: z.literal(TOLD.sk), toldAt: z.number() });

/** Pages as the publisher sees them. */
export function createDynamoPublishedPages(client: DynamoDBDocumentClient, tableName: string, clock: Clock): PublishedPages {
  return {
    claim: (leaseMs) => claimLease({ client, tableName, clock }, PUBLISHER, leaseMs),
    all: () => readAll(client, tableName),
    async forget(slug) {
      const deletion = new DeleteCommand({
        TableName: tableName,
        Key: { pk: PARTITION, sk: slug },
        ConditionExpression: "removed = :yes",
        ExpressionAttributeValues: { ":yes": true },
      });
      await held(client.send(deletion));
    },
  };
}

/** Pages as their owners see them. */
export function createDynamoStatusPages(client: DynamoDBDocumentClient, tableName: string): StatusPageStore {
  const table = { TableName: tableName };
  return {
    list: async () => (await readAll(client, tableName)).pages,
    put({ slug, key, version, createdAt, updatedAt, ...page }) {
      const Item = { pk: PARTITION, sk: slug, key, version, createdAt, updatedAt, page: JSON.stringify(page) };
      const condition =
        version === 1
          ? { ConditionExpression: "attribute_not_exists(pk) OR removed = :yes", ExpressionAttributeValues: { ":yes": true } }
          : {
              ConditionExpression: "version = :before AND attribute_not_exists(removed)",
              ExpressionAttributeValues: { ":before": version - 1 },
            };
      return held(client.send(new PutCommand({ ...table, Item, ...condition })));
    },
    async remove(slug) {
      const { Item } = await client.send(new GetCommand({ ...table, Key: { pk: PARTITION, sk: slug }, ConsistentRead: true }));
      const { success, data } = itemSchema.safeParse(Item);
      if (!success || data.removed) return undefined;
      await client.send(new PutCommand({ ...table, Item: { ...data, pk: PARTITION, removed: true } }));
      return readPage(data);
    },
    async toldPublic(at) {
      await client.send(new PutCommand({ ...table, Item: { ...TOLD, toldAt: at } }));
    },
  };
}

function readPage({ sk, key, version, createdAt, updatedAt, page }: z.output<typeof itemSchema>): StatusPage | undefined {
  const stored = statusPageFields.safeParse(JSON.parse(page));
  return stored.success ? { slug: sk, key, version, createdAt, updatedAt, ...stored.data } : undefined;
}
