import type { Status } from "./next-status.ts";

/** What the ledger and a target's item call what happened, and the ledger's code for it. Codes are never used again for another word. */
export const EVENT_CODES = {
  status: 1,
  certificate: 2,
  reminder: 3,
  escalation: 4,
  slo: 5,
  acknowledged: 6,
  unwatched: 7,
  unacknowledged: 8,
} as const;
export type EventKind = keyof typeof EVENT_CODES;

/** How much an alert presses, for services that rank what they show. */
export type Urgency = "critical" | "warning" | "good" | "info";

/** What channels choose alerts by. */
export const SEVERITIES = ["down", "degraded", "recovered", "certificate", "slo", "monitor"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What people hear of one event. A new kind is a line here, and a code above where it is no change of status. */
export const ALERT_KINDS = {
  down: { told: true, severity: "down", urgency: "critical", verb: "is down", emoji: "🔴", colour: 0xe0_1e_5a },
  degraded: { told: true, severity: "degraded", urgency: "warning", verb: "is degraded", emoji: "🟡", colour: 0xec_b2_2e },
  recovered: { told: true, severity: "recovered", urgency: "good", verb: "has recovered", emoji: "🟢", colour: 0x2e_b6_7d },
  certificate: {
    told: true,
    severity: "certificate",
    urgency: "warning",
    verb: "has a certificate that expires soon",
    emoji: "🔐",
    colour: 0x36_82_c5,
  },
  slo: { told: true, severity: "slo", urgency: "warning", verb: "spends its error budget too fast", emoji: "📉", colour: 0xec_b2_2e },
  reminder: { told: true, severity: "down", urgency: "critical", verb: "is still down", emoji: "🔴", colour: 0xe0_1e_5a },
  escalation: {
    told: true,
    severity: "down",
    urgency: "critical",
    verb: "is down, and nobody has acknowledged it",
    emoji: "🚨",
    colour: 0xe0_1e_5a,
  },
  /** For those alone who were told of the down in a way that can be changed. */
  acknowledged: {
    told: true,
    severity: "down",
    urgency: "critical",
    verb: "is down, and somebody takes care of it",
    emoji: "🟠",
    colour: 0xec_b2_2e,
  },
  /** For the same: who took care of it gave it back, or did so for a time that is over. */
  unacknowledged: {
    told: true,
    severity: "down",
    urgency: "critical",
    verb: "is down, and nobody takes care of it any more",
    emoji: "🔴",
    colour: 0xe0_1e_5a,
  },
  degradedReminder: {
    told: true,
    severity: "degraded",
    urgency: "warning",
    verb: "is still degraded",
    emoji: "🟡",
    colour: 0xec_b2_2e,
  },
  degradedEscalation: {
    told: true,
    severity: "degraded",
    urgency: "warning",
    verb: "is degraded, and nobody has acknowledged it",
    emoji: "🚨",
    colour: 0xec_b2_2e,
  },
  degradedAcknowledged: {
    told: true,
    severity: "degraded",
    urgency: "warning",
    verb: "is degraded, and somebody takes care of it",
    emoji: "🟠",
    colour: 0xec_b2_2e,
  },
  degradedUnacknowledged: {
    told: true,
    severity: "degraded",
    urgency: "warning",
    verb: "is degraded, and nobody takes care of it any more",
    emoji: "🟡",
    colour: 0xec_b2_2e,
  },
  /** For those alone who keep an incident open, or show one in a way that can be changed: nobody watches it any more. */
  unwatched: { told: true, severity: "recovered", urgency: "info", verb: "is no longer watched", emoji: "⚪", colour: 0x8a_91_99 },
  /** Many alerts as one; what it counts says how much it presses. */
  digest: { told: true, severity: "down", urgency: "critical", verb: "", emoji: "🌩️", colour: 0xe0_1e_5a },
  /** Of the monitor itself. */
  monitor: { told: true, severity: "monitor", urgency: "warning", verb: "sees again", emoji: "👁️", colour: 0xec_b2_2e },
  /** Sent by hand, to see that it arrives. */
  test: { told: true, severity: "down", urgency: "info", verb: "", emoji: "🔔", colour: 0x36_82_c5 },
  /** A first check that is fine, a pause, a resumption: in the ledger alone. */
  noted: { told: false, severity: "recovered", urgency: "info", verb: "was changed", emoji: "", colour: 0 },
} as const satisfies Record<string, AlertKindTraits>;

interface AlertKindTraits {
  readonly told: boolean;
  readonly severity: Severity;
  readonly urgency: Urgency;
  /** After the target's name, in titles. */
  readonly verb: string;
  readonly emoji: string;
  /** RGB, of the edge that chat services draw. */
  readonly colour: number;
}

/** A kind that people are told. */
export type AlertKind = {
  [Kind in keyof typeof ALERT_KINDS]: (typeof ALERT_KINDS)[Kind]["told"] extends true ? Kind : never;
}[keyof typeof ALERT_KINDS];

/** Whether an event is news of how a target is: what is told of it is what people know. */
export function isOfStatus(kind: EventKind): boolean {
  return kind !== "certificate" && kind !== "slo" && kind !== "unwatched";
}

/** An event, as far as it decides what is told of it. */
export interface StatusEvent {
  readonly kind: EventKind;
  readonly from: Status;
  readonly to: Status;
}

/** What an event is to people; `noted` is for the ledger alone. */
export function alertKindOf({ kind, from, to }: StatusEvent): keyof typeof ALERT_KINDS {
  if (kind !== "status") return to === "degraded" ? (OF_DEGRADED[kind] ?? kind) : kind;
  if (to === "paused" || to === "pending" || (from === "pending" && to === "up")) return "noted";
  if (to === "down") return "down";
  return to === "degraded" && from !== "down" ? "degraded" : "recovered";
}

/** What is told of an incident while a target is degraded. */
const OF_DEGRADED: Partial<Record<EventKind, AlertKind>> = {
  reminder: "degradedReminder",
  escalation: "degradedEscalation",
  acknowledged: "degradedAcknowledged",
  unacknowledged: "degradedUnacknowledged",
};

/** Whether an alert says that somebody takes care of an incident. */
export function isAcknowledgement(kind: AlertKind | EventKind): boolean {
  return kind === "acknowledged" || kind === "degradedAcknowledged";
}

/** Whether an alert says that nobody takes care of one any more. */
export function isGivenBack(kind: AlertKind | EventKind): boolean {
  return kind === "unacknowledged" || kind === "degradedUnacknowledged";
}

/** Whether an event only changes what is there already: nobody is rung for it. */
export function isSilent(kind: AlertKind | EventKind): boolean {
  return kind === "unwatched" || isAcknowledgement(kind) || isGivenBack(kind);
}

/** Whether people are told of it. */
export function isTold(event: StatusEvent): boolean {
  return ALERT_KINDS[alertKindOf(event)].told;
}
