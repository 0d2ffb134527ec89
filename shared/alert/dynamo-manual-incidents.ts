import { DeleteCommand, type DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { held } from "../targets/dynamo-target-item.ts";
import { queryItems } from "../targets/query-items.ts";
import { INCIDENT_PHASES, type ManualIncident, type ManualIncidentStore } from "./manual-incident.ts";

const itemSchema = z.looseObject({ sk: z.string(), version: z.number(), incident: z.string() });

const storedSchema = z.looseObject({
  title: z.string(),
  severity: z.enum(["down", "degraded", "notice"]).catch("notice"),
  targets: z.array(z.string()).default([]),
  public: z.boolean().default(false),
  startedAt: z.string(),
  endedAt: z.string().nullable().default(null),
  updates: z.array(
    z.looseObject({
      at: z.string(),
      by: z.string(),
      status: z.enum(INCIDENT_PHASES).catch("investigating"),
      text: z.string(),
      public: z.boolean().default(false),
    }),
  ),
});

/** Lists incidents, the open ones first. What is not understood is not shown, and stays. */
export function manualIncidentLister(client: DynamoDBDocumentClient, tableName: string): ManualIncidentStore["list"] {
  return async () => {
    const found: ManualIncident[] = [];
    for await (const item of queryItems(client, tableName, "pk = :pk", { ":pk": "incident" }, { consistent: true })) {
      const incident = readIncident(item);
      if (incident !== undefined) found.push(incident);
    }
    const rank = ({ endedAt }: ManualIncident) => (endedAt === null ? 0 : 1);
    return found.sort((a, b) => rank(a) - rank(b) || b.startedAt.localeCompare(a.startedAt));
  };
}

/** Items: `incident` / <id>. */
export function createDynamoManualIncidents(client: DynamoDBDocumentClient, tableName: string): ManualIncidentStore {
  const table = { TableName: tableName };
  return {
    list: manualIncidentLister(client, tableName),
    put: ({ id, version, ...incident }) => {
      const Item = { pk: "incident", sk: id, version, incident: JSON.stringify(incident) };
      const condition =
        version === 1
          ? { ConditionExpression: "attribute_not_exists(pk)" }
          : {
              ConditionExpression: "#version = :before",
              ExpressionAttributeNames: { "#version": "version" },
              ExpressionAttributeValues: { ":before": version - 1 },
            };
      return held(client.send(new PutCommand({ ...table, Item, ...condition })));
    },
    async remove(id) {
      const { Attributes } = await client.send(new DeleteCommand({ ...table, Key: { pk: "incident", sk: id }, ReturnValues: "ALL_OLD" }));
      return Attributes && readIncident(Attributes);
    },
  };
}

function readIncident(item: unknown): ManualIncident | undefined {
  const { success, data } = itemSchema.safeParse(item);
  if (!success) return undefined;
  const stored = storedSchema.safeParse(JSON.parse(data.incident));
  return stored.success ? { id: data.sk, version: data.version, ...stored.data } : undefined;
}
