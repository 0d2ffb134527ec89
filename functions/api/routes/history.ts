import * as z from "zod";
import type { CheckStatus } from "../../../shared/check/check-type.ts";
import { type OpinionRecord, ROLLUP_MS, type TimeCursor } from "../../../shared/log/log-history.ts";
import { RECENT_MS } from "../../../shared/log/recent-checks.ts";
import { summarise } from "../../../shared/log/summarise.ts";
import { BURN_LEVELS, budgetOf } from "../../../shared/status/slo.ts";
import { requireTarget } from "../../../shared/targets/require-target.ts";
import { decodeTimeCursor, encodeCursor, momentField, pageQuery, pageSchema } from "../paging.ts";
import { type ApiDeps, defineRoute } from "../route.ts";
import { waitingChecks } from "../waiting-checks.ts";
import { allTargets } from "./overview.ts";
import { idParam } from "./targets.ts";

export const errorView = z.object({ class: z.string(), text: z.string() }).nullable();
const ms = z.number().nullable();
export const targetRef = z.object({ id: z.string(), name: z.string() });

export const checkView = z
  .object({
    at: z.iso.datetime().meta({ description: "The round's mark." }),
    target: targetRef,
    status: z.enum(["up", "degraded", "down"]),
    attempts: z.int(),
    passedAfterRetry: z.boolean(),
    httpStatus: z.int().nullable(),
    error: errorView,
    note: z.string().nullable().meta({ description: "What there is to say of a check without an error, such as that its body was cut." }),
    latencyMs: ms,
    phases: z.object({ dnsMs: ms, connectMs: ms, tlsMs: ms, ttfbMs: ms, transferMs: ms }),
    address: z.string().nullable(),
    certificateDaysLeft: z.int().nullable(),
  })
  .meta({ id: "Check" });

const DAY_MS = 86_400_000;

const CHECK_STATUSES = ["up", "degraded", "down"] as const satisfies readonly CheckStatus[];
const isCheckStatus = (text: string): text is CheckStatus => CHECK_STATUSES.some((status) => status === text);

const statusesField = z
  .string()
  .transform((text) => text.split(","))
  .refine((words) => words.every(isCheckStatus), `must name one or more of ${CHECK_STATUSES.join(", ")}, with commas between`)
  .transform((words) => words.filter(isCheckStatus))
  .meta({ type: "string", description: "Only checks that found this, such as `degraded,down`." });

export const listChecks = defineRoute({
  method: "GET",
  path: "/targets/{id}/checks",
  id: "listChecks",
  summary: "A target's checks, newest first; by default of the last day",
  tag: "History",
  access: "viewer",
  params: idParam,
  query: z.strictObject({ ...pageQuery, from: momentField.optional(), to: momentField.optional(), status: statusesField.optional() }),
  responses: { 200: { description: "A page of checks.", schema: pageSchema(checkView) } },
  async handle(deps, { params, query }) {
    const target = await requireTarget(deps.targets, params.id);
    const to = query.to ?? new Date(deps.clock.now() + DAY_MS).toISOString();
    const from = query.from ?? new Date(deps.clock.now() - DAY_MS).toISOString();
    const options = { from, to, limit: query.limit, before: decodeTimeCursor(query.cursor), statuses: query.status };
    const waiting = await waitingChecks(deps, new Map([[target.seq, { id: target.id, name: target.config.name }]]), options);
    if (waiting !== undefined) return { status: 200, body: waiting };
    const { items, next } = await deps.history.checks(target.seq, options);
    return { status: 200, body: { items, next: next ? encodeCursor(next) : null } };
  },
});

export const opinionView = z
  .object({
    at: z.iso.datetime().meta({ description: "The round's mark." }),
    region: z.string(),
    status: z.enum(["up", "degraded", "down"]).nullable().meta({ description: "null: nobody there could be asked, and error says why." }),
    error: z.string().nullable(),
    httpStatus: z.int().nullable(),
    latencyMs: ms,
    phases: checkView.shape.phases,
    address: z.string().nullable(),
  })
  .meta({ id: "Opinion" });

export const listOpinions = defineRoute({
  method: "GET",
  path: "/targets/{id}/opinions",
  id: "listOpinions",
  summary:
    "What was seen of a target elsewhere: when it was down here, and as often as its `from` asks; newest first, by default of the last day",
  tag: "History",
  access: "viewer",
  params: idParam,
  query: z.strictObject({ limit: pageQuery.limit, from: momentField.optional(), to: momentField.optional() }),
  responses: { 200: { description: "Asked of the deployment's probe regions.", schema: z.object({ items: z.array(opinionView) }) } },
  async handle(deps, { params, query }) {
    const target = await requireTarget(deps.targets, params.id);
    const to = query.to ?? new Date(deps.clock.now() + DAY_MS).toISOString();
    const from = query.from ?? new Date(deps.clock.now() - DAY_MS).toISOString();
    return { status: 200, body: { items: opinionsOf(await deps.history.opinions(target.seq, { from, to, limit: query.limit })) } };
  },
});

