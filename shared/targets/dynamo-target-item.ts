import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, UpdateCommand, type UpdateCommandInput } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { messageOf } from "../errors.ts";
import { ANY_CERTIFICATE } from "../status/certificate-warning.ts";
import { STATUSES } from "../status/next-status.ts";
import { BURN_LEVELS } from "../status/slo.ts";
import { withoutUndefined } from "../text/without-undefined.ts";
import { type OwedAlert, owedAlertSchema } from "./owed-alert.ts";
import { readStoredConfig } from "./stored-config.ts";
import type { HeartbeatRecord, KnownStatus, SentMessage, Target, TargetConfig } from "./target.ts";
import type { StateCommit } from "./target-store.ts";

/*
 * Items of the table, by `pk` / `sk`:
 *   target / <id>        one target: config, state, owed alerts, heartbeat
 *   departed / <id>      one that was deleted, and has a last word to tell
 *   name / <hash>        who has a name
 *   counter / target     the last `seq` given out
 */
const targetItemSchema = z.object({
  sk: z.string(),
  seq: z.number(),
  // As JSON text: DynamoDB's marshalling stumbles over names such as "constructor", and text is cheaper to read.
  config: z.string(),
  configVersion: z.number().default(1),
  state: z.looseObject({
    status: z.enum(STATUSES),
    since: z.number(),
    round: z.number().default(0),
    recent: z.string().default(""),
    runSince: z.number().optional(),
    troubleSince: z.number().exactOptional(),
    changes: z.array(z.number()).exactOptional(),
    before: z.looseObject({ status: z.enum(["degraded", "down"]), since: z.number() }).exactOptional(),
  }),
  stateVersion: z.number().default(1),
  deliveryVersion: z.number().default(0),
  leaseId: z.string().optional(),
  leaseUntil: z.number().default(0),
  owed: z.record(z.string(), z.unknown()).default({}),
  heartbeat: z
    .looseObject({
      keyHash: z.string(),
      awaitedSince: z.number().default(0),
      lastPingAt: z.number().optional(),
      startedAt: z.number().optional(),
      // Of what a job said, what cannot be understood costs no target.
      reported: z
        .looseObject({ status: z.enum(["up", "degraded", "down"]), message: z.string().optional(), latencyMs: z.number().optional() })
        .optional()
        .catch(undefined),
    })
    .optional(),
  certificateWarnings: z.record(z.string(), z.number()).default({}),
  /** Of releases before 0.2: the limit last warned about, of the one certificate that they knew. */
  certificateWarnedAt: z.number().optional(),
  incident: z
    .looseObject({
      since: z.number(),
      acknowledged: z.looseObject({ at: z.number(), by: z.string(), until: z.number().optional() }).optional(),
      reminders: z.number().default(0),
      remindedAt: z.number().optional(),
      escalated: z.number().default(0),
      escalatedTo: z.record(z.string(), z.number()).optional(),
      steps: z.array(z.string()).optional(),
      heldUntil: z.number().optional(),
    })
    .optional()
    .catch(undefined),
  sloBurn: z.enum(BURN_LEVELS).optional().catch(undefined),
  createdAt: z.string(),
  updatedAt: z.string().optional(),
  groupedAt: z.string().optional(),
});

/** Attributes that say what a channel's people know: one each, so that none must be there before another. */
export const KNOWN_PREFIX = "known#";

/** Attributes with the message that tells of an incident on a channel: its begin and its id, with a blank between. */
export const MESSAGE_PREFIX = "message#";

/** Key of a target's item. @param pk where it lies: with the others, if not said */
export function targetKey(id: string, pk = "target"): { pk: string; sk: string } {
  return { pk, sk: id };
}

/** A target as an item; what `readTarget` makes of it is the target. */
export function targetItem({ id, config, owed, lease, known, messages, ...rest }: Target, pk?: string): Record<string, unknown> {
  return withoutUndefined({
    ...rest,
    ...targetKey(id, pk),
    ...configAttributes(config),
    ...(lease && { leaseId: lease.id, leaseUntil: lease.until }),
    owed: Object.fromEntries(owed.map((alert) => [String(alert.at), withoutUndefined(alert)])),
    ...Object.fromEntries(Object.entries(known).map(([channel, status]) => [KNOWN_PREFIX + channel, status])),
    ...Object.fromEntries(Object.entries(messages).map(([channel, message]) => [MESSAGE_PREFIX + channel, messageText(message)])),
  });
}

/** How an item holds a configuration; the interval stands beside it for planning. */
export function configAttributes(config: TargetConfig): { config: string; intervalSeconds: number } {
  return { config: JSON.stringify(config), intervalSeconds: config.intervalSeconds };
}

/** How an item holds a message that tells of an incident. */
export function messageText({ since, id }: SentMessage): string {
  return `${since} ${id}`;
}

/** Makes conditional updates of targets; these return whether the condition held. */
export function targetUpdater(client: DynamoDBDocumentClient, tableName: string, pk?: string) {
  return (id: string, input: Omit<UpdateCommandInput, "TableName" | "Key">): Promise<boolean> =>
    held(client.send(new UpdateCommand({ TableName: tableName, Key: targetKey(id, pk), ...input })));
}

