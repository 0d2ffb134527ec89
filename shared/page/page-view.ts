import { appliesTo, isInGroup, type MaintenanceWindow, type Occurrence, occurrencesBetween } from "../alert/maintenance.ts";
import type { ManualIncident } from "../alert/manual-incident.ts";
import type { ErrorClass } from "../check/check-type.ts";
import type { DaySeconds, PageIncident } from "../log/log-pages.ts";
import type { Target } from "../targets/target.ts";
import { momentOf, wallTimeAt } from "../time/zoned-time.ts";
import { MAX_COMPONENTS, type StatusPage } from "./status-page.ts";

/** What the public is told of a target. `unknown`: nobody checks it, or it was never checked. */
export type PublicState = "up" | "degraded" | "down" | "maintenance" | "unknown";

/** A day of a target, in seconds. The sum is the day's length, less where the target was not there yet, or it is not over. */
export interface PublicDay {
  /** Such as `2026-11-27`, in the page's zone. */
  readonly date: string;
  readonly up: number;
  readonly degraded: number;
  /** In incidents. */
  readonly down: number;
  readonly maintenance: number;
  readonly unknown: number;
  /** Of failed checks that were no incident: counted as up, and said. */
  readonly blips: number;
  readonly incidents: number;
}

export interface PublicComponent {
  readonly id: string;
  readonly name: string;
  readonly state: PublicState;
  /** Epoch ms since when; `null` when it is not told. */
  readonly since: number | null;
  /** Oldest first. */
  readonly days: readonly PublicDay[];
  /** Of the time that is known; `null` when none is. Maintenance is no part of it. */
  readonly uptimePercent: number | null;
  /** How much of the time outside maintenance is known. */
  readonly seenPercent: number | null;
  /** Mean of the last 24 hours. */
  readonly latencyMs: number | null;
}

export interface PublicUpdate {
  /** Epoch ms. */
  readonly at: number;
  readonly status: "investigating" | "identified" | "monitoring" | "resolved";
  readonly text: string;
}

export interface PublicIncident {
  readonly id: string;
  readonly title: string;
  readonly impact: "down" | "degraded" | "notice";
  readonly components: readonly { readonly id: string; readonly name: string }[];
  /** Epoch ms. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** Oldest first; never empty. */
  readonly updates: readonly PublicUpdate[];
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
  readonly sections: readonly { readonly name: string; readonly components: readonly PublicComponent[] }[];
  /** Open ones first, then the newest. */
  readonly incidents: readonly PublicIncident[];
  /** Of now and the next 90 days, the earliest first. */
  readonly maintenance: readonly PublicMaintenance[];
}

/** What is known of the past, by target's number. */
export interface PageHistory {
  /** Epoch seconds. */
  readonly to: number | null;
  readonly days: ReadonlyMap<number, ReadonlyMap<string, DaySeconds>>;
  readonly incidents: readonly PageIncident[];
  readonly latencies: ReadonlyMap<number, number>;
  /** Epoch seconds. */
  readonly maintenance: ReadonlyMap<number, readonly (readonly [from: number, to: number])[]>;
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

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const SCHEDULED_DAYS = 90;

/** The targets of each section, each target once on a page: in the first section that has it. */
export function membersOf(page: StatusPage, targets: readonly Target[]): { name: string; members: { target: Target; name: string }[] }[] {
  const seen = new Set<string>();
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
    const members = [...listed, ...matched].filter(({ target: { id } }) => {
      if (seen.has(id) || seen.size >= MAX_COMPONENTS) return false;
      seen.add(id);
      return true;
    });
    return { name, members };
  });
}

/** The days that a page shows, oldest first. Epoch ms. @param now epoch ms */
export function daysOf(
  { timeZone, historyDays }: Pick<StatusPage, "timeZone" | "historyDays">,
  now: number,
): { date: string; from: number; to: number }[] {
  const today = wallTimeAt(now, timeZone);
  return Array.from({ length: historyDays }, (_, index) => {
    const noon = (offset: number) => new Date(Date.UTC(today.year, today.month - 1, today.day - historyDays + 1 + index + offset));
    const begin = (date: Date) =>
      momentOf({ year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), hour: 0, minute: 0 }, timeZone);
    const day = noon(0);
    return { date: day.toISOString().slice(0, 10), from: begin(day), to: begin(noon(1)) };
  });
}

export function viewOf(given: PageParts): PageView {
  const { page, targets, now } = given;
  const sections = membersOf(page, targets);
  const members = sections.flatMap((section) => section.members);
  const parts = { ...given, history: { ...given.history, incidents: withNow(given.history.incidents, members) } };
  const publicName = new Map(members.map(({ target, name }) => [target.id, name]));
  const maintenance = maintenanceOf(parts, members);
  const incidents = [...manualIncidentsOf(parts, publicName), ...foundIncidentsOf(parts, members)].sort(
    (a, b) => Number(a.endedAt !== null) - Number(b.endedAt !== null) || b.startedAt - a.startedAt,
  );
  const days = daysOf(page, now);
  return {
    page,
    now,
    historyTo: parts.history.to === null ? null : parts.history.to * 1_000,
    sections: sections.map(({ name, members: of }) => ({
      name,
      components: of.map((member) => componentOf(parts, member, { days, incidents })),
    })),
    incidents,
    maintenance,
  };
}

