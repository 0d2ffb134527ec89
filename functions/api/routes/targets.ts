import * as z from "zod";
import { createHeartbeatSecret, heartbeatKey } from "../../../shared/access/heartbeat-key.ts";
import { isTold, type OwedAlert } from "../../../shared/alert/owed-alert.ts";
import { RequestError } from "../../../shared/errors.ts";
import { targetBatch, transitionBatch } from "../../../shared/log/batches.ts";
import type { TransitionRow } from "../../../shared/log/log-store.ts";
import { record } from "../../../shared/log/record.ts";
import { pausedOrResumed, STATUSES } from "../../../shared/status/next-status.ts";
import { mapSecrets, secretsOf } from "../../../shared/target/secret-fields.ts";
import { checkTypeOf, parseTargetConfig, type Target, type TargetConfig, targetInputDoc } from "../../../shared/target/target.ts";
import { type StateCommit, VersionConflictError } from "../../../shared/target/target-store.ts";
import { decodeCursor, encodeCursor, pageQuery, pageSchema } from "../paging.ts";
import { type ApiDeps, defineRoute } from "../route.ts";
import { etagOf, MASK, targetViewSchema, viewOf } from "../target-view.ts";

const bodyObject = z.record(z.string(), z.unknown(), "the body must be a JSON object");
export const idParam = z.object({ id: z.uuid("must be a target's id, a UUID").toLowerCase() });

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
    const config = sealed(deps, parseTargetConfig(body, deps.roundSeconds));
    requireChannels(deps, config);
    refuseForbidden(deps, config);
    const heartbeat = config.type === "heartbeat" ? createHeartbeatSecret() : undefined;
    const target = await deps.targets.create(config, {
      maxTargets: deps.maxTargets,
      ...(heartbeat && { heartbeatKeyHash: heartbeat.hash }),
    });
    await recordTarget(deps, target);
    const key = heartbeat && heartbeatKey(target.id, heartbeat.secret);
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
    const shown = found.slice(0, limit);
    const next = found.length > limit ? encodeCursor(shown.at(-1)?.id) : null;
    return { status: 200, body: { items: shown.map(viewOf), next } };
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
    const target = await requireTarget(deps, params.id);
    return { status: 200, headers: { etag: etagOf(target) }, body: viewOf(target) };
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
    for (let attempt = 1; ; attempt++) {
      const target = await requireTarget(deps, params.id);
      requireMatch(target, headers["if-match"]);
      const shown = mapSecrets(target.config, () => MASK);
      const config = sealed(deps, parseTargetConfig(mergePatch(shown, body), deps.roundSeconds), target.config);
      if ((config.type === "heartbeat") !== (target.config.type === "heartbeat")) {
        const message = "cannot change from or to heartbeat, which has a key of its own: register another target";
        throw new RequestError("invalid", `type: ${message}`, { fields: [{ field: "type", message }] });
      }
      requireChannels(deps, config);
      refuseForbidden(deps, config);
      try {
        const updated = await deps.targets.updateConfig(target, config, pauseCommit(target, config, deps.clock.now()));
        await recordTarget(deps, updated);
        const change = {
          what: `target:${target.id}`,
          before: viewOf(target),
          after: { ...viewOf(updated), secretsChanged: changedSecrets(target.config, updated.config) },
        };
        return { status: 200, headers: { etag: etagOf(updated) }, body: viewOf(updated), change };
      } catch (error) {
        // Without If-Match the caller wants the merge, whoever else changed the target meanwhile.
        if (!(error instanceof VersionConflictError) || attempt === MAX_MERGE_ATTEMPTS || headers["if-match"] !== undefined) throw error;
        await deps.clock.sleep(Math.random() * 20 * attempt);
      }
    }
  },
});

const MAX_MERGE_ATTEMPTS = 20;

export const deleteTarget = defineRoute({
  method: "DELETE",
  path: "/targets/{id}",
  id: "deleteTarget",
  summary: "Remove a target; its history stays in the log",
  tag: "Targets",
  access: "editor",
  params: idParam,
  responses: { 204: { description: "Removed." } },
  async handle(deps, { params, headers }) {
    const target = await requireTarget(deps, params.id);
    requireMatch(target, headers["if-match"]);
    const now = deps.clock.now();
    await deps.targets.remove(target);
    // What it owed goes with it, but the ledger keeps every change.
    const ended: TransitionRow["alert"] = { ...statusAlert(target, "paused", now), to: "deleted" };
    const rows = [...target.owed, ended].map((alert) => ({ seq: target.seq, alert }));
    await record(deps, spoolKey(target, now), transitionBatch(rows));
    await record(deps, spoolKey(target, now), targetBatch([{ target, deletedAt: new Date(now).toISOString() }]));
    return { status: 204, change: { what: `target:${target.id}`, before: viewOf(target) } };
  },
});

