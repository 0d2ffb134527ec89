import { messageOf } from "../errors.ts";
import { type Recorder, record } from "../log/record.ts";
import { batch, type DeliveryRow } from "../log/tables.ts";
import { DeliveryError } from "../notify/notifier.ts";
import { isOfStatus, isTold } from "../status/alert-kinds.ts";
import { MAX_DEPENDENCY_DEPTH } from "../targets/admit-config.ts";
import { endedDeliveries } from "../targets/ended-deliveries.ts";
import type { Delivery, OwedAlert } from "../targets/owed-alert.ts";
import { howItIs, type Target } from "../targets/target.ts";
import type { DeliveryClaim, RecordedDelivery, TargetReader, TargetRounds } from "../targets/target-store.ts";
import { cleanText } from "../text/clean-text.ts";
import { inParallel } from "../time/in-parallel.ts";
import { markToIso } from "../time/marks.ts";
import type { ChannelHealthStore } from "./channel-health.ts";
import type { RoutedChannel } from "./channel-object.ts";
import { type Due, decideMessages, type Outcome, type Situation } from "./decide-messages.ts";
import { deliverMessages, type SendDeps } from "./deliver-messages.ts";
import { keptMessage } from "./living-message.ts";
import type { MaintenanceStore, MaintenanceWindow } from "./maintenance.ts";
import { takesSeverity } from "./routing.ts";
import { MAX_MISSED } from "./told-alert.ts";
import { channelsOf, goesTo, isFinal } from "./told-channels.ts";

export interface DeliveryDeps extends Recorder, SendDeps {
  readonly targets: Pick<TargetRounds, "claimOwed" | "recordDeliveries" | "releaseOwed"> & Pick<TargetReader, "get">;
  readonly channels: readonly RoutedChannel[];
  readonly roundSeconds: number;
  readonly channelHealth: ChannelHealthStore;
  readonly maintenance: Pick<MaintenanceStore, "list">;
  readonly linkTo: Situation["linkTo"];
  readonly acknowledgeAt: Situation["acknowledgeAt"];
  readonly logger: Recorder["logger"] & { error(message: string, details: Record<string, unknown>): void };
}

export interface DeliveryReport {
  readonly sent: number;
  /** That a channel has not taken; what maintenance holds back waits for nobody's mending, and is not among them. */
  readonly waiting: number;
  readonly failed: number;
  /** Log batches that had to be spooled. */
  readonly spooled: number;
  /** What the claimed targets owed, before it was settled. */
  readonly owed: readonly { readonly targetName: string; readonly alert: OwedAlert }[];
}

/** All sending of a round ends within this, in ms; what is left is seen again in the next round. */
const DELIVERY_BUDGET_MS = 20_000;
/** Longer than any conclude-round runs, so that a claim is only taken over from one that died. */
const LEASE_MS = 60_000;
const FIRST_BACKOFF_MS = 20_000;
const MAX_BACKOFF_MS = 5 * 60_000;
const CLAIMS_AT_ONCE = 20;

/**
 * Delivers what targets owe, each channel by itself, and settles it per channel after the channel's
 * answer. A claim on the target keeps overlapping rounds from sending the same alert twice; a crash
 * between the answer and its record makes the next round send it again: at least once, never lost.
 *
 * @param round names the ledger's batches in the spool
 * @param checkedUntil mark, epoch seconds: every check that was due at it or before is done
 * @param earlier targets that were told of before in this round
 */
