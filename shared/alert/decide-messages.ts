import type { Alert } from "../notify/notifier.ts";
import {
  ALERT_KINDS,
  type AlertKind,
  alertKindOf,
  EVENT_CODES,
  type EventKind,
  isOfStatus,
  isSilent,
  isTold,
} from "../status/alert-kinds.ts";
import type { Delivery, OwedAlert } from "../targets/owed-alert.ts";
import { howItIs, isInIncident, type KnownStatus, type Target } from "../targets/target.ts";
import { incidentOf, isAcknowledged } from "./chase.ts";
import { type Dependencies, type Hidden, hiddenBy } from "./dependencies.ts";
import { digestOf } from "./digest.ts";
import { beginsToFlap, flapHold, flapNote } from "./flapping.ts";
import { messageOf as livingMessageOf } from "./living-message.ts";
import { appliesTo, effectiveSince, type MaintenanceWindow, occurrenceAt } from "./maintenance.ts";
import { nextWithin, type Routing, takesSeverity } from "./routing.ts";
import { toldAlert } from "./told-alert.ts";
import { type ChannelTraits, channelsOf, goesTo, isFinal, yetToTell } from "./told-channels.ts";

/** Everything that decides what is told: no store, no clock, no socket. */
export interface Situation extends Dependencies {
  /** Targets with what they owe, oldest first. */
  readonly targets: readonly Target[];
  readonly channels: readonly ChannelTraits[];
  /** Epoch ms. */
  readonly now: number;
  /** Address of a target's page, or of the overview without one, when there is one. */
  readonly linkTo: (targetId?: string) => string | undefined;
  /** Where one may acknowledge the incident that a target is in, when there is an address for it. */
  readonly acknowledgeAt: (target: Pick<Target, "id" | "state">) => string | undefined;
  /** Times in which nothing is told. */
  readonly windows: readonly MaintenanceWindow[];
  /** Alerts that channels had in this round already, by channel: with them, many are a storm. */
  readonly toldBefore?: ReadonlyMap<string, number>;
}

/** Alerts of one target that one channel is told as one. */
export interface Due {
  readonly target: Target;
  /** Oldest first. */
  readonly owed: Owed;
  /** What the channel's people know once they are told. */
  readonly known: KnownStatus;
}

type Owed = readonly [OwedAlert, ...OwedAlert[]];

/** What one channel is sent in one call. */
export interface Message {
  readonly channel: string;
  /**
   * Waits for its channel, which did not take it before: sent only once the channel has taken another message, so that
   * a channel that is away is asked once a round, and one that is back is told everything at once.
   */
  readonly isHeld: boolean;
  /** What it tells: one alert for each of `dues`, or one digest of them. */
  readonly alerts: readonly Alert[];
  readonly dues: readonly Due[];
}

/** What becomes of one owed alert on one channel in this round, and why. */
export interface Outcome {
  readonly target: Target;
  /** The alert's key. */
  readonly at: number;
  readonly channel: string;
  /**
   * `send`: in a message. `hold`: later. `hide`: never. `settled`: done in an earlier round. `lost`: there is no such
   * channel. Alerts that are only noted have no outcome: they are in the ledger alone.
   */
  readonly what: "send" | "hold" | "hide" | "settled" | "lost";
  readonly reason: string;
  /** Of a `hold` that is not the channel's: what holds it. */
  readonly heldBy?: HeldBy;
  /** Of a `hold` whose end is known: epoch ms. */
  readonly until?: number;
  /** Of a `hide`: what the channel's people know all the same. */
  readonly known?: KnownStatus;
}

export type HeldBy = "maintenance" | "dependency" | "flapping" | "hours";

export interface MessageDecision {
  /** In the order to send, by channel. */
  readonly messages: readonly Message[];
  /** Of every alert that is told, on each channel that it goes to. */
  readonly outcomes: readonly Outcome[];
}

/**
 * Decides what to tell whom, of all that is owed. Per target, channel and kind of event, alerts go out in order: while
 * one waits for its time, later ones wait with it, and what is told together is told as one.
 */
