import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { createDynamoClaims } from "../targets/dynamo-claims.ts";
import type { Clock } from "../time/clock.ts";
import type { ChannelStore } from "./channel-object.ts";

/** Names that channels have, each one alone, however many are made at the same time. */
export interface ChannelNames {
  /** @returns false while another channel has it; case does not count */
  claim(name: string, channel: string): Promise<boolean>;
  /** Gives a name back that its channel has no more. */
  release(name: string, channel: string): Promise<void>;
}

/** Items: `channel-name` / <the name in small letters>. */
export function createDynamoChannelNames(
  client: DynamoDBDocumentClient,
  tableName: string,
  clock: Clock,
  channels: Pick<ChannelStore, "list">,
): ChannelNames {
  const keyOf = (name: string) => name.toLowerCase();
  const claims = createDynamoClaims(client, tableName, clock, {
    pk: "channel-name",
    holds: async (id, key) => (await channels.list()).some((channel) => channel.id === id && keyOf(channel.name) === key),
  });
  return {
    claim: (name, channel) => claims.claim(keyOf(name), channel),
    release: (name, channel) => claims.release(keyOf(name), channel, clock.now()),
  };
}
