import type { Channel } from "../notify/channel.ts";
import type { Alert } from "../notify/notifier.ts";
import { cleanText } from "../text/clean-text.ts";
import type { ChannelHealthStore } from "./channel-health.ts";
import { attempt, type SendDeps } from "./deliver-messages.ts";

export interface TestOutcome {
  readonly delivered: boolean;
  /** What the service said, or why it was not asked. */
  readonly error: string | null;
  /** Whether trying again is of no use. */
  readonly permanent: boolean;
}

/** Sends a message that says it is a test. What comes of it is what is known of the channel's health from then on. */
export async function sendTest(
  deps: Omit<SendDeps, "channels" | "turns"> & { readonly channelHealth: ChannelHealthStore },
  channel: Channel,
): Promise<TestOutcome> {
  const failure = await attempt(deps, channel, [testAlert(deps.clock.now())]);
  if (failure === undefined) {
    await deps.channelHealth.markHealthy(channel.id);
    return { delivered: true, error: null, permanent: false };
  }
  const error = cleanText(failure.message, 300);
  await deps.channelHealth.markUnhealthy(channel.id, error);
  return { delivered: false, error, permanent: failure.permanent };
}

/** @param now epoch ms */
function testAlert(now: number): Alert {
  const at = Math.floor(now / 1_000) * 1_000;
  return {
    id: `test:${now}`,
    kind: "test",
    target: { id: "test", name: "Test", label: "Server Tracker", tags: [] },
    from: "up",
    to: "up",
    since: at,
    decidedAt: at,
    missed: [],
  };
}
