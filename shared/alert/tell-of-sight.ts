import type { Alert } from "../notify/notifier.ts";
import { inParallel } from "../time/in-parallel.ts";
import { takeTurn } from "./channel-turns.ts";
import { attempt } from "./deliver-messages.ts";
import type { DeliveryDeps } from "./deliver-owed.ts";
import { takesSeverity } from "./routing.ts";
import type { Sight } from "./sight.ts";

/** All sending ends within this, in ms. */
const BUDGET_MS = 10_000;
const CHANNELS_AT_ONCE = 10;
/** Who did not take it within this time reads it in the rounds. Seconds. */
const PATIENCE_S = 3_600;

/**
 * Tells the owner, once sight is back, that the monitor saw nothing for a while: before that nobody could be reached.
 * Each channel that takes `monitor` is asked, once a round, until it takes it.
 * @param round mark, epoch seconds
 * @returns what is left to tell in the next round
 */
export async function tellOfSight(deps: DeliveryDeps, sight: Sight, round: number): Promise<Sight | undefined> {
  const link = deps.linkTo();
  const alert: Alert = {
    id: `monitor:${sight.from}`,
    kind: "monitor",
    target: { id: "monitor", name: "Server Tracker", label: "Server Tracker", tags: [] },
    from: "up",
    to: "up",
    since: sight.from * 1_000,
    decidedAt: sight.to * 1_000,
    lastedMs: (sight.to - sight.from) * 1_000,
    missed: [],
    ...(link !== undefined && { link }),
  };
  const deadline = deps.clock.now() + BUDGET_MS;
  const untold: string[] = [];
  const asked = deps.channels.filter(
    (channel) => !channel.paused && takesSeverity(channel, "monitor") && (sight.channels?.includes(channel.id) ?? true),
  );
  await inParallel(asked, CHANNELS_AT_ONCE, async (channel) => {
    const release = await takeTurn(deps.turns, deps.clock, channel.id, deadline);
    const failure = release && (await attempt(deps, channel, [alert]));
    await release?.();
    if (release !== undefined && (failure === undefined || failure.permanent)) return;
    deps.logger.warn("a channel was not told that the monitor sees again", { channel: channel.id, reason: failure?.message ?? "no turn" });
    untold.push(channel.id);
  });
  return untold.length > 0 && round < sight.to + PATIENCE_S ? { from: sight.from, to: sight.to, channels: untold } : undefined;
}
