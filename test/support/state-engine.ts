import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { createDynalite } from "../../local/stand-ins/engines/dynalite.ts";
import { listen } from "../../local/stand-ins/listen.ts";
import { ensureStateTable } from "../../local/stand-ins/state-table.ts";

Object.assign(process.env, { AWS_REGION: "local", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" });

export const TABLE_NAME = "server-tracker";

/** Bytes. Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_EXPRESSION = 4_096;

export interface StateEngine {
  readonly url: string;
  readonly client: DynamoDBDocumentClient;
  close(): Promise<void>;
}

/** A DynamoDB in memory, with the state table. */
export async function startState(): Promise<StateEngine> {
  const server = createDynalite();
  const url = await listen(server);
  process.env["AWS_ENDPOINT_URL_DYNAMODB"] = url;
  await ensureStateTable(TABLE_NAME);
  const raw = new DynamoDBClient({ endpoint: url });
  // dynalite knows the limit of items, and not that of expressions.
  raw.middlewareStack.add(
    (next) => (call) => {
      const long = Object.entries(call.input).find(([name, value]) => name.endsWith("Expression") && String(value).length > MAX_EXPRESSION);
      if (long !== undefined) throw new Error(`${long[0]} has ${String(long[1]).length} bytes, DynamoDB takes ${MAX_EXPRESSION}`);
      return next(call);
    },
    { step: "initialize" },
  );
  const client = DynamoDBDocumentClient.from(raw, { marshallOptions: { removeUndefinedValues: true } });
  return {
    url,
    client,
    async close() {
      raw.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}
