import * as z from "zod";
import { visibleLines, visibleText } from "../text/visible-text.ts";

/** Manual incidents there may be; those that are over for 400 days are forgotten. */
export const MAX_MANUAL = 500;
export const MAX_UPDATES = 200;

export const INCIDENT_PHASES = ["investigating", "identified", "monitoring", "resolved"] as const;

const words = visibleLines(5_000);

export const updateInput = z.strictObject({
  status: z.enum(INCIDENT_PHASES),
  text: words,
  public: z.boolean().optional().meta({ description: "Whether status pages show it; as the incident, when left out." }),
});

export const manualIncidentInput = z.strictObject({
  title: visibleText(200),
  severity: z.enum(["down", "degraded", "notice"]).default("down"),
  targets: z.array(z.uuid("must be targets' ids").toLowerCase()).max(200, "must name at most 200 targets").default([]),
  text: words.meta({ description: "What is known: the first update." }),
  status: z.enum(INCIDENT_PHASES).default("investigating"),
  public: z.boolean().default(false).meta({ description: "Whether status pages show it." }),
});

export interface IncidentUpdate {
  /** ISO 8601. */
  readonly at: string;
  readonly by: string;
  readonly status: (typeof INCIDENT_PHASES)[number];
  readonly text: string;
  readonly public: boolean;
}

/** An incident that somebody opened: what no check sees. */
export interface ManualIncident {
  readonly id: string;
  readonly title: string;
  readonly severity: "down" | "degraded" | "notice";
  readonly targets: readonly string[];
  readonly public: boolean;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly version: number;
  /** Oldest first; the last one's status is the incident's. */
  readonly updates: readonly IncidentUpdate[];
}

/** Where they are kept. */
export interface ManualIncidentStore {
  /** Open ones first, then the newest. */
  list(): Promise<ManualIncident[]>;
  /** @returns false when the stored one is not of the version before; a first version must be new */
  put(incident: ManualIncident): Promise<boolean>;
  /** @returns what it was */
  remove(id: string): Promise<ManualIncident | undefined>;
}

/** An incident after an update. */
export function updated(incident: ManualIncident, update: IncidentUpdate): ManualIncident {
  const isOver = update.status === "resolved";
  return {
    ...incident,
    version: incident.version + 1,
    endedAt: isOver ? (incident.endedAt ?? update.at) : null,
    updates: [...incident.updates, update],
  };
}
