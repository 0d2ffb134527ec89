import type { Channel } from "../notify/channel.ts";
import { isOfStatus, isSilent } from "../status/alert-kinds.ts";
import type { Target } from "../targets/target.ts";
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
      if (alert !== undefined && isSilent(alert.kind) && context.sentBefore === undefined) return; // nothing is left to change
      if (alert !== undefined && more.length === 0 && context.sentBefore !== undefined) {
        const isThere = await edit(context.sentBefore, alert, context);
        // Of who takes care of it, and that nobody watches it, no message but the one that is there tells.
        if (!isThere && isSilent(alert.kind)) return;
        if (isThere && !(mode === "both" && alert.kind === "recovered")) {
          context.onSent?.(context.sentBefore);
          return;
        }
      }
      await channel.send(alerts, context);
    },
  };
}

/** The message that tells of the same incident on a channel, if there is one. */
export function messageOf({ target, owed: [first] }: Pick<Due, "target" | "owed">, channel: string): string | undefined {
  const sent = target.messages[channel];
  return sent !== undefined && (sent.since === first.since || sent.since === first.previousSince) ? sent.id : undefined;
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
