import { randomUUID } from "node:crypto";
import * as z from "zod";
import {
  effectiveSince,
  isOfSameTime,
  MAX_ONCE_MS,
  MAX_WINDOWS,
  type MaintenanceWindow,
  maintenanceInput,
  nextOccurrence,
  type Occurrence,
  occurrenceAt,
  occurrencesBetween,
  parseMaintenance,
  SHOWN_OF_WINDOWS,
} from "../../../shared/alert/maintenance.ts";
import { BACK_MS, pastOf } from "../../../shared/alert/maintenance-time.ts";
import { invalidField, RequestError } from "../../../shared/errors.ts";
import { requireVersion } from "../../../shared/require-version.ts";
import { requireTarget } from "../../../shared/targets/require-target.ts";
import { requireTargets } from "../../../shared/targets/require-targets.ts";
import { cleanText } from "../../../shared/text/clean-text.ts";
import { mergePatch } from "../../../shared/text/merge-patch.ts";
import { stableUuid } from "../../../shared/text/stable-uuid.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { withoutUndefined } from "../../../shared/text/without-undefined.ts";
import { momentField } from "../paging.ts";
import { type ApiDeps, type ApiResponse, defineRoute } from "../route.ts";
import { versionsOf } from "../target-view.ts";
import { idParam } from "./targets.ts";

const windowView = z
  .looseObject({
    id: z.uuid(),
    name: z.string(),
    active: z.boolean(),
    next: z
      .object({ from: z.iso.datetime(), to: z.iso.datetime() })
      .nullable()
      .meta({ description: "The one that runs, or the next; null when it is over." }),
    version: z.int(),
    createdAt: z.iso.datetime(),
    effectiveFrom: z.iso.datetime().optional().meta({ description: "When what decides when it is, and of what, was last changed." }),
  })
  .meta({ id: "Maintenance" });
const body = z.record(z.string(), z.unknown(), "the body must be a JSON object");

export const createMaintenance = defineRoute({
  method: "POST",
  path: "/maintenance",
  id: "createMaintenance",
  summary: "Announce a time in which checks go on and nothing is told",
  tag: "Maintenance",
  access: "editor",
  body,
  bodyDoc: maintenanceInput,
  responses: {
    201: { description: "It holds alerts back from its begin on; what is wrong when it ends is told then.", schema: windowView },
  },
  handle: (deps, { body: input }) => announce(deps, input),
});

/** What a calendar shows at most: a month, with the weeks that it touches. */
const MAX_CALENDAR_DAYS = 62;

/** A window that repeats was not there before it was made, or made another. */
function isOf(window: MaintenanceWindow): (each: Occurrence) => boolean {
  const since = effectiveSince(window);
  return ({ to }) => to > since;
}

const windowParam = z.object({ id: z.uuid("must be a window's id, a UUID").toLowerCase() });

export const maintenanceCalendar = defineRoute({
  method: "GET",
  path: "/maintenance/calendar",
  id: "maintenanceCalendar",
  summary: "When windows are, in a stretch of time: each occurrence of those that repeat",
  tag: "Maintenance",
  access: "viewer",
  query: z.strictObject({ from: momentField, to: momentField }),
  responses: {
    200: {
      description: "The earliest first.",
      schema: z.object({
        items: z.array(
          z.object({
            id: z.uuid().meta({ description: "Of its window." }),
            name: z.string(),
            kind: z.enum(["maintenance", "silence"]),
            from: z.iso.datetime(),
            to: z.iso.datetime(),
          }),
        ),
      }),
    },
  },
  async handle({ maintenance }, { query }) {
    const [from, to] = [Date.parse(query.from), Date.parse(query.to)];
    if (to <= from) throw invalidField("to", "must be after from");
    if (to - from > MAX_CALENDAR_DAYS * 86_400_000) throw invalidField("to", `must be at most ${MAX_CALENDAR_DAYS} days after from`);
    const iso = (ms: number) => new Date(ms).toISOString();
    const items = (await maintenance.list()).flatMap((window) =>
      occurrencesBetween(window, from, to)
        .filter(isOf(window))
        .map((each) => ({
          id: window.id,
          name: window.name,
          kind: window.kind,
          from: iso(each.from),
          to: iso(each.to),
        })),
    );
    return { status: 200, body: { items: items.sort((a, b) => a.from.localeCompare(b.from)) } };
  },
});

