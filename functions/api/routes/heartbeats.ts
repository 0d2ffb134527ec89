import * as z from "zod";
import { createHeartbeatSecret, heartbeatKey } from "../../../shared/access/heartbeat-key.ts";
import { invalidField, RequestError } from "../../../shared/errors.ts";
import { requireTarget } from "../../../shared/targets/require-target.ts";
import { type PingKeys, takePing } from "../../../shared/targets/take-ping.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { withoutUndefined } from "../../../shared/text/without-undefined.ts";
import { defineRoute, type Route } from "../route.ts";
import { idParam, targetIdField } from "./targets.ts";

const said = {
  status: z.enum(["up", "degraded", "down"]).default("up"),
  message: visibleText(300).optional(),
  latencyMs: z.number().min(0).max(86_400_000).optional(),
};

const report = z.strictObject({ targetId: targetIdField, ...said });
const reports = z.union([report.transform((one) => [one]), z.array(report).min(1).max(100, "must have at most 100 reports")]);

export const postReports = defineRoute({
  method: "POST",
  path: "/reports",
  id: "postReports",
  summary: "Results from outside agents, for targets of type heartbeat; the next round decides on them",
  tag: "Heartbeats",
  access: "editor",
  body: reports,
  bodyDoc: z.union([report, z.array(report).min(1).max(100)]),
  responses: { 202: { description: "Taken.", schema: z.object({ accepted: z.int() }) } },
  async handle(deps, { body }) {
    // All or nothing: every target is looked at before the first is written.
    for (const [index, { targetId }] of body.entries()) {
      const target = await deps.targets.get(targetId);
      const message =
        target === undefined
          ? `there is no target ${targetId}`
          : target.heartbeat === undefined
            ? "is not of type heartbeat: we check it ourselves"
            : undefined;
      if (message !== undefined) throw invalidField(`${index}.targetId`, message);
    }
    for (const { targetId, ...reported } of body) {
      await deps.targets.recordPing(targetId, { lastPingAt: deps.clock.now(), reported: saidOf(reported) });
    }
    return { status: 202, body: { accepted: body.length } };
  },
});

/** All that a client may use: a ping is none less for how it is sent. */
const PING_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

/** Where pings are taken: our address, and those that jobs of other monitors call, with our key in the place of theirs or as they are. */
const PING_PATHS = [
  { path: "/heartbeat/{key}", id: "heartbeat", like: "A ping: the target lives. Anything sent with it can say more" },
  { path: "/heartbeat/{key}/{signal}", id: "heartbeatSignal", like: "A ping that says start, fail or an exit code" },
  { path: "/ping/{key}", id: "healthchecksPing", like: "A ping, as Healthchecks takes it" },
  {
    path: "/ping/{key}/{slugOrSignal}",
    id: "healthchecksSignal",
    like: "start, fail or an exit code, as Healthchecks takes it, or a ping of a check by its project's ping key and its slug",
  },
  { path: "/ping/{key}/{slugOrSignal}/{signal}", id: "healthchecksSlugSignal", like: "start, fail or an exit code of a check by its slug" },
  { path: "/api/push/{key}", id: "kumaPush", like: "A ping, as Uptime Kuma takes it: status, msg, ping" },
  { path: "/api/v1/endpoints/{key}/external", id: "gatusExternal", like: "A ping, as Gatus takes it: success, error, duration" },
] as const;

type PingPath = (typeof PING_PATHS)[number]["path"];

interface PingParams {
  readonly key: string;
  /** Before another part a slug, and at the end one or the other. */
  readonly slugOrSignal?: string | undefined;
  readonly signal?: string | undefined;
}

/** By what another monitor knows a job, with what is left of the path to be said. */
function formerKeys(path: PingPath, { key, slugOrSignal, signal }: PingParams, bearer: string | undefined): PingKeys["former"] {
  // By its endpoint and a token, which several may share.
  if (path === "/api/v1/endpoints/{key}/external") return [{ key: `${key}:${bearer ?? ""}` }];
  // By its UUID, or by the ping key of its project and its slug.
  const bySlug = { key: `${key}/${slugOrSignal}`, signal };
  if (path === "/ping/{key}/{slugOrSignal}/{signal}") return [bySlug];
  return path === "/ping/{key}/{slugOrSignal}" ? [{ key, signal: slugOrSignal }, bySlug] : [{ key, signal }];
}

const keyParams = z.object({ key: z.string() });
const paramsOf = {
  "/heartbeat/{key}": keyParams,
  "/heartbeat/{key}/{signal}": keyParams.extend({ signal: z.string() }),
  "/ping/{key}": keyParams,
  // One name for both: API Gateway takes no two variables at one place of a path.
  "/ping/{key}/{slugOrSignal}": keyParams.extend({ slugOrSignal: z.string() }),
  "/ping/{key}/{slugOrSignal}/{signal}": keyParams.extend({ slugOrSignal: z.string(), signal: z.string() }),
  "/api/push/{key}": keyParams,
  "/api/v1/endpoints/{key}/external": keyParams,
} satisfies Record<PingPath, z.ZodType<PingParams>>;

export const pingRoutes: readonly Route[] = PING_PATHS.flatMap(({ path, id, like }) =>
  PING_METHODS.map((method) =>
    defineRoute({
      method,
      path,
      id: `${method.toLowerCase()}${id.charAt(0).toUpperCase()}${id.slice(1)}`,
      summary: like,
      tag: "Heartbeats",
      access: "public",
      takesAnything: true,
      params: paramsOf[path],
      responses: { 202: { description: "Taken.", schema: z.object({ accepted: z.int(), ok: z.boolean() }) } },
      async handle(deps, { params, headers, raw }) {
        const bearer = /^Bearer +(\S+)$/i.exec(headers["authorization"] ?? "")?.[1];
        const given: PingParams = params;
        const isBySlug = path === "/ping/{key}/{slugOrSignal}/{signal}";
        const keys = { own: isBySlug ? [] : [given.key, bearer ?? ""], former: formerKeys(path, given, bearer) };
        // Of Uptime Kuma, every other status is down.
        const unknownIs = path === "/api/push/{key}" ? "down" : "up";
        await takePing(deps, keys, { signal: given.signal ?? given.slugOrSignal, unknownIs, ...raw });
        return { status: 202, body: { accepted: 1, ok: true } };
      },
    }),
  ),
);

export const renewHeartbeatKey = defineRoute({
  method: "POST",
  path: "/targets/{id}/heartbeat-key",
  id: "renewHeartbeatKey",
  summary: "Replace a heartbeat target's key; the old one stops working",
  tag: "Heartbeats",
  access: "editor",
  params: idParam,
  responses: { 200: { description: "The new key, shown only now.", schema: z.object({ key: z.string(), url: z.string() }) } },
  async handle(deps, { params, baseUrl }) {
    await requireTarget(deps.targets, params.id);
    const { secret, hash } = createHeartbeatSecret();
    if (!(await deps.targets.setHeartbeatKey(params.id, hash))) throw new RequestError("conflict", "The target is not of type heartbeat.");
    const key = heartbeatKey(params.id, secret);
    return { status: 200, body: { key, url: `${baseUrl}/heartbeat/${key}` }, change: { what: `target:${params.id}` } };
  },
});

function saidOf({
  status,
  ...rest
}: {
  status: "up" | "degraded" | "down";
  message?: string | undefined;
  latencyMs?: number | undefined;
}): { status: "up" | "degraded" | "down"; message?: string; latencyMs?: number } {
  return { status, ...withoutUndefined(rest) };
}
