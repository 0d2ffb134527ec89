import * as z from "zod";
import { chase } from "../alert/chase.ts";
import { certificateText } from "../check/certificate-problem.ts";
import type { CheckResult } from "../check/check-result.ts";
import type { HeartbeatSeen } from "../check/check-type.ts";
import { type CheckJob, runCheck } from "../check/run-check.ts";
import { messageOf, UnreadableItemError } from "../errors.ts";
import { type Recorder, record } from "../log/record.ts";
import { batch } from "../log/tables.ts";
import { inProportion } from "../net/certificate.ts";
import { isTold } from "../status/alert-kinds.ts";
import { CERTIFICATE_WARNING_DAYS, certificateWarning } from "../status/certificate-warning.ts";
import { nextStatus, type StatusPolicy } from "../status/next-status.ts";
import type { FieldCipher } from "../targets/field-cipher.ts";
import { isWaiting, makingRoom, type OwedAlert } from "../targets/owed-alert.ts";
import { isDue, placeOf } from "../targets/schedule.ts";
import { mapSecrets } from "../targets/secret-fields.ts";
import { parseTargetConfig, type Target, type TargetConfig } from "../targets/target.ts";
import type { StateCommit, TargetReader, TargetRounds } from "../targets/target-store.ts";
import { inParallel } from "../time/in-parallel.ts";
import { createLimiter } from "../time/limiter.ts";
import { markToIso } from "../time/marks.ts";
import { createAsking, type SecondOpinions } from "./ask-probes.ts";
import { createBell, type Ring } from "./bell.ts";
import { createDependents } from "./dependents.ts";
import { type LastRoundStore, MAX_WAITING } from "./last-round.ts";
import { type PacedEngine, runChecks } from "./run-checks.ts";
import { createSight, isOfConnection } from "./sight.ts";

const shardSchema = z.object({
  round: z.number(),
  after: z.number(),
  hearingSince: z.number(),
  from: z.string(),
  to: z.string(),
  ids: z.array(z.string()).optional(),
  skips: z.array(z.string()).default([]),
  owedLimit: z.number(),
  waitingLimit: z.number().default(0),
  isAlone: z.boolean().default(true),
  planned: z.number().optional(),
});

export interface CheckShardDeps extends Recorder {
  readonly logger: Recorder["logger"] & { error(message: string, details: Record<string, unknown>): void };
  readonly targets: TargetReader & TargetRounds;
  readonly engine: PacedEngine;
  /** Of the fields that are stored encrypted. */
  readonly cipher: FieldCipher;
  /** Which round was done last: a late one decides nothing. */
  readonly lastRound: Pick<LastRoundStore, "get">;
  readonly roundSeconds: number;
  /** Addresses that stand for the outside: a shard that reaches one of them is not blind. */
  readonly controlTargets?: readonly { readonly host: string; readonly port: number }[];
  /** Absent where nobody else is asked before a target is down. */
  readonly opinions?: SecondOpinions | undefined;
  /** Absent where nobody can be called: conclude-round tells all. */
  readonly ring?: Ring | undefined;
}

/** What leaves a shard: counts and keys, never results, since states carry 256 KiB. */
export const shardReportSchema = z.object({
  /** Releases before 0.2 did not tell. */
  due: z.number().optional(),
  checked: z.number(),
  /** Of those that were due: what failed while the shard saw nothing, and is unknown. */
  blind: z.number().default(0),
  up: z.number(),
  degraded: z.number(),
  down: z.number(),
  /** Checks that started more than half a round after their mark. */
  late: z.number(),
  transitions: z.number(),
  spooled: z.number(),
  /** 99th percentile of event-loop delay while checking: how far latencies can be off. */
  loopDelayMs: z.number(),
  /** Ids of targets that owe an alert. */
  owed: z.array(z.string()),
  /** Ids of targets that are down and keep whoever checks them waiting. */
  waiting: z.array(z.string()).default([]),
});
export type ShardReport = z.output<typeof shardReportSchema>;

const COMMITS_AT_ONCE = 25;
/** A commit loses to a change of the same target; that many in a row do not happen. */
const MAX_COMMIT_ATTEMPTS = 4;