export const listMaintenance = defineRoute({
  method: "GET",
  path: "/maintenance",
  id: "listMaintenance",
  summary: "Times in which nothing is told",
  tag: "Maintenance",
  access: "viewer",
  responses: { 200: { description: "All of them, the oldest first.", schema: z.object({ items: z.array(windowView) }) } },
  handle: async ({ maintenance, clock }) => ({
    status: 200,
    body: { items: (await maintenance.list()).map((window) => viewOf(window, clock.now())) },
  }),
});

export const updateMaintenance = defineRoute({
  method: "PATCH",
  path: "/maintenance/{id}",
  id: "updateMaintenance",
  summary: "Change a window; null removes a field",
  tag: "Maintenance",
  access: "editor",
  params: windowParam,
  body,
  bodyDoc: z.looseObject({}).meta({ description: "Any fields of a window." }),
  responses: { 200: { description: "The window as it is now.", schema: windowView } },
  async handle({ maintenance, pastMaintenance, targets, clock }, { params, body: patch, headers }) {
    const before = (await maintenance.list()).find(({ id }) => id === params.id);
    if (before === undefined) throw gone(params.id);
    requireVersion("The window", before.version, versionsOf(headers["if-match"]));
    const { id, version, createdAt, effectiveFrom, ...fields } = before;
    const wanted = Object.fromEntries(Object.entries(patch).filter(([name]) => !SHOWN_OF_WINDOWS.has(name)));
    const parsed = parseMaintenance(mergePatch(withoutUndefined(fields), wanted));
    await requireTargets(targets, "targets", parsed.targets, before.targets);
    const from = isOfSameTime(fields, parsed) ? effectiveFrom : new Date(clock.now()).toISOString();
    const after = { id, version: version + 1, createdAt, ...(from && { effectiveFrom: from }), ...parsed };
    await pastMaintenance.keep(pastOf(before, clock.now()), clock.now());
    if (!(await maintenance.put(after))) throw new RequestError("conflict", "The window was changed by somebody else: read it again.");
    return { status: 200, body: viewOf(after, clock.now()), change: { what: `maintenance:${id}`, before, after } };
  },
});

export const silenceTarget = defineRoute({
  method: "POST",
  path: "/targets/{id}/silence",
  id: "silenceTarget",
  summary: "Tell nothing of a target until a moment; for tags and groups, POST /maintenance with kind silence",
  tag: "Maintenance",
  access: "editor",
  params: idParam,
  body: z.strictObject({ until: momentField, name: visibleText(200).optional() }),
  bodyDoc: z.strictObject({ until: z.iso.datetime(), name: visibleText(200).optional() }),
  responses: {
    201: { description: "What is still wrong then is told then; DELETE /maintenance/{id} ends it before.", schema: windowView },
  },
  async handle(deps, { params, body: { until, name }, principal }) {
    const target = await requireTarget(deps.targets, params.id);
    const now = deps.clock.now();
    if (Date.parse(until) <= now) throw invalidField("until", "must be in the future");
    if (Date.parse(until) - now > MAX_ONCE_MS) throw invalidField("until", "must be at most 60 days ahead: pause the target instead");
    const once = { from: new Date(now).toISOString(), to: until };
    const by = principal?.id ?? "anonymous";
    return announce(deps, { name: name ?? cleanText(`${target.config.name}, by ${by}`, 200), kind: "silence", targets: [target.id], once });
  },
});

