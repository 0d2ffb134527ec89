import type { PageView, PublicComponent, PublicState } from "./page-view.ts";

export const STATE_WORDS: Readonly<Record<PublicState, string>> = {
  up: "up",
  degraded: "degraded",
  down: "down",
  maintenance: "in maintenance",
  unknown: "not known",
};

export function componentsOf({ sections }: Pick<PageView, "sections">): PublicComponent[] {
  return sections.flatMap(({ components }) => components);
}

/** How all that a page is of stands, also what it has no room for. */
function statesOf({ sections }: Pick<PageView, "sections">): PublicState[] {
  return sections.flatMap(({ components, unshown }) => [...components.map(({ state }) => state), ...unshown]);
}

/** How a page stands as a whole. `down`: some are; `outage`: more than half of what is known. */
export type Overall = "up" | "degraded" | "down" | "outage" | "maintenance" | "unknown";

export function overallOf(view: Pick<PageView, "sections" | "incidents">): Overall {
  const states = statesOf(view);
  const has = (state: PublicState) => states.filter((each) => each === state).length;
  const general = view.incidents.filter(
    ({ endedAt, components, impact }) => endedAt === null && components.length === 0 && impact !== "notice",
  );
  if (has("down") > 0) return has("down") * 2 > states.length - has("unknown") ? "outage" : "down";
  if (general.some(({ impact }) => impact === "down")) return "down";
  if (has("degraded") > 0 || general.length > 0) return "degraded";
  if (has("up") === 0) return has("maintenance") > 0 ? "maintenance" : "unknown";
  return has("maintenance") > 0 ? "maintenance" : "up";
}

/** The state of a page in one or two sentences, with what is not known. */
export function sentenceOf(view: Pick<PageView, "sections" | "incidents">): string {
  const states = statesOf(view);
  const number = (state: PublicState) => states.filter((each) => each === state).length;
  const overall = overallOf(view);
  if (overall === "unknown") return states.length === 0 ? "This page shows nothing yet." : "Nothing is known yet.";
  const parts = (["down", "degraded", "maintenance"] as const).flatMap((state) =>
    number(state) > 0 ? [`${number(state)} ${STATE_WORDS[state]}`] : [],
  );
  const unknown = number("unknown");
  const rest = unknown === 0 ? "" : ` Nothing is known of ${unknown}.`;
  const general = isOfGeneral(view) ? "There is an incident. " : "";
  if (parts.length === 0) return overall === "up" ? `${allUp(number("up"), states.length)}${rest}` : `There is an incident.${rest}`;
  if (states.length === 1) return `${general}It is ${STATE_WORDS[states[0] ?? "unknown"]}.`;
  return `${general}Of ${states.length}: ${[...parts, `${number("up")} up`].join(", ")}.${rest}`;
}

/** Whether a page stands worse than any of its components, by an incident that names none. */
function isOfGeneral(view: Pick<PageView, "sections" | "incidents">): boolean {
  return overallOf(view) !== overallOf({ ...view, incidents: [] });
}

function allUp(up: number, all: number): string {
  if (all === 1) return "It is up.";
  return up === all ? "Everything is up." : `${up} of ${all} are up.`;
}

/** A day in a page's zone, such as `27 Nov 2026`. @param at epoch ms */
export function dateText(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat("en-GB", { timeZone, ...DATE }).format(at);
}

const DATE = { day: "numeric", month: "short", year: "numeric" } as const;

/** A moment in a page's zone, such as `27 Nov 2026, 14:03 CET`. @param at epoch ms @param isExact whether to the second */
export function momentText(at: number, timeZone: string, isExact = false): string {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone,
    ...DATE,
    hour: "2-digit",
    minute: "2-digit",
    ...(isExact && { second: "2-digit" }),
    hourCycle: "h23",
    timeZoneName: "short",
  }).format(at);
}

/** A percentage that never rounds up to 100 what was not. */
export function percentText(value: number): string {
  const digits = value === 100 || value < 90 ? 1 : value < 99.9 ? 2 : 3;
  const factor = 10 ** digits;
  return `${Math.floor(value * factor) / factor} %`;
}
