import type { Clock } from "../clock.ts";
import { messageOf } from "../errors.ts";
import { deliveryBatch, transitionBatch } from "../log/batches.ts";
import { type Recorder, record } from "../log/record.ts";
import type { AddressGuard } from "../net/address-guard.ts";
import type { Channel } from "../notify/channel.ts";
import { type Alert, DeliveryError } from "../notify/notifier.ts";
import { markToIso } from "../round/round.ts";
import type { DeliveryClaim, RecordedDelivery, TargetRounds } from "../target/target-store.ts";
import type { ChannelHealthStore } from "./channel-health.ts";
import { type Delivery, isTold, type OwedAlert } from "./owed-alert.ts";
import { MAX_MISSED, toldAlert } from "./told-alert.ts";

export interface DeliveryDeps extends Recorder {
  readonly targets: TargetRounds;
  readonly channels: readonly Channel[];
  readonly channelHealth: ChannelHealthStore;
  readonly guard: AddressGuard;
  readonly clock: Clock;
  readonly userAgent: string;
  /** Address of a target's page, when there is one. */
  readonly linkTo: (targetId: string) => string | undefined;
  readonly logger: Recorder["logger"] & { error(message: string, details: Record<string, unknown>): void };
}

export interface DeliveryReport {
  readonly sent: number;
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
const SEND_TIMEOUT_MS = 8_000;
/** A wait this short that a service asks for is waited out at once, not in the next round. */
const MAX_INLINE_WAIT_MS = 5_000;
const FIRST_BACKOFF_MS = 20_000;
const MAX_BACKOFF_MS = 5 * 60_000;
const CLAIMS_AT_ONCE = 20;

/**
 * Delivers what targets owe, each channel by itself, and settles it per channel after the channel's
 * answer. A claim on the target keeps overlapping rounds from sending the same alert twice; a crash
 * between the answer and its record makes the next round send it again: at least once, never lost.
 *
 * @param round names the ledger's batches in the spool
 */
export async function deliverOwed(deps: DeliveryDeps, targetIds: readonly string[], round: number): Promise<DeliveryReport> {
  const claims = (await inGroups(targetIds, CLAIMS_AT_ONCE, (id) => deps.targets.claimOwed(id, LEASE_MS))).filter(
    (claim) => claim !== undefined,
  );
  const transitions = claims.flatMap(({ target }) => target.owed.map((alert) => ({ seq: target.seq, alert })));
  const deadline = deps.clock.now() + DELIVERY_BUDGET_MS;
  const key = `${markToIso(round)}#conclude`;
  const [ledger, ...outcomes] = await Promise.all([
    record(deps, key, transitionBatch(transitions)),
    ...groupByChannel(deps, claims).map(([channel, dues]) => deliverOnChannel(deps, channel, dues, deadline)),
  ]);
  const deliveries = outcomes.flat();
  const deliveryLedger = await record(deps, key, deliveryBatch(deliveries.map(({ claim, ...row }) => ({ seq: claim.target.seq, ...row }))));
  await inGroups(claims, CLAIMS_AT_ONCE, (claim) => {
    const recorded = deliveries.filter((delivery) => delivery.claim === claim);
    return deps.targets.releaseOwed(claim, settledAlerts(deps, claim, recorded));
  });

  const count = (outcome: Delivery["outcome"]) => deliveries.filter(({ delivery }) => delivery.outcome === outcome).length;
  return {
    sent: count("sent"),
    waiting: count("waiting"),
    failed: count("failed"),
    spooled: [ledger, deliveryLedger].filter((where) => where === "spooled").length,
    owed: claims.flatMap(({ target }) => target.owed.map((alert) => ({ targetName: target.config.name, alert }))),
  };
}

/** Alerts of one target that one channel is due to tell, as one. */
interface Due {
  readonly claim: DeliveryClaim;
  readonly owed: readonly [OwedAlert, ...OwedAlert[]];
  readonly alert: Alert;
}

interface ClaimedDelivery extends RecordedDelivery {
  readonly claim: DeliveryClaim;
}

function groupByChannel(deps: DeliveryDeps, claims: readonly DeliveryClaim[]): [string, Due[]][] {
  const byChannel = new Map<string, Due[]>();
  for (const claim of claims) {
    for (const channel of channelsOf(deps, claim)) {
      for (const kind of ["status", "certificate"] as const) {
        const [first, ...rest] = dueAlerts(claim, channel, kind, deps.clock.now());
        if (first === undefined) continue;
        const owed: Due["owed"] = [first, ...rest];
        const alert = toldAlert(claim.target, owed, deps.linkTo(claim.target.id));
        byChannel.set(channel, [...(byChannel.get(channel) ?? []), { claim, owed, alert }]);
      }
    }
  }
  return [...byChannel];
}

function channelsOf({ channels }: DeliveryDeps, { target }: DeliveryClaim): readonly string[] {
  return target.config.channels ?? channels.map(({ id }) => id);
}

// In order: while one alert of a target waits for its time, later ones of the same kind wait with it.
function dueAlerts({ target }: DeliveryClaim, channel: string, kind: OwedAlert["kind"], now: number): OwedAlert[] {
  const open = target.owed.filter((alert) => alert.kind === kind && isTold(alert) && !isFinal(alert.deliveries[channel]));
  const waits = open.some(({ deliveries }) => (deliveries[channel]?.nextAttemptAt ?? 0) > now);
  return waits ? [] : open;
}

function isFinal(delivery: Delivery | undefined): boolean {
  return delivery !== undefined && delivery.outcome !== "waiting";
}

function settledAlerts(deps: DeliveryDeps, claim: DeliveryClaim, recorded: readonly RecordedDelivery[]): number[] {
  const latest = (alert: OwedAlert, channel: string) =>
    recorded.findLast((delivery) => delivery.at === alert.at && delivery.channel === channel)?.delivery ?? alert.deliveries[channel];
  return claim.target.owed
    .filter((alert) => !isTold(alert) || channelsOf(deps, claim).every((channel) => isFinal(latest(alert, channel))))
    .map(({ at }) => at);
}

async function deliverOnChannel(deps: DeliveryDeps, channelId: string, dues: readonly Due[], deadline: number): Promise<ClaimedDelivery[]> {
  const channel = deps.channels.find(({ id }) => id === channelId);
  if (channel === undefined) {
    const error = new DeliveryError(`there is no channel "${channelId}"`, { permanent: true });
    return (await Promise.all(dues.map((due) => settle(deps, channelId, due, error)))).flat();
  }
  const recorded: ClaimedDelivery[] = [];
  const messages = chunks(dues, channel.maxAlertsPerMessage);
  let blocked: DeliveryError | undefined;
  for (const message of messages) {
    if (deps.clock.now() >= deadline) break;
    // A channel that asked to wait or is away is not asked again for each message of the round.
    const failure: DeliveryError | undefined = blocked ?? (await send(deps, channel, message, deadline));
    const parts =
      failure?.permanent && message.length > 1 ? await sendSingly(deps, channel, message, deadline) : message.map(() => failure);
    for (const [index, due] of message.entries()) recorded.push(...(await settle(deps, channelId, due, parts[index])));
    if (failure !== undefined && !failure.permanent) blocked = failure;
  }
  return recorded;
}

// One alert the service cannot take must not take the others of its message with it.
async function sendSingly(
  deps: DeliveryDeps,
  channel: Channel,
  dues: readonly Due[],
  deadline: number,
): Promise<(DeliveryError | undefined)[]> {
  const outcomes: (DeliveryError | undefined)[] = [];
  for (const due of dues) outcomes.push(await send(deps, channel, [due], deadline));
  return outcomes;
}

/** @returns why it was not taken; `undefined` when it was */
async function send(deps: DeliveryDeps, channel: Channel, dues: readonly Due[], deadline: number): Promise<DeliveryError | undefined> {
  const alerts = dues.map(({ alert }) => alert);
  for (;;) {
    const failure = await attempt(deps, channel, alerts);
    const waitMs = failure?.retryAfterMs;
    if (waitMs === undefined || waitMs > MAX_INLINE_WAIT_MS || deps.clock.now() + waitMs >= deadline) return failure;
    await deps.clock.sleep(waitMs);
  }
}

async function attempt(deps: DeliveryDeps, channel: Channel, alerts: readonly Alert[]): Promise<DeliveryError | undefined> {
  const timeout = AbortSignal.timeout(SEND_TIMEOUT_MS);
  const late = new Promise<never>((_, reject) => {
    timeout.addEventListener("abort", () => reject(new DeliveryError(`${channel.id} did not answer within ${SEND_TIMEOUT_MS / 1_000} s`)), {
      once: true,
    });
  });
  late.catch(() => undefined);
  try {
    const context = { guard: deps.guard, userAgent: deps.userAgent, now: deps.clock.now(), signal: timeout };
    await Promise.race([channel.send(alerts, context), late]);
    return undefined;
  } catch (error) {
    return error instanceof DeliveryError ? error : new DeliveryError(messageOf(error), { cause: error });
  }
}

/** Records what became of a due on its channel, at once, so that a crash repeats as little as can be. */
async function settle(
  deps: DeliveryDeps,
  channel: string,
  { claim, owed }: Due,
  failure: DeliveryError | undefined,
): Promise<ClaimedDelivery[]> {
  const now = deps.clock.now();
  const waiting = failure !== undefined && !failure.permanent;
  const deliveries = owed.map((alert, index) => {
    const attempts = (alert.deliveries[channel]?.attempts ?? 0) + 1;
    const tooOld = waiting && index < owed.length - 1 - MAX_MISSED;
    const outcome = failure === undefined ? "sent" : tooOld ? "folded" : waiting ? "waiting" : "failed";
    const delivery: Delivery = {
      outcome,
      attempts,
      attemptedAt: now,
      ...(outcome === "waiting" && { nextAttemptAt: now + (failure?.retryAfterMs ?? backoffMs(attempts)) }),
      ...(failure && { error: failure.message.slice(0, 300) }),
    };
    return { claim, at: alert.at, channel, delivery };
  });
  await deps.targets.recordDeliveries(claim, deliveries);
  await noteHealth(deps, channel, claim, failure);
  return deliveries;
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
  const details = { channel, target: target.id, reason: failure.message };
  if (failure.permanent) deps.logger.error("alert could not be delivered and never will be: mend the channel", details);
  else deps.logger.warn("alert waits: the channel did not take it", details);
  await deps.channelHealth.markUnhealthy(channel, failure.message);
}

function backoffMs(attempts: number): number {
  return Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempts - 1));
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}

async function inGroups<T, R>(items: readonly T[], size: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const group of chunks(items, size)) results.push(...(await Promise.all(group.map(work))));
  return results;
}