/** Checks the due targets of a shard, commits what changed, and logs every result. */
export async function checkShard(deps: CheckShardDeps, input: unknown): Promise<ShardReport> {
  const shard = shardSchema.parse(input);
  const targets = await targetsOf(deps, shard);
  const due = targets.filter((target) =>
    isDue(
      { ...target.config, id: target.id, status: target.state.status, updatedAt: target.updatedAt },
      shard.round,
      deps.roundSeconds,
      shard.after,
    ),
  );

  const jobs = due
    .flatMap((target) => jobOf(deps, target, shard.hearingSince) ?? [])
    .map((job) => ({ ...job, ...momentOf(job, shard, deps.roundSeconds) }));
  let transitions = 0;
  // Of those that are checked by name: who is down and not due stays among them.
  const waiting =
    shard.ids === undefined
      ? []
      : targets.flatMap((target) => (target.state.status === "down" && !due.includes(target) ? [target.id] : []));
  const fresh = new Set<string>();
  const dropped: Dropped[] = [];
  const bell = createBell(deps.ring, shard.round, deps.logger);
  const commits = createLimiter(COMMITS_AT_ONCE);
  const dependents = createDependents(jobs.map(({ target }) => target));
  // As each check ends: an alert waits for nobody else's.
  const settle = async (target: Target, result: CheckResult) => {
    const commit = await commits(() => commitChange(deps, target, shard.round, result))
      .finally(() => dependents.settled(target.id))
      .catch((error: unknown) => {
        // Decided anew in the next round; the shard's other targets and its rows must not go with it.
        deps.logger.error("state not committed", { target: target.id, reason: messageOf(error) });
        return undefined;
      });
    if (commit === undefined) return;
    transitions += commit.owed.filter(({ kind }) => kind === "status").length;
    for (const alert of commit.dropped ?? []) dropped.push({ target, alert });
    if (commit.owed.length === 0) return;
    fresh.add(target.id);
    if (commit.owed.some(isTold)) {
      // Whose alert says how many it hides waits until they are seen, for a moment.
      const below = commit.state.status === "down" ? dependents.allSettled(target.id) : undefined;
      if (below !== undefined) await Promise.race([below, deps.engine.clock.sleep(DEPENDENTS_MS)]);
      bell.changed(target.id);
    }
  };
  const sight = createSight(jobs.map(({ target }) => target));
  let kept: { readonly target: Target; readonly result: CheckResult }[] = [];
  const asking = createAsking(deps.opinions, shard.round, deps.engine.clock.now);
  const onResult = async (index: number, result: CheckResult) => {
    const target = jobs[index]?.target;
    if (target === undefined) return;
    const tookMs = deps.engine.clock.now() - result.startedAt;
    if (result.status === "down" && target.state.status === "down" && tookMs > WAITING_MS) waiting.push(target.id);
    if (sight.keeps(target, result)) {
      kept.push({ target, result });
      return;
    }
    const released = sight.sees() ? kept : [];
    if (released.length > 0) kept = [];
    await Promise.all([{ target, result }, ...released].map((each) => settle(each.target, each.result)));
  };
  const asked = jobs.map(({ target: { id, state }, config }) => ({ id, state, config }));
  const confirmed = async (index: number, seen: CheckResult) => {
    const target = asked[index];
    return target === undefined ? seen : asking.confirmed(target, seen);
  };
  const looks = asking.looks(asked, deps.roundSeconds);
  const { results, loopDelayMs } = await runChecks(jobs, deps.engine, onResult, confirmed);
  const isBlind = sight.looksBlind() && !(await seesControls(deps));
  if (!isBlind) await Promise.all(kept.map((each) => settle(each.target, each.result)));
  const checked = jobs.flatMap(({ target }, index) => {
    const result = results[index];
    // What a blind shard did not see is unknown: no row says anything of it.
    return result === undefined || (isBlind && isOfConnection(result)) ? [] : [{ target, result }];
  });
  const blind = isBlind ? results.filter((result) => result !== undefined && isOfConnection(result)).length : 0;
  if (isBlind) deps.logger.error("blind: nearly everything failed to connect at once, which is our own trouble", { checks: blind });
  const seen = new Map(checked.map(({ target, result }) => [target.id, result]));
  await chaseAll(deps, targets, fresh, seen, shard.round, (id) => {
    fresh.add(id);
    bell.changed(id);
  });
  const heard = await bell.end(shard.isAlone ? shard.owedLimit : 0);
  await keepDropped(deps, `${markToIso(shard.round)}#${nameOf(shard)}#dropped`, dropped);

  const rows = checked.map(({ target, result }) => ({
    round: shard.round,
    seq: target.seq,
    intervalSeconds: target.config.intervalSeconds,
    result,
  }));
  const where = await record(deps, `${markToIso(shard.round)}#${nameOf(shard)}`, batch("check", rows));
  const looked = await looks.end();
  const opinionsOf = new Map(checked.map(({ target, result }) => [target.id, result.opinions ?? []]));
  const heardFrom = jobs.flatMap(({ target: { id, seq } }) => {
    const opinions = opinionsOf.get(id) ?? [];
    // A place that was asked while it looked has said one thing.
    const others = (looked.get(id) ?? []).filter(({ from }) => !opinions.some((opinion) => opinion.from === from));
    return [...opinions, ...others].map((opinion) => ({ round: shard.round, seq, opinion }));
  });
  await record(deps, `${markToIso(shard.round)}#${nameOf(shard)}#opinions`, batch("opinion", heardFrom));

  const withStatus = (status: CheckResult["status"]) => checked.filter(({ result }) => result.status === status).length;
  const lateAfter = (shard.round + deps.roundSeconds / 2) * 1_000;
  return {
    due: due.length,
    // A heartbeat that still waits for its first ping was looked at, and has no result.
    checked: jobs.length - blind,
    blind,
    up: withStatus("up"),
    degraded: withStatus("degraded"),
    down: withStatus("down"),
    late: checked.filter(({ result }) => result.startedAt > lateAfter).length,
    transitions,
    spooled: where === "spooled" ? 1 : 0,
    loopDelayMs,
    waiting: waiting.slice(0, shard.ids === undefined ? shard.waitingLimit : MAX_WAITING),
    owed: owingFirst(targets, { fresh, heard }, { ...shard, turn: shard.round / deps.roundSeconds, now: deps.engine.clock.now() }),
  };
}

