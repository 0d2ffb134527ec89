import * as z from "zod";
import { acknowledge, comment, type IncidentRef, publish, resolve, unacknowledge } from "../../../shared/alert/handle-incident.ts";
import { isInGroup } from "../../../shared/alert/maintenance.ts";
import { type ManualIncident, updateInput } from "../../../shared/alert/manual-incident.ts";
import { invalidField, messageOf, RequestError } from "../../../shared/errors.ts";
import { isPublished } from "../../../shared/log/codes.ts";
import type { Incident } from "../../../shared/log/log-history.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { incidentDeps, incidentParam, isoNow, knownTarget, refOf, whoOf } from "../incident-request.ts";
import { decodeCursor, encodeCursor, filterText, momentField, momentOf, pageQuery, pageSchema } from "../paging.ts";
import { type ApiDeps, type ApiRequest, type ApiResponse, defineRoute, type Route } from "../route.ts";
import { checkView, errorView, opinionsOf, opinionView, targetRef } from "./history.ts";
import { isWithin, manualView, manualViewOf, putUpdate, requireManual } from "./manual-incidents.ts";
import { alertView, allTargets } from "./overview.ts";
import { targetIdField } from "./targets.ts";

const DAY_MS = 86_400_000;

const incidentSchema = z.object({
  id: z.string().meta({ description: "The target's id, a dot, and the second at which it began." }),
  target: targetRef,
  startedAt: z.iso.datetime(),
  detectedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  endedBy: z.string().nullable().meta({ description: "The status that ended it: up, degraded, down, paused or deleted." }),
  durationSeconds: z.int(),
  error: errorView,
  httpStatus: z.int().nullable(),
  severity: z.enum(["down", "degraded"]).meta({ description: "degraded: of a target whose degradedIsIncident is true." }),
  acknowledged: z
    .object({ at: z.iso.datetime(), by: z.string() })
    .nullable()
    .meta({ description: "Who takes care of it: while it is so, nobody is reminded of it." }),
});
const incidentView = incidentSchema.meta({ id: "Incident" });

function viewOf({ since, ...incident }: Incident): z.output<typeof incidentSchema> {
  return { id: `${incident.target.id}.${since}`, ...incident };
}

const cursorSchema = z.object({ at: momentOf(z.iso.datetime()), seq: z.int().min(0).max(2_147_483_647), open: z.boolean() });

const listIncidents = defineRoute({
  method: "GET",
  path: "/incidents",
  id: "listIncidents",
  summary: "Times targets were down, or degraded where that is one; open ones first, then the newest; by default of the last 30 days",
  tag: "Incidents",
  access: "viewer",
  query: z.strictObject({
    ...pageQuery,
    from: momentField.optional(),
    to: momentField.optional(),
    target: targetIdField.optional(),
    tag: filterText(50),
    group: filterText(100).meta({ description: "With the groups in it." }),
    state: z.enum(["open", "closed"]).optional(),
  }),
  responses: {
    200: {
      description: "A page of incidents; the first one has those that somebody opened besides.",
      schema: z.object({ ...pageSchema(incidentView).shape, manual: z.array(manualView) }),
    },
  },
  async handle(deps, { query }) {
    const target = query.target === undefined ? undefined : await knownTarget(deps, query.target);
    const from = query.from ?? new Date(deps.clock.now() - 30 * DAY_MS).toISOString();
    const to = query.to ?? new Date(deps.clock.now() + DAY_MS).toISOString();
    const open = query.state === undefined ? undefined : query.state === "open";
    const { items, next } = await deps.history.incidents({
      from,
      to,
      limit: query.limit,
      seq: target?.seq,
      open,
      tag: query.tag,
      group: query.group,
      before: query.cursor === undefined ? undefined : decodeCursor(query.cursor, cursorSchema),
    });
    const manual =
      query.cursor === undefined
        ? (await deps.manualIncidents.list()).filter((incident) => isWithin(incident, { from, to, open, target: query.target }))
        : [];
    const ofThose = await affecting(deps, manual, query);
    return { status: 200, body: { items: items.map(viewOf), next: next ? encodeCursor(next) : null, manual: ofThose.map(manualViewOf) } };
  },
});