/** Stores a window. @throws {z.ZodError} @throws {RequestError} when there are too many */
async function announce(
  { maintenance, pastMaintenance, targets, clock }: Pick<ApiDeps, "maintenance" | "pastMaintenance" | "targets" | "clock">,
  input: unknown,
): Promise<ApiResponse> {
  const parsed = parseMaintenance(input);
  const { once } = parsed;
  if (once !== undefined && clock.now() - Date.parse(once.to) > BACK_MS)
    throw invalidField("once.to", "must be within the last day, or ahead: what was before stays as it was recorded");
  await requireTargets(targets, "targets", parsed.targets);
  const there = await maintenance.list();
  if (there.length >= MAX_WINDOWS && !(await forgetOne({ maintenance, pastMaintenance }, there, clock.now()))) {
    throw new RequestError("conflict", `There are ${MAX_WINDOWS} windows, as many as may be: delete one that is not needed.`);
  }
  const window = { id: idFor(parsed.managed, there), version: 1, createdAt: new Date(clock.now()).toISOString(), ...parsed };
  if (!(await maintenance.put(window))) throw new RequestError("conflict", "A window of this project has this key already: plan again.");
  return { status: 201, body: viewOf(window, clock.now()), change: { what: `maintenance:${window.id}`, after: window } };
}

/** Makes room by the window that has been over for longest. @returns whether there was one */
async function forgetOne(
  { maintenance, pastMaintenance }: Pick<ApiDeps, "maintenance" | "pastMaintenance">,
  there: readonly MaintenanceWindow[],
  now: number,
): Promise<boolean> {
  const [oldest] = there
    .filter(({ managed }) => managed === undefined)
    .flatMap((window) =>
      window.once !== undefined && Date.parse(window.once.to) < now ? [{ window, ended: Date.parse(window.once.to) }] : [],
    )
    .sort((a, b) => a.ended - b.ended);
  if (oldest === undefined) return false;
  await pastMaintenance.keep(pastOf(oldest.window, now), now);
  await maintenance.remove(oldest.window.id);
  return true;
}

/** What a project describes is there once, however many apply at the same time: its key makes the id. */
function idFor(managed: MaintenanceWindow["managed"], there: readonly MaintenanceWindow[]): string {
  if (managed === undefined) return randomUUID();
  const { project, key } = managed;
  const id = stableUuid(`${project}\0${key}`);
  // One that was given another key since has it still.
  const holder = there.find((window) => window.id === id)?.managed;
  return holder === undefined || (holder.project === project && holder.key === key) ? id : randomUUID();
}

export const deleteMaintenance = defineRoute({
  method: "DELETE",
  path: "/maintenance/{id}",
  id: "deleteMaintenance",
  summary: "End a window, or take it back; what it held back is told within 5 minutes",
  tag: "Maintenance",
  access: "editor",
  params: windowParam,
  responses: { 204: { description: "Deleted." } },
  async handle({ maintenance, pastMaintenance, clock }, { params, headers }) {
    const seen = (await maintenance.list()).find(({ id }) => id === params.id);
    if (seen !== undefined) {
      requireVersion("The window", seen.version, versionsOf(headers["if-match"]));
      // What it was stays what it was: neither up nor down.
      await pastMaintenance.keep(pastOf(seen, clock.now()), clock.now());
    }
    const before = await maintenance.remove(params.id);
    if (before === undefined) throw gone(params.id);
    return { status: 204, change: { what: `maintenance:${params.id}`, before } };
  },
});

function gone(id: string): RequestError {
  return new RequestError("not-found", `There is no maintenance ${id}.`);
}

function viewOf(window: MaintenanceWindow, now: number) {
  const next = nextOccurrence(window, now);
  const iso = (ms: number) => new Date(ms).toISOString();
  return {
    ...window,
    active: occurrenceAt(window, now) !== undefined,
    next: next === undefined ? null : { from: iso(next.from), to: iso(next.to) },
  };
}