/** @throws {RequestError} 404 */
export async function requireTarget(deps: ApiDeps, id: string): Promise<Target> {
  const target = await deps.targets.get(id);
  if (target === undefined) throw new RequestError("not-found", `There is no target ${id}.`);
  return target;
}

function requireMatch(target: Target, ifMatch: string | undefined): void {
  if (ifMatch === undefined || ifMatch.trim() === "*") return;
  const tags = ifMatch.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  if (!tags.includes(etagOf(target))) {
    throw new RequestError("precondition-failed", `The target is at version ${etagOf(target)}, not ${ifMatch}: read it again.`);
  }
}

function requireChannels({ channels }: ApiDeps, config: TargetConfig): void {
  const unknown = config.channels?.find((id) => !channels.some((channel) => channel.id === id));
  if (unknown === undefined) return;
  const message = `there is no channel "${unknown}"; there are: ${channels.map(({ id }) => id).join(", ") || "none"}`;
  throw new RequestError("invalid", `channels: ${message}`, { fields: [{ field: "channels", message }] });
}

// Only what is already clear; what a name resolves to is decided at each dial.
function refuseForbidden({ guard }: ApiDeps, config: TargetConfig): void {
  const field = "url" in config ? "url" : "host";
  const host = "url" in config ? new URL(config.url).hostname.replace(/^\[|\]$/g, "") : "host" in config ? config.host : undefined;
  const refusal = host !== undefined && isAddress(host) && config.type !== "dns" ? guard.refuses(host) : undefined;
  if (refusal !== undefined) throw new RequestError("invalid", `${field}: ${refusal}`, { fields: [{ field, message: refusal }] });
  const port = portOf(config);
  const closed = port === undefined ? undefined : guard.refusesPort(port);
  const portField = "port" in config ? "port" : field;
  if (closed !== undefined)
    throw new RequestError("invalid", `${portField}: ${closed}`, { fields: [{ field: portField, message: closed }] });
}

function portOf(config: TargetConfig): number | undefined {
  if ("port" in config) return config.port;
  if (!("url" in config)) return undefined;
  const { port, protocol } = new URL(config.url);
  return Number(port) || (protocol === "https:" ? 443 : 80);
}

function isAddress(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.includes(":");
}

/** Pausing and resuming change the state in the same write as the configuration. */
function pauseCommit(target: Target, config: TargetConfig, now: number): StateCommit | undefined {
  if (config.paused === target.config.paused) return undefined;
  const mark = Math.floor(now / 1_000);
  const status = config.paused ? "paused" : "pending";
  return {
    state: pausedOrResumed(target.state, status, mark),
    owed: [statusAlert(target, status, now)],
    certificateWarnedAt: target.certificateWarnedAt,
  };
}

function statusAlert(target: Target, to: OwedAlert["to"], now: number): OwedAlert {
  const { status, since } = target.state;
  const alert = {
    at: now,
    kind: "status",
    from: status,
    to,
    since: Math.floor(now / 1_000),
    previousSince: since,
    deliveries: {},
  } as const;
  if (isTold(alert)) throw new Error("a change by hand is recorded, not told");
  return alert;
}

async function recordTarget(deps: ApiDeps, target: Target): Promise<void> {
  await record(deps, spoolKey(target, deps.clock.now()), targetBatch([{ target }]));
}

function spoolKey(target: Target, now: number): string {
  return `${new Date(now).toISOString()}#${target.id}`;
}

/** RFC 7396. */
function mergePatch(current: unknown, patch: unknown): unknown {
  if (!isPlainObject(patch)) return patch;
  const merged: Record<string, unknown> = isPlainObject(current) ? { ...current } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

/** Where secrets were written anew: their values are never told. */
function changedSecrets(before: TargetConfig, after: TargetConfig): string[] {
  const old = secretsOf(before);
  return [...secretsOf(after)].flatMap(([path, text]) => (old.get(path) === text ? [] : [path]));
}

function receiverOf(config: TargetConfig): string | undefined {
  return checkTypeOf(config).secretsGoTo?.(config);
}

/** Encrypts what may hold credentials; what stands masked is what `stored` has there. */
function sealed({ cipher }: ApiDeps, config: TargetConfig, stored?: TargetConfig): TargetConfig {
  const kept = stored === undefined ? new Map<string, string>() : secretsOf(stored);
  // Else who may not read a secret could have it sent to an address of their own.
  const goesElsewhere = stored !== undefined && receiverOf(stored) !== receiverOf(config);
  return mapSecrets(config, (text, path) => {
    if (text !== MASK) return cipher.encrypt(text);
    const before = kept.get(path);
    if (before !== undefined && !goesElsewhere) return before;
    const message = goesElsewhere
      ? `was meant for ${receiverOf(stored)}: send the value again, or remove it`
      : "is what hidden values are shown as: send the value itself";
    throw new RequestError("invalid", `${path}: ${message}`, { fields: [{ field: path, message }] });
  });
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