/** Those that affect a target with the tag, and in the group. */
async function affecting(
  deps: ApiDeps,
  incidents: readonly ManualIncident[],
  { tag, group }: { tag?: string | undefined; group?: string | undefined },
): Promise<readonly ManualIncident[]> {
  if ((tag === undefined && group === undefined) || incidents.length === 0) return incidents;
  const chosen = (await allTargets(deps)).filter(
    ({ config }) => (tag === undefined || config.tags.includes(tag)) && (group === undefined || isInGroup(config.group, group)),
  );
  const ids = new Set(chosen.map(({ id }) => id));
  return incidents.filter(({ targets }) => targets.some((id) => ids.has(id)));
}

const timelineView = z.object({
  at: z.iso.datetime(),
  what: z.enum([
    "failed",
    "opened",
    "told",
    "not told",
    "reminded",
    "escalated",
    "acknowledged",
    "unacknowledged",
    "commented",
    "published",
    "resolved",
    "ended",
  ]),
  who: z.string().nullable().meta({ description: "Who did it, or the channel that was told." }),
  text: z.string().nullable(),
});

const detailView = z
  .object({
    ...incidentSchema.shape,
    timeline: z.array(timelineView).meta({ description: "Oldest first." }),
    firstFailingCheck: checkView.nullable(),
    lastGoodCheck: checkView.nullable().meta({ description: "Of the day before it began." }),
    opinions: z.array(opinionView).meta({ description: "What probe regions saw while it began, the newest first." }),
    others: z.array(targetRef).meta({ description: "What else went down in the same round; the first 20." }),
    othersCount: z.int(),
    round: z
      .object({ planned: z.int(), checked: z.int(), down: z.int() })
      .nullable()
      .meta({ description: "The round that decided it: less checked than planned is the monitor's own trouble." }),
    alerts: z.array(alertView).meta({ description: "What channels were told, the newest first, and what not and why." }),
  })
  .meta({ id: "IncidentDetail" });

const getIncident = defineRoute({
  method: "GET",
  path: "/incidents/{id}",
  id: "getIncident",
  summary: "One incident with its timeline, and what was around it",
  tag: "Incidents",
  access: "viewer",
  params: incidentParam,
  responses: {
    200: { description: "The incident: one that checks found, or one that somebody opened.", schema: z.union([detailView, manualView]) },
  },
  async handle(deps, { params }) {
    const ref = refOf(params.id);
    if (ref === undefined) return { status: 200, body: manualViewOf(await requireManual(deps, params.id)) };
    return { status: 200, body: await detailOf(deps, ref) };
  },
});

async function detailOf(deps: ApiDeps, ref: IncidentRef) {
  const target = await knownTarget(deps, ref.target);
  const incident = ref.since > MAX_SECOND ? undefined : await deps.history.incident(target.seq, ref.since);
  if (incident === undefined) throw new RequestError("not-found", "There is no such incident.");
  const began = Date.parse(incident.startedAt);
  const until = new Date(incident.endedAt === null ? deps.clock.now() + DAY_MS : Date.parse(incident.endedAt) + DAY_MS).toISOString();
  const [opinions, context, alerts, first, before] = await Promise.all([
    deps.history.opinions(target.seq, {
      from: incident.startedAt,
      to: new Date(Date.parse(incident.detectedAt) + 1_000).toISOString(),
      limit: MAX_OPINIONS,
    }),
    deps.history.incidentContext(target.seq, ref.since, incident.detectedAt),
    deps.overview.alerts(target.seq, MAX_ALERTS, { from: incident.detectedAt, to: until }),
    deps.history.checks(target.seq, { from: incident.startedAt, to: new Date(began + 1_000).toISOString(), limit: 1 }),
    deps.history.checks(target.seq, { from: new Date(began - DAY_MS).toISOString(), to: incident.startedAt, limit: 30 }),
  ]);
  const { events, others, othersCount, round } = context;
  const own = untilItsEnd(alerts);
  return {
    ...viewOf(incident),
    timeline: timelineOf(incident, own, events),
    firstFailingCheck: first.items[0] ?? null,
    lastGoodCheck: before.items.find(({ status }) => status === "up" || (status === "degraded" && incident.severity === "down")) ?? null,
    opinions: opinionsOf(opinions),
    others: [...others],
    othersCount,
    round,
    alerts: own,
  };
}

/** What Postgres takes as a moment. */
const MAX_SECOND = 253_402_300_799;
/** From its begin on: a row has some 300 bytes for each channel, and the Data API ends a call at 1 MiB. */
const MAX_ALERTS = 300;
const MAX_OPINIONS = 100;