interface Member {
  readonly target: Target;
  readonly name: string;
}

function componentOf(
  { windows, history, now }: PageParts,
  { target, name }: Member,
  { days, incidents }: { days: ReturnType<typeof daysOf>; incidents: readonly PublicIncident[] },
): PublicComponent {
  const planned = windows.filter((window) => window.kind === "maintenance" && appliesTo(window, target));
  const first = days[0]?.from ?? now;
  // What was is the log's to tell, since windows change; it is told of the last minutes by those there are.
  const kept = (history.maintenance.get(target.seq) ?? []).map(([from, to]) => ({ from: from * 1_000, to: to * 1_000 }));
  const occurrences = merged([...kept, ...planned.flatMap((window) => occurrencesBetween(window, Math.max(first, now - DAY_MS), now + 1))]);
  const downs = merged(
    history.incidents
      .filter(({ seq }) => seq === target.seq)
      .map(({ since, until }) => ({ from: since * 1_000, to: (until ?? now / 1_000) * 1_000 })),
  );
  const seconds = history.days.get(target.seq);
  const to = Math.min(now, history.to === null ? 0 : history.to * 1_000);
  const created = Date.parse(target.createdAt);
  const shown = days.map((day) =>
    dayOf({ ...day, from: Math.max(day.from, created), to: Math.min(day.to, to) }, { seconds: seconds?.get(day.date), downs, occurrences }),
  );
  return {
    id: target.id,
    name,
    ...stateOf(target, { occurrences, incidents, now }),
    days: shown,
    ...figuresOf(shown),
    latencyMs: history.latencies.get(target.seq) ?? null,
  };
}

/** @param day what of it there was, epoch ms; nothing when it ends before it begins */
function dayOf(
  day: { date: string; from: number; to: number },
  {
    seconds = { up: 0, degraded: 0, down: 0 },
    downs,
    occurrences,
  }: { seconds: DaySeconds | undefined; downs: readonly Occurrence[]; occurrences: readonly Occurrence[] },
): PublicDay {
  const { date, from, to } = day;
  const length = Math.max(0, Math.round((to - from) / 1_000));
  const maintenance = overlap(occurrences, day);
  const counted = downs.flatMap((down) => without(down, occurrences));
  const known = Math.min(seconds.up + seconds.degraded + seconds.down, length);
  // What checks said within a window is the window's.
  const room = Math.max(0, known - Math.min(maintenance, known));
  const down = Math.min(overlap(counted, day), room);
  const degraded = Math.min(seconds.degraded, room - down);
  const up = room - down - degraded;
  return {
    date,
    up,
    degraded,
    down,
    maintenance,
    unknown: Math.max(0, length - maintenance - room),
    blips: Math.min(up, Math.max(0, seconds.down - down - maintenance)),
    incidents: length === 0 ? 0 : counted.filter((each) => each.from < to && each.to > from).length,
  };
}

function figuresOf(days: readonly PublicDay[]): Pick<PublicComponent, "uptimePercent" | "seenPercent"> {
  const sum = (pick: (day: PublicDay) => number) => days.reduce((total, day) => total + pick(day), 0);
  const good = sum(({ up, degraded }) => up + degraded);
  const known = good + sum(({ down }) => down);
  const all = known + sum(({ unknown }) => unknown);
  return { uptimePercent: known === 0 ? null : (100 * good) / known, seenPercent: all === 0 ? null : (100 * known) / all };
}

const STATE_OF: Readonly<Record<string, PublicState>> = { up: "up", degraded: "degraded", down: "down" };
const WORSE: Readonly<Record<string, number>> = { up: 0, unknown: 1, degraded: 2, down: 3 };

function stateOf(
  { id, state }: Target,
  { occurrences, incidents, now }: { occurrences: readonly Occurrence[]; incidents: readonly PublicIncident[]; now: number },
): Pick<PublicComponent, "state" | "since"> {
  const running = occurrences.find(({ from, to }) => from <= now && now < to);
  if (running !== undefined) return { state: "maintenance", since: running.from };
  const checked = { state: STATE_OF[state.status] ?? ("unknown" as const), since: state.since > 0 ? state.since * 1_000 : null };
  // What somebody told by hand counts where it is worse than what checks see.
  const told = incidents
    .filter(({ endedAt, impact, components }) => endedAt === null && impact !== "notice" && components.some((each) => each.id === id))
    .map(({ impact, startedAt }) => ({ state: impact as PublicState, since: startedAt })); // notices are left out above
  return [checked, ...told].reduce((worst, each) => ((WORSE[each.state] ?? 0) > (WORSE[worst.state] ?? 0) ? each : worst));
}

