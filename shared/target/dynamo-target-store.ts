import { createHash, randomUUID } from "node:crypto";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { owedAlertSchema } from "../alert/owed-alert.ts";
import type { Clock } from "../clock.ts";
import { pendingState, STATUSES, type TargetState } from "../status/next-status.ts";
import type { HeartbeatRecord, Target, TargetConfig, TargetKey } from "./target.ts";
import { type DeliveryClaim, NameTakenError, type StateCommit, type TargetStore, VersionConflictError } from "./target-store.ts";

/** Longer than any API function may run: who claimed a name that long ago and has no target is gone. */
const NAME_CLAIM_MS = 60_000;

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

const keyItemSchema = z.object({
  sk: z.string(),
  intervalSeconds: z.number(),
  state: z.object({ status: z.string() }),
  owed: z.record(z.string(), z.unknown()),
});

const nameItemSchema = z.object({ targetId: z.string(), claimedAt: z.number() });

export function createDynamoTargetStore(client: DynamoDBDocumentClient, tableName: string, clock: Clock): TargetStore {
  const table = { TableName: tableName };
  const targetKey = (id: string) => ({ pk: "target", sk: id });

  async function get(id: string): Promise<Target | undefined> {
    const { Item } = await client.send(new GetCommand({ ...table, Key: targetKey(id), ConsistentRead: true }));
    return Item && toTarget(Item);
  }

  /** @returns whether the condition held */
  async function update(id: string, input: Omit<UpdateCommandInput, "TableName" | "Key">): Promise<boolean> {
    return held(client.send(new UpdateCommand({ ...table, Key: targetKey(id), ...input })));
  }

  async function* query(
    condition: string,
    values: Record<string, unknown>,
    options: { projection?: string; consistent: boolean; names?: Record<string, string> },
  ) {
    let start: Record<string, unknown> | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          ...table,
          KeyConditionExpression: condition,
          ExpressionAttributeValues: values,
          ...(options.projection && { ProjectionExpression: options.projection, ExpressionAttributeNames: options.names }),
          ConsistentRead: options.consistent,
          ExclusiveStartKey: start,
        }),
      );
      yield* page.Items ?? [];
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
  }

  async function nextSeq(): Promise<number> {
    const { Attributes } = await client.send(
      new UpdateCommand({
        ...table,
        Key: { pk: "counter", sk: "target" },
        UpdateExpression: "ADD lastSeq :one",
        ExpressionAttributeValues: { ":one": 1 },
        ReturnValues: "UPDATED_NEW",
      }),
    );
    return z.object({ lastSeq: z.number() }).parse(Attributes).lastSeq;
  }

  /** Claims `name` for a target, taking over a claim whose target is gone or has another name. */
  async function claimName(name: string, targetId: string): Promise<void> {
    const claim = { pk: "name", sk: nameKey(name), targetId, claimedAt: clock.now() };
    const isFree = "attribute_not_exists(pk)";
    if (await held(client.send(new PutCommand({ ...table, Item: claim, ConditionExpression: isFree })))) return;

    const { Item } = await client.send(new GetCommand({ ...table, Key: { pk: claim.pk, sk: claim.sk }, ConsistentRead: true }));
    if (Item === undefined) return claimName(name, targetId); // given back between the two calls
    const found = nameItemSchema.parse(Item);
    if (found.targetId !== targetId) {
      const holder = await get(found.targetId);
      const inUse = holder !== undefined && nameKey(holder.config.name) === claim.sk;
      const young = clock.now() - found.claimedAt < NAME_CLAIM_MS;
      if (inUse || young) throw new NameTakenError(`another target is named "${name}"`);
    }
    const unchanged = {
      ConditionExpression: "targetId = :holder AND claimedAt = :claimedAt",
      ExpressionAttributeValues: { ":holder": found.targetId, ":claimedAt": found.claimedAt },
    };
    if (!(await held(client.send(new PutCommand({ ...table, Item: claim, ...unchanged }))))) {
      throw new NameTakenError(`another target is just being named "${name}"`);
    }
  }

  /** Gives a name back that was claimed by `claimedBefore`; a later claim is another change's. */
  async function releaseName(name: string, targetId: string, claimedBefore: number): Promise<void> {
    await held(
      client.send(
        new DeleteCommand({
          ...table,
          Key: { pk: "name", sk: nameKey(name) },
          ConditionExpression: "targetId = :id AND claimedAt <= :before",
          ExpressionAttributeValues: { ":id": targetId, ":before": claimedBefore },
        }),
      ),
    );
  }

  return {
    get,

    async create(config, options = {}) {
      const id = randomUUID();
      await claimName(config.name, id);
      const nowMs = clock.now();
      const now = new Date(nowMs).toISOString();
      const target: Target = {
        id,
        seq: await nextSeq(),
        config,
        configVersion: 1,
        state: initialState(config, nowMs),
        stateVersion: 1,
        owed: [],
        ...(options.heartbeatKeyHash && { heartbeat: { keyHash: options.heartbeatKeyHash, awaitedSince: nowMs } }),
        createdAt: now,
        updatedAt: now,
      };
      await client.send(
        new PutCommand({
          ...table,
          Item: { ...target, ...targetKey(id), ...configAttributes(config), owed: {} },
          ConditionExpression: "attribute_not_exists(pk)",
        }),
      );
      return target;
    },

    async list({ after, limit }) {
      const found: Target[] = [];
      const values = { ":pk": "target", ":after": after ?? " " };
      for await (const item of query("pk = :pk AND sk > :after", values, { consistent: true })) {
        found.push(toTarget(item));
        if (found.length === limit) break;
      }
      return found;
    },

    async *keys(): AsyncGenerator<TargetKey> {
      const options = {
        projection: "sk, intervalSeconds, #state.#status, owed",
        names: { "#state": "state", "#status": "status" },
        consistent: false,
      };
      for await (const item of query("pk = :pk", { ":pk": "target" }, options)) {
        const { sk, intervalSeconds, state, owed } = keyItemSchema.parse(item);
        yield { id: sk, intervalSeconds, status: state.status, owesAlert: Object.keys(owed).length > 0 };
      }
    },

    async range(from, to) {
      const values = { ":pk": "target", ":from": from, ":to": to };
      const found: Target[] = [];
      for await (const item of query("pk = :pk AND sk BETWEEN :from AND :to", values, { consistent: true })) {
        found.push(toTarget(item));
      }
      return found;
    },

    async updateConfig(target, config, commit) {
      const nowMs = clock.now();
      const renamed = nameKey(config.name) !== nameKey(target.config.name);
      if (renamed) await claimName(config.name, target.id);
      const { input, updated } = configUpdate(target, config, commit, nowMs);
      if (!(await update(target.id, input))) {
        // A claim of the new name stays: another change of this target may have just given it that name.
        // If not, it is nobody's after NAME_CLAIM_MS, like a claim whose creation died.
        throw new VersionConflictError("the target was changed by somebody else meanwhile");
      }
      if (renamed) await releaseName(target.config.name, target.id, nowMs);
      return updated;
    },

    async remove(target) {
      const removed = await held(
        client.send(
          new DeleteCommand({
            ...table,
            Key: targetKey(target.id),
            ConditionExpression: "configVersion = :version",
            ExpressionAttributeValues: { ":version": target.configVersion },
          }),
        ),
      );
      if (!removed) throw new VersionConflictError("the target was changed by somebody else meanwhile");
      await releaseName(target.config.name, target.id, Number.MAX_SAFE_INTEGER);
    },

    async commitState(target, commit) {
      const { set, remove, names, values } = stateUpdate(target, commit);
      return update(target.id, {
        UpdateExpression: expression(set, remove),
        ConditionExpression: "stateVersion = :state0 AND configVersion = :config0",
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: { ...values, ":state0": target.stateVersion, ":config0": target.configVersion },
      });
    },

    async claimOwed(id, leaseMs) {
      const leaseId = randomUUID();
      const now = clock.now();
      const claimed = await update(id, {
        UpdateExpression: "SET leaseId = :lease, leaseUntil = :until",
        ConditionExpression: "attribute_exists(pk) AND (attribute_not_exists(leaseUntil) OR leaseUntil < :now)",
        ExpressionAttributeValues: { ":lease": leaseId, ":until": now + leaseMs, ":now": now },
      });
      if (!claimed) return undefined;
      const target = await get(id);
      if (target === undefined) return undefined;
      const claim: DeliveryClaim = { target, leaseId };
      if (target.owed.length > 0) return claim;
      await this.releaseOwed(claim, []);
      return undefined;
    },

    async recordDeliveries({ target, leaseId }, deliveries) {
      if (deliveries.length === 0) return true;
      const names: Record<string, string> = {};
      const values: Record<string, unknown> = { ":lease": leaseId };
      const set = deliveries.map(({ at, channel, delivery }, index) => {
        names[`#at${index}`] = String(at);
        names[`#channel${index}`] = channel;
        values[`:delivery${index}`] = withoutUndefined(delivery);
        return `owed.#at${index}.deliveries.#channel${index} = :delivery${index}`;
      });
      return update(target.id, {
        UpdateExpression: expression(set, []),
        ConditionExpression: "leaseId = :lease",
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: values,
      });
    },

    async releaseOwed({ target, leaseId }, settled) {
      const names = Object.fromEntries(settled.map((at, index) => [`#gone${index}`, String(at)]));
      const gone = settled.map((_, index) => `owed.#gone${index}`);
      await update(target.id, {
        UpdateExpression: expression([], [...gone, "leaseId", "leaseUntil"]),
        ConditionExpression: "leaseId = :lease",
        ...(settled.length > 0 && { ExpressionAttributeNames: names }),
        ExpressionAttributeValues: { ":lease": leaseId },
      });
    },

    async recordPing(id, { lastPingAt, reported }) {
      return update(id, {
        UpdateExpression: `SET heartbeat.lastPingAt = :at ${reported ? ", heartbeat.reported = :reported" : "REMOVE heartbeat.reported"}`,
        ConditionExpression: "attribute_exists(heartbeat)",
        ExpressionAttributeValues: { ":at": lastPingAt, ...(reported && { ":reported": withoutUndefined(reported) }) },
      });
    },

    async setHeartbeatKey(id, keyHash) {
      return update(id, {
        UpdateExpression: "SET heartbeat.keyHash = :hash",
        ConditionExpression: "attribute_exists(heartbeat)",
        ExpressionAttributeValues: { ":hash": keyHash },
      });
    },
  };
}

