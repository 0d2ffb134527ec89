import type { Release } from "../targets/dynamo-lease.ts";
import type { Clock } from "../time/clock.ts";

/** Who sends on a channel: one at a time, else several run into a service's limit side by side. */
export interface ChannelTurns {
  /** @returns `undefined` while another has it */
  claim(channel: string, leaseMs: number): Promise<Release | undefined>;
}

/** Beyond the deadline: the message that was begun before it. */
const LAST_MESSAGE_MS = 15_000;
const ASK_EVERY_MS = 250;

/**
 * Waits for the turn on a channel. A store that does not answer gives none, and a turn that cannot be given back ends by
 * itself: neither costs other channels anything.
 * @param deadline epoch ms after which nothing is sent any more
 * @returns `undefined` when it did not come in time: what is owed is told later
 */
export async function takeTurn(turns: ChannelTurns, clock: Clock, channel: string, deadline: number): Promise<Release | undefined> {
  for (let now = clock.now(); now < deadline; now = clock.now()) {
    const release = await turns.claim(channel, deadline - now + LAST_MESSAGE_MS).catch(() => undefined);
    if (release !== undefined) return () => release().catch(() => {});
    await clock.sleep(ASK_EVERY_MS);
  }
  return undefined;
}