export async function deliverOwed(
  deps: DeliveryDeps,
  targetIds: readonly string[],
  round: number,
  { checkedUntil = round, earlier = [] }: { readonly checkedUntil?: number; readonly earlier?: readonly string[] } = {},
): Promise<DeliveryReport> {
  const claims = await claimAll(deps, targetIds);
  const targets = claims.map(({ target }) => target);
  const windows = targets.length === 0 ? [] : await windowsOf(deps);
  const ancestors = await readAncestors(deps, targets);
  const { channels, linkTo, acknowledgeAt, roundSeconds } = deps;
  const situation: Situation = {
    targets,
    channels,
    now: deps.clock.now(),
    linkTo,
    acknowledgeAt,
    windows,
    ancestors,
    checkedUntil,
    roundSeconds,
    toldBefore: await toldBefore(deps, targets.length, earlier),
  };
  const { messages, outcomes } = decideMessages(situation);
  const key = `${markToIso(round)}#conclude`;
  const transitions = targets.flatMap(({ seq, owed }) => owed.map((alert) => ({ seq, alert })));
  const settled = new Map<DeliveryClaim, RecordedDelivery[]>(claims.map((claim) => [claim, []]));
  const noted = new Map<string, string>();
  const settle = async (channel: string, due: SettledDue, failure: DeliveryError | undefined, message?: string) => {
    const claim = claims.find((candidate) => candidate.target === due.target);
    if (claim === undefined) return;
    const kept = failure === undefined || failure.taken ? keptMessage(due, channel, message) : undefined;
    const deliveries = deliveriesOf(channel, due, failure, deps.clock.now()).map((delivery) => ({ ...delivery, message: kept }));
    settled.get(claim)?.push(...deliveries);
    await deps.targets.recordDeliveries(claim, deliveries);
    // Of a digest's thousand alerts, what the channel said is said once.
    const said = failure === undefined ? "" : reasonOf(failure);
    if (noted.get(channel) === said) return;
    noted.set(channel, said);
    await noteHealth(deps, channel, claim, failure);
  };
  const lost = outcomes.filter(({ what }) => what === "lost");
  const heldBack = outcomes.filter((outcome) => isNewHold(outcome, situation.now));
  const [ledger] = await Promise.all([
    record(deps, key, batch("transition", transitions)),
    deliverMessages(deps, messages, deps.clock.now() + DELIVERY_BUDGET_MS, settle),
    inParallel(lost, CLAIMS_AT_ONCE, ({ target, at, channel, reason }) => {
      const [first, ...rest] = target.owed.filter((alert) => alert.at === at);
      return first === undefined
        ? Promise.resolve()
        : settle(channel, { target, owed: [first, ...rest] }, new DeliveryError(reason, { permanent: true }));
    }),
    inParallel(claims, CLAIMS_AT_ONCE, async (claim) => {
      const held = heldBack.filter(({ target }) => target === claim.target).map((outcome) => heldDelivery(outcome, deps.clock.now()));
      const ended = withoutChannel(claim.target, outcomes, situation.now);
      if (ended.length > 0) {
        const details = { target: claim.target.id, alerts: ended.length };
        deps.logger.warn("alerts waited for a channel that was deleted, or is not for their target any more", details);
      }
      const deliveries = [...held, ...ended];
      if (deliveries.length === 0) return;
      settled.get(claim)?.push(...deliveries);
      await deps.targets.recordDeliveries(claim, deliveries);
    }),
  ]);
  const rows = claims.flatMap((claim) => (settled.get(claim) ?? []).map((delivery) => ({ seq: claim.target.seq, ...delivery })));
  const deliveryLedger = await record(deps, key, batch("delivery", [...settledBefore(outcomes), ...rows]));
  await inParallel(claims, CLAIMS_AT_ONCE, (claim) =>
    deps.targets.releaseOwed(claim, settledAlerts(deps, claim, settled.get(claim) ?? [])),
  );

  const count = (outcome: Delivery["outcome"]) => rows.filter(({ delivery }) => delivery.outcome === outcome).length;
  return {
    sent: count("sent"),
    waiting: count("waiting") - heldBack.filter(({ what }) => what === "hold").length,
    failed: count("failed"),
    spooled: [ledger, deliveryLedger].filter((where) => where === "spooled").length,
    owed: targets.flatMap(({ config, owed }) => owed.map((alert) => ({ targetName: config.name, alert }))),
  };
}

/** Alerts that wait for a channel which they do not go to any more: that is their end. */
function withoutChannel({ id, seq, owed }: Target, outcomes: readonly Outcome[], now: number): RecordedDelivery[] {
  const why = "the channel was deleted, or is not for this target any more";
  return owed.flatMap(({ at, deliveries }) => {
    const goes = new Set(outcomes.flatMap((outcome) => (outcome.target.id === id && outcome.at === at ? [outcome.channel] : [])));
    const left = Object.entries(deliveries).filter(([channel, { outcome }]) => outcome === "waiting" && !goes.has(channel));
    return endedDeliveries({ seq, at }, Object.fromEntries(left), now, why);
  });
}

