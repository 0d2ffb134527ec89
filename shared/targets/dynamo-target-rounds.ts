import { randomUUID } from "node:crypto";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { withoutUndefined } from "../text/without-undefined.ts";
import type { Clock } from "../time/clock.ts";
import { expression, KNOWN_PREFIX, MESSAGE_PREFIX, messageText, stateUpdate, targetUpdater } from "./dynamo-target-item.ts";
import { targetGetter } from "./dynamo-target-reader.ts";
import type { DeliveryClaim, RecordedDelivery, TargetRounds } from "./target-store.ts";

/** @param pk where the targets lie: those that are watched, if not said */
export function createDynamoTargetRounds(client: DynamoDBDocumentClient, tableName: string, clock: Clock, pk?: string): TargetRounds {
  const get = targetGetter(client, tableName, pk);
  const update = targetUpdater(client, tableName, pk);
  return {
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
        UpdateExpression: `SET leaseId = :lease, leaseUntil = :until ${TOUCH}`,
        ConditionExpression: "attribute_exists(pk) AND (attribute_not_exists(leaseUntil) OR leaseUntil < :now)",
        ExpressionAttributeValues: { ":lease": leaseId, ":until": now + leaseMs, ":now": now, ...TOUCHED },
      });
      if (!claimed) return undefined;
      const target = await get(id);
      if (target === undefined) return undefined;
      const claim: DeliveryClaim = { target, leaseId };
      if (target.owed.length > 0) return claim;
      await this.releaseOwed(claim, []);
      return undefined;
    },

    async recordDeliveries(claim, deliveries) {
      let kept = true;
      for (const part of partsOf(deliveries)) kept = (await recordPart(claim, part)) && kept;
      return kept;
    },

    async releaseOwed(claim, settled) {
      const parts = partsOf(settled);
      for (const part of parts.slice(0, -1)) await removeOwed(claim, part, []);
      await removeOwed(claim, parts.at(-1) ?? [], ["leaseId", "leaseUntil"]);
    },
  };

  async function recordPart(claim: DeliveryClaim, deliveries: readonly RecordedDelivery[]): Promise<boolean> {
    try {
      return await writeDeliveries(claim, deliveries);
    } catch (error) {
      if (!isPathGone(error)) throw error;
      // An alert that left the item meanwhile, to make room: the others are kept all the same.
      if (deliveries.length === 1) return true;
      let kept = true;
      for (const delivery of deliveries) kept = (await recordPart(claim, [delivery])) && kept;
      return kept;
    }
  }

  function writeDeliveries({ target, leaseId }: DeliveryClaim, deliveries: readonly RecordedDelivery[]): Promise<boolean> {
    const names: Record<string, string> = {};
    const values: Record<string, unknown> = { ":lease": leaseId, ...TOUCHED };
    const set = deliveries.map(({ at, channel, delivery }, index) => {
      names[`#at${index}`] = String(at);
      names[`#channel${index}`] = channel;
      values[`:delivery${index}`] = withoutUndefined(delivery);
      return `owed.#at${index}.deliveries.#channel${index} = :delivery${index}`;
    });
    const known = new Map(deliveries.flatMap(({ channel, known: status }) => (status === undefined ? [] : [[channel, status]])));
    [...known].forEach(([channel, status], index) => {
      names[`#known${index}`] = KNOWN_PREFIX + channel;
      values[`:known${index}`] = status;
      set.push(`#known${index} = :known${index}`);
    });
    const remove: string[] = [];
    const messages = new Map(deliveries.flatMap(({ channel, message }) => (message === undefined ? [] : [[channel, message]])));
    [...messages].forEach(([channel, message], index) => {
      names[`#message${index}`] = MESSAGE_PREFIX + channel;
      if (message === null) remove.push(`#message${index}`);
      else {
        values[`:message${index}`] = messageText(message);
        set.push(`#message${index} = :message${index}`);
      }
    });
    return update(target.id, {
      UpdateExpression: `${expression(set, remove)} ${TOUCH}`,
      ConditionExpression: "leaseId = :lease",
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
    });
  }

  async function removeOwed({ target, leaseId }: DeliveryClaim, settled: readonly number[], besides: readonly string[]): Promise<void> {
    const names = Object.fromEntries(settled.map((at, index) => [`#gone${index}`, String(at)]));
    const gone = settled.map((_, index) => `owed.#gone${index}`);
    await update(target.id, {
      UpdateExpression: `${expression([], [...gone, ...besides])} ${TOUCH}`,
      ConditionExpression: "leaseId = :lease",
      ...(settled.length > 0 && { ExpressionAttributeNames: names }),
      ExpressionAttributeValues: { ":lease": leaseId, ...TOUCHED },
    });
  }
}

/** Who deletes a target takes what became of its alerts with it: see `deliveryVersion`. */
const TOUCH = "ADD deliveryVersion :touch";
const TOUCHED = { ":touch": 1 };

/** Places in one update: an expression has 4 KB at most, and each of these some 50 bytes. */
const MAX_PLACES = 40;

function partsOf<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / MAX_PLACES) }, (_, part) => items.slice(part * MAX_PLACES, (part + 1) * MAX_PLACES));
}

function isPathGone(error: unknown): boolean {
  return error instanceof Error && error.name === "ValidationException" && /document path/i.test(error.message);
}
