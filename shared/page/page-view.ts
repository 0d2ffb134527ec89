import { appliesTo, effectiveSince, isInGroup, type MaintenanceWindow, type Occurrence, occurrencesBetween } from "../alert/maintenance.ts";
import { appliesSince } from "../alert/maintenance-time.ts";
import type { ManualIncident } from "../alert/manual-incident.ts";
import type { DayTotals, PageIncident, Span } from "../log/log-pages.ts";
import type { Target } from "../targets/target.ts";
import { dayOf, daysOf, figuresOf, type PageDay, type PublicDay } from "./page-days.ts";
import { foundIncidents, type Member, manualIncidents, type PublicIncident } from "./page-incidents.ts";
import { MAX_COMPONENTS, type StatusPage } from "./status-page.ts";
import { merged, without } from "./stretches.ts";

/** What the public is told of a target. `unknown`: nobody checks it, or it was never checked. */
export type PublicState = "up" | "degraded" | "down" | "maintenance" | "unknown";

export interface PublicComponent {
  readonly id: string;
  readonly name: string;
  readonly state: PublicState;
  /** Epoch ms since when; `null` when it is not told. */
  readonly since: number | null;
  /** Oldest first. */
  readonly days: readonly PublicDay[];
  /** Outages within its days, each once however many days it lasted. */
  readonly outages: number;
  /** Of the time that is known; `null` when none is. Maintenance is no part of it. */
  readonly uptimePercent: number | null;
  /** How much of the time outside maintenance is known. */
  readonly seenPercent: number | null;
  /** Mean of the last 24 hours. */
  readonly latencyMs: number | null;
}

export interface PublicMaintenance extends Occurrence {
  readonly id: string;
  readonly name: string;
  readonly components: readonly { readonly id: string; readonly name: string }[];
}

/** All that a page may show, and nothing that it may not: what renders a page sees nothing else. */
export interface PageView {
  readonly page: Pick<
    StatusPage,
    "title" | "description" | "accent" | "scheme" | "timeZone" | "historyDays" | "logo" | "noindex" | "visibility" | "createdAt"
  >;
  /** Epoch ms. */
  readonly now: number;
  /** Epoch ms up to which days and figures know everything; `null` when the past cannot be read. */
  readonly historyTo: number | null;
  readonly sections: readonly {
    readonly name: string;
    readonly components: readonly PublicComponent[];
    /** How it is with those of which a page has no room: it stands by them as well. */
    readonly unshown: readonly PublicState[];
  }[];
  /** Open ones first, the worst before others, then the newest that are over; {@link MAX_INCIDENTS} of each at most. */
  readonly incidents: readonly PublicIncident[];
  /** How many more are open. */
  readonly moreOpen: number;
  /** Of now and the next 90 days, the earliest first. */
  readonly maintenance: readonly PublicMaintenance[];
}

/** What is known of the past, by target's number. */
export interface PageHistory {
  /** Epoch seconds. */
  readonly to: number | null;
  readonly days: ReadonlyMap<number, ReadonlyMap<string, DayTotals>>;
  readonly incidents: readonly PageIncident[];
  readonly latencies: ReadonlyMap<number, number>;
  readonly maintenance: ReadonlyMap<number, readonly Span[]>;
}

/** What a page is made of. */
export interface PageParts {
  readonly page: StatusPage;
  readonly targets: readonly Target[];
  readonly manual: readonly ManualIncident[];
  readonly windows: readonly MaintenanceWindow[];
  readonly history: PageHistory;
  /** Epoch ms. */
  readonly now: number;
}

/** Incidents that one page tells of those that are open, and of those that are over, each with a document of its own. */
const MAX_INCIDENTS = 200;
const DAY_MS = 86_400_000;
const SCHEDULED_DAYS = 90;

type Named = Pick<Member, "target" | "name">;

/** The targets of each section, each target once on a page: in the first section that has it. `beyond`: those beyond {@link MAX_COMPONENTS} */
export function membersOf(page: StatusPage, targets: readonly Target[]): { name: string; members: Named[]; beyond: Named[] }[] {
  const seen = new Set<string>();
  let shown = 0;
  const byId = new Map(targets.map((target) => [target.id, target]));
  return page.sections.map(({ name, targets: named, tags, groups }) => {
    const listed = named.flatMap(({ id, name: given }) => {
      const target = byId.get(id);
      return target === undefined ? [] : [{ target, name: given ?? target.config.name }];
    });
    const matched = targets
      .filter(({ config }) => tags.some((tag) => config.tags.includes(tag)) || groups.some((group) => isInGroup(config.group, group)))
      .map((target) => ({ target, name: target.config.name }))
      .sort((a, b) => a.name.localeCompare(b.name));
    const own = [...listed, ...matched].filter(({ target: { id } }) => {
      const isNew = !seen.has(id);
      seen.add(id);
      return isNew;
    });
    const members = own.slice(0, MAX_COMPONENTS - shown);
    shown += members.length;
    return { name, members, beyond: own.slice(members.length) };
  });
}

