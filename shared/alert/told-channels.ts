import { isGivenBack, isSilent } from "../status/alert-kinds.ts";
import type { Delivery, OwedAlert } from "../targets/owed-alert.ts";
import { howItIs, type Target } from "../targets/target.ts";
import { incidentOf } from "./chase.ts";
import { type Routing, takesTarget } from "./routing.ts";

/** A channel, as far as it decides what it is told. */
export interface ChannelTraits extends Routing {
  readonly id: string;
  readonly maxAlertsPerMessage: number;
  /** It is told of each target, however many there are. */
  readonly takesEach: boolean;
  /** It has incidents of its own, which can be acknowledged. */
  readonly takesAcknowledgements?: true;
  /** And given back. */
  readonly takesBack?: true;
}

/**
 * The channels that a target's alerts go to, each once: those it names, or all that are for it; those that an
 * escalation names; and whoever was told that it is not well, and waits for its end.
 */
export function channelsOf(target: Target, channels: readonly ChannelTraits[]): readonly string[] {
  const escalated = target.owed.flatMap((alert) => alert.channels ?? []);
  return [...new Set([...ownChannels(target, channels), ...escalated, ...waitingChannels(target, channels)])];
}

/** Whether an alert goes to a channel. */
export function goesTo(alert: OwedAlert, channel: string, target: Target, channels: readonly ChannelTraits[]): boolean {
  if (alert.channels !== undefined) return alert.channels.includes(channel);
  if (isSilent(alert.kind)) return showsIncident(alert, target, channel, channels);
  return (
    ownChannels(target, channels).includes(channel) ||
    (waitingChannels(target, channels).includes(channel) && isNewsTo(channel, alert, target))
  );
}

/**
 * Whether an alert is news to a channel that waits for the end of an incident and is otherwise not for its target: what goes
 * on from what it was told. What began, it knows; what begins anew is not for it.
 */
function isNewsTo(channel: string, alert: OwedAlert, target: Target): boolean {
  if (alert.kind === "reminder") return alert.at > (incidentOf(target).escalatedTo?.[channel] ?? 0);
  const goesOn = target.owed.find(({ kind, from, to }) => kind === "status" && (howItIs(from) !== "well" || howItIs(to) === "well"));
  return alert.kind === "status" && goesOn !== undefined && alert.at >= goesOn.at;
}

/** Whether a channel keeps the incident open, or shows it in a way that can be changed: what rings for nobody goes there alone. */
function showsIncident(alert: OwedAlert, target: Target, id: string, channels: readonly ChannelTraits[]): boolean {
  const channel = channels.find((each) => each.id === id);
  if (channel === undefined) return false;
  const isKnown = target.known[id] === howItIs(alert.from);
  if (isGivenBack(alert.kind) && channel.takesAcknowledgements === true && channel.takesBack !== true) return false;
  if (channel.takesAcknowledgements === true) {
    return isKnown || alert.deliveries[id] !== undefined || mayHave(alert, yetToTell(alert, target, id, channels), id);
  }
  return isKnown && channel.living !== "message" && target.messages[id] !== undefined;
}

/** Whether a channel has, or will have, the incident of an alert whose beginning it has yet to take. */
function mayHave({ kind }: OwedAlert, begins: readonly OwedAlert[], channel: string): boolean {
  if (kind !== "unwatched") return begins.length > 0;
  // What is paused before it was told is not told; but who was asked may have it, whatever became of the answer, and of whom
  // nothing is recorded may have been asked by who died then. To end what never began rings nobody.
  return begins.some(({ deliveries }) => (deliveries[channel]?.attempts ?? 1) > 0);
}

/** The change of status that began the incident of an alert, where a channel has yet to take it. */
export function yetToTell(
  { since, from }: OwedAlert,
  target: Target,
  channel: string,
  channels: readonly ChannelTraits[],
): readonly OwedAlert[] {
  return target.owed.filter(
    (begin) =>
      begin.kind === "status" &&
      begin.since === since &&
      begin.to === from &&
      !isFinal(begin.deliveries[channel]) &&
      goesTo(begin, channel, target, channels),
  );
}

function ownChannels(target: Target, channels: readonly ChannelTraits[]): readonly string[] {
  return target.config.channels ?? channels.filter((channel) => takesTarget(channel, target)).map(({ id }) => id);
}

function waitingChannels({ known }: Target, channels: readonly ChannelTraits[]): string[] {
  return channels.flatMap(({ id }) => (known[id] === "down" || known[id] === "degraded" ? [id] : []));
}

/** Whether nothing more is tried. */
export function isFinal(delivery: Delivery | undefined): boolean {
  return delivery !== undefined && delivery.outcome !== "waiting";
}
