import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { claimLease } from "../targets/dynamo-lease.ts";
import type { Clock } from "../time/clock.ts";
import type { ChannelTurns } from "./channel-turns.ts";

/** Items: `channel-turn` / <channel id>. */
export function createDynamoChannelTurns(client: DynamoDBDocumentClient, tableName: string, clock: Clock): ChannelTurns {
  return { claim: (channel, leaseMs) => claimLease({ client, tableName, clock }, { pk: "channel-turn", sk: channel }, leaseMs) };
}