export function stateUpdate(target: Target, { state, owed, dropped = [], certificateWarnings, incident, sloBurn }: StateCommit) {
  const names: Record<string, string> = { "#state": "state" };
  const values: Record<string, unknown> = { ":state": state, ":nextState": target.stateVersion + 1 };
  const set = ["#state = :state", "stateVersion = :nextState"];
  const remove: string[] = [];
  dropped.forEach((alert, index) => {
    names[`#dropped${index}`] = String(alert.at);
    remove.push(`owed.#dropped${index}`);
  });
  owed.forEach((alert, index) => {
    names[`#owed${index}`] = String(alert.at);
    values[`:owed${index}`] = withoutUndefined(alert);
    set.push(`owed.#owed${index} = :owed${index}`);
  });
  if (certificateWarnings !== target.certificateWarnings) {
    values[":warnings"] = certificateWarnings;
    set.push("certificateWarnings = :warnings");
    remove.push("certificateWarnedAt");
  }
  if (incident !== undefined) {
    values[":incident"] = incident;
    set.push("incident = :incident");
  }
  if (sloBurn === null) remove.push("sloBurn");
  else if (sloBurn !== undefined) {
    values[":sloBurn"] = sloBurn;
    set.push("sloBurn = :sloBurn");
  }
  return { set, remove, names, values };
}

export function expression(set: readonly string[], remove: readonly string[]): string {
  const clause = (word: string, parts: readonly string[]) => (parts.length > 0 ? [`${word} ${parts.join(", ")}`] : []);
  return [...clause("SET", set), ...clause("REMOVE", remove)].join(" ");
}

/** Told of each item, or part of one, that this release does not understand. */
export type OnUnreadable = (problem: { readonly target: string; readonly reason: string }) => void;

/**
 * Reads an item of whatever release, with today's defaults. An owed alert that is not understood stays in the item
 * and is told; the rest of the target goes on.
 * @returns `undefined` for an item that cannot be understood, which is told too: its time is unknown
 */
export function readTarget(item: Record<string, unknown>, onUnreadable: OnUnreadable): Target | undefined {
  const id = String(item["sk"]);
  try {
    return toTarget(item, (reason) => onUnreadable({ target: id, reason }));
  } catch (error) {
    onUnreadable({ target: id, reason: error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error) });
    return undefined;
  }
}

function toTarget(item: Record<string, unknown>, onProblem: (reason: string) => void): Target {
  const { sk, config, state, owed, leaseId, leaseUntil, heartbeat, certificateWarnedAt, updatedAt, ...rest } = targetItemSchema.parse(item);
  return {
    ...rest,
    id: sk,
    config: readStoredConfig(config),
    state: { ...state, runSince: state.runSince ?? state.since },
    owed: readOwed(owed, onProblem),
    ...(leaseId !== undefined && { lease: { id: leaseId, until: leaseUntil } }),
    ...(heartbeat && { heartbeat: heartbeat as HeartbeatRecord }), // zod's optional keys may hold undefined; DynamoDB holds none
    known: readKnown(item),
    messages: readMessages(item),
    certificateWarnings: certificateWarnedAt === undefined ? rest.certificateWarnings : { [ANY_CERTIFICATE]: certificateWarnedAt },
    updatedAt: updatedAt ?? rest.createdAt,
  };
}

function readKnown(item: Readonly<Record<string, unknown>>): Target["known"] {
  const known: Record<string, KnownStatus> = {};
  for (const [channel, value] of prefixed(item, KNOWN_PREFIX)) {
    const status = KNOWN_STATUSES.find((candidate) => candidate === value);
    if (status !== undefined) known[channel] = status;
  }
  return known;
}

function readMessages(item: Readonly<Record<string, unknown>>): Target["messages"] {
  const messages: Record<string, SentMessage> = {};
  for (const [channel, value] of prefixed(item, MESSAGE_PREFIX)) {
    const [, since, id] = /^(\d+) (.+)$/.exec(String(value)) ?? [];
    if (id !== undefined) messages[channel] = { id, since: Number(since) };
  }
  return messages;
}

/** Attributes whose names begin so, by what follows. Most items have none: nothing is made of the others. */
function* prefixed(item: Readonly<Record<string, unknown>>, prefix: string): Generator<readonly [string, unknown]> {
  for (const name in item) if (name.startsWith(prefix)) yield [name.slice(prefix.length), item[name]];
}

const KNOWN_STATUSES = ["well", "degraded", "down"] as const satisfies KnownStatus[];

function readOwed(owed: Readonly<Record<string, unknown>>, onProblem: (reason: string) => void): OwedAlert[] {
  return Object.entries(owed)
    .flatMap(([at, stored]) => {
      const read = owedAlertSchema.safeParse(stored);
      if (read.success) return [read.data];
      onProblem(`owed alert ${at}: ${z.prettifyError(read.error)}`);
      return [];
    })
    .sort((a, b) => a.at - b.at);
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
