import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, UpdateCommand, type UpdateCommandInput } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { owedAlertSchema } from "../alert/owed-alert.ts";
import { STATUSES } from "../status/next-status.ts";
import type { HeartbeatRecord, Target, TargetConfig } from "./target.ts";
import type { StateCommit } from "./target-store.ts";

const MAX_OWED = 200;

/*
 * Items of the table, by `pk` / `sk`:
 *   target / <id>        one target: config, state, owed alerts, heartbeat
 *   name / <hash>        who has a name
 *   counter / target     the last `seq` given out
 */
// Written by us after validation. Fields of a later version must not stop a round, so it is not validated again.
const parsedConfig = z.custom<TargetConfig>((value) => typeof value === "object" && value !== null && "type" in value);

const targetItemSchema = z.object({
  sk: z.string(),
  seq: z.number(),
  // As JSON text: DynamoDB's marshalling stumbles over names such as "constructor", and text is cheaper to read.
  config: z.string().transform((json) => parsedConfig.parse(JSON.parse(json))),
  configVersion: z.number(),
  state: z.object({
    status: z.enum(STATUSES),
    since: z.number(),
    round: z.number(),
    recent: z.string(),
    runSince: z.number(),
    before: z.object({ status: z.enum(["degraded", "down"]), since: z.number() }).exactOptional(),
  }),
  stateVersion: z.number(),
  owed: z.record(z.string(), owedAlertSchema),
  heartbeat: z
    .object({
      keyHash: z.string(),
      awaitedSince: z.number(),
      lastPingAt: z.number().optional(),
      reported: z
        .object({ status: z.enum(["up", "degraded", "down"]), message: z.string().optional(), latencyMs: z.number().optional() })
        .optional(),
    })
    .optional(),
  certificateWarnedAt: z.number().optional(),
  createdAt: z.string(),
  updatedAt: z.string(),
});

/** Key of a target's item. */
export function targetKey(id: string): { pk: string; sk: string } {
  return { pk: "target", sk: id };
}

/** Makes conditional updates of targets; these return whether the condition held. */
export function targetUpdater(client: DynamoDBDocumentClient, tableName: string) {
  return (id: string, input: Omit<UpdateCommandInput, "TableName" | "Key">): Promise<boolean> =>
    held(client.send(new UpdateCommand({ TableName: tableName, Key: targetKey(id), ...input })));
}

export function stateUpdate(target: Target, { state, owed, certificateWarnedAt }: StateCommit) {
  const names: Record<string, string> = { "#state": "state" };
  const values: Record<string, unknown> = { ":state": state, ":nextState": target.stateVersion + 1 };
  const set = ["#state = :state", "stateVersion = :nextState"];
  const remove: string[] = [];
  // An item holds 400 KB: while nothing can be settled, the oldest makes room.
  const oldest = target.owed[0];
  if (oldest !== undefined && target.owed.length >= MAX_OWED) {
    names["#oldest"] = String(oldest.at);
    remove.push("owed.#oldest");
  }
  owed.forEach((alert, index) => {
    names[`#owed${index}`] = String(alert.at);
    values[`:owed${index}`] = withoutUndefined(alert);
    set.push(`owed.#owed${index} = :owed${index}`);
  });
  if (certificateWarnedAt !== undefined) {
    values[":warned"] = certificateWarnedAt;
    set.push("certificateWarnedAt = :warned");
  } else if (target.certificateWarnedAt !== undefined) {
    remove.push("certificateWarnedAt");
  }
  return { set, remove, names, values };
}

export function expression(set: readonly string[], remove: readonly string[]): string {
  const clause = (word: string, parts: readonly string[]) => (parts.length > 0 ? [`${word} ${parts.join(", ")}`] : []);
  return [...clause("SET", set), ...clause("REMOVE", remove)].join(" ");
}

export function toTarget(item: Record<string, unknown>): Target {
  const { sk, owed, heartbeat, certificateWarnedAt, ...rest } = targetItemSchema.parse(item);
  return {
    ...rest,
    id: sk,
    owed: Object.values(owed).sort((a, b) => a.at - b.at),
    ...(heartbeat && { heartbeat: heartbeat as HeartbeatRecord }), // zod's optional keys may hold undefined; DynamoDB holds none
    ...(certificateWarnedAt !== undefined && { certificateWarnedAt }),
  };
}

/** Whether the condition of a write held. */
export async function held(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** DynamoDB has no undefined. */
export function withoutUndefined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Partial<T>;
}
