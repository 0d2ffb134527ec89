import type { Alert } from "../notify/notifier.ts";
import { EVENT_CODES, type EventKind, isTold } from "../status/alert-kinds.ts";
import type { Delivery, OwedAlert } from "../targets/owed-alert.ts";
import type { Target } from "../targets/target.ts";
import { appliesTo, type MaintenanceWindow, occurrenceAt } from "./maintenance.ts";
import { toldAlert } from "./told-alert.ts";

/** Everything that decides what is told: no store, no clock, no socket. */
export interface Situation {
  /** Targets with what they owe, oldest first. */
  readonly targets: readonly Target[];
  readonly channels: readonly { readonly id: string; readonly maxAlertsPerMessage: number }[];
  /** Epoch ms. */
  readonly now: number;
  /** Address of a target's page, when there is one. */
  readonly linkTo: (targetId: string) => string | undefined;
  /** Times in which nothing is told. */
  readonly windows: readonly MaintenanceWindow[];
}

/** Alerts of one target that one channel is told as one. */
export interface Due {
  readonly target: Target;
  /** Oldest first. */
  readonly owed: readonly [OwedAlert, ...OwedAlert[]];
  readonly alert: Alert;
}

/** What one channel is sent in one call. */
export interface Message {
  readonly channel: string;
  /**
   * Waits for its channel, which did not take it before: sent only once the channel has taken another message, so that
   * a channel that is away is asked once a round, and one that is back is told everything at once.
   */
  readonly isHeld: boolean;
  readonly dues: readonly Due[];
}

/** What becomes of one owed alert on one channel in this round, and why. */
export interface Outcome {
  readonly target: Target;
  /** The alert's key. */
  readonly at: number;
  readonly channel: string;
  /**
   * `send`: in a message. `hold`: later. `hide`: never, since it was over before the maintenance it fell into.
   * `settled`: done in an earlier round. `lost`: there is no such channel.
   * Alerts that are only noted have no outcome: they are in the ledger alone.
   */
  readonly what: "send" | "hold" | "hide" | "settled" | "lost";
  readonly reason: string;
  /** Of a `hold` for maintenance: its end, epoch ms. */
  readonly until?: number;
}

export interface MessageDecision {
  /** In the order to send, by channel. */
  readonly messages: readonly Message[];
  /** Of every alert that is told, on each of its target's channels. */
  readonly outcomes: readonly Outcome[];
}

/**
 * Decides what to tell whom, of all that is owed. Per target, channel and kind of event, alerts go out in order: while
 * one waits for its time, later ones wait with it, and what is told together is told as one.
 */
export function decideMessages(situation: Situation): MessageDecision {
  const outcomes: Outcome[] = [];
  const dues: (Decided & { readonly channel: string })[] = [];
  for (const target of situation.targets) {
    for (const channel of channelsOf(target, situation.channels)) {
      for (const kind of EVENT_KINDS) {
        const decided = decideForChannel(situation, target, channel, kind, outcomes);
        if (decided !== undefined) dues.push({ ...decided, channel });
      }
    }
  }
  const messages = situation.channels.flatMap(({ id, maxAlertsPerMessage }) =>
    [false, true].flatMap((isHeld) => {
      const own = dues.filter((decided) => decided.channel === id && decided.isHeld === isHeld).map(({ due }) => due);
      return chunks(own, maxAlertsPerMessage).map((part) => ({ channel: id, isHeld, dues: part }));
    }),
  );
  return { messages, outcomes };
}

interface Decided {
  readonly due: Due;
  readonly isHeld: boolean;
}

const EVENT_KINDS = Object.keys(EVENT_CODES) as EventKind[];

function decideForChannel(
  { channels, now, linkTo, windows }: Situation,
  target: Target,
  channel: string,
  kind: EventKind,
  outcomes: Outcome[],
): Decided | undefined {
  const told = target.owed.filter((alert) => alert.kind === kind && isTold(alert));
  const open = told.filter((alert) => !isFinal(alert.deliveries[channel]));
  const note = (alerts: readonly OwedAlert[], what: Outcome["what"], reason: string, until?: number) => {
    for (const { at } of alerts) outcomes.push({ target, at, channel, what, reason, ...(until !== undefined && { until }) });
  };
  note(
    told.filter((alert) => !open.includes(alert)),
    "settled",
    "told or given up in an earlier round",
  );
  const [first, ...rest] = open;
  if (first === undefined) return undefined;
  if (!channels.some(({ id }) => id === channel)) {
    note(open, "lost", `there is no channel "${channel}"`);
    return undefined;
  }
  const maintenance = maintenanceAt(windows, target, now);
  if (maintenance !== undefined) {
    note(open, "hold", maintenance.reason, maintenance.until);
    return undefined;
  }
  if (kind === "status" && isOver(windows, target, [first, ...rest])) {
    note(open, "hide", "it was over before the maintenance ended");
    return undefined;
  }
  const nextAttemptAt = Math.max(...open.map(({ deliveries }) => deliveries[channel]?.nextAttemptAt ?? 0));
  const isHeld = nextAttemptAt > now;
  if (isHeld)
    note(open, "hold", `the channel is asked again at ${new Date(nextAttemptAt).toISOString()}, or once it has taken another alert`);
  else note(open, "send", "it is due");
  return { isHeld, due: { target, owed: [first, ...rest], alert: toldAlert(target, [first, ...rest], linkTo(target.id)) } };
}

/** The maintenance that holds a target's alerts back at a moment: the one that ends last. */
function maintenanceAt(windows: Situation["windows"], target: Target, at: number): { reason: string; until: number } | undefined {
  const [longest] = windows
    .filter((window) => appliesTo(window, target))
    .flatMap((window) => {
      const occurrence = occurrenceAt(window, at);
      return occurrence === undefined ? [] : [{ name: window.name, until: occurrence.to }];
    })
    .sort((a, b) => b.until - a.until);
  if (longest === undefined) return undefined;
  return { reason: `maintenance "${longest.name}" until ${new Date(longest.until).toISOString()}`, until: longest.until };
}

/** Whether all that happened did so in maintenance, and left the target as people know it. */
function isOver(windows: Situation["windows"], target: Target, open: Due["owed"]): boolean {
  const last = open.at(-1) ?? open[0];
  return howItIs(open[0].from) === howItIs(last.to) && open.every(({ at }) => maintenanceAt(windows, target, at) !== undefined);
}

/** What people take a status for. */
function howItIs(status: OwedAlert["to"]): "down" | "degraded" | "well" {
  return status === "down" || status === "degraded" ? status : "well";
}

/** The channels that a target's alerts go to, each once. */
export function channelsOf({ config }: Target, channels: Situation["channels"]): readonly string[] {
  return [...new Set(config.channels ?? channels.map(({ id }) => id))];
}

/** Whether nothing more is tried. */
export function isFinal(delivery: Delivery | undefined): boolean {
  return delivery !== undefined && delivery.outcome !== "waiting";
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}
