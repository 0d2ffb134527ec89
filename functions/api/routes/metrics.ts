import * as z from "zod";
import { upperBoundMs } from "../../../shared/log/histogram.ts";
import type { DayLatencies, LastCheck } from "../../../shared/log/log-overview.ts";
import type { Target } from "../../../shared/targets/target.ts";
import { VERSION } from "../../../shared/version.ts";
import { allChannels } from "../../wiring/all-channels.ts";
import { askLog } from "../ask-log.ts";
import { exposed, type Family, gauge, histogram, type Labels, type Sample } from "../open-metrics.ts";
import { type ApiDeps, defineRoute } from "../route.ts";
import { allTargets } from "./overview.ts";

export const getMetrics = defineRoute({
  method: "GET",
  path: "/metrics",
  id: "getMetrics",
  summary: "Every target and the monitor itself, for Prometheus (OpenMetrics)",
  tag: "Service",
  access: "viewer",
  responses: {
    200: {
      description: "Gauges, as they are now; of up to 1,000 targets, latencies since midnight (UTC) as a histogram.",
      schema: z.string(),
      contentType: "application/openmetrics-text",
    },
  },
  async handle(deps, { headers }) {
    const targets = await allTargets(deps);
    const [lastRound, checks, latencies, unhealthy, channels, spool] = await Promise.all([
      deps.lastRound.get(),
      lastChecks(deps),
      targets.length <= MAX_HISTOGRAMS ? dayLatencies(deps) : undefined,
      deps.channelHealth.unhealthy(),
      allChannels(deps.settingChannels, deps.channelStore, deps.cipher),
      deps.spoolState(),
    ]);
    const families = [
      ...targetGauges(targets, checks ?? new Map()),
      ...(latencies === undefined ? [] : [latencyHistogram(targets, latencies)]),
      ...monitorGauges(targets, lastRound, checks !== undefined),
      gauge(
        "server_tracker_log_rows_waiting",
        "1 while log rows wait in the spool: where the log sleeps, until its hour.",
        one(spool.waiting ? 1 : 0),
      ),
      gauge("server_tracker_log_rows_set_aside", "1 while rows are set aside that the log refused for good.", one(spool.setAside ? 1 : 0)),
      gauge(
        "server_tracker_alerts_waiting",
        "Alerts that a channel has yet to take, each once for a channel.",
        one(alertsWaiting(targets)),
      ),
      gauge(
        "server_tracker_channel_healthy",
        "1 while alerts arrive at a channel.",
        channels.map(({ id, problem }) => [
          { channel: id },
          problem === undefined && unhealthy.every(({ channel }) => channel !== id) ? 1 : 0,
        ]),
      ),
    ];
    return {
      status: 200,
      headers: { "content-type": isForText(headers["accept"]) ? PLAIN_TEXT : OPEN_METRICS },
      body: `${exposed(families)}# EOF\n`,
    };
  },
});

const OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const PLAIN_TEXT = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Whether who asks takes the older text format alone. Gauges and histograms are written alike in both.
 * https://prometheus.io/docs/instrumenting/content_negotiation/
 */
function isForText(accept = ""): boolean {
  return weightOf("text/plain", accept) > weightOf("application/openmetrics-text", accept);
}

/** How much a type is wanted, 0 to 1. RFC 9110, 12.4.2. */
function weightOf(type: string, accept: string): number {
  const ranges = accept.split(",").map((range) => range.split(";").map((part) => part.trim().toLowerCase()));
  const [, ...parameters] = ranges.find(([range]) => range === type) ?? ["", "q=0"];
  const weight = Number(parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? 1);
  return Number.isNaN(weight) ? 0 : weight;
}

/** By target; `undefined` while the log is away. */
async function lastChecks(deps: ApiDeps): Promise<ReadonlyMap<number, LastCheck> | undefined> {
  const checks = await askLog(deps, () => deps.overview.lastChecks(new Date(deps.clock.now()).toISOString()));
  return checks && new Map(checks.map((check) => [check.seq, check]));
}

/** A histogram is 2 KB a target, and what a function answers ends at 6 MB. */
const MAX_HISTOGRAMS = 1_000;

async function dayLatencies(deps: ApiDeps): Promise<readonly DayLatencies[] | undefined> {
  return askLog(deps, () => deps.overview.latencies(new Date(deps.clock.now()).toISOString()));
}

/** Upper bounds of the buckets, ms: powers of two, with which those of roll-ups end. */
const BOUNDS_MS = Array.from({ length: 14 }, (_, index) => 2 ** (index + 2));

/** Begins anew at midnight, which a rate takes for what it is: a counter that was reset. */
function latencyHistogram(targets: readonly Target[], latencies: readonly DayLatencies[]): Family {
  const bySeq = new Map(latencies.map((day) => [day.seq, day]));
  return histogram(
    "server_tracker_target_check_duration_seconds",
    "Latency of good checks since midnight, UTC.",
    targets.flatMap((target) => {
      const day = bySeq.get(target.seq);
      if (day === undefined) return [];
      const counts = [...day.latencies].map(([bucket, count]) => [upperBoundMs(bucket), count] as const);
      const upTo = (bound: number) => counts.reduce((sum, [upper, count]) => (upper <= bound ? sum + count : sum), 0);
      return [
        {
          // Each of its lines repeats them: the rest is in the target's info, by its id.
          labels: { id: target.id },
          buckets: [...BOUNDS_MS, Number.POSITIVE_INFINITY].map((bound) => [bound / 1_000, upTo(bound)] as const),
          sum: day.sumMs / 1_000,
        },
      ];
    }),
  );
}

