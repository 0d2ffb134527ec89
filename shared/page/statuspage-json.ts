import { type PublicIncident, updateKeysOf } from "./page-incidents.ts";
import type { PageView, PublicComponent, PublicMaintenance, PublicState } from "./page-view.ts";
import { componentsOf, type Overall, overallOf, sentenceOf } from "./page-words.ts";

/*
 * The JSON of Atlassian's Statuspage, at its paths and with its fields, so that every bot, menu-bar program and aggregator
 * that reads one reads ours: https://metastatuspage.com/api
 */

const INDICATORS: Readonly<Record<Overall, "none" | "minor" | "major" | "critical" | "maintenance">> = {
  up: "none",
  unknown: "none",
  degraded: "minor",
  down: "major",
  outage: "critical",
  maintenance: "maintenance",
};

const COMPONENT_STATUS: Readonly<Record<PublicState, string>> = {
  up: "operational",
  // It has no word for what nobody knows.
  unknown: "operational",
  degraded: "degraded_performance",
  down: "major_outage",
  maintenance: "under_maintenance",
};

const IMPACTS = { down: "major", degraded: "minor", notice: "none" } as const;

/** @param url of the page, with a slash at the end @returns bodies by path below the page's folder */
export function statuspageFiles(view: PageView, url: string): { readonly [file: string]: unknown } {
  const { page, now, sections, incidents, maintenance } = view;
  const pageId = pageIdOf(url);
  const about = {
    page: { id: pageId, name: page.title, url, time_zone: page.timeZone, updated_at: new Date(now).toISOString() },
  };
  const status = { indicator: INDICATORS[overallOf(view)], description: sentenceOf(view) };
  const all = new Map(componentsOf(view).map((component) => [component.id, component]));
  const components = sections.flatMap((section, index) => {
    const groupId = groupIdOf(index);
    const members = section.components.map((component, position) =>
      componentJson(view, component, { position: position + 1, groupId, pageId }),
    );
    return [
      {
        ...componentJson(
          view,
          { id: groupId, name: section.name, state: worst(section.components), since: null },
          { position: index + 1, groupId: null, pageId },
        ),
        group: true,
        components: section.components.map(({ id }) => id),
      },
      ...members,
    ];
  });
  const toIncident = (incident: PublicIncident) => incidentJson(view, incident, all, url);
  const open = incidents.filter(({ endedAt }) => endedAt === null).map(toIncident);
  const scheduled = maintenance.map((each) => maintenanceJson(view, each, all, url));
  return {
    "api/v2/summary.json": { ...about, status, components, incidents: open, scheduled_maintenances: scheduled },
    "api/v2/status.json": { ...about, status },
    "api/v2/components.json": { ...about, components },
    "api/v2/incidents.json": { ...about, incidents: incidents.slice(0, 50).map(toIncident) },
    "api/v2/incidents/unresolved.json": { ...about, incidents: open },
    "api/v2/scheduled-maintenances.json": { ...about, scheduled_maintenances: scheduled },
    "api/v2/scheduled-maintenances/upcoming.json": {
      ...about,
      scheduled_maintenances: scheduled.filter((each) => each.status === "scheduled"),
    },
    "api/v2/scheduled-maintenances/active.json": {
      ...about,
      scheduled_maintenances: scheduled.filter((each) => each.status === "in_progress"),
    },
  };
}

const RANK: readonly PublicState[] = ["up", "unknown", "maintenance", "degraded", "down"];

function worst(components: readonly PublicComponent[]): PublicState {
  return components.reduce<PublicState>((found, { state }) => (RANK.indexOf(state) > RANK.indexOf(found) ? state : found), "up");
}

function componentJson(
  { page }: PageView,
  { id, name, state, since }: Pick<PublicComponent, "id" | "name" | "state" | "since">,
  { position, groupId, pageId }: { position: number; groupId: string | null; pageId: string },
) {
  const updated = since === null ? page.createdAt : new Date(since).toISOString();
  return {
    id,
    name,
    status: COMPONENT_STATUS[state],
    created_at: page.createdAt,
    updated_at: updated,
    position,
    description: null,
    showcase: groupId !== null,
    start_date: null,
    group_id: groupId,
    page_id: pageId,
    group: false,
    only_show_if_degraded: false,
  };
}

type Known = ReadonlyMap<string, PublicComponent>;

/** The last part of a page's address. */
function pageIdOf(url: string): string {
  return url.split("/").at(-2) ?? "page";
}

function affected(view: PageView, components: PublicIncident["components"], all: Known, pageId: string) {
  const groupOf = (id: string) => {
    const index = view.sections.findIndex((section) => section.components.some((component) => component.id === id));
    return index === -1 ? null : groupIdOf(index);
  };
  return components.flatMap(({ id }, index) => {
    const component = all.get(id);
    return component === undefined ? [] : [componentJson(view, component, { position: index + 1, groupId: groupOf(id), pageId })];
  });
}

function groupIdOf(section: number): string {
  return `section-${section}`;
}

function incidentJson(view: PageView, incident: PublicIncident, all: Known, url: string) {
  const { id, title, impact, components, startedAt, endedAt, updates } = incident;
  const iso = (at: number) => new Date(at).toISOString();
  const newest = updates.at(-1);
  const keys = updateKeysOf(incident).toReversed();
  const monitoring = updates.findLast(({ status }) => status === "monitoring");
  return {
    id,
    name: title,
    // Opened again without a word to the public, it is not what the public was told last.
    status: endedAt === null ? (updates.findLast(({ status }) => status !== "resolved")?.status ?? "investigating") : "resolved",
    created_at: iso(startedAt),
    updated_at: iso(newest?.at ?? startedAt),
    monitoring_at: monitoring === undefined ? null : iso(monitoring.at),
    resolved_at: endedAt === null ? null : iso(endedAt),
    impact: IMPACTS[impact],
    shortlink: `${url}incidents/${id}/`,
    started_at: iso(startedAt),
    page_id: pageIdOf(url),
    incident_updates: [...updates].reverse().map(({ at, status, text }, index) => ({
      id: `${id}-${keys[index]}`,
      status,
      body: text,
      incident_id: id,
      created_at: iso(at),
      updated_at: iso(at),
      display_at: iso(at),
      affected_components: null,
      deliver_notifications: true,
      custom_tweet: null,
      tweet_id: null,
    })),
    components: affected(view, components, all, pageIdOf(url)),
    reminder_intervals: null,
  };
}

function maintenanceJson(view: PageView, { id, name, from, to, components }: PublicMaintenance, all: Known, url: string) {
  const iso = (at: number) => new Date(at).toISOString();
  const isOn = from <= view.now;
  return {
    id,
    name,
    status: isOn ? "in_progress" : "scheduled",
    created_at: view.page.createdAt,
    updated_at: iso(Math.min(from, view.now)),
    monitoring_at: null,
    resolved_at: null,
    impact: "maintenance",
    shortlink: url,
    started_at: iso(from),
    page_id: pageIdOf(url),
    incident_updates: [],
    components: affected(view, components, all, pageIdOf(url)),
    scheduled_for: iso(from),
    scheduled_until: iso(to),
  };
}