export function decideMessages(situation: Situation): MessageDecision {
  const outcomes: Outcome[] = [];
  const decided: Decided[] = [];
  const hidden: HiddenTargets = new Map();
  for (const target of situation.targets) {
    for (const channel of channelsOf(target, situation.channels)) {
      for (const kind of EVENT_KINDS) {
        const due = decideForChannel({ situation, target, channel, kind, outcomes, hidden });
        if (due !== undefined) decided.push(due);
      }
    }
  }
  const messages = situation.channels.flatMap((channel) =>
    [false, true].flatMap((isHeld) => {
      const own = decided.filter((due) => due.channel === channel.id && due.isHeld === isHeld).map(({ due }) => due);
      return messagesOf(channel, isHeld, own, hidden, situation);
    }),
  );
  return { messages, outcomes };
}

interface Decided {
  readonly due: Due;
  readonly channel: string;
  readonly isHeld: boolean;
}

/** By ancestor, the names of the targets whose alerts it hides. */
type HiddenTargets = Map<string, Set<string>>;

function messagesOf(
  channel: ChannelTraits,
  isHeld: boolean,
  dues: readonly Due[],
  hidden: HiddenTargets,
  { linkTo, acknowledgeAt, now, toldBefore }: Situation,
): Message[] {
  const acknowledgeOf = (target: Target) =>
    isInIncident(target) && !isAcknowledged(incidentOf(target), now) ? acknowledgeAt(target) : undefined;
  const tell = ({ target, owed }: Due) =>
    toldAlert(target, owed, {
      kind: kindFor(channel.id, target, owed),
      link: linkTo(target.id),
      acknowledgeLink: acknowledgeOf(target),
      hides: hidesOf(target, hidden),
      remark:
        [flapRemark(target, owed), acknowledgedRemark(target, owed, now)].filter((text) => text !== undefined).join("; ") || undefined,
    });
  const messageOf = (part: readonly Due[]) => ({ channel: channel.id, isHeld, alerts: part.map(tell), dues: part });
  // What only changes a message that is there is in no digest, else that would say for ever that its target is down; nor
  // is who takes care of something, for which nobody is rung.
  const isChange = (due: Due) =>
    isSilent(due.owed[0].kind) || (channel.living !== "message" && livingMessageOf(due, channel.id) !== undefined);
  const [changes, loud] = [dues.filter(isChange), dues.filter((due) => !isChange(due))];
  const [first, ...rest] = loud.map(tell);
  const inRound = loud.length + (toldBefore?.get(channel.id) ?? 0);
  if (first !== undefined && loud.length > 1 && inRound > channel.digestAbove && !channel.takesEach) {
    const digest = { channel: channel.id, isHeld, alerts: [digestOf([first, ...rest], linkTo())], dues: loud };
    return [digest, ...chunks(changes, 1).map(messageOf)];
  }
  // What lives on tells of one target alone.
  return [...chunks(loud, channel.living === "message" ? channel.maxAlertsPerMessage : 1), ...chunks(changes, 1)].map(messageOf);
}

function flapRemark(target: Target, owed: Owed): string | undefined {
  const first = owed.find((alert) => beginsToFlap(target, alert));
  return first && flapNote(target, first);
}

/** Who learns late that it began learns with it that somebody takes care of it. */
function acknowledgedRemark(target: Target, owed: Owed, now: number): string | undefined {
  const { kind, since } = owed.at(-1) ?? owed[0];
  const incident = incidentOf(target);
  if (kind !== "status" || since !== target.state.since || !isInIncident(target) || !isAcknowledged(incident, now)) return undefined;
  return incident.acknowledged && `acknowledged by ${incident.acknowledged.by}`;
}

/** Names that an ancestor's message has of those that it hides. */
const MAX_HIDDEN_NAMES = 10;

function hidesOf({ id, state }: Target, hidden: HiddenTargets): Alert["hides"] {
  const names = hidden.get(id);
  return names === undefined || state.status !== "down" ? undefined : { count: names.size, names: [...names].slice(0, MAX_HIDDEN_NAMES) };
}

const EVENT_KINDS = Object.keys(EVENT_CODES) as EventKind[];

interface ChannelDecision {
  readonly situation: Situation;
  readonly target: Target;
  /** Id. */
  readonly channel: string;
  readonly kind: EventKind;
  /** Gets what is decided of each alert. */
  readonly outcomes: Outcome[];
  readonly hidden: HiddenTargets;
}

