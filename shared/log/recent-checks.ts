import { type DynamoDBDocumentClient, paginateQuery } from "@aws-sdk/lib-dynamodb";
import type * as z from "zod";
import { checkRowSchema } from "./check-record.ts";
import { readBatch } from "./dynamo-spool.ts";
import { TABLES } from "./tables.ts";

const storedSchema = checkRowSchema.omit({ id: true, name: true });
/** A check as it waits: a row of its table. */
export type WaitingCheck = z.output<typeof storedSchema>;

/** Checks of the last hour, where the log sleeps: those that wait for it, and those that it has had for less than an hour. */
export interface RecentChecks {
  /** The newest first. @param since epoch ms, an hour ago at most */
  since(since: number): Promise<readonly WaitingCheck[]>;
}

/** How far back all checks can be read without the log, in ms. */
export const RECENT_MS = 3_600_000;

// What a row leaves out is null in its table.
const NOTHING = Object.fromEntries(Object.keys(TABLES.check.columns).map((name) => [name, null]));

// Marks have no part of a second, and the API shows them so.
function shownMark(at: unknown): unknown {
  return typeof at === "string" ? at.replace(".000Z", "Z") : at;
}

/** Items of `createDynamoSpool`. */
export function createDynamoRecentChecks(client: DynamoDBDocumentClient, tableName: string): RecentChecks {
  async function* batchesOf(pk: string, since: string): AsyncGenerator<readonly WaitingCheck[]> {
    const query = { KeyConditionExpression: "pk = :pk AND sk >= :since", ExpressionAttributeValues: { ":pk": pk, ":since": since } };
    for await (const { Items = [] } of paginateQuery({ client }, { TableName: tableName, ...query })) {
      for (const item of Items) {
        if (!String(item["sk"]).includes("#check#")) continue;
        const read = readBatch(String(item["sk"]), item["batch"]);
        // What is unreadable here is for who drains it to judge.
        if ("batch" in read)
          yield read.batch.rows.flatMap((row) => storedSchema.safeParse({ ...NOTHING, ...row, at: shownMark(row["at"]) }).data ?? []);
      }
    }
  }

  return {
    async since(since) {
      // Keys begin with the round's mark; a batch may be in both places while it is moved.
      const from = new Date(since).toISOString().slice(0, 19);
      const found = new Map<string, WaitingCheck>();
      for (const pk of ["recent", "spool"]) {
        for await (const rows of batchesOf(pk, from)) for (const row of rows) found.set(`${row.at} ${row.target}`, row);
      }
      return [...found.values()]
        .filter(({ at }) => Date.parse(at) >= since)
        .sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : a.target - b.target));
    },
  };
}
