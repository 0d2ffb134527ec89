import { makeBadge } from "badge-maker";
import type { PageView, PublicComponent } from "./page-view.ts";
import { componentsOf, type Overall, overallOf, percentText, STATE_WORDS } from "./page-words.ts";

/** Hues of the page; as badges they have white letters beside. */
const COLOURS: Readonly<Record<string, string>> = {
  up: "#00805d",
  degraded: "#b07600",
  down: "#c24e00",
  outage: "#c24e00",
  maintenance: "#1b7fb8",
  unknown: "#767c83",
};

const OVERALL_WORDS: Readonly<Record<Overall, string>> = { ...STATE_WORDS, outage: "major outage", down: "partly down" };

interface Badge {
  readonly label: string;
  /** Never empty. */
  readonly message: string;
  readonly color: string;
  readonly isError: boolean;
}

const colour = (state: string) => COLOURS[state] ?? "#767c83";

/** What can be shown of a page and of each of its targets, by file without its ending, below `badge/`. */
function badgesOf(view: PageView): ReadonlyMap<string, Badge> {
  const overall = overallOf(view);
  const isError = overall === "down" || overall === "outage";
  return new Map<string, Badge>([
    ["page", { label: "status", message: OVERALL_WORDS[overall], color: colour(overall), isError }],
    ...componentsOf(view).flatMap((component) => componentBadges(component, view.page.historyDays)),
  ]);
}

function componentBadges({ id, name, state, uptimePercent, latencyMs }: PublicComponent, historyDays: number): [string, Badge][] {
  const status = {
    label: name,
    message: state === "unknown" ? state : STATE_WORDS[state],
    color: colour(state),
    isError: state === "down",
  };
  const uptime = uptimePercent === null ? UNKNOWN : { message: percentText(uptimePercent), color: colour(gradeOf(uptimePercent)) };
  const latency = latencyMs === null ? UNKNOWN : { message: `${Math.round(latencyMs)} ms`, color: colour("up") };
  return [
    [`${id}/status`, status],
    [`${id}/uptime`, { label: `uptime ${historyDays} d`, ...uptime, isError: false }],
    [`${id}/latency`, { label: "latency 24 h", ...latency, isError: false }],
  ];
}

const UNKNOWN = { message: "unknown", color: "#767c83" };

function gradeOf(uptimePercent: number): "up" | "degraded" | "down" {
  if (uptimePercent >= 99.9) return "up";
  return uptimePercent >= 99 ? "degraded" : "down";
}

/**
 * Badges as pictures, and as the JSON that shields.io takes: https://shields.io/badges/endpoint-badge
 * @returns by file
 */
export function badgeFiles(view: PageView): { readonly file: string; readonly type: string; readonly body: string }[] {
  return [...badgesOf(view)].flatMap(([name, { label, message, color, isError }]) => [
    { file: `badge/${name}.svg`, type: "image/svg+xml", body: makeBadge({ label, message, color, style: "flat" }) },
    {
      file: `badge/${name}.json`,
      type: "application/json",
      body: JSON.stringify({ schemaVersion: 1, label, message, color, isError, cacheSeconds: 300 }),
    },
  ]);
}

/** A tab's picture tells how the page stands: a disc; a triangle while something is down. */
export function iconFile(view: PageView): string {
  const overall = overallOf(view);
  const shape = overall === "down" || overall === "outage" ? "M1 2h14l-7 13z" : "M8 1a7 7 0 0 1 0 14a7 7 0 0 1 0-14z";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="${colour(overall)}" d="${shape}"/></svg>`;
}