function decideForChannel(decision: ChannelDecision): Decided | undefined {
  const { situation, target, channel, kind, outcomes } = decision;
  const told = target.owed.filter((alert) => alert.kind === kind && isTold(alert) && goesTo(alert, channel, target, situation.channels));
  const note: Note = (alerts, what, reason, more = {}) => {
    for (const { at } of alerts) outcomes.push({ target, at, channel, what, reason, ...more });
  };
  const open = told.filter((alert) => !isFinal(alert.deliveries[channel]));
  note(
    told.filter((alert) => !open.includes(alert)),
    "settled",
    "told or given up in an earlier round",
  );
  const traits = situation.channels.find(({ id }) => id === channel);
  if (traits === undefined) {
    note(open, "lost", `there is no channel "${channel}"`);
    return undefined;
  }
  const wanted = unlessFiltered(decision, traits, open, note);
  const [first, ...rest] = wanted;
  return first === undefined ? undefined : decideWanted(decision, traits, [first, ...rest], note);
}

type Note = (
  alerts: readonly OwedAlert[],
  what: Outcome["what"],
  reason: string,
  more?: Pick<Outcome, "heldBy" | "until" | "known">,
) => void;

/** Hides what the channel is not for. @returns what is left, all or nothing */
function unlessFiltered(decision: ChannelDecision, traits: ChannelTraits, open: readonly OwedAlert[], note: Note): readonly OwedAlert[] {
  const { target } = decision;
  const [first, ...rest] = open;
  if (first === undefined) return open;
  const before = knownTo(traits.id, target);
  const known = first.kind === "status" ? { known: before } : {};
  if (traits.paused) {
    note(open, "hide", "the channel is paused", known);
    return [];
  }
  const { severity } = ALERT_KINDS[kindFor(traits.id, target, [first, ...rest])];
  if (takesSeverity(traits, severity)) return open;
  const { severities } = traits.match;
  // Who wants to hear of ends alone hears of each.
  if (first.kind === "status" && severities.includes("recovered") && !severities.includes("down") && !severities.includes("degraded")) {
    const held = heldBack(decision, traits, [first, ...rest]);
    const { what, reason, ...more } = held ?? { what: "hide" as const, reason: `the channel takes no alerts of severity ${severity}` };
    // That it began counts as known where it would have been told.
    note(open, what, reason, {
      ...more,
      ...(what === "hide" && { known: held === undefined ? howItIs((rest.at(-1) ?? first).to) : before }),
    });
    return [];
  }
  // Who does not want to hear of ends takes everything for over.
  const goodNews = severity === "recovered" && first.kind === "status" ? { known: howItIs((rest.at(-1) ?? first).to) } : known;
  note(open, "hide", `the channel takes no alerts of severity ${severity}`, goodNews);
  return [];
}

/** What a channel's people take the target for: who never heard of it, for well. */
function knownTo(channel: string, target: Target): KnownStatus {
  return target.known[channel] ?? "well";
}

/** What several alerts, told as one, are to people: by what they know, and not by what was hidden from them. */
function kindFor(channel: string, target: Target, [first, ...rest]: Owed): AlertKind {
  const last = rest.at(-1) ?? first;
  const kind = alertKindOf(last);
  if (kind === "noted") throw new Error("this alert is in the ledger alone");
  if (last.kind !== "status" || last.to !== "degraded") return kind;
  const known = knownTo(channel, target);
  // From down, that is better; whatever came between and was not told.
  return known === "well" ? "degraded" : known === "down" ? "recovered" : kind;
}

function decideWanted(decision: ChannelDecision, traits: ChannelTraits, open: Owed, note: Note): Decided | undefined {
  const { situation, target, channel, kind } = decision;
  const last = open.at(-1) ?? open[0];
  const held = heldBack(decision, traits, open);
  if (held !== undefined) {
    const { what, reason, ...more } = held;
    // Who is never told of a change goes on thinking what they thought.
    const known = what === "hide" && kind === "status" ? { known: knownTo(channel, target) } : {};
    note(open, what, reason, { ...more, ...known });
    return undefined;
  }
  // What comes after the beginning is told behind it.
  const begins = FOLLOWS.has(kind) ? yetToTell(open[0], target, channel, situation.channels) : [];
  const nextAttemptAt = Math.max(...[...open, ...begins].map(({ deliveries }) => attemptAt(deliveries[channel])));
  const isHeld = nextAttemptAt > situation.now;
  if (isHeld)
    note(open, "hold", `the channel is asked again at ${new Date(nextAttemptAt).toISOString()}, or once it has taken another alert`);
  else note(open, "send", "it is due");
  return { isHeld, channel, due: { target, owed: open, known: howItIs(last.to) } };
}

