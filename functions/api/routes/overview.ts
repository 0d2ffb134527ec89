import { createHash } from "node:crypto";
import * as z from "zod";
import { ROLES } from "../../../shared/access/authorize.ts";
import { USD_PER_LOOK } from "../../../shared/check/usd-per-check.ts";
import { type DeliveryOutcome, OUTCOME_CODES } from "../../../shared/log/codes.ts";
import { percentile } from "../../../shared/log/histogram.ts";
import { filledStrip } from "../../../shared/log/kept-overview.ts";
import type { SeriesPoint, SeriesStep } from "../../../shared/log/log-overview.ts";
import { isAwake } from "../../../shared/log/log-rest.ts";
import { EVENT_CODES, type EventKind } from "../../../shared/status/alert-kinds.ts";
import { STATUSES } from "../../../shared/status/next-status.ts";
import { requireTarget } from "../../../shared/targets/require-target.ts";
import type { Target } from "../../../shared/targets/target.ts";
import { askLog } from "../ask-log.ts";
import { type ApiDeps, defineRoute } from "../route.ts";
import { idParam } from "./targets.ts";

/** As many as any deployment has: a store cuts them into pages of its own, each of which is on its way while one is read. */
const ALL = 100_000;

const overviewSchema = z.object({
  roundSeconds: z.int(),
  usdPerCheck: z.number().optional().meta({ description: "What a check costs in this deployment; left out where it costs nothing." }),
  usdPerLook: z.number().optional().meta({ description: "What one costs that another region makes for a target's `from`." }),
  monitor: z.object({
    lastRound: z
      .object({ at: z.int().meta({ description: "Epoch seconds." }), finishedAt: z.int(), planned: z.int(), checked: z.int() })
      .nullable(),
    blindSince: z
      .int()
      .optional()
      .meta({ description: "Since when rounds see nothing: nearly all fails to connect at once. Epoch seconds." }),
    setAside: z.boolean().meta({ description: "Whether the log refused rows for good." }),
    historyUntil: z.int().optional().meta({
      description:
        "Where the log sleeps: up to when hours and percentages are known, in epoch seconds. A look at a target's history wakes it.",
    }),
    log: z.enum(["ok", "unavailable"]).meta({ description: "Without the log there are no hours, percentages and reasons." }),
  }),
  counts: z.record(z.enum(STATUSES), z.int()),
  targets: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      type: z.string(),
      group: z.string().optional(),
      tags: z.array(z.string()).optional(),
      status: z.enum(STATUSES),
      since: z.int().meta({ description: "Epoch seconds." }),
      reason: z.string().optional(),
      hours: z
        .string()
        .optional()
        .meta({ description: "The last 24 hours, oldest first, a letter each: down, g for degraded, up, - for unknown." }),
      uptime: z.number().nullable().optional().meta({ description: "Percent of the known time of these hours." }),
    }),
  ),
});

export const getOverview = defineRoute({
  method: "GET",
  path: "/overview",
  id: "getOverview",
  summary: "Every target's status and last 24 hours in one answer, with the monitor's own health",
  tag: "History",
  access: "viewer",
  responses: {
    200: { description: "What the page's first screen shows.", schema: overviewSchema },
    304: { description: "As it was, by `If-None-Match`." },
  },
  async handle(deps, { headers }) {
    const [targets, lastRound] = await Promise.all([allTargets(deps), deps.lastRound.get()]);
    const [log, asleepSince, rows] = await Promise.all([
      ofTheLog(deps, targets),
      sleepingSince(deps),
      // What cannot be told is left out.
      deps.spoolState().catch(() => undefined),
    ]);
    const body = {
      roundSeconds: deps.roundSeconds,
      ...(deps.usdPerCheck !== undefined && { usdPerCheck: deps.usdPerCheck, usdPerLook: USD_PER_LOOK }),
      monitor: {
        lastRound: lastRound
          ? {
              at: lastRound.round,
              finishedAt: Math.floor(lastRound.finishedAt / 1_000),
              planned: lastRound.planned,
              checked: lastRound.checked,
            }
          : null,
        ...((lastRound?.blindSince ?? 0) > 0 && { blindSince: lastRound?.blindSince }),
        setAside: rows?.setAside === true,
        ...(asleepSince !== undefined && { historyUntil: Math.floor(asleepSince / 1_000) }),
        log: log === undefined ? "unavailable" : "ok",
      },
      counts: Object.fromEntries(STATUSES.map((status) => [status, targets.filter(({ state }) => state.status === status).length])),
      targets: targets.map((target) => lineOf(target, log, asleepSince === undefined ? undefined : deps.clock.now())),
    };
    const etag = `"${createHash("sha256").update(JSON.stringify(body)).digest("base64url").slice(0, 22)}"`;
    const cached = { etag, "cache-control": "private, no-cache" };
    if (headers["if-none-match"]?.includes(etag)) return { status: 304, headers: cached };
    return { status: 200, headers: cached, body };
  },
});

