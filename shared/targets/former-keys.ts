import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { invalidField } from "../errors.ts";
import type { Clock } from "../time/clock.ts";
import { createDynamoClaims } from "./dynamo-claims.ts";
import type { FieldCipher } from "./field-cipher.ts";
import type { TargetConfig } from "./target.ts";
import type { TargetReader } from "./target-store.ts";

/**
 * Keys by which jobs called another monitor, so that they need only a new host name: each is one target's. What finds
 * a target is a keyed digest of its key.
 */
export interface FormerKeys {
  /** Makes the key of `config`, if it has one, this target's. @throws {RequestError} when another target has it */
  claim(config: TargetConfig, targetId: string): Promise<void>;
  /**
   * Gives the key of `config` back, unless what replaces it has the same.
   * @param claimedBefore epoch ms: a later claim is another change's
   */
  release(config: TargetConfig, targetId: string, claimedBefore: number, replacement?: TargetConfig): Promise<void>;
  /** Whose key it is. */
  targetOf(key: string): Promise<string | undefined>;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function createFormerKeys(
  client: DynamoDBDocumentClient,
  tableName: string,
  { clock, cipher, get }: { readonly clock: Clock; readonly cipher: FieldCipher; readonly get: TargetReader["get"] },
): FormerKeys {
  // Capitals are the same UUID (RFC 9562, section 4).
  const digestOfKey = (key: string) => cipher.digest(key.replace(UUID, (uuid) => uuid.toLowerCase()));
  const keyOf = (config: TargetConfig | undefined) =>
    config?.type === "heartbeat" && config.formerKey !== undefined ? cipher.decrypt(config.formerKey) : undefined;
  const digestOf = (config: TargetConfig | undefined) => {
    const key = keyOf(config);
    return key === undefined ? undefined : digestOfKey(key);
  };
  const holds = async (targetId: string, digest: string) => {
    const key = keyOf((await get(targetId))?.config);
    return key !== undefined && (digestOfKey(key) === digest || cipher.digest(key) === digest);
  };
  const claims = createDynamoClaims(client, tableName, clock, { pk: "former-key", holds });

  return {
    async claim(config, targetId) {
      const digest = digestOf(config);
      if (digest === undefined || (await claims.claim(digest, targetId))) return;
      throw invalidField("formerKey", "is what jobs of another target call: one of the two must call its own address");
    },
    async release(config, targetId, claimedBefore, replacement) {
      const digest = digestOf(config);
      if (digest !== undefined && digest !== digestOf(replacement)) await claims.release(digest, targetId, claimedBefore);
    },
    async targetOf(key) {
      // As it was given, too: releases before knew a key with its capitals.
      for (const digest of new Set([digestOfKey(key), cipher.digest(key)])) {
        const holder = await claims.holder(digest);
        if (holder !== undefined && (await holds(holder, digest))) return holder;
      }
      return undefined;
    },
  };
}
