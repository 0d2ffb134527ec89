import { ERROR_CLASSES, type ErrorClass } from "../check/check-type.ts";
import { EVENT_CODES, type EventKind } from "../status/alert-kinds.ts";

/** Small integers for words, as the tables in `sql/` have them. Codes are never used again for another word. */
export const STATUS_CODES = { up: 1, degraded: 2, down: 3, pending: 4, paused: 5, deleted: 6 } as const;

export const OUTCOME_CODES = { waiting: 1, sent: 2, failed: 3, folded: 4, hidden: 5 } as const;
export type DeliveryOutcome = keyof typeof OUTCOME_CODES;

/** What people say of an incident to the public: how it stands. */
export const PUBLISHED_CODES = { investigating: 5, identified: 6, monitoring: 7 } as const;
export type PublishedKind = keyof typeof PUBLISHED_CODES;

export const INCIDENT_EVENT_CODES = { acknowledged: 1, commented: 2, unacknowledged: 3, resolved: 4, ...PUBLISHED_CODES } as const;
export type IncidentEventKind = keyof typeof INCIDENT_EVENT_CODES;

export function isPublished(kind: IncidentEventKind): kind is PublishedKind {
  return kind in PUBLISHED_CODES;
}

export function incidentEventOf(code: number): IncidentEventKind {
  const found = Object.entries(INCIDENT_EVENT_CODES).find(([, value]) => value === code);
  return found === undefined ? "commented" : (found[0] as IncidentEventKind); // the keys of the codes
}

/** The same numbers as table `error_class`. */
export function errorClassCode(errorClass: ErrorClass | undefined): number | null {
  return errorClass === undefined ? null : ERROR_CLASSES.indexOf(errorClass) + 1;
}

export function errorClassOf(code: number | null): ErrorClass | undefined {
  return code === null ? undefined : ERROR_CLASSES[code - 1];
}

/** What a ledger row tells of; a code of a later release counts as a change of status. */
export function eventKindOf(code: number): EventKind {
  const found = Object.entries(EVENT_CODES).find(([, value]) => value === code);
  return found === undefined ? "status" : (found[0] as EventKind); // the keys of the codes
}

export function statusOf(code: number): string {
  return Object.entries(STATUS_CODES).find(([, value]) => value === code)?.[0] ?? "unknown";
}