/** Every target, page by page. */
export async function allTargets({ targets }: ApiDeps): Promise<Target[]> {
  const all: Target[] = [];
  for (let after: string | undefined; ; after = all.at(-1)?.id) {
    const page = await targets.list({ after, limit: ALL });
    all.push(...page);
    if (page.length < ALL) return all;
  }
}

interface LogPart {
  readonly strips: ReadonlyMap<number, { readonly hours: string; readonly uptimePercent: number | null }>;
  readonly reasons: ReadonlyMap<number, string>;
}

/** What only the log knows; nothing while it is away, since states are shown without it. */
async function ofTheLog(deps: ApiDeps, targets: readonly Target[]): Promise<LogPart | undefined> {
  const { overview, clock } = deps;
  const unwell = targets.filter(({ state }) => state.status === "down" || state.status === "degraded").map(({ seq }) => seq);
  return askLog(deps, async () => {
    const [strips, reasons] = await Promise.all([overview.strips(new Date(clock.now()).toISOString()), overview.reasons(unwell)]);
    return { strips: new Map(strips.map((strip) => [strip.seq, strip])), reasons: new Map(reasons.map(({ seq, text }) => [seq, text])) };
  });
}

/** Where the log sleeps: since when, epoch ms. */
async function sleepingSince({ sleeping, clock }: ApiDeps): Promise<number | undefined> {
  const state = await sleeping?.rest.state();
  return state === undefined || isAwake(state, clock.now()) ? undefined : state.writtenAt;
}

/** @param asleepAt the moment, where the log sleeps: what it does not tell, the target's own state does. Epoch ms */
function lineOf({ id, seq, config, state }: Target, log: LogPart | undefined, asleepAt: number | undefined) {
  const strip = log?.strips.get(seq);
  const reason = log?.reasons.get(seq);
  return {
    id,
    name: config.name,
    type: config.type,
    ...(config.group !== undefined && { group: config.group }),
    ...(config.tags.length > 0 && { tags: config.tags }),
    status: state.status,
    since: state.since,
    ...(reason !== undefined && { reason }),
    ...(strip !== undefined && { hours: strip.hours, uptime: strip.uptimePercent }),
    ...(asleepAt !== undefined && { hours: filledStrip(strip?.hours ?? UNKNOWN_HOURS, state, asleepAt) }),
  };
}

/** Of a target that the log has not had an hour of. */
const UNKNOWN_HOURS = "-".repeat(24);

const RANGES = {
  "24h": { step: 300, steps: 288 },
  "7d": { step: 3_600, steps: 168 },
  "30d": { step: 3_600, steps: 720 },
  "90d": { step: 86_400, steps: 90 },
  "1y": { step: 86_400, steps: 365 },
} as const satisfies Record<string, { step: SeriesStep; steps: number }>;

const ms = z.number().nullable();