/** Kinds that mean nothing to who has not heard that it began. */
const FOLLOWS: ReadonlySet<EventKind> = new Set(["reminder", "escalation", "acknowledged", "unacknowledged"]);

type Held = Pick<Outcome, "reason" | "heldBy" | "until"> & { readonly what: "hold" | "hide" };

/** What keeps alerts from being told now, or ever; in this order. */
function heldBack(decision: ChannelDecision, traits: ChannelTraits, open: Owed): Held | undefined {
  const { situation, target, channel, kind } = decision;
  const { hours } = traits;
  const { windows, now } = situation;
  const over = isOver(situation, target, channel, open);
  if (isSilent(kind)) return over === undefined ? heldByBeginning(decision, traits, open) : { what: "hide", reason: over };
  // These are told in their time, or not at all.
  const what = kind === "reminder" ? "hide" : "hold";
  const maintenance = maintenanceAt(windows, target, now);
  if (maintenance !== undefined) return { what, heldBy: "maintenance", ...maintenance };
  if (over !== undefined) return { what: "hide", reason: over };
  const dependency = hiddenByAncestor(decision, open);
  if (dependency !== undefined) return { what, heldBy: "dependency", reason: dependency };
  const flaps = flapHold(target, open[0], now);
  if (flaps !== undefined) return { what, heldBy: "flapping", ...flaps };
  const outside = hours && heldByHours(hours, decision, traits, open);
  return outside?.what === "hold" ? { ...outside, what } : outside;
}

/** Outside of a channel's hours: held, or dropped. */
function heldByHours(hours: NonNullable<Routing["hours"]>, decision: ChannelDecision, traits: ChannelTraits, open: Owed): Held | undefined {
  const { situation, target, channel } = decision;
  const until = nextWithin(hours, situation.now);
  if (until <= situation.now) return undefined;
  const reason = `the channel's hours begin at ${new Date(until).toISOString()}`;
  const held: Held = { what: "hold", heldBy: "hours", until, reason };
  if (hours.outside === "hold") return held;
  if (!endsWhatIsKnown(target, channel, open)) return { what: "hide", reason };
  // Who was told of its beginning hears of its end: what is closed or changed there rings nobody.
  const isQuiet = traits.takesAcknowledgements === true || (traits.living === "edit" && target.messages[channel] !== undefined);
  return isQuiet ? undefined : held;
}

/** Whether alerts end what a channel's people know. */
function endsWhatIsKnown(target: Target, channel: string, open: Owed): boolean {
  const [first, ...rest] = open;
  return first.kind === "status" && knownTo(channel, target) !== "well" && howItIs((rest.at(-1) ?? first).to) === "well";
}

/** What rings for nobody is told at any time: it waits for its beginning alone, which is not told where nobody watches any more. */
function heldByBeginning(decision: ChannelDecision, traits: ChannelTraits, open: Owed): Held | undefined {
  const { situation, target, channel, kind } = decision;
  if (kind === "unwatched") return undefined;
  const [first, ...rest] = yetToTell(open[0], target, channel, situation.channels);
  return first === undefined ? undefined : heldBack({ ...decision, kind: "status" }, traits, [first, ...rest]);
}

function hiddenByAncestor({ situation, target, channel, hidden }: ChannelDecision, open: Owed): string | undefined {
  const [first] = open;
  if (!isOfStatus(first.kind) || open.every(({ to }) => howItIs(to) === "well")) return undefined;
  // Who was told of its beginning hears of its end, and of what comes between.
  if (first.kind === "status" && howItIs(first.from) === "down" && target.known[channel] === "down") return undefined;
  const dependency = hiddenFrom(situation, target, channel, first);
  for (const ancestor of dependency?.by ?? []) hidden.set(ancestor, (hidden.get(ancestor) ?? new Set()).add(target.config.name));
  return dependency?.reason;
}

/** Why an alert waits for what its target depends on, of which the channel hears as well: who does not is told of the target. */
function hiddenFrom(situation: Situation, target: Target, channel: string, first: OwedAlert): Hidden | undefined {
  const traits = situation.channels.find(({ id }) => id === channel);
  const hearsOf = (ancestor: Target) =>
    ancestor.known[channel] === "down" ||
    (traits !== undefined && takesSeverity(traits, "down") && channelsOf(ancestor, situation.channels).includes(channel));
  return hiddenBy(situation, target, first, { now: situation.now, hearsOf });
}