/** How long an alert waits at most for what depends on its target, in ms: what hangs until its timeout may be among it. */
const DEPENDENTS_MS = 5_000;
/** What is down and fails no sooner is checked apart, ms. */
const WAITING_MS = 1_000;

/** The targets of a shard: of its range, or by name. One that another release stored is told of where its range is read. */
async function targetsOf({ targets }: CheckShardDeps, { from, to, ids, skips }: z.output<typeof shardSchema>): Promise<Target[]> {
  if (ids === undefined) return (await targets.range(from, to)).filter(({ id }) => !skips.includes(id));
  const found = await inParallel(ids, COMMITS_AT_ONCE, (id) =>
    targets.get(id).catch((error: unknown) => {
      if (error instanceof UnreadableItemError) return undefined;
      // As with a range that cannot be read: the shard is lost, and the round says so.
      throw error;
    }),
  );
  return found.filter((target) => target !== undefined);
}

/** What its rows are called in the spool, in its round. */
function nameOf({ ids, from }: Pick<z.output<typeof shardSchema>, "ids" | "from">): string {
  return ids === undefined ? from : "waiting";
}

/** Whether any of the addresses answers that stand for the outside; nobody is asked where none is set. */
async function seesControls({ engine, controlTargets = [] }: CheckShardDeps): Promise<boolean> {
  const answers = await Promise.all(
    controlTargets.map(async ({ host, port }) => {
      const config = parseTargetConfig({ type: "tcp", name: "control", host, port, timeoutMs: CONTROL_TIMEOUT_MS, retries: 0 }, 30);
      return (await runCheck({ config, heartbeat: { awaitedSince: 0 } }, engine))?.status === "up";
    }),
  );
  return answers.includes(true);
}

const CONTROL_TIMEOUT_MS = 3_000;

/** Tells again of what is down for long and nobody takes care of; what changed in this round has its turn in the next. */
async function chaseAll(
  deps: CheckShardDeps,
  targets: readonly Target[],
  changed: ReadonlySet<string>,
  seen: ReadonlyMap<string, CheckResult>,
  round: number,
  onOwed: (id: string) => void,
): Promise<void> {
  await inParallel(targets, COMMITS_AT_ONCE, async (target) => {
    const chased = changed.has(target.id) ? undefined : chase(target, round, seen.get(target.id));
    if (chased === undefined) return;
    const { state, certificateWarnings } = target;
    const committed = await deps.targets.commitState(target, { state, certificateWarnings, ...chased }).catch((error: unknown) => {
      deps.logger.error("a reminder was not committed", { target: target.id, reason: messageOf(error) });
      return false;
    });
    if (committed) onOwed(target.id);
  });
}

