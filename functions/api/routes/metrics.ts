import * as z from "zod";
import type { LastCheck } from "../../../shared/log/log-overview.ts";
import type { Target } from "../../../shared/targets/target.ts";
import { VERSION } from "../../../shared/version.ts";
import { allChannels } from "../../wiring/all-channels.ts";
import { askLog } from "../ask-log.ts";
import { type ApiDeps, defineRoute } from "../route.ts";
import { allTargets } from "./overview.ts";

/** Labels of one series. */
type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

/** A gauge as OpenMetrics has it. Source: https://prometheus.io/docs/specs/om/open_metrics_spec/ */
interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

export const getMetrics = defineRoute({
  method: "GET",
  path: "/metrics",
  id: "getMetrics",
  summary: "Every target and the monitor itself, for Prometheus (OpenMetrics)",
  tag: "Service",
  access: "viewer",
  responses: { 200: { description: "Gauges, as they are now.", schema: z.string(), contentType: "application/openmetrics-text" } },
  async handle(deps) {
    const [targets, lastRound, checks, unhealthy, channels, spool] = await Promise.all([
      allTargets(deps),
      deps.lastRound.get(),
      lastChecks(deps),
      deps.channelHealth.unhealthy(),
      allChannels(deps.settingChannels, deps.channelStore, deps.cipher),
      deps.spoolState(),
    ]);
    const gauges = [
      ...targetGauges(targets, checks ?? new Map()),
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
      headers: { "content-type": "application/openmetrics-text; version=1.0.0; charset=utf-8" },
      body: `${gauges.map(exposed).join("")}# EOF\n`,
    };
  },
});

/** By target; `undefined` while the log is away. */
async function lastChecks(deps: ApiDeps): Promise<ReadonlyMap<number, LastCheck> | undefined> {
  const checks = await askLog(deps, () => deps.overview.lastChecks(new Date(deps.clock.now()).toISOString()));
  return checks && new Map(checks.map((check) => [check.seq, check]));
}

const PHASES = {
  total: "totalMs",
  dns: "dnsMs",
  connect: "connectMs",
  tls: "tlsMs",
  first_byte: "ttfbMs",
  transfer: "transferMs",
} as const;

function targetGauges(targets: readonly Target[], checks: ReadonlyMap<number, LastCheck>): Gauge[] {
  const of = (value: (target: Target, check: LastCheck | undefined) => number | null | undefined): Sample[] =>
    targets.flatMap((target): Sample[] => {
      const found = value(target, checks.get(target.seq));
      return found === undefined || found === null ? [] : [[labelsOf(target), found]];
    });
  const isKnown = ({ state }: Target) => state.status === "up" || state.status === "degraded" || state.status === "down";
  const phases = targets.flatMap((target) => {
    const check = checks.get(target.seq);
    if (check === undefined) return [];
    const all = { ...check.phases, totalMs: check.totalMs };
    return Object.entries(PHASES).flatMap(([phase, key]): Sample[] => {
      const ms = all[key];
      return ms === null ? [] : [[{ ...labelsOf(target), phase }, ms / 1_000]];
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

function monitorGauges(targets: readonly Target[], last: Awaited<ReturnType<ApiDeps["lastRound"]["get"]>>, isLogThere: boolean): Gauge[] {
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
    gauge("server_tracker_log_up", "1 while the log answers; latencies and certificates come from it.", one(isLogThere ? 1 : 0)),
    gauge("server_tracker_build_info", "The version that runs.", [[{ version: VERSION }, 1]]),
  ];
}

function gauge(name: string, help: string, samples: readonly Sample[]): Gauge {
  return { name, help, samples };
}

function exposed({ name, help, samples }: Gauge): string {
  const lines = samples.map(([labels, value]) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    return `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}\n`;
  });
  return `# TYPE ${name} gauge\n# HELP ${name} ${help}\n${lines.join("")}`;
}

function escaped(text: string): string {
  return text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
}