export function viewOf(parts: PageParts): PageView {
  const { page, targets, manual, windows, history, now } = parts;
  const withMaintenance = (member: Named) => ({ ...member, maintenance: maintenanceTimesOf(parts, member.target) });
  const sections = membersOf(page, targets).map(({ name, members, beyond }) => ({
    name,
    members: members.map(withMaintenance),
    beyond: beyond.map(withMaintenance),
  }));
  const members = sections.flatMap((section) => section.members);
  const days = daysOf(page, now);
  const found = foundIncidents(history.incidents, members, { detail: page.incidentDetail, now });
  const all = [...manualIncidents(manual, members, days[0]?.from ?? now), ...found].sort((a, b) => b.startedAt - a.startedAt);
  const open = all.filter(({ endedAt }) => endedAt === null).sort((a, b) => IMPACTS.indexOf(a.impact) - IMPACTS.indexOf(b.impact));
  // Each with a room of its own: a large outage hides no history, and none of that hides what is open.
  const incidents = [...open.slice(0, MAX_INCIDENTS), ...all.filter(({ endedAt }) => endedAt !== null).slice(0, MAX_INCIDENTS)];
  return {
    page,
    now,
    historyTo: history.to === null ? null : history.to * 1_000,
    sections: sections.map(({ name, members: of, beyond }) => ({
      name,
      unshown: beyond.map(({ target, maintenance }) => stateOf(target, { maintenance, incidents, now }).state),
      components: of.map((member) => componentOf(parts, member, { days, incidents, found })),
    })),
    incidents,
    moreOpen: Math.max(0, open.length - MAX_INCIDENTS),
    maintenance: scheduledOf(windows, members, now),
  };
}

/** The worst first. */
const IMPACTS: readonly PublicIncident["impact"][] = ["down", "degraded", "notice"];

/** What was is the log's to tell, since windows change; of the last day, and of now, there are those there are. */
function maintenanceTimesOf({ windows, history, now }: PageParts, target: Target): Occurrence[] {
  const kept = (history.maintenance.get(target.seq) ?? []).map(([from, to]) => ({ from: from * 1_000, to: to * 1_000 }));
  const planned = windows
    .filter((window) => window.kind === "maintenance" && appliesTo(window, target))
    .flatMap((window) => {
      const since = Math.max(effectiveSince(window), appliesSince(window, target));
      return occurrencesBetween(window, Math.max(since, now - DAY_MS), now + 1).map(({ from, to }) => ({
        from: Math.max(from, since),
        to,
      }));
    });
  return merged([...kept, ...planned]);
}

function componentOf(
  { history, now }: PageParts,
  { target, name, maintenance }: Member,
  { days, incidents, found }: { days: readonly PageDay[]; incidents: readonly PublicIncident[]; found: readonly PublicIncident[] },
): PublicComponent {
  const told = stateOf(target, { maintenance, incidents, now });
  const standsFrom = target.state.since * 1_000;
  const degraded = target.state.status === "degraded" ? without({ from: standsFrom, to: now }, maintenance) : [];
  const wasDown = found
    .filter(({ components }) => components.some(({ id }) => id === target.id))
    .flatMap(({ startedAt, endedAt }) => without({ from: startedAt, to: endedAt ?? now }, maintenance));
  // What the log does not know yet was up, but for what is known to be otherwise; before its first status, or that after a
  // pause, it was nothing.
  const created = Date.parse(target.createdAt);
  const hasChanged = (target.state.changes?.length ?? 0) > 0;
  const wasUp = without({ from: hasChanged ? created : standsFrom, to: now }, merged([...maintenance, ...degraded, ...wasDown]));
  const bounds = {
    created,
    historyTo: Math.min(now, history.to === null ? 0 : history.to * 1_000),
    unlogged: { up: STATE_OF[target.state.status] === undefined ? [] : wasUp, degraded, down: wasDown },
    now,
  };
  const totals = history.days.get(target.seq);
  const shown = days.map((day) => dayOf(day, totals?.get(day.date), bounds));
  const first = days[0]?.from ?? now;
  const outages = found.filter(
    ({ components, impact, endedAt }) => impact === "down" && (endedAt ?? now) > first && components.some(({ id }) => id === target.id),
  ).length;
  return { id: target.id, name, ...told, days: shown, outages, ...figuresOf(shown), latencyMs: history.latencies.get(target.seq) ?? null };
}

const STATE_OF: Readonly<Record<string, PublicState>> = { up: "up", degraded: "degraded", down: "down" };
const WORSE: Readonly<Record<string, number>> = { up: 0, unknown: 1, degraded: 2, down: 3 };

function stateOf(
  { id, state }: Target,
  { maintenance, incidents, now }: { maintenance: readonly Occurrence[]; incidents: readonly PublicIncident[]; now: number },
): Pick<PublicComponent, "state" | "since"> {
  const running = maintenance.find(({ from, to }) => from <= now && now < to);
  if (running !== undefined) return { state: "maintenance", since: running.from };
  const checked = { state: STATE_OF[state.status] ?? ("unknown" as const), since: state.since > 0 ? state.since * 1_000 : null };
  // What somebody told by hand counts where it is worse than what checks see.
  const told = incidents
    .filter(({ endedAt, impact, components }) => endedAt === null && impact !== "notice" && components.some((each) => each.id === id))
    .map(({ impact, startedAt }) => ({ state: impact as PublicState, since: startedAt })); // notices are left out above
  return [checked, ...told].reduce((worst, each) => ((WORSE[each.state] ?? 0) > (WORSE[worst.state] ?? 0) ? each : worst));
}

function scheduledOf(windows: readonly MaintenanceWindow[], members: readonly Member[], now: number): PublicMaintenance[] {
  return windows
    .filter(({ kind }) => kind === "maintenance")
    .flatMap((window) => {
      const components = members.filter(({ target }) => appliesTo(window, target)).map(({ target: { id }, name }) => ({ id, name }));
      if (components.length === 0) return [];
      return occurrencesBetween(window, now, now + SCHEDULED_DAYS * DAY_MS).map((each) => ({
        id: `${window.id}.${each.from / 1_000}`,
        name: window.name,
        components,
        ...each,
      }));
    })
    .sort((a, b) => a.from - b.from)
    .slice(0, 100);
}
