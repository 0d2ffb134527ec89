import { type DynamoDBDocumentClient, paginateQuery } from "@aws-sdk/lib-dynamodb";
import { readBatch } from "./dynamo-spool.ts";
import { type RecentChecks, type WaitingCheck, waitingCheckSchema } from "./recent-checks.ts";
import { TABLES } from "./tables.ts";

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
          yield read.batch.rows.flatMap((row) => waitingCheckSchema.safeParse({ ...NOTHING, ...row, at: shownMark(row["at"]) }).data ?? []);
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
        .sort((a, b) => Date.parse(b.at) - Date.parse(a.at) || a.target - b.target);
    },
  };
}