/**
 * Targets that owe an alert, those first for which something can be done: what is new, then what is due, then what waits
 * for its time, and last what the bell is telling. Among equals each round begins where the one before ended, so that none is always the last.
 * @param now epoch ms
 * @returns the ids of `owedLimit` at most
 */
function owingFirst(
  targets: readonly Target[],
  { fresh, heard }: { fresh: ReadonlySet<string>; heard: ReadonlySet<string> },
  { owedLimit, turn, now }: { owedLimit: number; turn: number; now: number },
): string[] {
  const rankOf = ({ id, owed }: Target) => {
    if (heard.has(id)) return 3;
    if (fresh.has(id)) return 0;
    return owed.every((alert) => isWaiting(alert, now)) ? 2 : 1;
  };
  const owing = targets.filter(({ id, owed }) => fresh.has(id) || owed.length > 0);
  const first = owing.length === 0 ? 0 : (turn * owedLimit) % owing.length;
  const rotated = [...owing.slice(first), ...owing.slice(0, first)];
  return rotated
    .sort((a, b) => rankOf(a) - rankOf(b))
    .map(({ id }) => id)
    .slice(0, owedLimit);
}

/** An alert that had to leave its item before every channel took it. */
interface Dropped {
  readonly target: Target;
  readonly alert: OwedAlert;
}

// The ledger has them, and says that nobody was told: nothing is lost in silence.
async function keepDropped(deps: CheckShardDeps, key: string, dropped: readonly Dropped[]): Promise<void> {
  if (dropped.length === 0) return;
  deps.logger.error("owed alerts were given up to make room: mend their channels", { alerts: dropped.length });
  const attemptedAt = deps.engine.clock.now();
  const error = "given up after too many later changes: the channel took none of them";
  const deliveries = dropped.flatMap(({ target: { seq }, alert }) =>
    Object.entries(alert.deliveries)
      .filter(([, { outcome }]) => outcome === "waiting")
      .map(([channel, { attempts }]) => ({
        seq,
        at: alert.at,
        channel,
        delivery: { outcome: "failed" as const, attempts, attemptedAt, error },
      })),
  );
  await record(
    deps,
    key,
    batch(
      "transition",
      dropped.map(({ target: { seq }, alert }) => ({ seq, alert })),
    ),
  );
  await record(deps, key, batch("delivery", deliveries));
}

/** A check of a target, with its secrets in the open. */
interface ShardJob extends CheckJob {
  readonly target: Target;
  readonly config: TargetConfig;
}

/** What comes before a round's first check takes about as long on a laptop, in ms: a base, and for each target. */
const BEFORE_FIRST_MS = { base: 150, each: 0.5, most: 2_000 };
/** Of each second of a round: its last check begins before half of it, after which one is late. */
const LAST_MOMENT_MS = 400;
/** Over this time for each of the round's checks, in ms, they are spread: at 300 a second hardly one waits for another's start. */
const SPREAD_MS = 3.3;

/**
 * When in its round a target is checked, where all shards share a process: at the same moment of each, whatever was before
 * it in this one. Elsewhere as soon as may be.
 */
function momentOf({ target }: ShardJob, { round, planned }: z.output<typeof shardSchema>, roundSeconds: number): { startAt?: number } {
  if (planned === undefined) return {};
  const first = Math.min(BEFORE_FIRST_MS.most, BEFORE_FIRST_MS.base + planned * BEFORE_FIRST_MS.each);
  const spread = Math.min(planned * SPREAD_MS, roundSeconds * LAST_MOMENT_MS - first);
  return { startAt: round * 1_000 + first + placeOf(target.id) * spread };
}

