import type { Alert } from "../notify/notifier.ts";
import { deliverMessages } from "./deliver-messages.ts";
import type { DeliveryDeps } from "./deliver-owed.ts";
import { takesSeverity } from "./routing.ts";

/** All sending ends within this, in ms. */
const BUDGET_MS = 10_000;

/**
 * Tells the owner, once sight is back, that the monitor saw nothing for a while: before that nobody could be reached.
 * Asked once of each channel that takes `monitor`; what a channel does not take is in the round's rows all the same.
 * @param blind marks, epoch seconds: the first round that saw nothing, and the one that sees again
 */
export async function tellOfSight(deps: DeliveryDeps, blind: { readonly from: number; readonly to: number }): Promise<void> {
  const alert: Alert = {
    id: `monitor:${blind.from}`,
    kind: "monitor",
    target: { id: "monitor", name: "Server Tracker", label: "Server Tracker", tags: [] },
    from: "up",
    to: "up",
    since: blind.from * 1_000,
    decidedAt: blind.to * 1_000,
    lastedMs: (blind.to - blind.from) * 1_000,
    missed: [],
    ...(deps.linkTo() !== undefined && { link: deps.linkTo() ?? "" }),
  };
  const messages = deps.channels
    .filter((channel) => !channel.paused && takesSeverity(channel, "monitor"))
    .map(({ id }) => ({ channel: id, isHeld: false, alerts: [alert], dues: [] }));
  await deliverMessages(deps, messages, deps.clock.now() + BUDGET_MS, async () => undefined);
}
