import { markToIso } from "../round/round.ts";
import { labelOf } from "../target/target.ts";
import { ALERT_KIND_CODES, errorClassCode, OUTCOME_CODES, STATUS_CODES } from "./codes.ts";
import type { CheckRow, DeliveryRow, LogBatch, RoundRow, TargetRow, TransitionRow } from "./log-store.ts";

/*
 * Rows as their tables have them: what is written and what waits in the spool are the same JSON.
 */

export function checkBatch(rows: readonly CheckRow[]): LogBatch {
  return {
    kind: "check",
    rows: rows.map(({ round, target, intervalSeconds, result }) => ({
      at: markToIso(round),
      target: target.seq,
      interval_s: intervalSeconds,
      total_ms: tenths(result.totalMs),
      dns_ms: tenths(result.phases.dnsMs),
      connect_ms: tenths(result.phases.connectMs),
      tls_ms: tenths(result.phases.tlsMs),
      ttfb_ms: tenths(result.phases.ttfbMs),
      transfer_ms: tenths(result.phases.transferMs),
      status: STATUS_CODES[result.status],
      attempts: result.attempts,
      http_status: result.httpStatus,
      error_class: errorClassCode(result.error?.class),
      certificate_days: bounded(result.certificateDaysLeft),
      address: result.address,
      error: result.error?.text ?? result.note,
    })),
  };
}

export function transitionBatch(rows: readonly TransitionRow[]): LogBatch {
  return {
    kind: "transition",
    rows: rows.map(({ seq, alert }) => ({
      target: seq,
      at: new Date(alert.at).toISOString(),
      kind: ALERT_KIND_CODES[alert.kind],
      from_status: STATUS_CODES[alert.from],
      to_status: STATUS_CODES[alert.to],
      since: markToIso(alert.since),
      previous_since: markToIso(alert.previousSince),
      http_status: alert.httpStatus,
      error_class: errorClassCode(alert.error?.class),
      certificate_days: bounded(alert.certificateDaysLeft),
      latency_ms: tenths(alert.latencyMs),
      error: alert.error?.text,
    })),
  };
}

export function deliveryBatch(rows: readonly DeliveryRow[]): LogBatch {
  return {
    kind: "delivery",
    rows: rows.map(({ seq, at, channel, delivery }) => ({
      target: seq,
      at: new Date(at).toISOString(),
      channel,
      outcome: OUTCOME_CODES[delivery.outcome],
      attempts: delivery.attempts,
      attempted_at: new Date(delivery.attemptedAt).toISOString(),
      next_attempt_at: delivery.nextAttemptAt && new Date(delivery.nextAttemptAt).toISOString(),
      error: delivery.error,
    })),
  };
}

export function targetBatch(rows: readonly TargetRow[]): LogBatch {
  return {
    kind: "target",
    rows: rows.map(({ target, deletedAt }) => ({
      seq: target.seq,
      id: target.id,
      name: target.config.name,
      label: labelOf(target.config),
      type: target.config.type,
      group_name: target.config.group,
      tags: target.config.tags,
      interval_s: target.config.intervalSeconds,
      config_version: target.configVersion,
      created_at: target.createdAt,
      deleted_at: deletedAt,
    })),
  };
}

export function roundBatch(row: RoundRow): LogBatch {
  const { round, failedShards, tookMs, loopDelayMs, ...counts } = row;
  return {
    kind: "round",
    rows: [
      { at: markToIso(round), failed_shards: failedShards, took_ms: Math.round(tookMs), loop_delay_ms: tenths(loopDelayMs), ...counts },
    ],
  };
}

function tenths(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms * 10) / 10;
}

// Certificates of private authorities may be valid for centuries; the column is a smallint.
function bounded(days: number | undefined): number | undefined {
  return days === undefined ? undefined : Math.max(-32_768, Math.min(32_767, days));
}
