import type { Channel } from "../notify/channel.ts";
import type { Alert, NotifyContext } from "../notify/notifier.ts";
import { isOfStatus, isSilent } from "../status/alert-kinds.ts";
import { howItIs, type Target } from "../targets/target.ts";
import type { Due } from "./decide-messages.ts";

/** How a channel tells what comes after a first message: by a new one, by changing the first, or by both. */
export const LIVING = ["message", "edit", "both"] as const;
export type Living = (typeof LIVING)[number];

/**
 * A channel whose first message of an incident lives on: it is changed while the target is down and when it is back.
 * With `both` the recovery is a message besides, since a change does not ring. What was deleted meanwhile is sent anew.
 */
export function living(channel: Channel, mode: Living): Channel {
  const { edit } = channel;
  if (mode === "message" || edit === undefined) return channel;
  return {
    ...channel,
    livesOn: true,
    async send(alerts, context) {
      const [alert, ...more] = alerts;
      if (alert === undefined || more.length > 0) return channel.send(alerts, context);
      const isThere = await changed(edit, alert, context);
      // Of who takes care of it, and that nobody watches it, no message but the one that is there tells.
      const rings = isThere ? mode === "both" && alert.kind === "recovered" : !isSilent(alert.kind);
      if (rings) await channel.send(alerts, context);
      else if (isThere && context.sentBefore !== undefined) context.onSent?.(context.sentBefore);
    },
  };
}

/** Whether the message of before is there, and says what it is to say: it is changed once, however often the rest is tried. */
async function changed(edit: NonNullable<Channel["edit"]>, alert: Alert, context: NotifyContext): Promise<boolean> {
  if (context.sentBefore === undefined) return false;
  const isThere = context.isChanged?.() || (await edit(context.sentBefore, alert, context));
  if (isThere) context.onChanged?.();
  return isThere;
}

/**
 * The message that tells of the same incident on a channel, if there is one: also where it was up meanwhile, and that was told
 * to nobody. What begins anew has one of its own.
 */
export function messageOf({ target, owed: [first] }: Pick<Due, "target" | "owed">, channel: string): string | undefined {
  const sent = target.messages[channel];
  if (sent === undefined) return undefined;
  const goesOn = howItIs(first.from) !== "well" && howItIs(first.from) === target.known[channel];
  return goesOn || sent.since === first.since || sent.since === first.previousSince ? sent.id : undefined;
}

/** What is kept of a message that was sent or changed: nothing once the incident is over. */
export function keptMessage(
  { target, owed }: Pick<Due, "target" | "owed">,
  channel: string,
  id: string | undefined,
): Target["messages"][string] | null | undefined {
  const last = owed.at(-1) ?? owed[0];
  if (!isOfStatus(last.kind)) return undefined;
  if (last.to === "up") return target.messages[channel] === undefined ? undefined : null;
  return id === undefined ? undefined : { id, since: last.since };
}
