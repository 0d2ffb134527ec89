import { randomUUID } from "node:crypto";
import * as z from "zod";
import {
  INCIDENT_PHASES,
  type IncidentUpdate,
  MAX_MANUAL,
  MAX_UPDATES,
  type ManualIncident,
  manualIncidentInput,
  updated,
} from "../../../shared/alert/manual-incident.ts";
import { RequestError } from "../../../shared/errors.ts";
import { requireTargets } from "../../../shared/targets/require-targets.ts";
import { incidentParam, isoNow, refOf, whoOf } from "../incident-request.ts";
import { type ApiDeps, defineRoute, type Route } from "../route.ts";

const manualSchema = z.object({
  id: z.string(),
  title: z.string(),
  severity: z.enum(["down", "degraded", "notice"]),
  status: z.enum(INCIDENT_PHASES),
  targets: z.array(z.string()),
  public: z.boolean(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  version: z.int(),
  updates: z.array(
    z.object({ at: z.iso.datetime(), by: z.string(), status: z.enum(INCIDENT_PHASES), text: z.string(), public: z.boolean() }),
  ),
});
export const manualView = manualSchema.meta({ id: "ManualIncident", description: "One that somebody opened, for what no check sees." });

export function manualViewOf(incident: ManualIncident): z.output<typeof manualSchema> {
  const { id, title, severity, targets, startedAt, endedAt, version, updates } = incident;
  const status = updates.at(-1)?.status ?? "investigating";
  return {
    id,
    title,
    severity,
    status,
    targets: [...targets],
    public: incident.public,
    startedAt,
    endedAt,
    version,
    updates: [...updates],
  };
}

/** Whether one is among those that a list asks for. */
export function isWithin(
  { startedAt, endedAt, targets }: ManualIncident,
  { from, to, open, target }: { from: string; to: string; open: boolean | undefined; target: string | undefined },
): boolean {
  return (
    startedAt < to &&
    (endedAt === null || endedAt >= from) &&
    (open === undefined || open === (endedAt === null)) &&
    (target === undefined || targets.includes(target))
  );
}

const openIncident = defineRoute({
  method: "POST",
  path: "/incidents",
  id: "openIncident",
  summary: "Open an incident for what no check sees",
  tag: "Incidents",
  access: "editor",
  body: manualIncidentInput,
  responses: { 201: { description: "Opened; nobody is alerted.", schema: manualView } },
  async handle(deps, request) {
    const { title, severity, targets, text, status, public: isPublic } = request.body;
    await requireTargets(deps.targets, "targets", targets);
    const all = await deps.manualIncidents.list();
    if (all.length >= MAX_MANUAL)
      throw new RequestError("conflict", `There are ${MAX_MANUAL} incidents, as many as may be: delete old ones.`);
    const at = isoNow(deps);
    const incident: ManualIncident = {
      id: randomUUID(),
      title,
      severity,
      targets,
      public: isPublic,
      startedAt: at,
      endedAt: status === "resolved" ? at : null,
      version: 1,
      updates: [{ at, by: whoOf(request), status, text, public: isPublic }],
    };
    if (!(await deps.manualIncidents.put(incident))) throw new RequestError("unavailable", "Try again.");
    return { status: 201, body: manualViewOf(incident), change: { what: `incident:${incident.id}`, after: manualViewOf(incident) } };
  },
});

const deleteIncident = defineRoute({
  method: "DELETE",
  path: "/incidents/{id}",
  id: "deleteIncident",
  summary: "Remove an incident that was opened by hand, as if it had never been",
  tag: "Incidents",
  access: "editor",
  params: incidentParam,
  responses: { 204: { description: "Removed." } },
  async handle(deps, { params }) {
    if (refOf(params.id) !== undefined) throw new RequestError("conflict", "What checks found stays in the log.");
    const before = await deps.manualIncidents.remove(params.id);
    if (before === undefined) throw new RequestError("not-found", "There is no such incident.");
    return { status: 204, change: { what: `incident:${params.id}`, before: manualViewOf(before) } };
  },
});

/** @throws {RequestError} `not-found` */
export async function requireManual({ manualIncidents }: ApiDeps, id: string): Promise<ManualIncident> {
  const found = (await manualIncidents.list()).find((incident) => incident.id === id);
  if (found === undefined) throw new RequestError("not-found", "There is no such incident.");
  return found;
}

/** Adds an update. @throws {RequestError} when it was changed meanwhile, or has as many as it may */
export async function putUpdate({ manualIncidents }: ApiDeps, before: ManualIncident, update: IncidentUpdate): Promise<ManualIncident> {
  if (before.updates.length >= MAX_UPDATES)
    throw new RequestError("conflict", `An incident has at most ${MAX_UPDATES} updates: open another.`);
  const after = updated(before, update);
  if (!(await manualIncidents.put(after))) throw new RequestError("conflict", "The incident was changed by somebody else: read it again.");
  return after;
}

/** Incidents for what no check sees: opened, updated and removed by hand. */
export const manualIncidentRoutes: readonly Route[] = [openIncident, deleteIncident];