/** When a channel may be asked again. What something else holds back is looked at anew each time. */
function attemptAt(delivery: Delivery | undefined): number {
  return delivery?.heldBy === undefined ? (delivery?.nextAttemptAt ?? 0) : 0;
}

/** Why nobody is told of what happened, where it is over; `undefined` when it is not, or when people wait for its end. */
function isOver(situation: Situation, target: Target, channel: string, open: Owed): string | undefined {
  const [first] = open;
  const last = open.at(-1) ?? first;
  if (first.kind !== "status") return isOverBeside(target, first, situation.now);
  const end = howItIs(last.to);
  const known = knownTo(channel, target);
  // Who resumes it begins anew: what is still wrong then is told then.
  if (isInterrupted(target) && end !== "well") return "it was paused or deleted before it was told";
  if (howItIs(first.from) !== known && end === known && alertKindOf(last) === "recovered")
    return "it is over, and the channel was not told that it began";
  if (end === known && open.some(({ deliveries }) => deliveries[channel]?.heldBy === "flapping")) return "it came to rest as it was told";
  // What a channel takes for down that is up has an end to tell, whatever became of it meanwhile.
  return howItIs(first.from) === end && known === end ? isNoNews(situation, target, channel, open) : undefined;
}

/** Why changes that led back to what a channel's people know are told to nobody; `undefined` when nothing held them back. */
function isNoNews(situation: Situation, target: Target, channel: string, open: Owed): string | undefined {
  const [first] = open;
  const isAsTold = knownTo(channel, target) !== "well";
  // Windows may have been ended, moved or narrowed meanwhile: what they held then, they held.
  const isOfMaintenance = ({ at, deliveries }: OwedAlert) =>
    deliveries[channel]?.heldBy === "maintenance" || maintenanceAt(situation.windows, target, at) !== undefined;
  if (open.every(isOfMaintenance))
    return isAsTold ? "when the maintenance ended it was as the channel was told" : "it was over before the maintenance ended";
  const wasHidden = open.some(({ deliveries }) => deliveries[channel]?.heldBy === "dependency");
  if (wasHidden || (hiddenFrom(situation, target, channel, first)?.by.length ?? 0) > 0)
    return isAsTold ? "when what it depends on was back it was as the channel was told" : "it was over before what it depends on was back";
  return undefined;
}

/** Whether a target is paused, or was resumed and has not been checked yet. */
function isInterrupted({ state: { status, before } }: Target): boolean {
  return status === "paused" || (status === "pending" && before !== undefined);
}

/** The same of what is told beside changes of status. */
function isOverBeside(target: Target, { kind, to, since }: OwedAlert, now: number): string | undefined {
  const { state, sloBurn } = target;
  // Of this incident, and not of one before it.
  const goesOnAs = isInIncident(target) && state.status === to && since === state.since;
  const isTaken = isAcknowledged(incidentOf(target), now);
  const goesOn = {
    status: true,
    certificate: true,
    slo: sloBurn !== undefined,
    reminder: goesOnAs && !isTaken,
    escalation: goesOnAs && !isTaken,
    acknowledged: goesOnAs && isTaken,
    unacknowledged: goesOnAs && !isTaken,
    unwatched: state.status === "paused",
  };
  if (goesOn[kind]) return undefined;
  if (kind === "unwatched") return "it is watched again";
  if (!goesOnAs) return "it was over before";
  return isTaken ? "somebody takes care of it" : "it was given back before";
}

/** The maintenance that holds a target's alerts back at a moment: the one that ends last. */
function maintenanceAt(windows: Situation["windows"], target: Target, at: number): { reason: string; until: number } | undefined {
  const [longest] = windows
    .filter((window) => appliesTo(window, target) && at >= effectiveSince(window))
    .flatMap((window) => {
      const occurrence = occurrenceAt(window, at);
      const what = window.kind === "silence" ? "silenced by" : "maintenance";
      return occurrence === undefined ? [] : [{ what, name: window.name, until: occurrence.to }];
    })
    .sort((a, b) => b.until - a.until);
  if (longest === undefined) return undefined;
  return { reason: `${longest.what} "${longest.name}" until ${new Date(longest.until).toISOString()}`, until: longest.until };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}