/** As they are shown. */
export function opinionsOf(records: readonly OpinionRecord[]): z.output<typeof opinionView>[] {
  return records.map((record) => opinionView.parse(record));
}

export const recentChecks = defineRoute({
  method: "GET",
  path: "/checks/recent",
  id: "recentChecks",
  summary: "The last checks of all targets, newest first",
  tag: "History",
  access: "viewer",
  query: z.strictObject(pageQuery),
  responses: { 200: { description: "A page of checks.", schema: pageSchema(checkView) } },
  async handle(deps, { query }) {
    const options = { limit: query.limit, before: decodeTimeCursor(query.cursor), now: deps.clock.now() };
    const waiting = await recentlyWaiting(deps, options);
    if (waiting !== undefined) return { status: 200, body: waiting };
    const { items, next } = await deps.history.recentChecks(options);
    return { status: 200, body: { items, next: next ? encodeCursor(next) : null } };
  },
});

/** The last checks of all targets, where the log sleeps and a page of them waits. */
async function recentlyWaiting(deps: ApiDeps, { limit, before, now }: { limit: number; before: TimeCursor | undefined; now: number }) {
  if (deps.sleeping === undefined) return undefined;
  const names = new Map((await allTargets(deps)).map(({ seq, id, config: { name } }) => [seq, { id, name }]));
  const iso = (ms: number) => new Date(ms).toISOString();
  const found = await waitingChecks(deps, names, { from: iso(now - RECENT_MS), to: iso(now + DAY_MS), limit, before });
  // A page that is not full goes on in the log.
  return found === undefined || found.next === null ? undefined : found;
}

const WINDOW_DAYS = { "24h": 1, "7d": 7, "30d": 30, "90d": 90, "1y": 365 } as const;

const windowView = z
  .object({
    from: z.iso.datetime(),
    uptimePercent: z.number().nullable().meta({ description: "Up and degraded, of the time that is known; null when nothing is." }),
    knownPercent: z.number().meta({
      description: "Share of the time neither paused nor in maintenance that checks account for. The rest is unknown: neither up nor down.",
    }),
    upSeconds: z.number(),
    degradedSeconds: z.number(),
    downSeconds: z.number(),
    unknownSeconds: z.number(),
    maintenanceSeconds: z
      .number()
      .meta({ description: "In maintenance windows, in steps of 5 minutes: no part of the others, and in no percentage." }),
    pausedSeconds: z.number(),
    checks: z.int(),
    retried: z.int().meta({ description: "Checks that needed more than one attempt." }),
    latencyMs: z.object({ average: ms, p50: ms, p95: ms, p99: ms, max: ms }),
  })
  .meta({ id: "SummaryWindow" });

export const getSummary = defineRoute({
  method: "GET",
  path: "/targets/{id}/summary",
  id: "getSummary",
  summary: "A target's uptime and latency over 24 h, 7 d, 30 d, 90 d and a year",
  tag: "History",
  access: "viewer",
  params: idParam,
  responses: {
    200: {
      description: "Uptime and latency.",
      schema: z.object({
        target: targetRef,
        status: z.string(),
        windows: z.record(z.enum(Object.keys(WINDOW_DAYS)), windowView),
        slo: z
          .object({
            objectivePercent: z.number(),
            windowDays: z.int(),
            budgetSeconds: z.number().meta({ description: "Of all of its days, known or not." }),
            spentSeconds: z.number(),
            leftPercent: z.number().nullable().meta({ description: "Below 0 when more was spent than there is." }),
            burning: z.enum(BURN_LEVELS).nullable(),
          })
          .nullable(),
      }),
    },
  },
  async handle(deps, { params }) {
    const target = await requireTarget(deps.targets, params.id);
    const now = deps.clock.now();
    const { id, seq, config, state, createdAt, sloBurn } = target;
    const windowOf = (name: string, days: number) => {
      const start = Math.floor((now - days * DAY_MS) / ROLLUP_MS) * ROLLUP_MS;
      return { name, from: new Date(Math.max(start, Date.parse(createdAt))).toISOString() };
    };
    const shown = Object.entries(WINDOW_DAYS).map(([name, days]) => windowOf(name, days));
    const wanted = config.slo === undefined ? shown : [...shown, windowOf("slo", config.slo.windowDays)];
    const found = await deps.history.totals(seq, wanted, new Date(now).toISOString());
    const windows = found.slice(0, shown.length).map(({ name, from, totals }) => [name, summarise(totals, Date.parse(from), now)] as const);
    const spent = found[shown.length];
    const slo =
      config.slo === undefined || spent === undefined
        ? null
        : { ...budgetOf(config.slo, spent.totals.downSeconds), burning: sloBurn ?? null };
    return { status: 200, body: { target: { id, name: config.name }, status: state.status, windows: Object.fromEntries(windows), slo } };
  },
});
