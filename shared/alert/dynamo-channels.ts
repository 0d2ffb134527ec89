import { DeleteCommand, type DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { notifiers } from "../notify/index.ts";
import { held } from "../targets/dynamo-target-item.ts";
import { managedSchema } from "../targets/managed.ts";
import { queryItems } from "../targets/query-items.ts";
import { isObject } from "../text/is-object.ts";
import type { ChannelObject, ChannelStore } from "./channel-object.ts";
import { hoursSchema, livingSchema, matchSchema, TAKES_ALL } from "./routing.ts";

/** What is stored of a channel, of whatever release: a match or hours of a later one are as if they were not there. */
const storedSchema = z.looseObject({
  name: z.string(),
  type: z.enum(notifiers.map(({ type }) => type)),
  settings: z.record(z.string(), z.unknown()),
  match: matchSchema.catch(TAKES_ALL.match),
  hours: hoursSchema.optional().catch(undefined),
  paused: z.boolean().catch(false),
  digestAbove: z.number().catch(TAKES_ALL.digestAbove),
  living: livingSchema.catch(TAKES_ALL.living),
  managed: managedSchema.catch(undefined),
});

const itemSchema = z.looseObject({ sk: z.string(), version: z.number(), createdAt: z.string(), channel: z.string() });

/** Items: `channel-config` / <id>; their settings' secrets come encrypted. */
export function createDynamoChannels(client: DynamoDBDocumentClient, tableName: string): ChannelStore {
  const table = { TableName: tableName };
  const item = ({ id, version, createdAt, ...channel }: ChannelObject) => ({
    pk: "channel-config",
    sk: id,
    version,
    createdAt,
    // As JSON text: DynamoDB's marshalling stumbles over names such as "constructor".
    channel: JSON.stringify(channel),
  });
  return {
    async list() {
      const channels: ChannelObject[] = [];
      for await (const found of queryItems(client, tableName, "pk = :pk", { ":pk": "channel-config" }, { consistent: true })) {
        const channel = readChannel(found);
        if (channel !== undefined) channels.push(channel);
      }
      return channels;
    },
    create: (channel) =>
      held(client.send(new PutCommand({ ...table, Item: item(channel), ConditionExpression: "attribute_not_exists(pk)" }))),
    replace: (channel) =>
      held(
        client.send(
          new PutCommand({
            ...table,
            Item: item(channel),
            ConditionExpression: "#version = :before",
            ExpressionAttributeNames: { "#version": "version" },
            ExpressionAttributeValues: { ":before": channel.version - 1 },
          }),
        ),
      ),
    async remove(id) {
      const { Attributes } = await client.send(
        new DeleteCommand({ ...table, Key: { pk: "channel-config", sk: id }, ReturnValues: "ALL_OLD" }),
      );
      return Attributes && readChannel(Attributes);
    },
  };
}

function readChannel(item: unknown): ChannelObject | undefined {
  const { success, data } = itemSchema.safeParse(item);
  if (!success) return undefined;
  const { sk: id, version, createdAt } = data;
  const stored: unknown = JSON.parse(data.channel);
  const read = isObject(stored) ? storedSchema.safeParse(stored) : undefined;
  return read?.success ? { id, version, createdAt, ...read.data } : undefined;
}
