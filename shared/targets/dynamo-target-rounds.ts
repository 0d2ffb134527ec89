import { randomUUID } from "node:crypto";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { withoutUndefined } from "../text/without-undefined.ts";
import type { Clock } from "../time/clock.ts";
import { expression, stateUpdate, targetUpdater } from "./dynamo-target-item.ts";
import { targetGetter } from "./dynamo-target-reader.ts";
import type { DeliveryClaim, TargetRounds } from "./target-store.ts";

export function createDynamoTargetRounds(client: DynamoDBDocumentClient, tableName: string, clock: Clock): TargetRounds {
  const get = targetGetter(client, tableName);
  const update = targetUpdater(client, tableName);
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
  };
}