/** What kind of failure it was, in words that tell nothing of how it is checked. */
const CAUSES: Readonly<Record<ErrorClass, string>> = {
  dns: "Its name could not be found.",
  connect: "It could not be reached.",
  tls: "It could not be reached securely.",
  timeout: "It did not answer in time.",
  status: "It answered with an error.",
  assertion: "It did not answer as it should.",
  redirect: "It did not answer as it should.",
  body: "It did not answer as it should.",
  forbidden: "It could not be checked.",
  heartbeat: "It did not report in time.",
};

function foundIncidentsOf({ page, history }: PageParts, members: readonly Member[]): PublicIncident[] {
  const bySeq = new Map(members.map((member) => [member.target.seq, member]));
  return history.incidents.flatMap(({ seq, since, until, errorClass }) => {
    const member = bySeq.get(seq);
    if (member === undefined) return [];
    const { target, name } = member;
    const cause = page.incidentDetail === "cause" && errorClass !== null ? ` ${CAUSES[errorClass]}` : "";
    const updates: PublicUpdate[] = [{ at: since * 1_000, status: "investigating", text: `${name} is down.${cause}` }];
    if (until !== null) updates.push({ at: until * 1_000, status: "resolved", text: `${name} is up again.` });
    return [
      {
        id: `${target.id}.${since}`,
        title: until === null ? `${name} is down` : `${name} was down`,
        impact: "down" as const,
        components: [{ id: target.id, name }],
        startedAt: since * 1_000,
        endedAt: until === null ? null : until * 1_000,
        updates,
      },
    ];
  });
}

/** The log's incidents as the targets themselves stand: a log that is away, or behind, hides none, and keeps none open. */
function withNow(incidents: readonly PageIncident[], members: readonly Member[]): PageIncident[] {
  const states = new Map(members.map(({ target: { seq, state } }) => [seq, state]));
  const settled = incidents.map((incident) => {
    const state = states.get(incident.seq);
    const isOver = incident.until === null && state !== undefined && (state.status !== "down" || state.since > incident.since);
    return isOver ? { ...incident, until: Math.max(incident.since, state.since) } : incident;
  });
  const open = members
    .filter(({ target: { seq, state } }) => state.status === "down" && !settled.some((each) => each.seq === seq && each.until === null))
    .map(({ target: { seq, state } }) => ({ seq, since: state.since, until: null, errorClass: null }));
  return [...open, ...settled];
}

function manualIncidentsOf({ manual, page, now }: PageParts, publicName: ReadonlyMap<string, string>): PublicIncident[] {
  const first = now - page.historyDays * DAY_MS;
  return manual.flatMap(({ id, title, severity, targets, public: isPublic, startedAt, endedAt, updates }) => {
    const components = targets.flatMap((target) => {
      const name = publicName.get(target);
      return name === undefined ? [] : [{ id: target, name }];
    });
    const told = updates.filter((update) => update.public).map(({ at, status, text }) => ({ at: Date.parse(at), status, text }));
    // One that names targets is for the pages that show one of them.
    if (!isPublic || told.length === 0 || (targets.length > 0 && components.length === 0)) return [];
    if (endedAt !== null && Date.parse(endedAt) < first) return [];
    return [
      {
        id,
        title,
        impact: severity,
        components,
        startedAt: Date.parse(startedAt),
        endedAt: endedAt === null ? null : Date.parse(endedAt),
        updates: told,
      },
    ];
  });
}

function maintenanceOf({ windows, now }: PageParts, members: readonly Member[]): PublicMaintenance[] {
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

/** Stretches that touch, as one. */
function merged(stretches: readonly Occurrence[]): Occurrence[] {
  const found: { from: number; to: number }[] = [];
  for (const each of [...stretches].sort((a, b) => a.from - b.from)) {
    const last = found.at(-1);
    if (last !== undefined && each.from <= last.to) last.to = Math.max(last.to, each.to);
    else found.push({ ...each });
  }
  return found;
}

/** Seconds of a stretch that others, which do not touch each other, cover. */
function overlap(stretches: readonly Occurrence[], { from, to }: Occurrence): number {
  const ms = stretches.reduce((total, each) => total + Math.max(0, Math.min(each.to, to) - Math.max(each.from, from)), 0);
  return Math.round(ms / 1_000);
}

/** What of a stretch others, in order, leave. */
function without(stretch: Occurrence, others: readonly Occurrence[]): Occurrence[] {
  let { from } = stretch;
  const left: Occurrence[] = [];
  for (const other of others) {
    if (other.to <= from || other.from >= stretch.to) continue;
    if (other.from > from) left.push({ from, to: other.from });
    from = Math.max(from, other.to);
  }
  if (from < stretch.to) left.push({ from, to: stretch.to });
  return left;
}

/** The whole hour of UTC at or before a moment. @param at epoch ms @returns epoch seconds */
export function hourOf(at: number): number {
  return Math.floor(at / HOUR_MS) * 3_600;
}