type Alerts = Awaited<ReturnType<ApiDeps["overview"]["alerts"]>>;

/** Of alerts, the newest first: those up to the change that ended the incident that the oldest began. */
function untilItsEnd(alerts: Alerts): z.output<typeof alertView>[] {
  const oldestFirst = alerts.toReversed();
  const end = oldestFirst.findIndex(({ kind }, index) => index > 0 && kind === "status");
  return (end === -1 ? oldestFirst : oldestFirst.slice(0, end + 1))
    .toReversed()
    .map((alert) => ({ ...alert, deliveries: [...alert.deliveries] }));
}

type TimelineEntry = z.output<typeof timelineView>;

function timelineOf(
  incident: Incident,
  alerts: readonly z.output<typeof alertView>[],
  events: Awaited<ReturnType<ApiDeps["history"]["incidentContext"]>>["events"],
): TimelineEntry[] {
  const told = alerts.flatMap(({ deliveries, kind }) =>
    deliveries.flatMap(({ channel, outcome, attemptedAt, error }): TimelineEntry[] => {
      if (outcome === "sent" || outcome === "folded")
        return [{ at: attemptedAt, what: "told", who: channel, text: toldWords(kind, error) }];
      return [{ at: attemptedAt, what: "not told", who: channel, text: `${outcome}${error === null ? "" : `: ${error}`}` }];
    }),
  );
  const happened = alerts.flatMap(({ at, kind, to, error }): TimelineEntry[] => {
    if (kind === "reminder") return [{ at, what: "reminded", who: null, text: null }];
    if (kind === "escalation") return [{ at, what: "escalated", who: null, text: null }];
    if (kind !== "status") return [];
    return at === incident.detectedAt ? [{ at, what: "opened", who: null, text: error }] : [{ at, what: "ended", who: null, text: to }];
  });
  // One with more reminders than are read ended all the same.
  if (incident.endedAt !== null && !happened.some(({ what }) => what === "ended"))
    happened.push({ at: incident.endedAt, what: "ended", who: null, text: incident.endedBy });
  const began: TimelineEntry = { at: incident.startedAt, what: "failed", who: null, text: incident.error?.text ?? null };
  const done = events.map(({ at, kind, who, text, until }): TimelineEntry => {
    const limit = until === null ? "" : `until ${until}`;
    if (isPublished(kind)) return { at, what: "published", who, text: `${kind}: ${text}` };
    return { at, what: kind, who, text: [limit, text].filter(Boolean).join(": ") || null };
  });
  return [began, ...happened, ...told, ...done].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** @param held why it was not told at once */
function toldWords(kind: string, held: string | null): string | null {
  return [...(kind === "status" ? [] : [kind]), ...(held === null ? [] : [`held back until then: ${held}`])].join("; ") || null;
}

const note = visibleText(1_000);

function requireRef(id: string): IncidentRef {
  const ref = refOf(id);
  if (ref === undefined) throw new RequestError("conflict", "This incident was opened by hand: add an update to it.");
  return ref;
}

function untilMs(until: string | undefined, now: number): number | undefined {
  const ms = until === undefined ? undefined : Date.parse(until);
  if (ms !== undefined && ms <= now) throw invalidField("until", "must be in the future");
  return ms;
}

const acknowledgeIncident = defineRoute({
  method: "POST",
  path: "/incidents/{id}/acknowledge",
  id: "acknowledgeIncident",
  summary: "Take care of an incident: no reminders and no escalation until it ends, or until `until`",
  tag: "Incidents",
  access: "editor",
  params: incidentParam,
  body: z.strictObject({ note: note.optional(), until: momentField.optional() }),
  bodyDoc: z.strictObject({ note: note.optional(), until: z.iso.datetime().optional() }),
  responses: { 204: { description: "Everybody sees who it is." } },
  async handle(deps, request) {
    const { note: text, until } = request.body;
    const untilAt = untilMs(until, deps.clock.now());
    await acknowledge(incidentDeps(deps), requireRef(request.params.id), { who: whoOf(request), note: text, until: untilAt });
    return changed(request, { acknowledged: { note: text, until } });
  },
});

const unacknowledgeIncident = defineRoute({
  method: "DELETE",
  path: "/incidents/{id}/acknowledge",
  id: "unacknowledgeIncident",
  summary: "Give an incident back: it is reminded of and escalated again",
  tag: "Incidents",
  access: "editor",
  params: incidentParam,
  responses: { 204: { description: "Nobody takes care of it." } },
  async handle(deps, request) {
    await unacknowledge(incidentDeps(deps), requireRef(request.params.id), whoOf(request));
    return changed(request, { acknowledged: null });
  },
});

const commentIncident = defineRoute({
  method: "POST",
  path: "/incidents/{id}/comment",
  id: "commentIncident",
  summary: "Say something of an incident, for those who handle it",
  tag: "Incidents",
  access: "editor",
  params: incidentParam,
  body: z.strictObject({ text: note }),
  responses: { 204: { description: "It is in the timeline." } },
  async handle(deps, request) {
    const ref = refOf(request.params.id);
    if (ref === undefined) {
      const before = await requireManual(deps, request.params.id);
      const status = before.updates.at(-1)?.status ?? "investigating";
      await putUpdate(deps, before, { at: isoNow(deps), by: whoOf(request), status, text: request.body.text, public: false });
    } else {
      await detailOf(deps, ref);
      await comment(incidentDeps(deps), ref, whoOf(request), request.body.text);
    }
    return changed(request, { comment: request.body.text });
  },
});

const addUpdate = defineRoute({
  method: "POST",
  path: "/incidents/{id}/updates",
  id: "updateIncident",
  summary: "Say how an incident stands: to the public, where status pages show it",
  tag: "Incidents",
  access: "editor",
  params: incidentParam,
  body: updateInput,
  responses: { 200: { description: "The incident as it is now.", schema: z.union([detailView, manualView]) } },
  async handle(deps, request) {
    const ref = refOf(request.params.id);
    const { status, text, public: isPublic } = request.body;
    if (ref === undefined) {
      const before = await requireManual(deps, request.params.id);
      const after = await putUpdate(deps, before, {
        at: isoNow(deps),
        by: whoOf(request),
        status,
        text,
        public: isPublic ?? before.public,
      });
      return { status: 200, body: manualViewOf(after), change: { what: `incident:${after.id}`, after: after.updates.at(-1) } };
    }
    if (status === "resolved") throw invalidField("status", "must not be resolved: what checks found ends by their next good one");
    await detailOf(deps, ref);
    if (isPublic === false) await comment(incidentDeps(deps), ref, whoOf(request), text);
    else {
      await publish(incidentDeps(deps), ref, whoOf(request), status, text);
      // It is said already: without this, pages have it with their next renewal.
      await deps.statusPages
        .toldPublic(deps.clock.now())
        .catch((error: unknown) => deps.logger.warn("status pages were not told of an update", { reason: messageOf(error) }));
    }
    const change = { what: `incident:${request.params.id}`, after: { status, text, public: isPublic !== false } };
    return { status: 200, body: await detailOf(deps, ref), change };
  },
});

const resolveIncident = defineRoute({
  method: "POST",
  path: "/incidents/{id}/resolve",
  id: "resolveIncident",
  summary: "End an incident of a heartbeat, as if it had come, or one that was opened by hand",
  tag: "Incidents",
  access: "editor",
  params: incidentParam,
  body: z.strictObject({ note: note.optional() }),
  responses: { 204: { description: "It is over; for a heartbeat, from the next round on." } },
  async handle(deps, request) {
    const ref = refOf(request.params.id);
    const { note: text } = request.body;
    if (ref === undefined) {
      const before = await requireManual(deps, request.params.id);
      if (before.endedAt !== null) throw new RequestError("conflict", "This incident is over.");
      await putUpdate(deps, before, {
        at: isoNow(deps),
        by: whoOf(request),
        status: "resolved",
        text: text ?? "Resolved.",
        public: before.public,
      });
    } else await resolve(incidentDeps(deps), ref, whoOf(request), text);
    return changed(request, { resolved: text ?? true });
  },
});

function changed({ params }: ApiRequest<{ id: string }>, after: unknown): ApiResponse {
  return { status: 204, change: { what: `incident:${params.id}`, after } };
}

/** Incidents: what is down, who takes care of it, and what is said of it. */
export const incidentRoutes: readonly Route[] = [
  listIncidents,
  getIncident,
  acknowledgeIncident,
  unacknowledgeIncident,
  commentIncident,
  addUpdate,
  resolveIncident,
];