export const getSeries = defineRoute({
  method: "GET",
  path: "/targets/{id}/series",
  id: "getSeries",
  summary: "A target's uptime and latency over time, in steps of 5 minutes, an hour or a day (UTC)",
  tag: "History",
  access: "viewer",
  params: idParam,
  query: z.strictObject({ range: z.enum(Object.keys(RANGES) as (keyof typeof RANGES)[]).default("24h") }),
  responses: {
    200: {
      description: "Steps in which anything is known, oldest first.",
      schema: z.object({
        from: z.int().meta({ description: "Epoch seconds." }),
        to: z.int(),
        stepSeconds: z.int(),
        points: z.array(
          z.object({
            at: z.int().meta({ description: "Epoch seconds of its begin." }),
            upSeconds: z.int(),
            degradedSeconds: z.int(),
            downSeconds: z.int(),
            maintenanceSeconds: z.int().meta({ description: "Time in maintenance, which counts as nothing else." }),
            checks: z.int(),
            latencyMs: z.object({ average: ms, p50: ms, p95: ms, max: ms }),
          }),
        ),
      }),
    },
  },
  async handle(deps, { params, query }) {
    const target = await requireTarget(deps.targets, params.id);
    const { step, steps } = RANGES[query.range];
    const to = Math.floor(deps.clock.now() / 1_000);
    const from = Math.floor(to / step) * step - (steps - 1) * step;
    const iso = (seconds: number) => new Date(seconds * 1_000).toISOString();
    const points = await deps.overview.series(target.seq, step, iso(from), iso(to));
    return { status: 200, body: { from, to, stepSeconds: step, points: points.map(pointView) } };
  },
});

function pointView({ latencySumMs, latencyMaxMs, latencies, ...times }: SeriesPoint) {
  const counted = [...latencies.values()].reduce((sum, count) => sum + count, 0);
  const quantile = (q: number) => {
    const estimate = percentile(latencies, q);
    return estimate === null ? null : tenths(Math.min(estimate, latencyMaxMs ?? estimate));
  };
  return {
    ...times,
    latencyMs: {
      average: counted === 0 ? null : tenths(latencySumMs / counted),
      p50: quantile(0.5),
      p95: quantile(0.95),
      max: latencyMaxMs === null ? null : tenths(latencyMaxMs),
    },
  };
}

const tenths = (value: number) => Math.round(value * 10) / 10;

const MAX_ALERTS = 50;

/** A change or a warning, and what each channel was told of it. */
export const alertView = z.object({
  at: z.iso.datetime(),
  kind: z.enum(Object.keys(EVENT_CODES) as EventKind[]),
  from: z.string(),
  to: z.string(),
  error: z.string().nullable(),
  deliveries: z.array(
    z.object({
      channel: z.string(),
      outcome: z
        .enum(Object.keys(OUTCOME_CODES) as DeliveryOutcome[])
        .meta({ description: "folded: told by a later message; hidden: never told, and `error` says why." }),
      attempts: z.int(),
      attemptedAt: z.iso.datetime(),
      nextAttemptAt: z.iso.datetime().nullable(),
      error: z.string().nullable(),
    }),
  ),
});

export const listAlerts = defineRoute({
  method: "GET",
  path: "/targets/{id}/alerts",
  id: "listAlerts",
  summary: `A target's last ${MAX_ALERTS} changes, and what each channel was told of them`,
  tag: "History",
  access: "viewer",
  params: idParam,
  responses: {
    200: {
      description: "The newest first. A change without deliveries was owed to nobody.",
      schema: z.object({
        items: z.array(alertView),
      }),
    },
  },
  async handle(deps, { params }) {
    const target = await requireTarget(deps.targets, params.id);
    return { status: 200, body: { items: await deps.overview.alerts(target.seq, MAX_ALERTS) } };
  },
});

export const getMe = defineRoute({
  method: "GET",
  path: "/me",
  id: "getMe",
  summary: "Who is calling, and what they may do",
  tag: "Access",
  access: "viewer",
  responses: { 200: { description: "The caller.", schema: z.object({ id: z.string(), role: z.enum(ROLES).nullable() }) } },
  handle: async (_deps, { principal }) => ({ status: 200, body: { id: principal?.id ?? "", role: principal?.role ?? null } }),
});