// What cannot be decrypted cannot be checked, which is no fault of the target: its time stays unknown.
function jobOf({ cipher, logger }: CheckShardDeps, target: Target, hearingSince: number): ShardJob | undefined {
  const { state, heartbeat, createdAt } = target;
  try {
    const config = mapSecrets(target.config, cipher.decrypt);
    return {
      target,
      // What is down already needs no second opinion: it would keep its shard's Lambda waiting in each round.
      config: state.status === "down" ? { ...config, retries: 0 } : config,
      heartbeat: heardSince(heartbeat ?? { awaitedSince: Date.parse(createdAt) }, hearingSince),
    };
  } catch (error) {
    logger.error("a target's secrets cannot be decrypted: was FIELD_KEY changed?", { target: target.id, reason: messageOf(error) });
    return undefined;
  }
}

// While no round ran, nobody may have been there to take a ping.
function heardSince(heartbeat: HeartbeatSeen, hearingSince: number): HeartbeatSeen {
  return { ...heartbeat, awaitedSince: Math.max(heartbeat.awaitedSince, hearingSince) };
}

/**
 * Decides a target's new state and commits it when it changed: one conditional write, with what is
 * owed for it. Two overlapping rounds cannot both write it.
 * @returns what was committed; `undefined` when nothing changed
 */
async function commitChange(
  { targets, lastRound }: Pick<CheckShardDeps, "targets" | "lastRound">,
  read: Target,
  round: number,
  result: CheckResult,
): Promise<StateCommit | undefined> {
  let target: Target | undefined = read;
  if (decide(read, round, result) === undefined) return undefined;
  // A round that is done has decided: done again, it would decide by another look. And a later one that checked the same
  // target knows better: what this one saw is history.
  const last = await lastRound.get().catch(() => undefined);
  const isOver = last !== undefined && (last.round === round || last.round - round >= read.config.intervalSeconds);
  if (isOver) return undefined;
  for (let attempt = 0; attempt < MAX_COMMIT_ATTEMPTS && target !== undefined; attempt++) {
    const commit = decide(target, round, result);
    if (commit === undefined) return undefined;
    if (await targets.commitState(target, commit)) return commit;
    target = await targets.get(target.id);
  }
  return undefined;
}

function decide(target: Target, round: number, result: CheckResult): StateCommit | undefined {
  const { state, change } = nextStatus(target.state, { round, status: result.status }, policyOf(target.config));
  const certificate = certificateWarning(target.certificateWarnings, result.certificate, warningDaysOf(target.config, result));
  if (state === target.state && certificate.warned === target.certificateWarnings) return undefined;

  const seen = {
    ...(result.error && { error: { class: result.error.class, text: result.error.text } }),
    ...(result.note !== undefined && { note: result.note }),
    ...(result.httpStatus !== undefined && { httpStatus: result.httpStatus }),
    ...(result.totalMs !== undefined && { latencyMs: result.totalMs }),
    deliveries: {},
  };
  const owed: OwedAlert[] = [];
  if (change) {
    const { from, to, since, previousSince } = change;
    owed.push({ ...seen, at: round * 1_000, kind: "status", from, to, since, previousSince });
  }
  const isToldAlready = change !== undefined && result.error?.about === "certificate";
  if (certificate.warn && result.certificate !== undefined && !isToldAlready) {
    const { status, since } = state;
    const error = { class: "assertion", text: certificateText(result.certificate) } as const;
    const certificateDaysLeft = result.certificate.daysLeft;
    // A millisecond apart: `at` is the key within the target.
    const at = round * 1_000 + 1;
    owed.push({ ...seen, error, certificateDaysLeft, at, kind: "certificate", from: status, to: status, since, previousSince: since });
  }
  return { state, owed, dropped: owed.length === 0 ? [] : makingRoom(target.owed, owed), certificateWarnings: certificate.warned };
}

/** Days left at which a target's certificate is worth a word: its own, or the usual ones in proportion to its life. */
function warningDaysOf(config: TargetConfig, { certificate }: CheckResult): readonly number[] {
  const own = "certificateWarningDays" in config ? config.certificateWarningDays : undefined;
  return own ?? CERTIFICATE_WARNING_DAYS.map((days) => (certificate === undefined ? days : inProportion(days, certificate)));
}

/** The status policy of a configuration. */
function policyOf({ failureThreshold, failureWindow, successThreshold }: TargetConfig): StatusPolicy {
  return { failureThreshold, failureWindow: failureWindow ?? failureThreshold, successThreshold };
}
