import { type DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { CutStore } from "./id-ranges.ts";

const KEY = { pk: "round", sk: "cut" };

const cutSchema = z.object({
  at: z.number(),
  shardSize: z.number(),
  roundSeconds: z.number(),
  // As text: 600 ranges are 60 KB so, and 100 as DynamoDB's own lists.
  ranges: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(z.array(z.object({ from: z.string(), to: z.string(), expected: z.number() }))),
});

/** One item: `round` / `cut`. What another release wrote is cut anew. */
export function createDynamoCut(client: DynamoDBDocumentClient, tableName: string): CutStore {
  const table = { TableName: tableName };
  return {
    async get() {
      const { Item } = await client.send(new GetCommand({ ...table, Key: KEY }));
      return Item && cutSchema.safeParse(Item).data;
    },
    async put({ ranges, ...cut }) {
      await client.send(new PutCommand({ ...table, Item: { ...KEY, ...cut, ranges: JSON.stringify(ranges) } }));
    },
  };
}
