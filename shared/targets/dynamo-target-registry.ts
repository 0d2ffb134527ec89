import { createHash, randomUUID } from "node:crypto";
import { DeleteCommand, type DynamoDBDocumentClient, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { UnreadableItemError } from "../errors.ts";
import { pendingState, type TargetState } from "../status/next-status.ts";
import { withoutUndefined } from "../text/without-undefined.ts";
import type { Clock } from "../time/clock.ts";
import { createDynamoClaims } from "./dynamo-claims.ts";
import { DEPARTED } from "./dynamo-departed.ts";
import { nextSeq } from "./dynamo-target-counter.ts";
import { configAttributes, expression, held, stateUpdate, targetItem, targetKey, targetUpdater } from "./dynamo-target-item.ts";
import { targetGetter } from "./dynamo-target-reader.ts";
import { isGroupedOtherwise } from "./grouped-otherwise.ts";
import type { Target, TargetConfig } from "./target.ts";
import { NameTakenError, type StateCommit, type TargetRegistry, TooManyTargetsError, VersionConflictError } from "./target-store.ts";

interface New {
  readonly config: TargetConfig;
  readonly id: string;
  readonly seq: number;
  /** Epoch ms. */
  readonly nowMs: number;
  readonly heartbeatKeyHash?: string;
  readonly maxTargets?: number;
}

export function createDynamoTargetRegistry(client: DynamoDBDocumentClient, tableName: string, clock: Clock): TargetRegistry {
  const table = { TableName: tableName };
  const get = targetGetter(client, tableName);
  const update = targetUpdater(client, tableName);

  async function countTargets(): Promise<number> {
    let count = 0;
    let start: Record<string, unknown> | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          ...table,
          KeyConditionExpression: "pk = :pk",
          ExpressionAttributeValues: { ":pk": "target" },
          Select: "COUNT",
          ExclusiveStartKey: start,
        }),
      );
      count += page.Count ?? 0;
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return count;
  }

  /** Whether a target that is there has the name; one that cannot be read keeps what it claimed. */
  async function holds(targetId: string, key: string): Promise<boolean> {
    try {
      const holder = await get(targetId);
      return holder !== undefined && nameKey(holder.config.name) === key;
    } catch (error) {
      if (error instanceof UnreadableItemError) return true;
      throw error;
    }
  }

  const names = createDynamoClaims(client, tableName, clock, { pk: "name", holds });

  async function claimName(name: string, targetId: string): Promise<void> {
    if (!(await names.claim(nameKey(name), targetId))) throw new NameTakenError(`another target is named "${name}"`);
  }

  /** The last number with which there is room for certain: they count every target that was ever made. */
  let roomUntil = 0;
  /** Targets that have a number and are not there yet: no count has them. */
  let underWay = 0;

  async function hasRoom(seq: number, maxTargets: number): Promise<boolean> {
    // Else each would read all there are.
    if (seq <= Math.max(maxTargets, roomUntil)) return true;
    const uncounted = underWay;
    const room = maxTargets - (await countTargets());
    roomUntil = seq + room - uncounted;
    return room > 0;
  }

  /** Stores a new target. @throws {TooManyTargetsError} */
  async function put({ config, id, seq, nowMs, heartbeatKeyHash, maxTargets = Number.POSITIVE_INFINITY }: New): Promise<Target> {
    if (!(await hasRoom(seq, maxTargets))) {
      await names.release(nameKey(config.name), id, nowMs);
      throw new TooManyTargetsError(`there are ${maxTargets} targets, as many as this deployment allows: remove some, or raise maxTargets`);
    }
    const now = new Date(nowMs).toISOString();
    const target: Target = {
      id,
      seq,
      config,
      configVersion: 1,
      state: initialState(config, nowMs),
      stateVersion: 1,
      deliveryVersion: 0,
      owed: [],
      certificateWarnings: {},
      known: {},
      messages: {},
      ...(heartbeatKeyHash && { heartbeat: { keyHash: heartbeatKeyHash, awaitedSince: nowMs } }),
      createdAt: now,
      updatedAt: now,
    };
    await client.send(
      new PutCommand({
        ...table,
        Item: targetItem(target),
        ConditionExpression: "attribute_not_exists(pk)",
      }),
    );
    return target;
  }

  return {
    async create(config, options = {}) {
      const { id = randomUUID() } = options;
      await claimName(config.name, id);
      const nowMs = clock.now();
      const seq = await nextSeq(client, tableName);
      underWay++;
      try {
        return await put({ ...options, config, id, seq, nowMs });
      } finally {
        underWay--;
      }
    },

    async updateConfig(target, config, commit) {
      const nowMs = clock.now();
      const renamed = nameKey(config.name) !== nameKey(target.config.name);
      if (renamed) await claimName(config.name, target.id);
      const { input, updated } = configUpdate(target, config, commit, nowMs);
      if (!(await update(target.id, input))) {
        // A claim of the new name stays: another change of this target may have just given it that name.
        // If not, it is nobody's after a minute, like a claim whose creation died.
        throw new VersionConflictError("the target was changed by somebody else meanwhile");
      }
      if (renamed) await names.release(nameKey(target.config.name), target.id, nowMs);
      return updated;
    },

    async remove(target, departed) {
      // Before it goes, and who tells its last word looks whether it went.
      if (departed !== undefined) await client.send(new PutCommand({ ...table, Item: targetItem(departed, DEPARTED) }));
      // Items of before have none.
      const hasDelivered = `deliveryVersion = :delivery${target.deliveryVersion === 0 ? " OR attribute_not_exists(deliveryVersion)" : ""}`;
      const removed = await held(
        client.send(
          new DeleteCommand({
            ...table,
            Key: targetKey(target.id),
            ConditionExpression: `configVersion = :config AND stateVersion = :state AND (${hasDelivered})`,
            ExpressionAttributeValues: {
              ":config": target.configVersion,
              ":state": target.stateVersion,
              ":delivery": target.deliveryVersion,
            },
          }),
        ),
      );
      if (!removed) throw new VersionConflictError("the target was changed by somebody else meanwhile");
      await names.release(nameKey(target.config.name), target.id, Number.MAX_SAFE_INTEGER);
    },

    async recordPing(id, ping) {
      if ("startedAt" in ping) {
        return update(id, {
          UpdateExpression: "SET heartbeat.startedAt = :at",
          ConditionExpression: "attribute_exists(heartbeat)",
          ExpressionAttributeValues: { ":at": ping.startedAt },
        });
      }
      const { lastPingAt, reported } = ping;
      const set = reported ? "SET heartbeat.lastPingAt = :at, heartbeat.reported = :reported" : "SET heartbeat.lastPingAt = :at";
      return update(id, {
        UpdateExpression: `${set} REMOVE heartbeat.startedAt${reported ? "" : ", heartbeat.reported"}`,
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
  const isRegrouped = isGroupedOtherwise(target.config, config);
  if (isRegrouped) set.push("groupedAt = :now");
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
  const updated: Target = {
    ...target,
    ...committed,
    ...(resumed && { heartbeat: resumed }),
    config,
    configVersion,
    updatedAt,
    ...(isRegrouped && { groupedAt: updatedAt }),
  };
  return { input, updated };
}

/** Names differ when they look different: case and Unicode composition do not count. */
function nameKey(name: string): string {
  // Hashed: a name that is normalized can outgrow a key.
  return createHash("sha256").update(name.normalize("NFKC").toLowerCase()).digest("hex");
}
