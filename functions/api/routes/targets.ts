import { randomUUID } from "node:crypto";
import * as z from "zod";
import { heartbeatKey } from "../../../shared/access/heartbeat-key.ts";
import { pastOfTarget } from "../../../shared/alert/maintenance-time.ts";
import { STATUSES } from "../../../shared/status/next-status.ts";
import { changeTarget } from "../../../shared/targets/change-target.ts";
import { isGroupedOtherwise } from "../../../shared/targets/grouped-otherwise.ts";
import { registerTarget } from "../../../shared/targets/register-target.ts";
import { removeTarget } from "../../../shared/targets/remove-target.ts";
import { requireTarget } from "../../../shared/targets/require-target.ts";
import { SHOWN_FIELDS } from "../../../shared/targets/shown-fields.ts";
import { type Target, targetInputDoc } from "../../../shared/targets/target.ts";
import { decodeCursor, encodeCursor, pageQuery, pageSchema, withinBytes } from "../paging.ts";
import { type ApiDeps, defineRoute } from "../route.ts";
import { etagOf, readViewOf, targetViewSchema, versionsOf, viewOf } from "../target-view.ts";

const bodyObject = z.record(z.string(), z.unknown(), "the body must be a JSON object");
/** A target's id wherever a caller names one; capitals are the same id (RFC 9562, section 4). */
export const targetIdField = z.uuid("must be a target's id, a UUID").toLowerCase();
export const idParam = z.object({ id: targetIdField });

const createdSchema = targetViewSchema.extend({
  heartbeat: z
    .object({ key: z.string(), url: z.string() })
    .optional()
    .meta({ description: "For type heartbeat: where to ping. Shown only now." }),
});

export const createTarget = defineRoute({
  method: "POST",
  path: "/targets",
  id: "createTarget",
  summary: "Register a target",
  tag: "Targets",
  access: "editor",
  body: bodyObject,
  bodyDoc: targetInputDoc,
  responses: { 201: { description: "Registered; the next round checks it.", schema: createdSchema } },
  async handle(deps, { body, baseUrl }) {
    const { target, callSecret } = await registerTarget({ ...deps, newId: randomUUID }, body);
    const key = callSecret && heartbeatKey(target.id, callSecret);
    return {
      status: 201,
      headers: { location: `${baseUrl}/targets/${target.id}`, etag: etagOf(target) },
      body: { ...viewOf(target), ...(key && { heartbeat: { key, url: `${baseUrl}/heartbeat/${key}` } }) },
      change: { what: `target:${target.id}`, after: viewOf(target) },
    };
  },
});

export const listTargets = defineRoute({
  method: "GET",
  path: "/targets",
  id: "listTargets",
  summary: "List targets",
  tag: "Targets",
  access: "viewer",
  query: z.strictObject({
    ...pageQuery,
    status: z.enum(STATUSES).optional(),
    tag: z.string().optional(),
    group: z.string().optional(),
    name: z.string().optional().meta({ description: "Part of the name; case does not count." }),
  }),
  responses: { 200: { description: "A page of targets.", schema: pageSchema(targetViewSchema) } },
  async handle(deps, { query: { limit, cursor, status, tag, group, name } }) {
    const wanted = name?.toLowerCase();
    const matches = ({ config, state }: Target) =>
      (status === undefined || state.status === status) &&
      (tag === undefined || config.tags.includes(tag)) &&
      (group === undefined || config.group === group) &&
      (wanted === undefined || config.name.toLowerCase().includes(wanted));

    const found: Target[] = [];
    let after = cursor === undefined ? undefined : decodeCursor(cursor, z.uuid());
    for (;;) {
      const page = await deps.targets.list({ after, limit: SCAN_PAGE });
      for (const target of page) if (matches(target)) found.push(target);
      after = page.at(-1)?.id;
      if (found.length > limit || page.length < SCAN_PAGE) break;
    }
    const items = withinBytes(found.slice(0, limit).map((target) => readViewOf(target, deps.cipher)));
    const next = found.length > items.length ? encodeCursor(items.at(-1)?.["id"]) : null;
    return { status: 200, body: { items, next } };
  },
});

const SCAN_PAGE = 500;

export const getTarget = defineRoute({
  method: "GET",
  path: "/targets/{id}",
  id: "getTarget",
  summary: "Read a target",
  tag: "Targets",
  access: "viewer",
  params: idParam,
  responses: { 200: { description: "The target.", schema: targetViewSchema } },
  async handle(deps, { params }) {
    const target = await requireTarget(deps.targets, params.id);
    return { status: 200, headers: { etag: etagOf(target) }, body: readViewOf(target, deps.cipher) };
  },
});

export const updateTarget = defineRoute({
  method: "PATCH",
  path: "/targets/{id}",
  id: "updateTarget",
  summary: "Change a target (JSON merge patch; null removes a field; If-Match guards against lost updates)",
  tag: "Targets",
  access: "editor",
  params: idParam,
  body: bodyObject,
  bodyDoc: z
    .looseObject({})
    .meta({ description: "Any fields of a target; null removes one.", examples: [{ timeoutMs: 5_000, latencyLimitMs: null }] }),
  responses: { 200: { description: "The target as it is now.", schema: targetViewSchema } },
  async handle(deps, { params, body, headers }) {
    // What was read may be sent back.
    const patch = Object.fromEntries(Object.entries(body).filter(([name]) => !SHOWN_FIELDS.has(name)));
    const { before, after, secretsChanged } = await changeTarget(deps, params.id, patch, versionsOf(headers["if-match"]));
    if (isGroupedOtherwise(before.config, after.config)) await keepMaintenanceOf(deps, before, false);
    const change = { what: `target:${after.id}`, before: viewOf(before), after: { ...viewOf(after), secretsChanged } };
    return { status: 200, headers: { etag: etagOf(after) }, body: readViewOf(after, deps.cipher), change };
  },
});

export const postDigests = defineRoute({
  method: "POST",
  path: "/digests",
  id: "postDigests",
  summary: "What secretsDigest shows for texts, to compare without reading",
  tag: "Targets",
  access: "editor",
  body: z.strictObject({ texts: z.array(z.string().max(70_000)).max(500, "must have at most 500 texts") }),
  responses: { 200: { description: "In their order.", schema: z.object({ digests: z.array(z.string()) }) } },
  handle: async ({ cipher }, { body }) => ({ status: 200, body: { digests: body.texts.map((text) => cipher.digest(text)) } }),
});

export const deleteTarget = defineRoute({
  method: "DELETE",
  path: "/targets/{id}",
  id: "deleteTarget",
  summary: "Remove a target; its history stays in the log. Asked again within a day: removed",
  tag: "Targets",
  access: "editor",
  params: idParam,
  responses: {
    204: { description: "Removed. Who keeps an incident of it open hears with the next round that nobody watches it any more." },
  },
  async handle(deps, { params, headers }) {
    const target = await removeTarget(deps, params.id, versionsOf(headers["if-match"]));
    if (target !== undefined) await keepMaintenanceOf(deps, target, true);
    return { status: 204, ...(target && { change: { what: `target:${target.id}`, before: viewOf(target) } }) };
  },
});

/** What was maintenance of a target stays so, whatever tags and group it has next, and when it is gone. */
async function keepMaintenanceOf(
  { maintenance, pastMaintenance, clock }: Pick<ApiDeps, "maintenance" | "pastMaintenance" | "clock">,
  target: Target,
  isGone: boolean,
): Promise<void> {
  const now = clock.now();
  await pastMaintenance.keep(pastOfTarget(await maintenance.list(), target, isGone, now), now);
}
