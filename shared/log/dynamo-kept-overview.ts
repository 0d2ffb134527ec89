import { gunzipSync, gzipSync } from "node:zlib";
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { KeptOverview, KeptOverviewStore } from "./kept-overview.ts";

const KEY = { pk: "log-rest", sk: "overview" };
/** A DynamoDB item holds 400 KB; 10,000 targets pack to some 300. */
const MAX_PACKED_BYTES = 390_000;

const ms = z.number().nullable();
const keptSchema = z.object({
  at: z.number(),
  strips: z.array(z.object({ seq: z.number(), hours: z.string(), uptimePercent: z.number().nullable() })),
  reasons: z.array(z.object({ seq: z.number(), text: z.string() })),
  lastChecks: z.array(
    z.object({
      seq: z.number(),
      at: z.number(),
      totalMs: ms,
      phases: z.object({ dnsMs: ms, connectMs: ms, tlsMs: ms, ttfbMs: ms, transferMs: ms }),
      certificateDays: z.number().nullable(),
    }),
  ),
});

/** One item: `log-rest` / `overview`; what another release kept is as good as none, until the next hour. What does not fit leaves its last checks out, which scrapes then have from waiting rows alone. */
export function createDynamoKeptOverview(client: DynamoDBDocumentClient, tableName: string): KeptOverviewStore {
  const table = { TableName: tableName };
  return {
    async get() {
      const { Item } = await client.send(new GetCommand({ ...table, Key: KEY }));
      if (Item === undefined) return undefined;
      return keptSchema.safeParse(JSON.parse(gunzipSync(z.instanceof(Uint8Array).parse(Item["overview"])).toString("utf8"))).data;
    },

    async put(kept) {
      const whole = packed(kept);
      const overview = whole.length <= MAX_PACKED_BYTES ? whole : packed({ ...kept, lastChecks: [] });
      await client.send(new PutCommand({ ...table, Item: { ...KEY, overview } }));
    },
  };
}

function packed(kept: KeptOverview): Buffer {
  return gzipSync(JSON.stringify(kept));
}