/** What items say was settled before: a crash may have come between an item and the ledger, which takes rows twice. */
function settledBefore(outcomes: readonly Outcome[]): DeliveryRow[] {
  return outcomes
    .filter(({ what }) => what === "settled")
    .flatMap(({ target, at, channel }) => {
      const delivery = target.owed.find((alert) => alert.at === at)?.deliveries[channel];
      return delivery === undefined ? [] : [{ seq: target.seq, at, channel, delivery }];
    });
}

/** Windows of maintenance; none while they cannot be read, since an alert too many is better than none. */
async function windowsOf({ maintenance, logger }: DeliveryDeps): Promise<MaintenanceWindow[]> {
  try {
    return await maintenance.list();
  } catch (error) {
    logger.error("maintenance windows could not be read: alerts are told as if there were none", { reason: messageOf(error) });
    return [];
  }
}

/** How many alerts of this round each channel has had; none, where all of them are no storm to any. */
async function toldBefore(
  { targets, channels, logger }: DeliveryDeps,
  now: number,
  earlier: readonly string[],
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  if (channels.every(({ digestAbove }) => now + earlier.length <= digestAbove)) return counts;
  const read = await inParallel(earlier, CLAIMS_AT_ONCE, (id) =>
    targets.get(id).catch((error: unknown) => {
      logger.error("a target that was told of before could not be read: it is no part of a storm", {
        target: id,
        reason: messageOf(error),
      });
      return undefined;
    }),
  );
  for (const target of read) {
    if (target === undefined) continue;
    const now = howItIs(target.state.status);
    const isFor = (traits: RoutedChannel) => takesSeverity(traits, now === "well" ? "recovered" : now);
    // What waits, for whatever reason, was told to nobody.
    const isTold = (id: string) => !target.owed.some(({ deliveries }) => deliveries[id]?.outcome === "waiting");
    const had = channels.filter((traits) => channelsOf(target, channels).includes(traits.id) && isFor(traits) && isTold(traits.id));
    for (const { id } of had) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

/** Whether an alert is hidden, or held back by something new, or to be looked at again. */
function isNewHold({ target, at, channel, what, heldBy, reason }: Outcome, now: number): boolean {
  if (what !== "hold" || heldBy === undefined) return what === "hide";
  const delivery = target.owed.find((alert) => alert.at === at)?.deliveries[channel];
  return delivery?.error !== withEarlier(delivery, reason) || (delivery.nextAttemptAt ?? now + 1) <= now;
}

/** Between the reasons that held an alert back, one after the other. */
const THEN = "; then: ";
/** What of them is kept on an item. */
const MAX_REASON_CHARACTERS = 300;

/** What holds an alert back, behind what held it back at first, if there is room: its incident says so for ever. */
function withEarlier(before: Delivery | undefined, reason: string): string {
  if (before?.heldBy === undefined || before.error === undefined) return reason;
  const [first] = before.error.split(THEN).filter((each) => each !== reason);
  const both = first === undefined ? reason : first + THEN + reason;
  return both.length > MAX_REASON_CHARACTERS ? reason : both;
}

/** Windows are changed and taken back: what they hold is looked at again after this, at the latest. */
const HOLD_STEP_MS = 5 * 60_000;

/** What is recorded of an alert that is held back. */
function heldDelivery({ target, at, channel, what, reason, until, heldBy, known }: Outcome, now: number): RecordedDelivery {
  const before = target.owed.find((alert) => alert.at === at)?.deliveries[channel];
  const attempts = before?.attempts ?? 0;
  const outcome = what === "hide" ? "hidden" : "waiting";
  const next = until === undefined ? {} : { nextAttemptAt: Math.min(until, now + HOLD_STEP_MS) };
  // Why it is never told is one thing, what held it until then another.
  const error = outcome === "hidden" ? reason : withEarlier(before, reason);
  return { at, channel, known, delivery: { outcome, attempts, attemptedAt: now, ...next, error, ...(heldBy && { heldBy }) } };
}

/** All that targets depend on, as it is now; who cannot be read hides nothing. */
async function readAncestors({ targets: store, logger }: DeliveryDeps, targets: readonly Target[]): Promise<Map<string, Target>> {
  const known = new Map(targets.map((target) => [target.id, target]));
  const ancestors = new Map<string, Target>();
  let level: readonly string[] = [...new Set(targets.flatMap(({ config }) => config.dependsOn))];
  for (let depth = 1; depth <= MAX_DEPENDENCY_DEPTH && level.length > 0; depth++) {
    const read = await inParallel(level, CLAIMS_AT_ONCE, async (id) => {
      const claimed = known.get(id);
      if (claimed !== undefined) return claimed;
      return store.get(id).catch((error: unknown) => {
        logger.error("what a target depends on could not be read: it hides nothing", { target: id, reason: messageOf(error) });
        return undefined;
      });
    });
    for (const target of read) if (target !== undefined) ancestors.set(target.id, target);
    level = [...new Set(read.flatMap((target) => target?.config.dependsOn ?? []))].filter((id) => !ancestors.has(id));
  }
  return ancestors;
}

async function claimAll({ targets, logger }: DeliveryDeps, ids: readonly string[]): Promise<DeliveryClaim[]> {
  const claims = await inParallel(ids, CLAIMS_AT_ONCE, (id) =>
    targets.claimOwed(id, LEASE_MS).catch((error: unknown) => {
      // Seen again in the next round; the other targets' alerts must not wait for it.
      logger.error("what a target owes could not be claimed", { target: id, reason: messageOf(error) });
      return undefined;
    }),
  );
  return claims.filter((claim) => claim !== undefined);
}

/** Alerts that need no further round: on every channel of theirs, nothing more is tried. */
function settledAlerts({ channels }: DeliveryDeps, { target }: DeliveryClaim, recorded: readonly RecordedDelivery[]): number[] {
  const latest = (alert: OwedAlert, channel: string) =>
    recorded.findLast((delivery) => delivery.at === alert.at && delivery.channel === channel)?.delivery ?? alert.deliveries[channel];
  const receivers = (alert: OwedAlert) => channelsOf(target, channels).filter((channel) => goesTo(alert, channel, target, channels));
  return target.owed
    .filter((alert) => !isTold(alert) || receivers(alert).every((channel) => isFinal(latest(alert, channel))))
    .map(({ at }) => at);
}

/** Alerts whose delivery is settled; what was lost makes nobody know anything. */
type SettledDue = Pick<Due, "target" | "owed"> & Partial<Pick<Due, "known">>;

/** What is recorded of alerts that were sent as one. */
function deliveriesOf(channel: string, { owed, known }: SettledDue, failure: DeliveryError | undefined, now: number): RecordedDelivery[] {
  const isTaken = failure === undefined || failure.taken;
  const waiting = failure !== undefined && !failure.permanent;
  const knows = isTaken ? known : undefined;
  return owed.map((alert, index) => {
    const attempts = (alert.deliveries[channel]?.attempts ?? 0) + 1;
    // The message counts those that it does not name.
    const isNamed = index >= owed.length - 1 - MAX_MISSED;
    const outcome = isTaken ? (isNamed ? "sent" : "folded") : waiting ? "waiting" : "failed";
    const delivery: Delivery = {
      outcome,
      attempts,
      attemptedAt: now,
      ...(outcome === "waiting" && { nextAttemptAt: now + (failure?.retryAfterMs ?? backoffMs(attempts)) }),
      ...(failure ? { error: reasonOf(failure) } : heldBefore(alert.deliveries[channel])),
    };
    return { at: alert.at, channel, delivery, ...(isOfStatus(alert.kind) && { known: knows }) };
  });
}

/** Why something was told later than it was decided: its incident says so for ever. */
function heldBefore(before: Delivery | undefined): Pick<Delivery, "error"> {
  return before?.heldBy === undefined || before.error === undefined ? {} : { error: before.error };
}

async function noteHealth(
  deps: DeliveryDeps,
  channel: string,
  { target }: DeliveryClaim,
  failure: DeliveryError | undefined,
): Promise<void> {
  if (failure === undefined) {
    await deps.channelHealth.markHealthy(channel);
    return;
  }
  const details = { channel, target: target.id, reason: reasonOf(failure) };
  if (failure.taken) deps.logger.error("alert was taken, and not for everybody: mend the channel", details);
  else if (failure.permanent) deps.logger.error("alert could not be delivered and never will be: mend the channel", details);
  else deps.logger.warn("alert waits: the channel did not take it", details);
  await deps.channelHealth.markUnhealthy(channel, details.reason);
}

// Part of it may come from the service; it goes into the ledger, the API and logs.
function reasonOf({ message }: DeliveryError): string {
  return cleanText(message, 300);
}

function backoffMs(attempts: number): number {
  return Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempts - 1));
}