function initialState(config: TargetConfig, nowMs: number): TargetState {
  const state = pendingState(Math.floor(nowMs / 1_000));
  return config.paused ? { ...state, status: "paused" } : state;
}

/** How an item holds a configuration; the interval stands beside it for planning. */
function configAttributes(config: TargetConfig) {
  return { config: JSON.stringify(config), intervalSeconds: config.intervalSeconds };
}

function configUpdate(target: Target, config: TargetConfig, commit: StateCommit | undefined, nowMs: number) {
  const parts = commit ? stateUpdate(target, commit) : { set: [], remove: [], names: undefined, values: {} };
  // Resuming starts the wait for a ping anew.
  const resumed = target.heartbeat && commit ? { ...target.heartbeat, awaitedSince: nowMs } : undefined;
  const updatedAt = new Date(nowMs).toISOString();
  const configVersion = target.configVersion + 1;
  const set = ["config = :config", "intervalSeconds = :interval", "configVersion = :nextConfig", "updatedAt = :now", ...parts.set];
  const values: Record<string, unknown> = {
    ...parts.values,
    ":config": configAttributes(config).config,
    ":interval": config.intervalSeconds,
    ":nextConfig": configVersion,
    ":config0": target.configVersion,
    ":now": updatedAt,
  };
  const conditions = ["configVersion = :config0"];
  if (resumed) {
    set.push("heartbeat.awaitedSince = :awaited");
    values[":awaited"] = nowMs;
  }
  if (commit) {
    conditions.push("stateVersion = :state0");
    values[":state0"] = target.stateVersion;
  }
  const input = {
    UpdateExpression: expression(set, parts.remove),
    ConditionExpression: conditions.join(" AND "),
    ...(parts.names && { ExpressionAttributeNames: parts.names }),
    ExpressionAttributeValues: values,
  };
  const committed = commit && { state: commit.state, stateVersion: target.stateVersion + 1, owed: [...target.owed, ...commit.owed] };
  const updated: Target = { ...target, ...committed, ...(resumed && { heartbeat: resumed }), config, configVersion, updatedAt };
  return { input, updated };
}

function stateUpdate(target: Target, { state, owed, certificateWarnedAt }: StateCommit) {
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

function expression(set: readonly string[], remove: readonly string[]): string {
  const clause = (word: string, parts: readonly string[]) => (parts.length > 0 ? [`${word} ${parts.join(", ")}`] : []);
  return [...clause("SET", set), ...clause("REMOVE", remove)].join(" ");
}

function toTarget(item: Record<string, unknown>): Target {
  const { sk, owed, heartbeat, certificateWarnedAt, ...rest } = targetItemSchema.parse(item);
  return {
    ...rest,
    id: sk,
    owed: Object.values(owed).sort((a, b) => a.at - b.at),
    ...(heartbeat && { heartbeat: heartbeat as HeartbeatRecord }), // zod's optional keys may hold undefined; DynamoDB holds none
    ...(certificateWarnedAt !== undefined && { certificateWarnedAt }),
  };
}

/** Names differ when they look different: case and Unicode composition do not count. */
function nameKey(name: string): string {
  // Hashed: a name that is normalized can outgrow a key.
  return createHash("sha256").update(name.normalize("NFKC").toLowerCase()).digest("hex");
}

async function held(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

function withoutUndefined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Partial<T>;
}
