import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { queryItems } from "./query-items.ts";
import type { TargetKey } from "./target.ts";
import type { TargetReader } from "./target-store.ts";

// What cannot be read is due in each round: it counts as planned, and its shard tells why it is not checked.
const keyItemSchema = z.object({
  sk: z.string(),
  intervalSeconds: z.number().catch(0),
  state: z.object({ status: z.string() }).catch({ status: "pending" }),
  owed: z.record(z.string(), z.unknown()).catch({}),
  updatedAt: z.string().optional().catch(undefined),
});

/** Reads what planning needs of every target. */
export function targetKeyReader(client: DynamoDBDocumentClient, tableName: string): TargetReader["keys"] {
  return async function* (): AsyncGenerator<TargetKey> {
    const projection = {
      expression: "sk, intervalSeconds, #state.#status, owed, updatedAt",
      names: { "#state": "state", "#status": "status" },
    };
    for await (const item of queryItems(client, tableName, "pk = :pk", { ":pk": "target" }, { consistent: false, projection })) {
      const { sk, intervalSeconds, state, owed, updatedAt } = keyItemSchema.parse(item);
      yield { id: sk, intervalSeconds, status: state.status, updatedAt, owesAlert: Object.keys(owed).length > 0 };
    }
  };
}
