import * as z from "zod";
import { type DeliveryReport, deliverOwed } from "../alert/deliver-owed.ts";
import { sightSchema } from "../alert/sight.ts";
import { type DepartedDeps, tellOfDeparted } from "../alert/tell-of-departed.ts";
import { tellOfSight } from "../alert/tell-of-sight.ts";
import { type ToldChange, toldChanges } from "../alert/told-changes.ts";
import { messageOf } from "../errors.ts";
import { type Drained, drainSpool } from "../log/drain-spool.ts";
import { hasMissedItsHour, type LogRest } from "../log/log-rest.ts";
import { record } from "../log/record.ts";
import type { Spool } from "../log/spool.ts";
import { batch, type RoundRow } from "../log/tables.ts";
import { markToIso } from "../time/marks.ts";
import { shardReportSchema } from "./check-shard.ts";
import { type LastRoundStore, MAX_WAITING } from "./last-round.ts";
import type { ConcludedRound } from "./round-metrics.ts";

/** Input of the task: the plan and what each shard reported, or that it failed. */
const concludeRoundInput = z.object({
  plan: z.object({
    round: z.number(),
    startedAt: z.number(),
    planned: z.number(),
    hearingSince: z.number(),
    blindSince: z.number().default(0),
    sight: sightSchema.nullish(),
  }),
  shards: z.array(z.union([shardReportSchema, z.object({ failed: z.literal(true) })])),
});

export interface ConcludeRoundDeps extends DepartedDeps {
  readonly spool: Spool;
  readonly lastRound: LastRoundStore;
  /** Where the log sleeps between its hours. */
  readonly rest?: LogRest | undefined;
  /** Tells the outside that a round ran, and by which numbers. Called after the round is durable. */
  readonly publish: (round: ConcludedRound) => Promise<void> | void;
}

export interface RoundSummary extends RoundRow {
  /** Checks that failed while their shard saw nothing: their time is unknown. */
  readonly blind: number;
  readonly alerts: { readonly sent: number; readonly waiting: number; readonly failed: number };
  readonly drained: number;
  /** Changes of status of this round that the bell did not tell before its end; the first 50. */
  readonly changes: readonly ToldChange[];
}

const DRAIN_BUDGET_MS = 8_000;

/** Delivers what is owed, records the round, says that it ran, and drains the spool. */
export async function concludeRound(deps: ConcludeRoundDeps, input: unknown): Promise<RoundSummary> {
  const { plan, shards } = concludeRoundInput.parse(input);
  const reports = shards.filter((shard) => "checked" in shard);
  const sum = (pick: (report: (typeof reports)[number]) => number) => reports.reduce((total, report) => total + pick(report), 0);

  const blind = sum((report) => report.blind);
  const owing = [...new Set(reports.flatMap(({ owed }) => owed))];
  const reported = await Promise.all([deliverOwed(deps, owing, plan.round), tellOfDeparted(deps, plan.round)]);
  const delivery = sumOf(reported);

  const row: RoundRow = {
    round: plan.round,
    planned: sum(({ due, checked, blind: unseen }) => due ?? checked + unseen) + lostChecks(plan.planned, shards.length, reports.length),
    checked: sum(({ checked }) => checked),
    up: sum(({ up }) => up),
    degraded: sum(({ degraded }) => degraded),
    down: sum(({ down }) => down),
    late: sum(({ late }) => late),
    failedShards: shards.length - reports.length,
    transitions: sum(({ transitions }) => transitions),
    spooled: sum(({ spooled }) => spooled) + delivery.spooled,
    tookMs: deps.clock.now() - plan.startedAt,
    loopDelayMs: Math.max(0, ...reports.map(({ loopDelayMs }) => loopDelayMs)),
  };
  const where = await record(deps, `${markToIso(plan.round)}#round`, batch("round", [row]));
  const sees = blind === 0 && plan.blindSince > 0 ? { from: plan.blindSince, to: plan.round } : plan.sight;
  // Who cannot see reaches nobody.
  const sight = sees && blind === 0 ? await tellOfSight(deps, sees, plan.round) : sees;
  await deps.lastRound.put({
    round: row.round,
    finishedAt: deps.clock.now(),
    planned: row.planned,
    checked: row.checked,
    failedShards: row.failedShards,
    late: row.late,
    alertsFailed: delivery.failed,
    hearingSince: plan.hearingSince,
    blindSince: blind > 0 ? plan.blindSince || plan.round : 0,
    ...(sight && { sight }),
    waiting: reports.flatMap(({ waiting }) => waiting).slice(0, MAX_WAITING),
  });
  const { sent, waiting, failed } = delivery;
  // Only a log that just answered is worth more of the round's time.
  const { drained, empty } = where === "logged" ? await drain(deps) : NOT_DRAINED;
  // Where the log sleeps, rows wait for their hour, and nobody is to know unless it was missed.
  const isLate = deps.rest === undefined ? !empty : await hasMissedItsHour(deps.rest, deps.clock.now()).catch(() => false);
  await deps.publish({ row, alerts: { sent, waiting, failed }, spoolWaits: isLate });

  return { ...row, blind, alerts: { sent, waiting, failed }, drained, changes: toldChanges(delivery.owed, plan.round) };
}

/** Of what a shard named and of what was deleted, as one. */
function sumOf(reports: readonly DeliveryReport[]): DeliveryReport {
  const sum = (of: "sent" | "waiting" | "failed" | "spooled") => reports.reduce((total, report) => total + report[of], 0);
  return {
    sent: sum("sent"),
    waiting: sum("waiting"),
    failed: sum("failed"),
    spooled: sum("spooled"),
    owed: reports.flatMap(({ owed }) => owed),
  };
}

/** Of shards that ended without a report, what they may have had to check: their share, and one at least. */
function lostChecks(planned: number, shards: number, reported: number): number {
  return shards === reported ? 0 : Math.max(shards - reported, Math.round((planned * (shards - reported)) / shards));
}

const NOT_DRAINED: Drained = { drained: 0, empty: false, isThrough: false };

// The round is done: what the spool does must not cost its metrics.
async function drain(deps: ConcludeRoundDeps): Promise<Drained> {
  try {
    return await drainSpool(deps, DRAIN_BUDGET_MS);
  } catch (error) {
    deps.logger.error("the spool could not be drained", { reason: messageOf(error) });
    return NOT_DRAINED;
  }
}