const PHASES = {
  total: "totalMs",
  dns: "dnsMs",
  connect: "connectMs",
  tls: "tlsMs",
  first_byte: "ttfbMs",
  transfer: "transferMs",
} as const;

function targetGauges(targets: readonly Target[], checks: ReadonlyMap<number, LastCheck>): Family[] {
  const labels = targets.map(labelsOf);
  const of = (value: (target: Target, check: LastCheck | undefined) => number | null | undefined): Sample[] =>
    targets.flatMap((target, index): Sample[] => {
      const found = value(target, checks.get(target.seq));
      return found === undefined || found === null ? [] : [[labels[index] ?? {}, found]];
    });
  const isKnown = ({ state }: Target) => state.status === "up" || state.status === "degraded" || state.status === "down";
  const phases = targets.flatMap((target, index) => {
    const check = checks.get(target.seq);
    if (check === undefined) return [];
    const all = { ...check.phases, totalMs: check.totalMs };
    return Object.entries(PHASES).flatMap(([phase, key]): Sample[] => {
      const ms = all[key];
      return ms === null ? [] : [[labels[index] ?? {}, ms / 1_000, PHASE_LABELS[phase]]];
    });
  });
  return [
    gauge(
      "server_tracker_target_up",
      "1 while a target is up or degraded, 0 while it is down; absent while it is paused or was never checked.",
      of((target) => (isKnown(target) ? (target.state.status === "down" ? 0 : 1) : undefined)),
    ),
    gauge(
      "server_tracker_target_degraded",
      "1 while a target is degraded.",
      of((target) => (isKnown(target) ? (target.state.status === "degraded" ? 1 : 0) : undefined)),
    ),
    gauge(
      "server_tracker_target_paused",
      "1 while a target is paused.",
      of(({ state }) => (state.status === "paused" ? 1 : 0)),
    ),
    gauge(
      "server_tracker_target_status_since_timestamp_seconds",
      "When the status began.",
      of(({ state }) => state.since),
    ),
    gauge(
      "server_tracker_target_last_check_timestamp_seconds",
      "Mark of the last check's round.",
      of((_, check) => check?.at),
    ),
    gauge("server_tracker_target_latency_seconds", "What the last check's time went into, by phase; total is all of it.", phases),
    gauge(
      "server_tracker_target_certificate_expiry_days",
      "Days left of the certificate that ends first.",
      of((_, check) => check?.certificateDays),
    ),
    gauge(
      "server_tracker_target_info",
      "What a target is, to join by id.",
      targets.map(({ id, config }): Sample => [{ id, type: config.type, tags: config.tags.join(",") }, 1]),
    ),
  ];
}

const PHASE_LABELS: Readonly<Record<string, Labels>> = Object.fromEntries(Object.keys(PHASES).map((phase) => [phase, { phase }]));

function labelsOf({ id, config }: Target): Labels {
  return { id, name: config.name, group: config.group ?? "" };
}

function one(value: number | undefined): Sample[] {
  return value === undefined ? [] : [[{}, value]];
}

function alertsWaiting(targets: readonly Target[]): number {
  const waiting = targets.flatMap(({ owed }) => owed.flatMap(({ deliveries }) => Object.values(deliveries)));
  return waiting.filter(({ outcome }) => outcome === "waiting").length;
}

function monitorGauges(targets: readonly Target[], last: Awaited<ReturnType<ApiDeps["lastRound"]["get"]>>, isLogThere: boolean): Family[] {
  const statuses = ["up", "degraded", "down", "pending", "paused"];
  return [
    gauge(
      "server_tracker_targets",
      "Targets, by status.",
      statuses.map((status) => [{ status }, targets.filter(({ state }) => state.status === status).length]),
    ),
    gauge("server_tracker_last_round_timestamp_seconds", "When the last round ended.", one(last && last.finishedAt / 1_000)),
    gauge("server_tracker_last_round_planned", "Targets that were due in the last round.", one(last?.planned)),
    gauge("server_tracker_last_round_checked", "Targets that were checked in the last round.", one(last?.checked)),
    gauge("server_tracker_last_round_late", "Checks of the last round that began after half of it.", one(last?.late)),
    gauge("server_tracker_last_round_failed_shards", "Shards of the last round that ended without a report.", one(last?.failedShards)),
    gauge("server_tracker_last_round_alerts_failed", "Alerts that channels refused for good in the last round.", one(last?.alertsFailed)),
    gauge("server_tracker_log_up", "1 while the log answers; latencies and certificates come from it.", one(isLogThere ? 1 : 0)),
    gauge("server_tracker_build_info", "The version that runs.", [[{ version: VERSION }, 1]]),
  ];
}
